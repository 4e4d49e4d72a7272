"""A pytest plugin for SimPy's suite: it puts our environment in the place of SimPy's, and writes the outcomes.

It is loaded by name in a process of its own (see ``compare.py``), never in ours. ``SUITE_ENVIRONMENT`` says which
environment plays, ``SUITE_OUTCOMES`` names the file to write.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import simpy
import simpy.core
import simpy.rt

_made = 0
_outcomes: dict[str, dict[str, Any]] = {}


def _count_environments(environment_class: type) -> None:
    """Count the environments that are made, so that a test which never touches one is not taken for evidence."""
    initialise = environment_class.__init__  # type: ignore[misc]

    def counting(self: Any, *arguments: Any, **keywords: Any) -> None:
        global _made
        _made += 1
        initialise(self, *arguments, **keywords)

    environment_class.__init__ = counting  # type: ignore[misc]


def _replace_environment() -> type:
    from sim.world.environment import Environment

    simpy.Environment = simpy.core.Environment = Environment  # type: ignore[misc]
    # The real-time environment is a subclass: made again, it stands on ours.
    importlib.reload(simpy.rt)
    simpy.RealtimeEnvironment = simpy.rt.RealtimeEnvironment  # type: ignore[misc]
    assert issubclass(simpy.RealtimeEnvironment, Environment)
    return Environment


_count_environments(_replace_environment() if os.environ["SUITE_ENVIRONMENT"] == "ours" else simpy.Environment)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the one marker that the suite takes from a plugin we do without."""
    config.addinivalue_line("markers", "benchmark: a benchmark of SimPy's, run once")


@pytest.fixture
def benchmark() -> Callable[..., Any]:
    """Stand in for pytest-benchmark: run the function once, so that SimPy's benchmarks count as tests."""

    def once(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    return once


def pytest_runtest_logstart(nodeid: str) -> None:
    """Begin the account of one test."""
    global _made
    _made = 0
    _outcomes[nodeid] = {"outcome": "passed", "message": "", "environments": 0}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the worst of set-up, call and tear-down."""
    account = _outcomes[report.nodeid]
    account["environments"] = _made
    if report.outcome != "passed" and account["outcome"] != "failed":
        account["outcome"] = report.outcome
        account["message"] = str(report.longrepr)


def pytest_sessionfinish() -> None:
    """Write the outcomes."""
    Path(os.environ["SUITE_OUTCOMES"]).write_text(json.dumps(_outcomes))
