"""The section ``replications``: how many independent runs a study of the scenario plays. A plain run does not ask."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import count, share


@dataclass(frozen=True, slots=True)
class Replications:
    """From how many runs a study takes its figures. ``--seeds`` and ``--precision`` go before it."""

    least: int = count(0, "fewest runs of a study (0: as many as seeds names, or 5 where that is one)", most=100_000)
    most: int = count(200, "most runs of a study that adds runs for the sake of its precision", least=2, most=100_000)
    precision: float = share(0.0, "add runs until the deciding figure is known within so much (0: add none)")


def refused(least: int, most: int, precision: float) -> str:
    """Why these cannot hold together; empty when they can."""
    if least > most:
        return f"at least {least} and at most {most} runs cannot both hold"
    return "no figure is known any worse than within all of itself" if precision >= 1.0 else ""
