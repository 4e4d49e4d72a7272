"""The page of a run folder: ``write_report(folder)`` makes ``report.html`` from ``summary.json``."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_report"]


def write_report(folder: Path) -> Path:
    """Write ``report.html`` into a run folder and return its path. Plots and templates are loaded only now."""
    from .page import write

    return write(folder)
