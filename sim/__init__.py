"""doubletick: a discrete-event simulator and chaos test bench for chat at global messaging scale.

``run(scenario, seed)`` plays a scenario once and judges it; ``Scenario`` is what it plays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .runner import Result, run
    from .scenario.model import Scenario

__all__ = ["Result", "Scenario", "run"]


def __getattr__(name: str) -> Any:
    """Import the front door only when somebody asks for it: ``--help`` must not pay for the simulator."""
    if name in ("run", "Result"):
        from . import runner

        return getattr(runner, name)
    if name == "Scenario":
        from .scenario.model import Scenario

        return Scenario
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
