"""BLIND-1, BLIND-3: who opened which envelope, held against whom it was made for.

That an envelope was opened, and by whom, is written down by the world where a key meets it; no machine is asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.encryption import OFF
from .evidence import Evidence
from .verdict import HistoryRow, Take, Verdict
from .words import host, phone, when


class Blindness:
    """Who reads what."""

    __slots__ = ("_devices", "_evidence", "_opened", "_servers")

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._servers = evidence.docket("BLIND-1")
        self._devices = evidence.docket("BLIND-3")
        self._opened: dict[tuple[int, int], bool] = {}
        """(device, operation) of envelopes that a device opened and whose content it has not taken in yet."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows: none where nothing is encrypted."""
        if scenario.encryption.kind == OFF:
            return {}
        return {kinds.ENVELOPE_OPENED: self._take_opened, kinds.DELIVERED: self._take_delivered}

    def end(self) -> tuple[Verdict, ...]:
        """Everything was judged when it happened."""
        return self._evidence.verdicts("BLIND-1", "BLIND-3")

    def _take_opened(self, row: HistoryRow) -> None:
        time_us, _, who, _, made_for, operation, opens, by_server = row
        self._servers.exercised += 1
        if by_server:
            did = "opened" if opens else "tried to open"
            self._servers.charge(
                time_us,
                (operation,),
                lambda: (
                    f"an envelope of message {operation} was made for the {phone(made_for)}",
                    f"the {host(who)} {did} it {when(time_us)}",
                ),
            )
            return
        self._devices.exercised += 1
        if opens and who == made_for:
            self._opened[who, operation] = True
            return
        self._devices.charge(
            time_us,
            (operation,),
            lambda: (
                f"an envelope of message {operation} was made for the {phone(made_for)}",
                f"the {phone(who)} got it {when(time_us)}, and it " + ("opened" if opens else "did not open there"),
            ),
        )

    def _take_delivered(self, row: HistoryRow) -> None:
        time_us, _, device, _, _, operation, _, _ = row
        if self._opened.pop((device, operation), None) is None:
            self._devices.charge(
                time_us,
                (operation,),
                lambda: (
                    f"message {operation} is in the database of the {phone(device)} {when(time_us)}",
                    "but that device never opened an envelope of it",
                ),
            )
