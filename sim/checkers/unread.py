"""UNREAD-1: after settling, the badge of every chat on every device says how much is unread.

The truth comes from what was shown and from the read watermarks: a message of somebody else that stands in the list
is unread until a watermark of its reader reaches it, this device's own or, once it is stored, another device's.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.ids import user_of
from .evidence import Evidence
from .messages import SHOWN, MessageTable
from .scope import Scope
from .verdict import HistoryRow, Take, Verdict
from .words import chat_named, phone


class Unread:
    """UNREAD-1. It must be given a row before the screens are: they note what has been shown."""

    __slots__ = ("_evidence", "_open", "_own", "_scope", "_shown", "_stored", "_unread")

    def __init__(self, evidence: Evidence, scope: Scope, table: MessageTable) -> None:
        self._evidence = evidence
        self._unread = evidence.docket("UNREAD-1")
        self._scope = scope
        self._open = table.open
        self._shown: dict[tuple[int, int], array[int]] = {}
        """(device, chat) -> sequences of others' messages shown there and not covered by a watermark of its own."""
        self._own: dict[tuple[int, int], int] = {}
        """(device, chat) -> the watermark that is durable on the device."""
        self._stored: dict[tuple[int, int], int] = {}
        """(user, chat) -> the watermark that is durable in the inbox, of whichever device."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {
            kinds.SHOWN: self._take_shown,
            kinds.MARKED_READ: self._take_marked,
            kinds.WATERMARK: self._take_stored,
            kinds.SETTLED_UNREAD: self._take_badge,
        }

    def end(self) -> tuple[Verdict, ...]:
        """Badges are judged as they are read."""
        return self._evidence.verdicts("UNREAD-1")

    def _take_shown(self, row: HistoryRow) -> None:
        device = row[2]
        message = self._open.get(row[5])
        if message is None or message.user == user_of(device):
            return
        level = message.levels.get(device)
        if level is None or level & SHOWN:
            return
        place = (device, row[3])
        shown = self._shown.get(place)
        if shown is None:
            shown = self._shown[place] = array("q")
        shown.append(row[4])

    def _take_marked(self, row: HistoryRow) -> None:
        place = (row[2], row[3])
        through = self._own[place] = max(self._own.get(place, 0), row[4])
        shown = self._shown.get(place)
        if shown is not None:
            self._shown[place] = array("q", [sequence for sequence in shown if sequence > through])

    def _take_stored(self, row: HistoryRow) -> None:
        place = (row[6], row[3])
        self._stored[place] = max(self._stored.get(place, 0), row[4])

    def _take_badge(self, row: HistoryRow) -> None:
        _, _, device, chat, badge, _, _, _ = row
        if not self._scope.holds(device):
            return
        self._unread.exercised += 1
        through = max(self._own.get((device, chat), 0), self._stored.get((user_of(device), chat), 0))
        truth = sum(sequence > through for sequence in self._shown.get((device, chat), ()))
        if badge == truth:
            return
        self._unread.charge(
            row[0],
            (),
            lambda: (
                f"at the end the badge of {chat_named(chat)} on the {phone(device)} says {badge}",
                f"its list holds {truth} message(s) of others above what its person has read (entry {through})",
            ),
        )
