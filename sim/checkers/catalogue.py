"""Every check: its id, what must hold, and how to make the checkers that judge it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import encryption
from ..vocabulary.presence import OFF
from .blindness import Blindness
from .bounds import Bounds
from .evidence import Evidence
from .expiry import Expiry
from .flow import Flow
from .liveness import Liveness
from .long_term import LongTerm
from .loss import Loss
from .media import MediaReferences
from .messages import MessageTable
from .nudge_fates import NudgeFates
from .nudges import Nudged
from .order import Order
from .presence import ContactScreens
from .queues import Queues
from .ranges import Ranges
from .recipients import Recipients
from .routes import Routes
from .scope import Scope
from .screens import Screens
from .signs import Signs
from .ticks import Ticks
from .unread import Unread
from .verdict import Checker

CHECK_DOCS: Final[dict[str, str]] = {
    "LOSS-1": "a message whose sender saw the first tick, or that a recipient device showed, is shown by the end on"
    " every recipient device that is up and reachable from heal to the end, unless that device was told it expired;"
    " and every entry is owed to each device of those whom it is for",
    "LOSS-2": "a message composed on such a device is accepted, or finally refused (for a reason that holds) and shown"
    " as failed, by the end; it stands in its writer's own list from the start, and at its place by the end",
    "DUP-1": "no list that a person sees holds a message twice, none is announced twice, none leaves a list (and comes"
    " back)",
    "ORDER-1": "per device and chat, messages are shown in sequence order, at the sequence that the log gave them, and"
    " a log's sequences have no hole",
    "ORDER-2": "a sending device's messages are shown in the order composed",
    "ORDER-3": "any two devices agree on the order of every pair of messages that both show",
    "ORDER-4": "a reply stands after what it answers, where both are shown",
    "GHOST-1": "what is shown was composed by that sender in that chat, for a device on the entry's recipient list; and"
    " only members write, for devices of members",
    "TICK-1": "a tick is true when it is drawn",
    "TICK-2": "a tick never goes back, not even over a restart, nor does that of a copy on another device",
    "TICK-3": "after settling the ticks tell the whole truth, but for rows that expired",
    "QUEUE-1": "nothing leaves an inbox unacknowledged or untold (a marker says exactly what a device was told, also"
    " after a restart), and nothing leaves a sequencer's log before the long-term store has it",
    "QUEUE-2": "durable pointers only move forward, update numbers are contiguous and never given twice, and no receipt"
    " waits in an inbox twice",
    "QUEUE-3": "the inboxes of reachable devices are empty after settling, and the long-term store has every entry",
    "ROUTE-1": "no inbox serves a lower epoch after a higher one, no two connections have the same one, and after"
    " settling every look-up equals the open connections",
    "UNREAD-1": "after settling, the badge of every chat says how many shown messages its person has not read, on all"
    " devices alike",
    "NUDGE-1": "every update that waited longer than T for an absent device had a nudge asked for by T plus the stated"
    " lag; none is asked for before its time, none is for another device, and where nothing is at fault none is"
    " forgotten on its way to the provider",
    "PRES-1": "'online' is never shown beyond its life and the stated lag, and 'last seen' is never later than the last"
    " heartbeat (within what clocks may drift)",
    "PRES-2": "after settling, whoever has a chat open sees the truth: online, or last seen (unknown where the registry"
    " forgot)",
    "CHAN-1": "what a read of a log shows is contiguous and equals the log (of a group: what was said while its reader"
    " was in it, and nothing else), holds nothing that no quorum has, and does not fall short of what was in the log"
    " when its query began, nor of what that screen showed before; whoever looks at a channel is shown range after"
    " range without a hole, and after settling all that its log holds",
    "BLIND-1": "no server opens an envelope",
    "BLIND-2": "no value that a server holds, and no connection, links a sealed message to its sender",
    "BLIND-3": "a device opens exactly what was made for it, shows nothing that it did not open, and believes no forged"
    " or expired certificate",
    "LIVE-1": "within the settle bound the run is quiet; what remains is named",
    "BOUND-1": "every queue stays within its declared bound, and every group within its cap",
    "FLOW-1": "accounting closes: what was composed and what was owed is all accounted for, nothing is logged twice,"
    " and Little's law holds per tier as an exact identity of areas",
    "MEDIA-1": "every reference shown resolves: its blob is the one that was attached to that message and durable when"
    " it is shown, whoever asks sees it, and a blob lives as long as its senders were promised",
}

CHECK_IDS: Final = tuple(CHECK_DOCS)

_QUEUE_CHECKS: Final = frozenset({"QUEUE-1", "QUEUE-2", "QUEUE-3"})
_BLIND: Final = ("BLIND-1", "BLIND-2", "BLIND-3")
_ALONE: Final = frozenset({"ROUTE-1", "NUDGE-1", "LIVE-1", "BOUND-1", "PRES-1", "PRES-2", "CHAN-1", "MEDIA-1", *_BLIND})


def applicable(scenario: Scenario) -> tuple[str, ...]:
    """The checks that have something to judge in a scenario: all, less those of what is off."""
    off = () if scenario.protocol.nudge_after_us else ("NUDGE-1",)
    if scenario.presence.kind == OFF:
        off = (*off, "PRES-1", "PRES-2")
    if not scenario.topology.data_services:
        off = (*off, "CHAN-1")
    if scenario.encryption.kind == encryption.OFF:
        off = (*off, *_BLIND)
    elif scenario.encryption.kind != encryption.SEALED:
        off = (*off, "BLIND-2")
    if not scenario.has_media:
        off = (*off, "MEDIA-1")
    return tuple(check for check in CHECK_IDS if check not in off)


def known_checks(check_ids: Iterable[str] | None) -> tuple[str, ...]:
    """The wanted ids in the catalogue's order (``None``: all); ``ValueError`` with a hint for an unknown one."""
    if check_ids is None:
        return CHECK_IDS
    wanted = tuple(check_ids)
    for check in wanted:
        if check not in CHECK_DOCS:
            close = get_close_matches(check.upper(), CHECK_IDS, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(CHECK_IDS)}"
            raise ValueError(f"no check {check!r}: {hint}")
    return tuple(check for check in CHECK_IDS if check in wanted)


