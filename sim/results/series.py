"""What plots need, as plain data for the summary: one run over time, and how delivery times are distributed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

from ..statistics.histogram import Histogram, bin_of, bounds_of
from .records import Record, first_failing

GROUP_BITS: Final = 3
"""Eight neighbouring bins become one: 16 to each doubling, fine enough for a curve."""


def shown_record(records: Sequence[Record], exit_code: int) -> Record | None:
    """The run that is shown over time: the first that failed, else the first that ended like the whole, else the
    first that has a timeline at all."""
    able = [record for record in records if record.timeline is not None]
    alike = [record for record in able if record.exit_code == exit_code]
    failed = first_failing(able)
    return failed if failed is not None else next(iter((*alike, *able)), None)


def timeline_of(records: Sequence[Record], exit_code: int) -> dict[str, Any] | None:
    """The shown run's seed and series; ``None`` when no run has any."""
    record = shown_record(records, exit_code)
    if record is None or record.timeline is None:
        return None
    series = {name: list(value) for name, value in dataclasses.asdict(record.timeline).items() if name != "width_us"}
    phases = [list(phase) for phase in series.pop("phases")]
    return {"seed": record.seed_text, "width_us": record.timeline.width_us, **series, "phases": phases}


def distribution_of(times: Histogram | None) -> dict[str, list[int]] | None:
    """``count`` of the times up to each ``highest_us`` and above the one before it; ``None`` without any."""
    if times is None or not times.count:
        return None
    groups: dict[int, int] = {}
    for lowest_us, _, count in times.rows():
        group = bin_of(lowest_us) >> GROUP_BITS
        groups[group] = groups.get(group, 0) + count
    highest = [bounds_of(((group + 1) << GROUP_BITS) - 1)[1] for group in groups]
    return {"highest_us": highest, "count": list(groups.values())}
