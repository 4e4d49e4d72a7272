"""When people open a chat after a message was shown to them."""

from __future__ import annotations

from ..scenario.model import Reading
from ..world.dice import Dice, lognormal_table


class ReadingHabits:
    """Draws without memory: the same message on the same phone is always opened after the same time, or never."""

    __slots__ = ("_dice", "_reading")

    def __init__(self, reading: Reading, seed: int) -> None:
        self._reading = reading
        self._dice = Dice(seed)
        if reading.share > 0.0:
            lognormal_table(reading.median_us, reading.sigma)  # made here rather than at the first message

    def opens_after(self, operation: int, device: int) -> int | None:
        """Microseconds from shown to opened, at least 1; ``None``: this message makes nobody open the chat."""
        reading = self._reading
        if not reading.share:
            return None
        if reading.share < 1.0 and not self._dice.chance(reading.share, "opens the chat", device, operation):
            return None
        return self._dice.lognormal_us(reading.median_us, reading.sigma, "opens the chat after", device, operation)
