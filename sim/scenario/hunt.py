"""What a hunt over many seeds asks for, beyond what each run by itself has to show."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import listing


@dataclass(frozen=True, slots=True)
class HuntAims:
    """Aims of a hunt: counted over the sum of its runs, and no concern of a single one."""

    must_reach: tuple[str, ...] = listing("hard cases that the runs of a hunt together have to reach", of="hard case")
