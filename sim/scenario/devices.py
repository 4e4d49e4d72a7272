"""Whether a device that a fault waits for can exist: a number that no device will ever have is a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..vocabulary.ids import LINKED_MOST, SLOTS_PER_USER, device_of, installation_of, slot_of, user_of
from .fault_entries import FaultEntry, Finding
from .model import Scenario
from .paths import get


def device_findings(entry: FaultEntry, kinds: frozenset[str], scenario: Scenario) -> Iterator[Finding]:
    """What is wrong with the device of an entry; ``kinds`` are those of all faults that the file writes down.

    An entry with a number was written out of a run, and plays what it met there.
    """
    device = entry.device
    if device is None or entry.number is not None:
        return
    linked = _may_happen("linked", kinds, scenario)
    if slot_of(device) > _slots(linked, scenario):
        yield Finding("device", f"no device can have the number {device}", _hint(device, scenario, linked=linked))
    elif installation_of(device) >= SLOTS_PER_USER and not (
        _may_happen("reinstalled", kinds, scenario) or (slot_of(device) and linked)
    ):
        said = f"the device {device} would be a reinstalled one, and nothing is installed anew here"
        yield Finding("device", said, _hint(device, scenario, linked=linked))


def _slots(linked: bool, scenario: Scenario) -> int:
    """How many linked devices a person may come to have."""
    if linked:
        return LINKED_MOST
    return max(_choices("workload.linked_most", scenario)) if any(_choices("workload.linked_share", scenario)) else 0


def _may_happen(kind: str, kinds: frozenset[str], scenario: Scenario) -> bool:
    """Whether a fault of this kind is written down, or may be drawn."""
    if kind in kinds:
        return True
    drawn = any(not among or kind in among for among in _choices("random_faults.kinds", scenario))
    return drawn and any(_choices("random_faults.most", scenario))


def _choices(path: str, scenario: Scenario) -> tuple[Any, ...]:
    return scenario.drawn.get(path) or (get(scenario, path),)


def _hint(device: int, scenario: Scenario, *, linked: bool) -> str:
    user = user_of(device)
    phone = device_of(user)
    slots = _slots(linked, scenario)
    others = f", and of their linked devices {phone + 1} to {phone + slots}" if slots > 1 else ""
    others = f", and that of their linked device {phone + 1}" if slots == 1 else others
    return f"the number of the phone of user {user} is {phone}{others}; each reinstall adds {SLOTS_PER_USER}"
