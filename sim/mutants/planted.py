"""What a planted bug is: the reference protocol with one or a few classes replaced."""

from __future__ import annotations

from typing import Any, ClassVar

from ..world.roles import Roles


class Planted:
    """A planted bug. ``CLASSES`` maps roles (the fields of ``Roles``) to the classes that carry it."""

    CLASSES: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        self.label = type(self).__name__

    def roles(self) -> Roles:
        """The table of roles with the bug in it."""
        return Roles(**self.CLASSES)
