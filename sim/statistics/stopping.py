"""When enough has been played: runs are added until the interval is narrow enough.

Stop at the first n from ``least`` on at which half the interval is at most a share of the figure. To keep what is
promised about the true value although the figure itself is only estimated, the share gamma is tightened to
gamma / (1 + gamma) (Law, "Simulation Modeling and Analysis", 5th ed. 2015, section 9.4.1, the sequential procedure; the
asymptotics are Chow and Robbins', "On the asymptotic theory of fixed-width sequential confidence intervals", 1965).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .intervals import Estimate


@dataclass(frozen=True, slots=True)
class Precision:
    """How precise a figure is to be: within ``relative`` of itself (or of the scale given), with ``least`` to ``most``
    runs."""

    relative: float
    least: int = 5
    most: int = 200

    def __post_init__(self) -> None:
        if not 0.0 < self.relative < 1.0:
            raise ValueError(f"a precision of {self.relative:g} is no share between 0 and 1 (write 0.05 for 5 %)")
        if not 2 <= self.least <= self.most:
            raise ValueError(f"at least {self.least} and at most {self.most} runs cannot both hold (2 are the fewest)")

    def more_runs(self, found: Estimate, scale: float | None = None) -> int:
        """How many more runs to play before asking again; 0 when it is enough, or the most have been played.

        The half width shrinks with the root of n, so n (h / wanted)^2 runs are expected to do; asking for at most as
        many again as there are keeps an unlucky start from ordering too much.
        """
        if found.runs < self.least:
            return self.least - found.runs
        half = found.half_width
        wanted = self.relative / (1.0 + self.relative) * abs(found.value if scale is None else scale)
        left = self.most - found.runs
        if half is None or left <= 0 or half <= wanted:
            return 0 if half is not None or left <= 0 else min(left, found.runs)
        expected = left if wanted == 0.0 else math.ceil(found.runs * ((half / wanted) ** 2 - 1.0))
        return max(1, min(left, found.runs, expected))
