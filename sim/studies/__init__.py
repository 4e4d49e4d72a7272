"""Studies: the same scenario on many seeds, variants on the same luck, and the sentence that answers the question."""

from __future__ import annotations

from .comparing import Comparison, compare
from .replicating import Replication, replicate

__all__ = ["Comparison", "Replication", "compare", "replicate"]
