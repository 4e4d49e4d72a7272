"""MEDIA-1: every reference shown resolves.

A blob lives from the moment it is durable in the object store to the end of its life. A reference that enters a list
has a living blob; whoever asks to see it in full sees it, and is never told that it is gone while it lives; on a device
that is up and reachable from heal to the end nobody is left waiting. What people see is the blob that was attached to
that very message, small or in full. Whenever a sender is told that a blob is held, it lives for a whole life from then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import kinds
from .evidence import Evidence
from .scope import Scope
from .verdict import HistoryRow, Take, Verdict
from .words import phone, when

DRIFT_PARTS: Final = 1_000
"""A clock that drifts as far as it may (CLOCK-1) is off by less than this part of a span."""


class MediaReferences:
    """MEDIA-1."""

    __slots__ = (
        "_asked",
        "_attached",
        "_docket",
        "_durable",
        "_evidence",
        "_expired",
        "_life_us",
        "_promised",
        "_scope",
    )

    def __init__(self, evidence: Evidence, scope: Scope) -> None:
        self._evidence = evidence
        self._scope = scope
        self._docket = evidence.docket("MEDIA-1")
        self._durable: dict[int, int] = {}
        """Blob -> when it was durable last (us)."""
        self._expired: dict[int, int] = {}
        """Blob -> when its life ended (us); a blob that was stored again is not here."""
        self._attached: dict[int, int] = {}
        """Operation -> the blob that was attached to it."""
        self._promised: dict[int, int] = {}
        """Blob -> from when on its life was last promised to somebody (us)."""
        self._life_us = 0
        """How long a life is at least, by a clock that drifts."""
        self._asked: dict[tuple[int, int], int] = {}
        """(device, operation) -> since when a person waits for its media (us)."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        life_us = scenario.protocol.blob_life_us
        self._life_us = life_us - life_us // DRIFT_PARTS
        return {
            kinds.BLOB_ATTACHED: self._take_attached,
            kinds.BLOB_PROMISED: self._take_promised,
            kinds.BLOB_DURABLE: self._take_durable,
            kinds.BLOB_EXPIRED: self._take_expired,
            kinds.REFERENCE_SHOWN: self._take_shown,
            kinds.MEDIA_ASKED: self._take_asked,
            kinds.MEDIA_OPENED: self._take_opened,
        }

    def end(self) -> tuple[Verdict, ...]:
        """Judge; who still waits at the end waits in vain."""
        if self._scope.ended and self._scope.is_promised:
            for (device, operation), since_us in self._asked.items():
                if self._scope.holds(device):
                    self._charge_waiting(device, operation, since_us)
        return self._evidence.verdicts("MEDIA-1")

    # -- rows ---------------------------------------------------------------------------------------------------

    def _take_durable(self, row: HistoryRow) -> None:
        self._durable[row[4]] = row[0]
        self._expired.pop(row[4], None)

    def _take_attached(self, row: HistoryRow) -> None:
        self._attached[row[5]] = row[4]

    def _take_promised(self, row: HistoryRow) -> None:
        self._promised[row[4]] = max(row[6], self._promised.get(row[4], row[6]))

    def _take_expired(self, row: HistoryRow) -> None:
        time_us, blob = row[0], row[4]
        self._expired[blob] = time_us
        promised_us = self._promised.get(blob)
        if promised_us is not None and time_us - promised_us < self._life_us:
            self._docket.charge(
                time_us,
                (),
                lambda: (
                    f"who asked {when(promised_us)} was told that blob {blob} is held, for a whole life from then",
                    f"its life ended {when(time_us)}, before its time",
                ),
            )

    def _lives(self, blob: int) -> bool:
        return blob in self._durable and blob not in self._expired

    def _take_shown(self, row: HistoryRow) -> None:
        """A redraw shows again what was judged when it came, and not another picture."""
        time_us, _, device, chat, blob, operation, redraw, _ = row
        if self._attached.get(operation, blob) != blob:
            self._charge_other(row, "showed")
        if redraw:
            return
        self._docket.exercised += 1
        if not self._lives(blob):
            self._docket.charge(
                time_us,
                (operation,),
                lambda: (
                    f"message {operation} was shown on the {phone(device)} in chat {chat} {when(time_us)}",
                    f"it refers to blob {blob}",
                    self._fate(blob),
                ),
            )

    def _take_asked(self, row: HistoryRow) -> None:
        self._asked.setdefault((row[2], row[5]), row[0])

    def _take_opened(self, row: HistoryRow) -> None:
        time_us, _, device, chat, blob, operation, found, _ = row
        since_us = self._asked.pop((device, operation), -1)
        self._docket.exercised += 1
        if self._attached.get(operation, blob) != blob:
            self._charge_other(row, "opened")
        if not found and self._lives(blob):
            self._docket.charge(
                time_us,
                (operation,),
                lambda: (
                    f"the person at the {phone(device)} asked {when(since_us)} to see what message {operation} in"
                    f" chat {chat} refers to",
                    f"{when(time_us)} they were told that blob {blob} is gone",
                    self._fate(blob),
                ),
            )

    # -- words --------------------------------------------------------------------------------------------------

    def _charge_other(self, row: HistoryRow, how: str) -> None:
        time_us, _, device, chat, blob, operation, _, _ = row
        self._docket.charge(
            time_us,
            (operation,),
            lambda: (
                f"blob {self._attached[operation]} was attached to message {operation} in chat {chat}",
                f"with that message, the {phone(device)} {how} blob {blob} {when(time_us)}",
            ),
        )

    def _charge_waiting(self, device: int, operation: int, since_us: int) -> None:
        self._docket.charge(
            since_us,
            (operation,),
            lambda: (
                f"the person at the {phone(device)} asked {when(since_us)} to see what message {operation} refers to",
                f"it was up and reachable from heal ({when(self._scope.heal_us)}) to the end"
                f" ({when(self._scope.end_us)}), and they still wait",
            ),
        )

    def _fate(self, blob: int) -> str:
        if blob not in self._durable:
            return "no object store ever held that blob by then"
        stored = f"it was durable in the object store {when(self._durable[blob])}"
        return f"{stored}, and its life ended {when(self._expired[blob])}" if blob in self._expired else stored
