"""NUDGE-1: every update that waited longer than T for an absent device had a nudge asked for by T plus the stated lag.

An update waits from its row in the inbox on until the device has it durably, or until the row leaves the inbox. A
device is absent that has taken no update for T: whether the registry knows a lease plays no part, and is only told. The
stated lag is the time of a batch, what a clock may drift in T, and two elections, since a paused leader is waited for
so long. While the shard has no leader nobody can ask; then the lag counts from the next leader on.

Nobody is woken for nothing: a nudge is asked for where a row has waited T, or by a shard that has a leader since this
moment and cannot know how long its rows have waited. What becomes of it then is judged in ``nudge_fates.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.kinds import NONE
from ..vocabulary.units import format_duration
from .evidence import Evidence
from .verdict import HistoryRow, Take, Verdict
from .words import host, phone, when

DRIFT_PARTS: Final = 1_000
"""A clock that drifts as far as it may (CLOCK-1) is off by less than this part of a span."""


class Device:
    """What is known of one device."""

    __slots__ = ("asked_us", "cursor", "gone", "host", "lease", "left", "moved_us", "rows")

    def __init__(self) -> None:
        self.cursor = 0
        """Its durable cursor."""
        self.moved_us = NONE
        """When that moved last."""
        self.left = 0
        """Rows through this one have left its inbox."""
        self.asked_us = NONE
        """When a nudge was last asked for."""
        self.host = NONE
        """The host of its inbox shard."""
        self.lease = NONE
        """The server that holds it, as the registry says."""
        self.gone = False
        self.rows: deque[tuple[int, int]] = deque()
        """(update number, when it came) of the rows that wait in its inbox."""


class Nudged:
    """NUDGE-1."""

    __slots__ = (
        "_absent_us",
        "_devices",
        "_due",
        "_evidence",
        "_lag_us",
        "_least_us",
        "_nudged",
        "_patience_us",
        "_up_since",
    )

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._nudged = evidence.docket("NUDGE-1")
        self._devices: dict[int, Device] = {}
        self._due: list[tuple[int, int, int, int]] = []
        """(by when, device, update number, since when it waits), the next one first."""
        self._up_since: dict[int, int] = {}
        """Host to when its leader started (NONE: there is none)."""
        self._patience_us = 0
        self._least_us = 0
        """How long a row has waited at least when a nudge is asked for on its account."""
        self._lag_us = 0
        self._absent_us = 0

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows: none where nudges are off."""
        self._absent_us = scenario.protocol.nudge_after_us
        if not self._absent_us:
            return {}
        drift_us = self._absent_us // DRIFT_PARTS
        self._lag_us = scenario.protocol.nudge_batch_us + 2 * scenario.storage.election_us + drift_us
        self._patience_us = self._absent_us + self._lag_us
        self._least_us = self._absent_us - drift_us
        return {
            kinds.STARTED: self._take_started,
            kinds.CRASHED: self._take_crashed,
            kinds.INBOX_APPENDED: self._take_appended,
            kinds.INBOX_PLACED: self._take_placed,
            kinds.INBOX_RETIRED: self._take_retired,
            kinds.CURSOR: self._take_cursor,
            kinds.TRIMMED: self._take_trimmed,
            kinds.NUDGE_ASKED: self._take_asked,
            kinds.LEASE_GRANTED: self._take_granted,
            kinds.LEASE_ENDED: self._take_ended,
            kinds.PHASE: self._take_phase,
        }

    def end(self) -> tuple[Verdict, ...]:
        """What is not due by the end of the run is not judged."""
        return self._evidence.verdicts("NUDGE-1")

    # -- rows ---------------------------------------------------------------------------------------------------

    def _device(self, device: int) -> Device:
        known = self._devices.get(device)
        if known is None:
            known = self._devices[device] = Device()
        return known

    def _take_appended(self, row: HistoryRow) -> None:
        time_us, device, number = row[0], row[2], row[4]
        self._judge_until(time_us)
        self._device(device).rows.append((number, time_us))
        heappush(self._due, (time_us + self._patience_us, device, number, time_us))

    def _take_placed(self, row: HistoryRow) -> None:
        self._device(row[2]).host = row[4]

    def _take_retired(self, row: HistoryRow) -> None:
        self._judge_until(row[0])
        self._device(row[2]).gone = True

    def _take_cursor(self, row: HistoryRow) -> None:
        time_us, device, cursor = row[0], row[2], row[4]
        self._judge_until(time_us)
        known = self._device(device)
        if cursor > known.cursor:
            known.cursor = cursor
            known.moved_us = time_us

    def _take_trimmed(self, row: HistoryRow) -> None:
        self._judge_until(row[0])
        known = self._device(row[2])
        known.left = max(known.left, row[4])
        while known.rows and known.rows[0][0] <= known.left:
            known.rows.popleft()

    def _take_asked(self, row: HistoryRow) -> None:
        time_us = row[0]
        self._judge_until(time_us)
        known = self._device(row[2])
        known.asked_us = time_us
        rows = known.rows
        waited_us = time_us - rows[0][1] if rows else NONE
        if waited_us < self._least_us and not (rows and self._up_since.get(known.host) == time_us):
            self._charge_early(row, waited_us)

    def _take_granted(self, row: HistoryRow) -> None:
        self._device(row[2]).lease = row[6]

    def _take_ended(self, row: HistoryRow) -> None:
        known = self._device(row[2])
        if known.lease == row[6]:
            known.lease = NONE

    def _take_started(self, row: HistoryRow) -> None:
        self._judge_until(row[0])
        self._up_since[row[2]] = row[0]

    def _take_crashed(self, row: HistoryRow) -> None:
        self._judge_until(row[0])
        self._up_since[row[2]] = NONE

    def _take_phase(self, row: HistoryRow) -> None:
        self._judge_until(row[0])

    # -- judging ------------------------------------------------------------------------------------------------

    def _judge_until(self, now_us: int) -> None:
        """Judge what was due before now, when all that happened by then is known."""
        due = self._due
        while due and due[0][0] < now_us:
            self._judge(*heappop(due))

    def _judge(self, by_us: int, device: int, number: int, since_us: int) -> None:
        """One update whose time is up."""
        known = self._devices[device]
        if known.gone or known.cursor >= number or known.left >= number:
            return
        if known.asked_us >= since_us:
            self._nudged.exercised += 1
            return
        if by_us - known.moved_us < self._absent_us:
            # It takes updates: it is not absent, only behind.
            return
        up_since_us = self._up_since.get(known.host, 0)
        if up_since_us == NONE:
            heappush(self._due, (by_us + self._lag_us, device, number, since_us))
        elif up_since_us > since_us and up_since_us + self._lag_us > by_us:
            heappush(self._due, (up_since_us + self._lag_us, device, number, since_us))
        else:
            self._nudged.exercised += 1
            self._charge(by_us, device, number, since_us, known)

    def _charge(self, by_us: int, device: int, number: int, since_us: int, known: Device) -> None:
        cursor, lease = known.cursor, known.lease
        registry = "knew no lease" if lease == NONE else f"said that {host(lease)} holds it"
        self._nudged.charge(
            by_us,
            (),
            lambda: (
                f"update {number} was durable in the inbox of the {phone(device)} {when(since_us)}",
                f"{when(by_us)} the device still had not got beyond update {cursor}; the registry {registry}",
                "and nobody had asked for a nudge since the update came",
            ),
        )

    def _charge_early(self, row: HistoryRow, waited_us: int) -> None:
        time_us, device = row[0], row[2]
        if waited_us == NONE:
            why = "but nothing waited in its inbox then"
        else:
            why = f"but nothing in its inbox had waited for more than {format_duration(waited_us)}"
        self._nudged.charge(
            time_us,
            (),
            lambda: (
                f"{when(time_us)} a nudge was asked for, for the {phone(device)}",
                f"{why}; a nudge is for what has waited {format_duration(self._absent_us)}",
            ),
        )
