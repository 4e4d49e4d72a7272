"""A fault as it really happened, written so that nothing is left to draw and nothing else moves it.

A drawn target becomes the host that was hit. The n-th time that anybody met a point becomes the n-th time that this
operation or device met it, so that taking another message away shifts nothing. The number stays, and with it every draw
that hangs on it.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import Any, Final

from ..scenario.targets import PLACES, parse_target
from ..vocabulary.ids import device_of
from .kind import Running
from .schedule import Fault

_NOBODY: Final = -1


def explicit(running: Running, operations: Container[int]) -> Fault | None:
    """The fault as data; None for one that never began. ``operations`` are those of the workload: an effect about
    anything else is known by its device."""
    if running.began_us < 0:
        return None
    fault = replace(running.fault, number=running.number, target=_target(running))
    if fault.point is None or fault.operation is not None or fault.device is not None:
        return fault
    trigger = running.trigger
    if trigger.subject in operations and trigger.subject != trigger.met_by:
        return replace(fault, operation=trigger.subject, nth=trigger.by_subject[trigger.subject])
    if trigger.met_by != _NOBODY:
        return replace(fault, device=trigger.met_by, nth=trigger.by_device[trigger.met_by])
    return fault


def _target(running: Running) -> str:
    """The selector, with one host in the place of ``any`` where a selector can name it."""
    written = running.fault.target
    if not written:
        return written
    target = parse_target(written)
    if not target.drawn or target.role in PLACES or len(running.hit) != 1:
        return written
    return _name_of(running.hit[0], target.role) or written


def _name_of(host: Any, role: str) -> str:
    """What a selector calls a host; empty for one that it cannot name, such as a linked device."""
    if role == "phone":
        return f"phone {host.user}" if host.device == device_of(host.user) else ""
    index = getattr(host, "index", None)
    return "" if index is None or getattr(host, "role", role) != role else f"{role} {index}"