def make_checkers(check_ids: Iterable[str] | None = None) -> list[Checker]:
    """Fresh checkers for these ids (``None``: all), in the order in which they must be given each row. Families
    share what they need to know of messages and inboxes, so the list is to be used as a whole, for one history.
    """
    wanted = frozenset(known_checks(check_ids))
    evidence = Evidence(wanted)
    scope = Scope()
    checkers: list[Checker] = [scope]
    expiry = Expiry(evidence, scope)
    queues = Queues(evidence, scope, expiry)
    long_term = LongTerm(evidence, scope)
    if wanted & (_QUEUE_CHECKS | {"FLOW-1"}):
        # What the long-term store lacks is charged to the dockets of the queues and of the flow, so it comes first.
        checkers.append(long_term)
    if wanted - _ALONE:
        # Queues come before expiry: they tell of rows that expired while it is still known when these came.
        checkers += [queues, expiry]
    if wanted - _QUEUE_CHECKS - _ALONE:
        table = MessageTable(evidence)
        order = Order(evidence, scope, table)
        screens = Screens(evidence, table, order)
        # Ticks come before screens: what the screen was like when a redraw ends is still there for them.
        checkers += [Recipients(evidence, scope), table, Ticks(evidence, scope, table, screens, expiry)]
        if "UNREAD-1" in wanted:
            checkers.append(Unread(evidence, scope, table))
        checkers += [screens, Loss(evidence, scope, table, screens, expiry)]
        if "FLOW-1" in wanted:
            checkers.append(Flow(evidence, scope, table, queues, long_term, expiry))
    if wanted & {"PRES-1", "PRES-2"}:
        signs = Signs()
        checkers += [signs, ContactScreens(evidence, scope, signs)]
    if "ROUTE-1" in wanted:
        checkers.append(Routes(evidence, scope))
    if "NUDGE-1" in wanted:
        checkers += [NudgeFates(evidence), Nudged(evidence)]
    if "CHAN-1" in wanted:
        checkers.append(Ranges(evidence, scope))
    if wanted & frozenset(_BLIND):
        checkers.append(Blindness(evidence))
    if "LIVE-1" in wanted:
        checkers.append(Liveness(evidence, scope))
    if "BOUND-1" in wanted:
        checkers.append(Bounds(evidence))
    if "MEDIA-1" in wanted:
        checkers.append(MediaReferences(evidence, scope))
    return checkers
