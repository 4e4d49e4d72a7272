"""What a user waits for besides runs: help, the refusal of a bad file, the options of a seed, the handing on of a row.

    python -m benchmarks.waiting

Prints each figure beside its aim. The bad files are those of the tests.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from sim.history.recorder import Recorder
from sim.scenario.drawing import for_seed
from sim.scenario.errors import ScenarioError
from sim.scenario.loading import load, load_text
from sim.vocabulary import kinds

TESTS = Path(__file__).parents[1] / "tests"
ROWS = 200_000


def spent(work: Callable[[], object]) -> float:
    """Seconds of wall time."""
    began = perf_counter()
    work()
    return perf_counter() - began


def help_s() -> float:
    """The fastest of five starts."""
    command = [sys.executable, "-c", "from sim.commands import main; raise SystemExit(main(['--help']))"]
    return min(spent(lambda: subprocess.run(command, capture_output=True, check=True)) for _ in range(5))


def refusals_s() -> dict[str, float]:
    """By the name of each bad file of the tests: how long its refusal takes."""
    sys.path.insert(0, str(TESTS / "scenario"))
    from malformed_files import cases

    def refuse(data: bytes, folder: Path) -> None:
        try:
            load_text(data, "bad.yaml", folder=folder)
        except ScenarioError as error:
            str(error)

    with tempfile.TemporaryDirectory() as folder:
        return {name: spent(lambda data=data: refuse(data, Path(folder))) for name, data in cases()}  # type: ignore[misc]


def draws_s() -> float:
    """The median seed of ``swarm``: every option drawn."""
    swarm = load("swarm")
    return statistics.median(spent(lambda seed=seed: for_seed(swarm, seed)) for seed in range(200))  # type: ignore[misc]


def row_s() -> float:
    """One row handed on to the recorder."""
    recorder = Recorder({})

    def hand_on() -> None:
        for number in range(ROWS):
            recorder.record((number, kinds.SHOWN, number % 7, 0, 0, number, 0, 0))
        recorder.pump()

    return spent(hand_on) / ROWS


def main() -> None:
    """Print the figures."""
    print(f"doubletick --help             {help_s() * 1e3:8.0f} ms   aim 200")
    refusals = refusals_s()
    slowest = max(refusals, key=refusals.__getitem__)
    told = f"({len(refusals)} files; {slowest})"
    print(f"a bad file refused, slowest   {refusals[slowest] * 1e3:8.0f} ms   aim 1,000 {told}")
    print(f"the options of a swarm seed   {draws_s() * 1e6:8.0f} us   aim 500")
    print(f"a row handed on               {row_s() * 1e6:8.2f} us   aim 2")


if __name__ == "__main__":
    main()
