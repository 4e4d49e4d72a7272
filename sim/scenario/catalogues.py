"""The names that a scenario may use, from the modules that own them; imported only when a file is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast


class FaultKind(Protocol):
    """What the catalogue of faults says about a kind."""

    @property
    def name(self) -> str: ...

    @property
    def doc(self) -> str: ...

    @property
    def targets(self) -> tuple[str, ...]: ...

    @property
    def keys(self) -> tuple[str, ...]: ...


def fault_kinds() -> Mapping[str, FaultKind]:
    """Every kind of fault by its name."""
    return cast("Mapping[str, FaultKind]", import_module("..faults.catalogue", __package__).KINDS)


def points() -> Sequence[str]:
    """Every named point of the protocol."""
    from ..vocabulary.points import CATALOGUE

    return CATALOGUE


def check_ids() -> Sequence[str] | None:
    """The id of every check, or None where no catalogue of checks is installed."""
    try:
        return cast("Sequence[str]", import_module("..checkers.catalogue", __package__).CHECK_IDS)
    except ModuleNotFoundError:
        return None


def hard_cases() -> Sequence[str]:
    """The name of every hard case that ``must_reach`` may require."""
    from ..vocabulary.kinds import HARD_CASE_NAMES

    return tuple(HARD_CASE_NAMES)
