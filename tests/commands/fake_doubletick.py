"""``doubletick`` as a program of its own with a fake simulator: for tests of signals, pipes and killed workers.

The scenario's tags come from the environment variable FAKE_TAGS, its trace folder from FAKE_FOLDER.
"""

from __future__ import annotations

import os
import sys
import types

import command_fakes

from sim.commands import console
from sim.executors import jobs
from sim.scenario.model import Scenario


def load(given: str, *, sets: tuple[str, ...] = (), variant: str | None = None) -> Scenario:
    return Scenario(
        name=given, tags=tuple(os.environ.get("FAKE_TAGS", "").split()), folder=os.environ.get("FAKE_FOLDER", "")
    )


if __name__ == "__main__":
    loading = types.ModuleType("sim.scenario.loading")
    loading.load = load  # type: ignore[attr-defined]
    sys.modules["sim.scenario.loading"] = loading
    jobs.play = command_fakes.play
    sys.exit(console())
