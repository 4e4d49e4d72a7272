"""What expired, and who was told: facts for LOSS-1, TICK-3, QUEUE-1 and FLOW-1 (INBOX-6).

A row may leave an inbox unacknowledged only when it is as old as the retention says, or when the cap's worth of newer
rows is there (QUEUE-1). A device counts as told when its cursor moved past the row in a commit that says so and a
marker stands on its screen. It may be told of nothing that did not leave as expired (FLOW-1). A marker says exactly
what the device was told, and is drawn again after a restart (QUEUE-1).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from .evidence import Evidence
from .scope import Scope
from .verdict import HistoryRow, Take, Verdict
from .words import phone, when

DRIFT_PARTS = 1_000
"""A clock that drifts as far as it may (CLOCK-1) is off by less than this part of a span."""


class Kept:
    """One device's inbox, as far as expiry goes."""

    __slots__ = ("expired", "marked", "rows", "standing", "told")

    def __init__(self) -> None:
        self.rows: deque[tuple[int, int, int]] = deque()
        """(update number, when it came, operation) of the rows that wait."""
        self.expired: list[tuple[int, int]] = []
        """First and last update of each stretch that left as expired, in order."""
        self.told: list[tuple[int, int]] = []
        """First and last update of each stretch that the device was told of, in order."""
        self.marked = 0
        """The screen has said that updates through this one are missing."""
        self.standing: dict[tuple[int, int], bool] = {}
        """The stretches that have a marker on the screen now."""

    def unmarked(self) -> tuple[int, int] | None:
        """The first stretch that the device was told of and its person cannot see."""
        return next((stretch for stretch in self.told if stretch not in self.standing), None)


