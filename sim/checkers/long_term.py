"""The long-term store of ``update_queue``: evidence for QUEUE-1 to QUEUE-3 and for FLOW-1 (UQ-2, INBOX-3).

QUEUE-1: nothing leaves a sequencer's log, and no pointer "written to storage" passes it, before the long-term store
durably has it. QUEUE-2: that pointer only moves forward. QUEUE-3: after settling the long-term store has every entry.
FLOW-1: it has each entry of the log once, in the log's order, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.architectures import UPDATE_QUEUE
from ..vocabulary.kinds import NONE
from .evidence import Evidence
from .scope import Scope
from .verdict import HistoryRow, Take, Verdict
from .words import host, when


class SequencerLog:
    """One sequencer's log: all places in it, counted from 0."""

    __slots__ = ("end", "held", "pointer", "trimmed")

    def __init__(self) -> None:
        self.end = 0
        """Where the next entry would stand, by the last census."""
        self.held = 0
        """The long-term store has every entry before this place."""
        self.pointer = 0
        """What the sequencer durably knows of that."""
        self.trimmed = 0
        """Every entry before this place has left the log."""


class LongTerm:
    """Charges to QUEUE-1, QUEUE-2, QUEUE-3 and FLOW-1; ``lacks`` and ``area`` serve FLOW-1."""

    __slots__ = ("_empty", "_flow", "_forward", "_left", "_logs", "_scope", "_times_in", "_times_out", "lacks")

    def __init__(self, evidence: Evidence, scope: Scope) -> None:
        self._left = evidence.docket("QUEUE-1")
        self._forward = evidence.docket("QUEUE-2")
        self._empty = evidence.docket("QUEUE-3")
        self._flow = evidence.docket("FLOW-1")
        self._scope = scope
        self._logs: dict[int, SequencerLog] = {}
        """The sequencer's host -> its log."""
        self.lacks: dict[tuple[int, int], int] = {}
        """(Chat, sequence) of what is in a log and not yet in the long-term store -> operation."""
        self._times_in = 0
        self._times_out = 0

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows; nothing where the store itself keeps messages for good."""
        if scenario.protocol.architecture != UPDATE_QUEUE:
            return {}
        return {
            kinds.LOGGED: self._take_logged,
            kinds.RECEIPT_LOGGED: self._take_logged,
            kinds.ARCHIVED: self._take_archived,
            kinds.STORAGE_POINTER: self._take_pointer,
            kinds.LOG_TRIMMED: self._take_trimmed,
            kinds.SETTLED_LOG: self._take_settled,
        }

    def end(self) -> tuple[Verdict, ...]:
        """QUEUE-3 and FLOW-1, if the run came to its end; the verdicts are given by those whose dockets they are."""
        for log in self._logs.values():
            self._left.exercised += log.trimmed
            self._forward.exercised += log.pointer
            self._empty.exercised += log.held
        if self._scope.ended:
            for (chat, sequence), operation in self.lacks.items():
                self._charge_lack(chat, sequence, operation)
            waiting = sum(log.end - max(log.held, log.trimmed) for log in self._logs.values())
            if len(self.lacks) != waiting:
                self._charge_unaccounted(waiting)
        return ()

    def area(self, now_us: int) -> int:
        """The times that entries have waited for the long-term store until now, summed up one by one."""
        return self._times_out - self._times_in + len(self.lacks) * now_us

    # -- rows ---------------------------------------------------------------------------------------------------

    def _log(self, sequencer: int) -> SequencerLog:
        log = self._logs.get(sequencer)
        if log is None:
            log = self._logs[sequencer] = SequencerLog()
        return log

    def _take_logged(self, row: HistoryRow) -> None:
        key = row[3], row[4]
        if key not in self.lacks:
            self.lacks[key] = row[5]
            self._times_in += row[0]

    def _take_archived(self, row: HistoryRow) -> None:
        time_us, _, _, chat, sequence, operation, place, sequencer = row
        log = self._log(sequencer)
        if place != log.held:
            how = "a second time" if place < log.held else f"though it has not got what stands at {log.held}"
            self._charge_archived(row, f"as what stands at place {place} in the log of {host(sequencer)}, {how}")
        again = place < log.held
        log.held = max(log.held, place + 1)
        lacked = self.lacks.pop((chat, sequence), None)
        if lacked is not None:
            self._times_out += time_us
        if lacked != operation and not again:
            self._charge_archived(row, "though no such entry was in any log and still to come")

    def _take_pointer(self, row: HistoryRow) -> None:
        time_us, _, sequencer, _, number, _, before, _ = row
        log = self._log(sequencer)
        if number < log.pointer or NONE < before < log.pointer:
            self._charge_back(time_us, sequencer, log.pointer, min(number, before))
        log.pointer = max(log.pointer, number)
        if number > log.held:
            self._left.charge(
                time_us,
                (),
                lambda: (
                    f"{host(sequencer)} counted entries before place {number} as written to storage {when(time_us)}",
                    f"the long-term store had those before place {log.held}",
                ),
            )

    def _take_trimmed(self, row: HistoryRow) -> None:
        time_us, _, sequencer, _, through, _, removed, _ = row
        log = self._log(sequencer)
        known = min(log.held, log.pointer)
        if through > known:
            self._left.charge(
                time_us,
                (),
                lambda: (
                    f"{host(sequencer)} let go of its entries before place {through} {when(time_us)}",
                    f"the long-term store had those before place {log.held},",
                    f"and by its pointer the sequencer knew of those before place {log.pointer}",
                ),
            )
        self._charge_miscount(row, through - log.trimmed - removed)
        log.trimmed = max(log.trimmed, through)

    def _take_settled(self, row: HistoryRow) -> None:
        time_us, _, sequencer, _, kept, _, end, pointer = row
        log = self._log(sequencer)
        log.end = end
        self._charge_miscount(row, end - log.trimmed - kept)
        if pointer < log.pointer:
            self._charge_back(time_us, sequencer, log.pointer, pointer)

    # -- what is wrong --------------------------------------------------------------------------------------------

    def _charge_miscount(self, row: HistoryRow, missing: int) -> None:
        """QUEUE-1: fewer entries than were put in and taken out."""
        if missing:
            time_us, sequencer = row[0], row[2]
            self._left.charge(
                time_us,
                (),
                lambda: (f"{host(sequencer)}: {abs(missing)} entries of its log are unaccounted for {when(time_us)}",),
            )

    def _charge_back(self, time_us: int, sequencer: int, highest: int, now: int) -> None:
        """QUEUE-2."""
        self._forward.charge(
            time_us,
            (),
            lambda: (
                f'{host(sequencer)}: the pointer "written to storage" had been at {highest}',
                f"{when(time_us)} it was back at {now}",
            ),
        )

    def _charge_archived(self, row: HistoryRow, how: str) -> None:
        """FLOW-1: the long-term store has more, or other, than the log had."""
        time_us, _, keeper, chat, sequence, operation, _, _ = row
        self._flow.charge(
            time_us,
            (operation,) if operation >= 0 else (),
            lambda: (f"{host(keeper)} took in entry {sequence} of chat {chat} {when(time_us)}", how),
        )

    def _charge_lack(self, chat: int, sequence: int, operation: int) -> None:
        """QUEUE-3: at the end something is only in a sequencer's log, or nowhere."""
        self._empty.charge(
            self._scope.end_us,
            (operation,) if operation >= 0 else (),
            lambda: (
                f"entry {sequence} of chat {chat} was logged by a sequencer",
                f"and is not in the long-term store at the end {when(self._scope.end_us)}",
            ),
        )

    def _charge_unaccounted(self, waiting: int) -> None:
        """FLOW-1: an entry is in the long-term store, or still in its sequencer's log."""
        lacking = len(self.lacks)
        self._flow.charge(
            self._scope.end_us,
            (),
            lambda: (
                f"{lacking} logged entries are not in the long-term store at the end {when(self._scope.end_us)}",
                f"the sequencers' logs still keep {waiting} that it has not got",
            ),
        )
