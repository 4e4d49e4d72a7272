"""What becomes of nudges that were asked for, for NUDGE-1: each is a device's own, and none is forgotten on the way.

No device is nudged for which nobody asked. Nudges are best effort (PUSH-2), and nearly every fault may take one; but in
a stretch in which there is no fault at all, whoever was asked for comes before its provider, and again when that has
taken too many, until one is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.kinds import NONE
from ..vocabulary.pushes import NudgeFate
from .evidence import Evidence
from .verdict import HistoryRow, Take, Verdict
from .words import phone, when

CALLS_US: Final = 10_000_000
"""How long the calls between an inbox, its gateway and a provider may take where nothing is at fault: they take less
than a second."""

FOR_EVER_US: Final = 1 << 60


class NudgeFates:
    """Charges NUDGE-1."""

    __slots__ = ("_asked", "_faults", "_nudged", "_open", "_patience_us", "_quiet_us", "_sent")

    def __init__(self, evidence: Evidence) -> None:
        self._nudged = evidence.docket("NUDGE-1")
        self._asked: dict[int, int] = {}
        """Device to when a nudge was first asked for."""
        self._sent: dict[int, int] = {}
        """Device to when its provider last took a nudge."""
        self._open: dict[int, int] = {}
        """Device to since when a nudge of its is under way that its provider has not taken."""
        self._faults: dict[int, bool] = {}
        """Those that run."""
        self._quiet_us = -FOR_EVER_US
        """When the last one ended."""
        self._patience_us = 0

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows: none where nudges are off."""
        if not scenario.protocol.nudge_after_us:
            return {}
        self._patience_us = scenario.protocol.push_try_again_us + CALLS_US
        return {
            kinds.NUDGE_ASKED: self._take_asked,
            kinds.NUDGE_FATE: self._take_fate,
            kinds.FAULT_BEGAN: self._take_fault,
            kinds.FAULT_ENDED: self._take_fault_over,
            kinds.PHASE: self._take_phase,
        }

    def end(self) -> tuple[Verdict, ...]:
        """No verdict of its own."""
        return ()

    # -- rows ---------------------------------------------------------------------------------------------------

    def _take_asked(self, row: HistoryRow) -> None:
        time_us, device = row[0], row[2]
        self._asked.setdefault(device, time_us)
        if self._is_quiet(time_us):
            self._open.setdefault(device, time_us)

    def _take_fate(self, row: HistoryRow) -> None:
        time_us, _, device, _, _, _, fate, _ = row
        if device not in self._asked:
            self._charge_stranger(row)
        if fate == NudgeFate.SENT:
            self._sent[device] = time_us
            self._open.pop(device, None)
        elif fate == NudgeFate.THROTTLED:
            if device in self._open:
                self._open[device] = time_us
        elif fate == NudgeFate.COLLAPSED and time_us - self._sent.get(device, -CALLS_US) < CALLS_US:
            # It came while the gateway did not know yet that the one before it was taken.
            self._open.pop(device, None)

    def _take_fault(self, row: HistoryRow) -> None:
        self._judge(row[0])
        self._faults[row[4]] = True
        self._open.clear()

    def _take_fault_over(self, row: HistoryRow) -> None:
        self._faults.pop(row[4], None)
        self._quiet_us = row[0]

    def _take_phase(self, row: HistoryRow) -> None:
        self._judge(row[0])

    # -- judging ------------------------------------------------------------------------------------------------

    def _is_quiet(self, now_us: int) -> bool:
        """Whether what faults have left behind is over."""
        return not self._faults and now_us - self._quiet_us > self._patience_us

    def _judge(self, now_us: int) -> None:
        """Since they were asked for there has been no fault."""
        forgotten = [device for device, since_us in self._open.items() if now_us - since_us > self._patience_us]
        for device in forgotten:
            self._charge_forgotten(device, self._open.pop(device))

    # -- what is wrong --------------------------------------------------------------------------------------------

    def _charge_stranger(self, row: HistoryRow) -> None:
        time_us, device = row[0], row[2]
        self._nudged.charge(
            time_us,
            (),
            lambda: (
                f"{when(time_us)} a nudge for the {phone(device)} was under way behind the push gateway",
                "but nobody had asked for one",
            ),
        )

    def _charge_forgotten(self, device: int, since_us: int) -> None:
        sent_us = self._sent.get(device, NONE)
        before = "had never taken one" if sent_us == NONE else f"had taken the one before {when(sent_us)}"
        self._nudged.charge(
            since_us,
            (),
            lambda: (
                f"a nudge for the {phone(device)} was under way {when(since_us)}; its provider {before}",
                "nothing was at fault, yet none came before the provider after that",
            ),
        )
