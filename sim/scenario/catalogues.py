"""The names that a scenario may use, from the modules that own them; imported only when a file is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..faults.kind import FaultKind


def fault_kinds() -> Mapping[str, FaultKind]:
    """Every kind of fault by its name."""
    from ..faults.catalogue import KINDS

    return KINDS


def points() -> Sequence[str]:
    """Every named point of the protocol."""
    from ..vocabulary.points import CATALOGUE

    return CATALOGUE


def region_names() -> Sequence[str]:
    """The regions between which the distances are known."""
    from ..world.distances import REGION_NAMES

    return REGION_NAMES


def check_ids() -> Sequence[str]:
    """The id of every check."""
    from ..checkers.catalogue import CHECK_IDS

    return CHECK_IDS


def hard_cases() -> Sequence[str]:
    """The name of every hard case that ``must_reach`` may require."""
    from ..vocabulary.kinds import HARD_CASE_NAMES

    return tuple(HARD_CASE_NAMES)
