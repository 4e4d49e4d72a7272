"""Dispatch by class: which method takes which message or record, as a literal table per machine.

The table names methods, so a subclass that overrides one (a planted bug, say) is what gets called.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..vocabulary.records import Together


class Dispatching:
    """A class whose ``TAKES`` maps message or record classes to the names of the methods that take them."""

    __slots__ = ()
    TAKES: ClassVar[dict[type, str]] = {}
    TABLE: ClassVar[dict[type, Any]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.TABLE = {taken: getattr(cls, name) for taken, name in cls.TAKES.items()}


class Durable(Dispatching):
    """A durable state: records change it, alone or several in one write (FAN-4)."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.TABLE[Together] = cls.apply_together

    def apply(self, record: Any) -> Any:
        """Take a durable record in; returns what it changed (``None``: nothing)."""
        return self.TABLE[record.__class__](self, record)

    def apply_together(self, together: Together) -> tuple[Any, ...]:
        """Each in turn; returns what each changed."""
        table = self.TABLE
        return tuple([table[record.__class__](self, record) for record in together.records])
