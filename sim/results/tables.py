"""Parquet tables of a run folder: ``runs`` (a row per seed), ``faults`` (a row per injection), ``delivery`` (the
pooled histogram) and histories. pyarrow is imported only when a table is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..statistics.histogram import merged
from .atomic import whole_file
from .records import Record
from .summary import finite, injected_row


def run_rows(records: Sequence[Record]) -> list[dict[str, Any]]:
    """One row per seed. Counts, metrics and outcomes of checks are columns ``count.x``, ``metric.x``, ``check.x``."""
    rows = []
    for record in records:
        times = record.delivery
        row: dict[str, Any] = {
            "seed": record.seed_text,
            "seed_number": str(record.seed),
            "exit_code": record.exit_code,
            "digest": record.digest,
            "simulated_us": record.simulated_us,
            "wall_s": record.wall_s,
            "delivery_p50_us": times.quantile(0.5) if times else None,
            "delivery_p99_us": times.quantile(0.99) if times else None,
            "delivery_maximum_us": times.maximum_us if times else None,
            "injected": len(record.injected),
        }
        row.update({f"count.{name}": number for name, number in sorted(record.counts.items())})
        row.update({f"metric.{name}": number for name, number in finite(record.metrics).items()})
        row.update({f"check.{verdict.check}": verdict.outcome for verdict in record.verdicts})
        rows.append(row)
    return rows


def fault_rows(records: Sequence[Record]) -> list[dict[str, Any]]:
    """One row per injected fault, with its seed."""
    return [{"seed": record.seed_text, **injected_row(one)} for record in records for one in record.injected]


def write_tables(folder: Path, records: Sequence[Record]) -> None:
    """Write the three tables; one without rows is left out."""
    pooled = merged(record.delivery for record in records)
    bins = pooled.rows() if pooled else []
    write_rows(folder / "runs.parquet", run_rows(records))
    write_rows(folder / "faults.parquet", fault_rows(records))
    write_rows(
        folder / "delivery.parquet",
        [{"lowest_us": lowest, "highest_us": highest, "count": number} for lowest, highest, number in bins],
    )


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows as Parquet; a key that a row lacks is null there."""
    if not rows:
        return
    import pyarrow  # type: ignore[import-untyped]

    columns = list(dict.fromkeys(key for row in rows for key in row))
    write_table(path, pyarrow.table({name: [row.get(name) for row in rows] for name in columns}))


def write_table(path: Path, table: Any) -> None:
    """Write one table whole."""
    from pyarrow import parquet

    with whole_file(path) as part:
        parquet.write_table(table, part)


def write_history(result: Any, path: Path) -> None:
    """Write the history that a runner's result has kept, as ``sim.history.parquet`` reads it: with what it is of, and
    its digest."""
    from ..history import parquet

    about = parquet.About(result.scenario.name, result.seed_text, {"mutant": result.mutant} if result.mutant else {})
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        parquet.write_history(part, result.history, about)
