"""Run SimPy's own test suite on stock SimPy and on our environment, and compare test by test.

The suite is not ours and is not kept here: the source distribution of the installed version is fetched through pip, as
pip is configured, into a cache. ``python -m tests.simpy_suite.compare`` prints the counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
REPOSITORY: Final = HERE.parent.parent
CACHE: Final = REPOSITORY / ".pytest_cache" / "d" / "simpy_suite"

# What pip says when it could not reach an index at all, as against having been told no.
_UNREACHABLE: Final = (
    "connection broken by",
    "Failed to establish a new connection",
    "Name or service not known",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "Max retries exceeded",
    "Read timed out",
    "Cannot connect to proxy",
)


class NetworkMissing(Exception):
    """The source distribution is not in the cache and the package index cannot be reached."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test of the suite ended, and how many environments it made."""

    outcome: str
    message: str
    environments: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The suite on stock SimPy and on ours, by test."""

    simpy_version: str
    stock: dict[str, Outcome]
    ours: dict[str, Outcome]

    @property
    def lost(self) -> list[str]:
        """The tests that stock passes and ours does not."""
        return [
            name
            for name, outcome in self.stock.items()
            if outcome.outcome == "passed" and (name not in self.ours or self.ours[name].outcome != "passed")
        ]

    def table(self) -> str:
        """The counts, in plain text."""
        lines = [f"SimPy {self.simpy_version}: its own suite", f"{'':<22}{'stock':>8}{'ours':>8}"]
        stock, ours = (Counter(each.outcome for each in side.values()) for side in (self.stock, self.ours))
        for outcome in ("passed", "failed", "skipped"):
            lines.append(f"{outcome:<22}{stock[outcome]:>8}{ours[outcome]:>8}")
        lines.append(f"{'tests':<22}{len(self.stock):>8}{len(self.ours):>8}")
        used = [sum(each.environments > 0 for each in side.values()) for side in (self.stock, self.ours)]
        lines.append(f"{'made an environment':<22}{used[0]:>8}{used[1]:>8}")
        lines.extend(f"passes on stock, not on ours: {name}" for name in self.lost)
        return "\n".join(lines)


def fetch(cache: Path = CACHE) -> Path:
    """The folder of the installed SimPy's source distribution, from the cache or through pip."""
    wanted = version("simpy")
    folder = cache / f"simpy-{wanted}"
    if (folder / "tests" / "conftest.py").is_file():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    # Two runs may fetch at once: each unpacks in a folder of its own, and the first one to finish is kept.
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        _download(wanted, Path(scratch))
        archive = next(Path(scratch).glob("*.tar.gz"))
        with tarfile.open(archive) as opened:
            opened.extractall(scratch, filter="data")
        try:
            (Path(scratch) / folder.name).rename(folder)
        except OSError:
            if not (folder / "tests" / "conftest.py").is_file():
                raise
    return folder


def _download(wanted: str, destination: Path) -> None:
    """Let pip fetch the source distribution; tell a missing network from every other failure."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
    command += ["--disable-pip-version-check", "--retries", "1", "--timeout", "20"]
    command += ["--dest", str(destination), f"simpy=={wanted}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    said = done.stdout + done.stderr
    if any(sign in said for sign in _UNREACHABLE):
        raise NetworkMissing(f"pip cannot reach a package index to fetch the source distribution of simpy {wanted}")
    raise RuntimeError(f"pip could not fetch the source distribution of simpy {wanted}:\n{said}")


def play(folder: Path, environment: str) -> dict[str, Outcome]:
    """Run the suite in a process of its own on "stock" or "ours"."""
    with tempfile.TemporaryDirectory() as scratch:
        outcomes = Path(scratch) / "outcomes.json"
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        surroundings |= {
            "SUITE_ENVIRONMENT": environment,
            "SUITE_OUTCOMES": str(outcomes),
            "PYTHONPATH": os.pathsep.join((str(HERE), str(REPOSITORY))),
        }
        # The suite's own options leave its benchmarks out; the plugin lets them run as tests.
        options = ["-q", "-o", "addopts=", "-p", "suite_plugin", "-p", "no:cacheprovider", "-p", "no:randomly", "tests"]
        command = [sys.executable, "-m", "pytest", *options]
        done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1) or not outcomes.is_file():
            raise RuntimeError(f"the suite did not run on {environment}:\n{done.stdout}{done.stderr}")
        return {name: Outcome(**account) for name, account in json.loads(outcomes.read_text()).items()}


def compare(cache: Path = CACHE) -> Comparison:
    """Fetch the suite and run it on both."""
    folder = fetch(cache)
    return Comparison(version("simpy"), play(folder, "stock"), play(folder, "ours"))


def main() -> int:
    """Print the table; 1 if ours loses a test that stock passes."""
    comparison = compare()
    print(comparison.table())
    for name in comparison.lost:
        lost = comparison.ours.get(name)
        print(f"\n{name}\n{lost.message if lost else 'did not run'}", file=sys.stderr)
    return 1 if comparison.lost else 0


if __name__ == "__main__":
    sys.exit(main())
