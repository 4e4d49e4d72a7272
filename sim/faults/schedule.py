"""Faults as data: what happens, where, and when (at a time or at a named point)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. Times are microseconds from the start of the run.

    It fires at ``at_us``, or when the point named ``point`` is met the ``nth`` time by ``operation`` or ``device``
    (``None``: by any). ``for_us`` is how long it lasts (0: a crash, a pause and a stall last a
    second; what else can last does so until heal, an ``offline`` to the end).
    """

    kind: str
    at_us: int | None = None
    for_us: int = 0
    point: str | None = None
    nth: int = 1
    operation: int | None = None
    device: int | None = None
    target: str = ""
    """Who is hit: ``connection_server 1``, ``store 0``, ``inbox any``, ``registry``, ``phone 7``, ``phones 10%``."""
    peer: str = ""
    """The other end, for faults of a link; empty: everybody."""
    probability: float = 1.0
    amount_us: int = 0
    """A delay, a clock step, a window of lost writes: the kind says what."""
    factor: float = 1.0
    """How much slower, or a clock's drift in parts per million: the kind says what."""
    for_good: bool = False
    """Whether it outlasts the heal: beyond the promise."""
    number: int | None = None
    """Its number in the schedule, on which its draws hang (``None``: its place)."""
