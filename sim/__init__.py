"""doubletick: a discrete-event simulator and chaos test bench for chat at global messaging scale.

``run(scenario, seed)`` plays a scenario once and judges it; ``Scenario`` is what it plays. ``replicate`` plays many
seeds and puts an interval on every figure; ``compare`` holds variants against each other on the same luck.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .runner import Result, run
    from .scenario.answer import Answer
    from .scenario.loading import load
    from .scenario.model import Scenario
    from .statistics.stopping import Precision
    from .studies.comparing import Comparison, compare
    from .studies.replicating import Replication, replicate

__all__ = [
    "Answer",
    "Comparison",
    "Precision",
    "Replication",
    "Result",
    "Scenario",
    "compare",
    "load",
    "replicate",
    "run",
]

_WHERE = {
    "Answer": "scenario.answer",
    "Comparison": "studies.comparing",
    "Precision": "statistics.stopping",
    "Replication": "studies.replicating",
    "Result": "runner",
    "Scenario": "scenario.model",
    "compare": "studies.comparing",
    "load": "scenario.loading",
    "replicate": "studies.replicating",
    "run": "runner",
}


def __getattr__(name: str) -> Any:
    """Import the front door only when somebody asks for it: ``--help`` must not pay for the simulator."""
    if name in _WHERE:
        import importlib

        return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