class Expiry:
    """Keeps what others ask; charges QUEUE-1 and FLOW-1."""

    __slots__ = ("_cap", "_devices", "_evidence", "_flow", "_left", "_operations", "_retention_us", "_scope")

    def __init__(self, evidence: Evidence, scope: Scope) -> None:
        self._evidence = evidence
        self._scope = scope
        self._left = evidence.docket("QUEUE-1")
        self._flow = evidence.docket("FLOW-1")
        self._devices: dict[int, Kept] = {}
        self._operations: dict[int, bool] = {}
        """Messages of which a row expired somewhere, be it their own or a receipt's."""
        self._retention_us = 0
        self._cap = 0

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows: next to none where all is kept for ever."""
        self._retention_us = scenario.protocol.retention_us
        self._cap = scenario.protocol.inbox_cap
        always = {
            kinds.EXPIRED_TOLD: self._take_told,
            kinds.MARKER_SHOWN: self._take_marker,
            kinds.SCREEN_CLEARED: self._take_cleared,
            kinds.SCREEN_DRAWN: self._take_drawn,
        }
        if not self._retention_us and not self._cap:
            return always
        return {**always, kinds.INBOX_APPENDED: self._take_appended, kinds.TRIMMED: self._take_trimmed}

    def end(self) -> tuple[Verdict, ...]:
        """No verdict of its own."""
        return ()

    def judge_markers(self) -> None:
        """QUEUE-1: whoever stayed and was told shows it by the end."""
        if self._scope.ended:
            for device, kept in self._devices.items():
                gone = kept.unmarked() if self._scope.holds(device) else None
                if gone is not None:
                    self._charge_unmarked(device, gone)

    # -- what others ask ------------------------------------------------------------------------------------------

    def is_expired(self, device: int, number: int) -> bool:
        """Whether this row left as expired."""
        kept = self._devices.get(device)
        return kept is not None and _holds(kept.expired, number)

    def is_told(self, device: int, number: int) -> bool:
        """Whether the device was told that this update expired, and its person can see it."""
        kept = self._devices.get(device)
        return kept is not None and number <= kept.marked and _holds(kept.told, number)

    def expired_through(self, device: int) -> int:
        """The newest row that left as expired (0: none)."""
        kept = self._devices.get(device)
        return kept.expired[-1][1] if kept is not None and kept.expired else 0

    def touches(self, operation: int) -> bool:
        """Whether a row about this message expired somewhere."""
        return operation in self._operations

    # -- rows ---------------------------------------------------------------------------------------------------

    def _kept(self, device: int) -> Kept:
        kept = self._devices.get(device)
        if kept is None:
            kept = self._devices[device] = Kept()
        return kept

    def _take_appended(self, row: HistoryRow) -> None:
        self._kept(row[2]).rows.append((row[4], row[0], row[5]))

    def _take_trimmed(self, row: HistoryRow) -> None:
        rows = self._kept(row[2]).rows
        while rows and rows[0][0] <= row[4]:
            rows.popleft()

    def left_expired(self, row: HistoryRow, first: int) -> None:
        """Rows from ``first`` on left as expired; called before ``_take_trimmed`` sees the same row."""
        time_us, _, device, _, through, _, _, _ = row
        kept = self._kept(device)
        if through >= first:
            kept.expired.append((first, through))
        if not self._retention_us and not self._cap:
            self._charge_left(row, "as expired, although updates are kept for ever")
            return
        newer = sum(number > through for number, _, _ in kept.rows)
        least_us = self._retention_us - self._retention_us // DRIFT_PARTS
        for number, came_us, operation in kept.rows:
            if number > through:
                break
            self._operations[operation] = True
            old = self._retention_us and time_us - came_us >= least_us
            if not old and not (self._cap and newer >= self._cap):
                self._charge_left(
                    row, f"as expired; update {number} had come {when(came_us)}, {newer} newer were there"
                )
                return

    def _take_told(self, row: HistoryRow) -> None:
        time_us, _, device, _, through, _, before, _ = row
        kept = self._kept(device)
        kept.told.append((before + 1, through))
        number = before + 1
        for first, last in kept.expired:
            if first <= number <= last:
                number = last + 1
        if number <= through:
            # FLOW-1: what it was told does not agree with the trims.
            self._flow.charge(
                time_us,
                (),
                lambda: (
                    f"the {phone(device)} was told that its updates {before + 1} to {through} expired {when(time_us)}",
                    f"but no trim says that update {number} did: it was not counted",
                ),
            )

    def _take_marker(self, row: HistoryRow) -> None:
        _, _, device, _, through, _, before, _ = row
        kept = self._kept(device)
        kept.marked = max(kept.marked, through)
        stretch = (before + 1, through)
        if stretch not in kept.told or stretch in kept.standing:
            self._charge_marker(row, stretch in kept.standing)
        kept.standing[stretch] = True

    def _take_cleared(self, row: HistoryRow) -> None:
        kept = self._devices.get(row[2])
        if kept is not None and kept.standing:
            kept.standing = {}

    def _take_drawn(self, row: HistoryRow) -> None:
        """Whatever the device was told before the restart is in its database, so it has its marker again."""
        kept = self._devices.get(row[2])
        gone = None if kept is None else kept.unmarked()
        if gone is not None:
            self._charge_not_redrawn(row, gone)

    # -- what is wrong --------------------------------------------------------------------------------------------

    def _charge_left(self, row: HistoryRow, how: str) -> None:
        """QUEUE-1."""
        time_us, device, through = row[0], row[2], row[4]
        self._left.charge(
            time_us,
            (),
            lambda: (f"the inbox of the {phone(device)} let go of its updates through {through} {when(time_us)}", how),
        )

    def _charge_unmarked(self, device: int, gone: tuple[int, int]) -> None:
        """QUEUE-1: told, but the person cannot see it."""
        first, last = gone
        self._left.charge(
            self._scope.end_us,
            (),
            lambda: (
                f"the {phone(device)} was told that its updates {first} to {last} expired",
                "but shows no marker by the end",
            ),
        )

    def _charge_not_redrawn(self, row: HistoryRow, gone: tuple[int, int]) -> None:
        """QUEUE-1: after a restart the person cannot see it any more."""
        time_us, device = row[0], row[2]
        first, last = gone
        self._left.charge(
            time_us,
            (),
            lambda: (
                f"the {phone(device)} was told that its updates {first} to {last} expired",
                f"the screen that was drawn after a restart {when(time_us)} has no marker that says so",
            ),
        )

    def _charge_marker(self, row: HistoryRow, twice: bool) -> None:
        """QUEUE-1: a marker that is not what the device was told."""
        time_us, _, device, _, through, _, before, _ = row
        why = "which a marker on that screen says already" if twice else "which is not what it was told"
        self._left.charge(
            time_us,
            (),
            lambda: (
                f"the {phone(device)} drew a marker {when(time_us)}: updates {before + 1} to {through} are missing",
                why,
            ),
        )


def _holds(stretches: list[tuple[int, int]], number: int) -> bool:
    return any(first <= number <= last for first, last in stretches)
