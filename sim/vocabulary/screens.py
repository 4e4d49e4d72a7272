"""The two orders in which a list on the screen can grow (PHONE-5)."""

from __future__ import annotations

from typing import Final

HELD_BACK: Final = "held_back"
"""A message waits for the one before it: the list only grows at its end."""
SORTED_IN: Final = "sorted_in"
"""A message is shown at once; one that comes late is put in above those that stand there already."""
