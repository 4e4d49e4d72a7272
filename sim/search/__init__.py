"""Searching: for failing seeds, through every schedule of a small world, and for the smallest run that still fails."""

from __future__ import annotations

from ..results.written_out import explicit_text, regression_text, written_out

__all__ = ["explicit_text", "regression_text", "written_out"]
