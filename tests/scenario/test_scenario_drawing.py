"""Values drawn per seed: in their places, the same for the same seed, quickly, with the standard library alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sim.scenario.drawing import described, for_seed
from sim.scenario.loading import load_text
from sim.scenario.paths import get

BODY = """\
schema: doubletick/1
drawn:
  protocol.page: [1, 2, 50]
  protocol.heartbeat: [1s, 500ms]
  workload.reading.share: [0, 50%]
  topology.connection_servers: [2, 3, 5]
"""


def test_drawn_values_are_in_their_places() -> None:
    scenario = load_text(BODY)
    resolved, drawn = for_seed(scenario, 7)
    assert list(drawn) == list(scenario.drawn)
    for path, value in drawn.items():
        assert value in scenario.drawn[path]
        assert get(resolved, path) == value
    assert resolved.drawn == {}
    assert for_seed(resolved, 8) == (resolved, {})
    assert resolved.protocol.lease_us == scenario.protocol.lease_us


def test_the_same_seed_draws_the_same() -> None:
    scenario = load_text(BODY)
    assert for_seed(scenario, 7) == for_seed(scenario, 7)
    assert len({tuple(for_seed(scenario, seed)[1].values()) for seed in range(200)}) == 3 * 2 * 2 * 3


def test_a_path_more_moves_no_other() -> None:
    fewer = load_text(BODY)
    more = load_text(BODY + "  protocol.push_window: [1, 2, 3]\n")
    for seed in range(50):
        drawn = for_seed(more, seed)[1]
        assert drawn.pop("protocol.push_window") in (1, 2, 3)
        assert drawn == for_seed(fewer, seed)[1]


def test_what_was_drawn_in_words() -> None:
    drawn: dict[str, object] = {
        "protocol.heartbeat": 500_000,
        "protocol.page": 2,
        "random_faults.kinds": ("loss", "pause"),
    }
    assert described(drawn) == {
        "protocol.heartbeat": "500ms",
        "protocol.page": "2",
        "random_faults.kinds": "loss, pause",
    }


@pytest.mark.parametrize(
    "module", ["sim.scenario.model", "sim.scenario.drawing", "sim.scenario.targets", "sim.faults.catalogue"]
)
def test_a_run_imports_no_validator(module: str) -> None:
    program = (
        f"import sys, {module}\n"
        "print([name for name in ('pydantic', 'ruamel.yaml', 'pandas', 'numpy', 'click') if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
