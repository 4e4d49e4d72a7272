"""Faults of push providers: an outage, pushes dropped, late, or throttled (PUSH-2)."""

from __future__ import annotations

from typing import Any, Final

from .kind import FaultKind, Running

_PROVIDER: Final = ("push_provider",)
_LISTS: Final = {
    "push_outage": "outages",
    "push_drop": "drops",
    "push_delay": "delays",
    "push_throttle": "throttles",
}
"""Kind to the list of a provider in which a running one stands."""


def _begin(world: Any, running: Running, hosts: list[Any]) -> None:
    for provider in hosts:
        getattr(provider, _LISTS[running.fault.kind]).append(running)


def _end(world: Any, running: Running, hosts: list[Any]) -> None:
    for provider in hosts:
        getattr(provider, _LISTS[running.fault.kind]).remove(running)


def _kind(name: str, doc: str, *keys: str) -> FaultKind:
    return FaultKind(name, doc, _PROVIDER, ("for", "target", *keys), _begin, _end, only_with="push")


KINDS: Final = (
    _kind("push_outage", "the provider takes no push"),
    _kind("push_drop", "the provider takes pushes, and drops each with this probability", "probability"),
    _kind("push_delay", "pushes take this much longer (a minute, if nothing is said), up to as much again", "by"),
    _kind("push_throttle", "the provider takes this many times fewer pushes for one device", "factor"),
)
