"""Links that carry badly: corruption that checksums refuse, and too little bandwidth."""

from __future__ import annotations

from typing import Any, Final

from ..scenario.targets import PLACES, parse_target
from .cuts import add_condition, ends_of, mend_all
from .kind import FaultKind, Running
from .links import ENDS

MESSAGE_US: Final = 1_000
"""How long a message takes the link where the fault does not say (``by``)."""


def _begin_corruption(world: Any, running: Running, hosts: list[Any]) -> None:
    """Bits flip on the way. No machine ever sees them: a checksum refuses the message, which is counted, and it is as
    good as lost; on a stream the packet is sent again."""
    add_condition(world, running, ends_of(world, running, hosts)).corrupts = running.fault.probability


def _begin_bandwidth(world: Any, running: Running, hosts: list[Any]) -> None:
    """Each host that is hit has one link each way, which carries one message at a time; a place has one for all of
    it."""
    fault = running.fault
    is_end, is_peer = ends_of(world, running, hosts)
    shared = bool(fault.target) and parse_target(fault.target).role in PLACES
    condition = add_condition(world, running, (is_end, is_peer))
    condition.pipe_us = fault.amount_us or MESSAGE_US

    def pipe_of(source: Any, to: Any) -> Any:
        is_out = is_end(source) and is_peer(to)
        return is_out, None if shared else source if is_out else to

    condition.pipe_of = pipe_of


KINDS: Final = (
    FaultKind(
        "corruption",
        "messages arrive damaged with this probability; a checksum refuses them (phones: sent again, so delayed)",
        ENDS,
        ("for", "target", "peer", "probability"),
        _begin_corruption,
        mend_all,
        weight=2,
    ),
    FaultKind(
        "bandwidth",
        "the target's link carries one message at a time each way, for 'by' each; the others wait",
        ENDS,
        ("for", "target", "peer", "by"),
        _begin_bandwidth,
        mend_all,
        weight=2,
    ),
)
