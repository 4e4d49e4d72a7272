"""What handing a message to another host costs the one who sends it: its processor, for a while, one after the other.

Off by default. Discord measured 30 to 70 microseconds for one hand-off between processes, which is nothing until a
message goes to 30,000 sessions one by one (figures V5 and V6).
"""

from __future__ import annotations

from typing import Any, Final

from ..vocabulary.points import INBOX, STORE
from .hosts import ServerHost
from .ports import ServerPort

_TALLIED: Final = {STORE: "hand_off_us_store", INBOX: "hand_off_us_inbox"}


class HandOffs(ServerPort):
    """Put before the class of a server's port: each call leaves when the processor has come to it."""

    def __init__(self, host: ServerHost) -> None:
        super().__init__(host)
        self.hand_off_us = host.world.scenario.network.hand_off_us
        self.free_at_us = 0

    def send(self, to: Any, message: Any) -> None:
        """Behind what this host hands off already; the processor does nothing else meanwhile."""
        environment = self.environment
        leaves_us = max(self.free_at_us, int(environment._now)) + self.hand_off_us
        self.free_at_us = leaves_us
        host = self.host
        host.busy_until_us = max(host.busy_until_us, leaves_us)
        self.world.tally["hand_offs"] += 1
        if host.role in _TALLIED:
            self.world.tally[_TALLIED[host.role]] += self.hand_off_us
        environment.call_at(leaves_us, self.leave, (to, message))

    def leave(self, item: tuple[Any, Any]) -> None:
        """It is handed off, if the host has lived until then."""
        if self.life.alive:
            self.host.guard(super().send, *item)
