"""What a planted bug is: the reference protocol with one or a few classes replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar, Final

from ..world.roles import Roles

_LIKE: Final = "it maps roles to classes, such as CLASSES = {'phone': NoRetry}"


class MutantError(ValueError):
    """What ``--mutant`` names is no planted bug that can be played."""


class Planted:
    """A planted bug.

    ``CLASSES`` maps roles (the fields of ``sim.world.roles.Roles``) to the classes that carry it: subclasses of the
    reference machines or states with one method overridden. Where another layer would hide the bug, further classes
    take that layer off. One from outside (``--mutant FILE.py:Class``) needs ``CLASSES`` and nothing else.
    """

    CLASSES: ClassVar[dict[str, Any]] = {}
    number: ClassVar[int] = 0
    title: ClassVar[str] = ""
    scenario: ClassVar[str] = "mutants"
    """The scenario on which it must be caught."""
    check: ClassVar[str] = ""
    """The check that must turn invalid."""
    also: ClassVar[tuple[str, ...]] = ()
    """Other checks that may."""
    needs: ClassVar[str] = "nothing"
    """The least fault that exposes it, in words."""
    name: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.name = cls.__name__

    def __init__(self) -> None:
        self.label = str(self.number) if self.number else type(self).__name__

    def roles(self) -> Roles:
        """The table of roles with the bug in it. Raises ``MutantError`` for a table that cannot be played, or that
        replaces nothing: it would pass for the reference protocol."""
        known = [each.name for each in fields(Roles)]
        if not isinstance(self.CLASSES, Mapping):
            raise MutantError(f"{self.label}: CLASSES is {self.CLASSES!r:.60}; {_LIKE}")
        if not self.CLASSES:
            raise MutantError(f"{self.label}: CLASSES is empty, so nothing would be replaced; {_LIKE}")
        for role, replaced in self.CLASSES.items():
            if role not in known:
                raise MutantError(f"{self.label}: there is no role {role!r}; roles are {', '.join(known)}")
            reference = getattr(Roles, role)
            if not isinstance(replaced, type) or not issubclass(replaced, reference):
                raise MutantError(f"{self.label}: the class for {role!r} is no subclass of {reference.__name__}")
        if all(replaced is getattr(Roles, role) for role, replaced in self.CLASSES.items()):
            raise MutantError(f"{self.label}: CLASSES names the reference's own classes, so nothing would be replaced")
        return Roles(**self.CLASSES)
