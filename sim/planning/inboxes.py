"""How long messages wait in inboxes, and what a store that writes late never has to write (V8).

The wait until a message is picked up is lognormal: half are gone after the median, and a few wait for weeks.

    P(gone by t) = Phi((ln t - ln median) / sigma)

A store that flushes after a delay writes only what is still there by then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class PickUp:
    """When messages leave the inbox."""

    median_s: float = 60.0
    sigma: float = 3.0

    def gone_by(self, at_s: float) -> float:
        """The share that has been picked up by then: of a flush at that time, what is never written."""
        return NormalDist().cdf((math.log(at_s) - math.log(self.median_s)) / self.sigma) if at_s > 0 else 0.0

    def wait_of(self, share: float) -> float:
        """How long this share of the messages waits at most."""
        return self.median_s * math.exp(self.sigma * NormalDist().inv_cdf(share))

    def waiting(self, arrivals_per_s: float, kept_s: float) -> float:
        """How many wait at a time when nothing is kept longer than ``kept_s``: Little's law with the mean of the cut
        wait, which is the area under the share that is not yet gone."""
        middle = math.log(self.median_s)
        normal = NormalDist()
        below = (math.log(kept_s) - middle) / self.sigma
        cut_mean = math.exp(middle + self.sigma**2 / 2) * normal.cdf(below - self.sigma)
        return arrivals_per_s * (cut_mean + kept_s * (1.0 - normal.cdf(below)))
