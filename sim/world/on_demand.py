"""Tables whose entries are made when they are first asked for."""

from __future__ import annotations

from typing import Any, Final

from ..vocabulary.messages import kind_of
from .dice import purpose_key
from .lanes import Lane, Lanes, PassingLane

MOST_LANES: Final = 512


class Keys(dict[type, int]):
    """The dice key of each message or record class under one purpose, made when first asked for."""

    def __init__(self, seed: int, purpose: str) -> None:
        super().__init__()
        self.seed = seed
        self.purpose = purpose

    def __missing__(self, sort: Any) -> int:
        key = self[sort] = purpose_key(self.seed, f"{self.purpose} {kind_of(sort)}")
        return key


class LanesByDelay(dict[int, Lane]):
    """The lane of each delay, made when first asked for. Delays that are drawn never end, so their number is limited:
    those that come late wait in the queue themselves, which changes no order."""

    def __init__(self, lanes: Lanes) -> None:
        super().__init__()
        self.lanes = lanes

    def __missing__(self, delay_us: int) -> Lane:
        if len(self) >= MOST_LANES:
            return PassingLane(self.lanes.environment, delay_us)
        lane = self[delay_us] = self.lanes.lane(delay_us)
        return lane
