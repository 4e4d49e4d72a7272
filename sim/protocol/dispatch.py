"""Dispatch by class: which method takes which message or record, as a literal table per machine.

The table names methods, so a subclass that overrides one (a planted bug, say) is what gets called.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Dispatching:
    """A class whose ``TAKES`` maps message or record classes to the names of the methods that take them."""

    __slots__ = ()
    TAKES: ClassVar[dict[type, str]] = {}
    TABLE: ClassVar[dict[type, Any]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.TABLE = {taken: getattr(cls, name) for taken, name in cls.TAKES.items()}
