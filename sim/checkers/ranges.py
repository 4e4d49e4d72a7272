"""CHAN-1: what reads of a log show (STORE-4, STORE-5).

A range is contiguous and equals the log; it holds nothing that was in no log then; it is the page that was asked for,
up to what was in the log when its query began; and no screen is shown less of a log than it was shown before. The log
of a group is, for who reads it, what was said while they were in it, and nothing else (STORE-6). Whoever looks at a
channel is shown one range after the other without a hole, and after settling all that its log holds.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.ids import user_of
from ..vocabulary.kinds import NONE, Phase
from ..vocabulary.read_messages import Side
from .audience import Audience, first_before, last_behind, newest
from .beyond import LOG_SET_BACK
from .evidence import Docket, Evidence
from .scope import Scope
from .verdict import HistoryRow, Take, Verdict
from .words import chat_named, phone, when

SIDE_WORDS = {
    Side.NEWEST: "the newest page",
    Side.BEHIND: "the page behind entry",
    Side.BEFORE: "the page before entry",
}


class Log:
    """What is durable in one conversation's log: entry n at place n - 1."""

    __slots__ = ("operations", "users")

    def __init__(self) -> None:
        self.operations = array("q")
        self.users = array("q")


class Shown:
    """A range on its way to a screen: its row, what was asked, and which entry must come next."""

    __slots__ = ("asked", "next", "row")

    def __init__(self, row: HistoryRow, asked: HistoryRow) -> None:
        self.row = row
        self.asked = asked
        self.next = row[4]


