"""Planning: how many servers a load needs, by formulas and a fluid model of the day, held against the simulator.

Formulas on published figures come first (``published``, ``day_curve``, ``load``, ``fluid``, ``fleet``, ``inboxes``,
``fan_out``); ``prediction`` says what they expect of a scenario, so that a run can prove them wrong.
"""

from __future__ import annotations

from .day_curve import DayCurve
from .fan_out import FanOut
from .fleet import Fleet, ServerLimits, size_fleet
from .fluid import Backlog, backlog
from .inboxes import PickUp
from .load import Load, Mix, group_fan_out
from .prediction import Prediction, predict

__all__ = [
    "Backlog",
    "DayCurve",
    "FanOut",
    "Fleet",
    "Load",
    "Mix",
    "PickUp",
    "Prediction",
    "ServerLimits",
    "backlog",
    "group_fan_out",
    "predict",
    "size_fleet",
]
