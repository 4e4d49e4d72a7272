"""A Dask cluster plays the same hunt, also when one of its workers is killed. Skipped where Dask is not there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hunts import Command, here, hunted

from sim.executors.cluster import Cluster, ClusterError
from sim.scenario.model import Scenario

TOP = Path(__file__).parents[2]
SEEDS = tuple(map(str, range(1, 31)))


class Processes:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(TOP), os.environ.get("PYTHONPATH", "")))}
        self.folder = folder
        file = folder / "scheduler.json"
        words = ("--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        self.scheduler = self.start("distributed.cli.dask_scheduler", *words)
        self.workers = [
            self.start(
                "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny",
                "--no-dashboard", "--local-directory", str(folder / f"worker-{number}"),
            )
            for number in range(2)
        ]  # fmt: skip
        for _ in range(600):
            if file.exists():
                break
            time.sleep(0.1)
        self.address = json.loads(file.read_text())["address"]

    def start(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """One for all tests: starting it takes as long as they do, and one worker is enough for whoever comes second."""
    pytest.importorskip("distributed")
    processes = Processes(tmp_path_factory.mktemp("cluster"))
    yield processes
    processes.stop()


@pytest.mark.xdist_group("cluster")
def test_a_killed_worker_changes_nothing(small: Scenario, cluster: Processes) -> None:
    _, expected = hunted(small, here(), SEEDS)
    client = Cluster(cluster.address)
    # both have begun to play when one of them is killed
    client._client.wait_for_workers(2, timeout=60)

    def with_a_kill(function, tasks):  # type: ignore[no-untyped-def]
        for number, done in enumerate(client.stream(function, tasks)):
            if number == 5:
                cluster.workers[0].send_signal(signal.SIGKILL)
            yield done

    try:
        hunt, table = hunted(small, with_a_kill, SEEDS)
    finally:
        client.close()
    assert cluster.workers[0].wait(timeout=30) == -signal.SIGKILL
    assert not any(outcome.error for outcome in hunt.outcomes)
    assert table == expected


@pytest.mark.xdist_group("cluster")
def test_the_command_plays_on_a_cluster(hunt: Command, cluster: Processes) -> None:
    assert hunt("mutants", "--seeds", "1..12", "--cluster", cluster.address) == 0
    there = hunt.out
    assert hunt("mutants", "--seeds", "1..12", "--jobs", "1") == 0
    assert hunt.out == there


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, hunt: Command) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"doubletick\[dist\]"):
        Cluster("tcp://127.0.0.1:1")
    assert hunt("mutants", "--cluster", "tcp://127.0.0.1:1") == 2
    assert "pip install" in hunt.err
