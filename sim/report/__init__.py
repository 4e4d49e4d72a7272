"""The page of a run folder: ``write_report(folder)`` makes ``report.html`` from ``summary.json``, or from
``comparison.json`` where variants were compared."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_report"]


def write_report(folder: Path) -> Path:
    """Write ``report.html`` into a run folder and return its path. Plots and templates are loaded only now."""
    from . import comparison_page, page

    is_comparison = (folder / comparison_page.DOCUMENT).is_file()
    return comparison_page.write(folder) if is_comparison else page.write(folder)
