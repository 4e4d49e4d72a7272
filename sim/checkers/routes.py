"""ROUTE-1: no inbox serves a lower epoch after a higher one; after settling every look-up equals the connections.

An epoch stands for one connection (PHONE-11): no server takes up another of the same one. Of two hellos on their way
the later one may come first, so a lower epoch is no sign of a fault; the one used last, used again, is.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.kinds import NONE
from .evidence import Evidence
from .scope import Scope
from .verdict import HistoryRow, Take, Verdict
from .words import host, phone, when

Route = tuple[int, int, int]
"""Epoch, server and the server's incarnation."""


class Routes:
    """ROUTE-1."""

    __slots__ = (
        "_connections",
        "_epochs",
        "_evidence",
        "_lookups",
        "_newest",
        "_routes",
        "_scope",
        "_settled_at_us",
    )

    def __init__(self, evidence: Evidence, scope: Scope) -> None:
        self._evidence = evidence
        self._routes = evidence.docket("ROUTE-1")
        self._scope = scope
        self._epochs: dict[int, int] = {}
        """Device -> the highest epoch that its inbox has served."""
        self._newest: dict[int, int] = {}
        """Device -> the highest epoch of a connection that a server took up."""
        self._lookups: dict[int, list[Route]] = {}
        self._connections: dict[int, list[Route]] = {}
        self._settled_at_us = -1

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {
            kinds.CONNECTED: self._take_connected,
            kinds.SERVED: self._take_served,
            kinds.SETTLED_LOOKUP: self._take_lookup,
            kinds.SETTLED_CONNECTION: self._take_connection,
        }

    def end(self) -> tuple[Verdict, ...]:
        """Compare look-ups with connections, both ways."""
        if self._scope.settled and self._scope.is_promised and self._lookups:
            devices = dict.fromkeys([*self._lookups, *self._connections])
            self._routes.exercised += len(devices)
            for device in devices:
                leases = self._lookups.get(device, [])
                connections = self._connections.get(device, [])
                if sorted(leases) != sorted(connections):
                    self._charge_settled(device, leases, connections)
        return self._evidence.verdicts("ROUTE-1")

    def _take_connected(self, row: HistoryRow) -> None:
        time_us, _, device, _, epoch, _, server, incarnation = row
        newest = self._newest.get(device, -1)
        if epoch > newest:
            self._newest[device] = epoch
        elif epoch == newest:
            self._routes.charge(
                time_us,
                (),
                lambda: (
                    f"a connection of the {phone(device)} had been taken up with epoch {epoch}",
                    f"{when(time_us)} {host(server)} (incarnation {incarnation}) took up another of the same epoch",
                ),
            )

    def _take_served(self, row: HistoryRow) -> None:
        time_us, _, device, _, epoch, _, _, _ = row
        self._routes.exercised += 1
        highest = self._epochs.get(device, -1)
        if epoch >= highest:
            self._epochs[device] = epoch
            return
        self._routes.charge(
            time_us,
            (),
            lambda: (
                f"the inbox of the {phone(device)} had served its connection of epoch {highest}",
                f"{when(time_us)} it served one of epoch {epoch} again",
            ),
        )

    def _take_lookup(self, row: HistoryRow) -> None:
        time_us, _, device, _, epoch, _, server, incarnation = row
        leases = self._lookups.setdefault(device, [])
        if server != NONE:
            leases.append((epoch, server, incarnation))
        self._settled_at_us = time_us

    def _take_connection(self, row: HistoryRow) -> None:
        _, _, device, _, epoch, _, server, incarnation = row
        self._connections.setdefault(device, []).append((epoch, server, incarnation))

    def _charge_settled(self, device: int, leases: list[Route], connections: list[Route]) -> None:
        self._routes.charge(
            self._settled_at_us,
            (),
            lambda: (
                f"after settling, {when(self._settled_at_us)}:",
                f"a look-up of the {phone(device)} says: {told(leases, 'no lease')}",
                f"its open connections are: {told(connections, 'none')}",
            ),
        )


def told(routes: list[Route], nothing: str) -> str:
    """Routes in words."""
    words = [f"{host(server)} (incarnation {incarnation}), epoch {epoch}" for epoch, server, incarnation in routes]
    return "; ".join(words) or nothing