class Ranges:
    """CHAN-1."""

    __slots__ = (
        "_asked",
        "_audience",
        "_began",
        "_docket",
        "_ends",
        "_evidence",
        "_logs",
        "_scope",
        "_seen",
        "_shown",
        "_viewers",
    )

    def __init__(self, evidence: Evidence, scope: Scope) -> None:
        self._evidence = evidence
        self._scope = scope
        self._docket = evidence.docket("CHAN-1")
        self._audience = Audience()
        self._logs: dict[int, Log] = {}
        self._asked: dict[tuple[int, int], HistoryRow] = {}
        """(device, chat) to the read that is not answered."""
        self._began: dict[int, int] = {}
        """Query to how far the log reached when it began."""
        self._ends: dict[tuple[int, int], int] = {}
        """(device, chat) to the end of what it has read: what it reads behind must go on there."""
        self._shown: dict[int, Shown] = {}
        """Device to the range whose entries are being drawn."""
        self._viewers: dict[int, HistoryRow] = {}
        """Device to the row that says which channel is on its screen."""
        self._seen: dict[int, dict[int, int]] = {}
        """Device to chat to the highest entry that its screen has shown since the app started."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows; nothing where nobody reads a log."""
        if not scenario.topology.data_services:
            return {}
        return {
            **self._audience.takers(),
            kinds.LOGGED: self._take_logged,
            kinds.QUERY_BEGAN: self._take_query,
            kinds.READ_ASKED: self._take_asked,
            kinds.RANGE_SHOWN: self._take_shown,
            kinds.RANGE_ENTRY: self._take_entry,
            kinds.SHOWN: self._take_placed,
            kinds.PLACED: self._take_placed,
            kinds.SCREEN_CLEARED: self._take_cleared,
            kinds.CHANNEL_ON_SCREEN: self._take_channel,
            kinds.PHASE: self._take_phase,
        }

    def end(self) -> tuple[Verdict, ...]:
        """Judge; a range whose last entries never came is not what it said it was."""
        for shown in self._shown.values():
            self._finish(shown)
        return self._evidence.verdicts("CHAN-1")

    # -- the log --------------------------------------------------------------------------------------------------

    def _take_logged(self, row: HistoryRow) -> None:
        _, _, _, chat, number, operation, user, _ = row
        log = self._logs.get(chat)
        if log is None:
            log = self._logs[chat] = Log()
        if number == len(log.operations) + 1:
            log.operations.append(operation)
            log.users.append(user)

    def _reach(self, chat: int) -> int:
        log = self._logs.get(chat)
        return 0 if log is None else len(log.operations)

    def _take_query(self, row: HistoryRow) -> None:
        self._began[row[4]] = self._reach(row[3])

    # -- reads ----------------------------------------------------------------------------------------------------

    def _take_asked(self, row: HistoryRow) -> None:
        self._asked[row[2], row[3]] = row

    def _take_placed(self, row: HistoryRow) -> None:
        self._note_seen(row[2], row[3], row[4])

    def _take_cleared(self, row: HistoryRow) -> None:
        """The screen is empty, and what was asked is forgotten with the app."""
        device = row[2]
        self._seen.pop(device, None)
        self._viewers.pop(device, None)
        for table in (self._asked, self._ends):
            for key in [key for key in table if key[0] == device]:
                del table[key]

    def _note_seen(self, device: int, chat: int, number: int) -> None:
        seen = self._seen.setdefault(device, {})
        if number > seen.get(chat, 0):
            seen[chat] = number

    def _take_shown(self, row: HistoryRow) -> None:
        _, _, device, chat, first, _, last, query = row
        before = self._shown.pop(device, None)
        if before is not None:
            self._finish(before)
        asked = self._asked.pop((device, chat), None)
        if asked is None:
            self._charge(row, None, "nobody had asked for it")
            return
        self._docket.exercised += 1
        is_for = self._audience.is_for
        if last < first or (is_for(chat, user_of(device), first) and is_for(chat, user_of(device), last)):
            self._judge_page(row, asked, self._began.get(query, 0))
        if last >= first:
            self._note_seen(device, chat, last)
            self._shown[device] = Shown(row, asked)

    def _judge_page(self, row: HistoryRow, asked: HistoryRow, began: int) -> None:
        """It begins where it should, and ends where the log did when the query began, or later; all of it counted in
        the entries for who reads."""
        _, _, device, chat, first, _, last, _ = row
        _, _, _, _, edge, _, side, limit = asked
        stays = self._audience.stays(chat, user_of(device))
        due = newest(stays, began)
        if side == Side.NEWEST:
            seen = self._seen.get(device, {}).get(chat, 0)
            if last < seen:
                self._charge(row, asked, f"that screen had shown entry {seen} before")
            elif last < due:
                self._charge(row, asked, f"the log had {began} entries when its query began")
            if first != first_before(stays, last, limit):
                self._charge(row, asked, f"a page holds {limit} entries: it begins in the wrong place")
            self._ends[device, chat] = last
        elif side == Side.BEHIND:
            before = self._ends.get((device, chat), edge)
            if before != edge:
                self._charge(row, asked, f"that screen had read on to entry {before}, and goes on elsewhere")
            elif last >= first != last_behind(stays, edge, 1):
                self._charge(row, asked, f"the entry behind it is {last_behind(stays, edge, 1)}")
            elif not min(last_behind(stays, edge, limit), due) <= last <= last_behind(stays, edge, limit):
                self._charge(row, asked, f"the log had {began} entries when its query began, a page holds {limit}")
            self._ends[device, chat] = max(edge, last)
        elif (due := newest(stays, edge - 1)) and (first, last) != (first_before(stays, due, limit), due):
            self._charge(row, asked, f"it should be entries {first_before(stays, due, limit)} to {due}")

    def _take_entry(self, row: HistoryRow) -> None:
        device, chat, number, operation, user = row[2:7]
        shown = self._shown.get(device)
        if shown is None or shown.row[3] != chat:
            self._charge(row, None, "it belongs to no range")
            return
        reader = user_of(device)
        if not self._audience.is_for(chat, reader, number):
            self._charge(shown.row, shown.asked, self._audience.told(chat, reader, number))
        elif number != shown.next:
            self._charge(shown.row, shown.asked, f"entry {shown.next} is missing, entry {number} stands in its place")
        shown.next = self._audience.after(chat, reader, number)
        log = self._logs.get(chat)
        if log is None or not 1 <= number <= len(log.operations):
            self._charge(shown.row, shown.asked, f"message {operation} stands as entry {number}: no quorum had it then")
        elif log.operations[number - 1] != operation or log.users[number - 1] != user:
            held = log.operations[number - 1]
            said = f"entry {number} is message {operation} of person {user} there, and message {held} in the log"
            self._charge(shown.row, shown.asked, said)
        if number >= shown.row[6]:
            del self._shown[device]

    def _finish(self, shown: Shown) -> None:
        """The range is over although its last entry has not come."""
        self._charge(shown.row, shown.asked, f"entry {shown.next} is missing, with all behind it")

    # -- viewers of channels --------------------------------------------------------------------------------------

    def _take_channel(self, row: HistoryRow) -> None:
        if row[6]:
            self._viewers[row[2]] = row
        else:
            self._viewers.pop(row[2], None)

    def _take_phase(self, row: HistoryRow) -> None:
        """Settling is over: whoever looks at a channel and is within reach has been shown all of it."""
        if row[4] != Phase.SETTLED or not self._scope.is_promised:
            return
        for device, opened in self._viewers.items():
            if not self._scope.holds(device):
                continue
            self._docket.exercised += 1
            chat = opened[3]
            end, reach = self._ends.get((device, chat), 0), self._reach(chat)
            if end != reach:
                self._charge_viewer(row[0], opened, end, reach)

    def _charge_viewer(self, time_us: int, opened: HistoryRow, end: int, reach: int) -> None:
        device, chat = opened[2], opened[3]
        operation = self._logs[chat].operations[min(end, reach - 1)] if reach else NONE

        def story() -> tuple[str, ...]:
            return (
                f"the {phone(device)} has had {chat_named(chat)} open since it was opened {when(opened[0])}",
                f"all has come to rest {when(time_us)}, with {reach} entries in its log",
                f"the screen has been shown no further than entry {end}",
            )

        self._of(chat).charge(time_us, () if operation == NONE else (operation,), story)

    def _of(self, chat: int) -> Docket:
        """Where to charge what is wrong with a log: one that lost acknowledged entries may show it."""
        return self._docket.allow(LOG_SET_BACK) if chat in self._scope.set_back else self._docket

    # -- what is wrong --------------------------------------------------------------------------------------------

    def _charge(self, row: HistoryRow, asked: HistoryRow | None, wrong: str) -> None:
        time_us, _, device, chat, first, operation, last, _ = row

        def story() -> tuple[str, ...]:
            told = []
            if asked is not None:
                edge = "" if asked[6] == Side.NEWEST else f" {asked[4]}"
                page = f"{SIDE_WORDS[asked[6]]}{edge}"
                told.append(f"the {phone(device)} asked for {page} of {chat_named(chat)} {when(asked[0])}")
            got = f"entries {first} to {last}" if last >= first else "nothing"
            told.append(f"it was shown {got} {when(time_us)}")
            return (*told, wrong)

        self._of(chat).charge(time_us, () if operation == NONE else (operation,), story)
