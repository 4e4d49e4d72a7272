"""The list of a chat as one person sees it on one device."""

from __future__ import annotations

from array import array


class ShownList:
    """One chat on one device. ``operations`` is what stands in it, in order; the pending part follows it."""

    __slots__ = (
        "awaited",
        "last",
        "late",
        "matched",
        "missing",
        "operations",
        "own",
        "pending",
        "read_through",
        "senders",
        "sequences",
        "writers",
    )

    def __init__(self) -> None:
        self.operations = array("q")
        self.sequences = array("q")
        """The true sequences of ``operations`` (the believed one where the log had none yet)."""
        self.last = -1
        """The highest of them."""
        self.pending: list[int] = []
        """Own messages that have no place yet; they stand below the others."""
        self.own = 0
        """How many of ``operations`` are own messages."""
        self.read_through = 0
        """How many of ``operations`` the person has seen opened, but for those in ``late``."""
        self.late: list[int] | None = None
        """Messages that were sorted in among those and not seen since (None: there never was one)."""
        self.senders: dict[int, int] = {}
        """Sending device -> its newest message here."""
        self.awaited: dict[int, int] | None = None
        """Message that is not here (yet) -> a reply to it that is (None: there never was one)."""
        self.missing: dict[int, int] = {}
        """Message that a redraw left out -> when (us)."""
        self.writers: dict[int, tuple[int, int]] | None = None
        """Message -> the device that wrote it, and its turn there; only where lists sort in."""
        self.matched = 0
        """In a redraw: how far in the list before the clear the redraw has come."""

    def unseen(self) -> list[int]:
        """What stands in the list and was not there when the person opened it last."""
        return [*(self.late or ()), *self.operations[self.read_through :]]

    def opened(self) -> None:
        """The person sees all of it."""
        self.read_through = len(self.operations)
        self.late = None

    def opened_as(self, before: ShownList) -> None:
        """After a redraw: whatever was seen opened before it still is, and nothing else."""
        unseen = before.unseen()
        self.read_through = len(self.operations)
        self.late = [each for each in self.operations if each in unseen or each not in before.operations]

    def sort_in(self, operation: int, sequence: int, below: int) -> int:
        """A message is put in above so many others; returns its place."""
        place = max(0, len(self.operations) - below)
        self.operations.insert(place, operation)
        self.sequences.insert(place, sequence)
        if place < self.read_through:
            self.read_through += 1
            self.late = [*(self.late or ()), operation]
        return place


class Screen:
    """All lists of one device. Between a clear and the end of the redraw, ``before`` holds what was there."""

    __slots__ = ("before", "cleared_at_us", "drawn_own", "drawn_ticks", "lists")

    def __init__(self) -> None:
        self.lists: dict[int, ShownList] = {}
        """Chat -> list."""
        self.before: dict[int, ShownList] | None = None
        self.cleared_at_us = -1
        self.drawn_own: list[int] = []
        """Own messages that the redraw drew so far."""
        self.drawn_ticks: dict[int, int] = {}
        """Operation -> the tick that the redraw drew beside it."""

    def clear(self, time_us: int) -> None:
        """The app is killed. Killed again in the middle of a redraw, what had come new in it counts as seen, too."""
        before = self.before
        if before is None:
            before = self.lists
        else:
            for chat, shown in self.lists.items():
                join(before.setdefault(chat, ShownList()), shown)
        self.before = before
        self.lists = {}
        self.cleared_at_us = time_us
        self.drawn_own = []
        self.drawn_ticks = {}


def join(before: ShownList, shown: ShownList) -> None:
    """Add to ``before`` what only the list of an unfinished redraw holds."""
    for operation, sequence in zip(shown.operations, shown.sequences, strict=True):
        if operation not in before.operations:
            before.operations.append(operation)
            before.sequences.append(sequence)
    before.pending += [operation for operation in shown.pending if operation not in before.pending]
    before.pending = [operation for operation in before.pending if operation not in before.operations]
    before.last = max(before.last, shown.last)
    before.senders.update(shown.senders)
    if shown.awaited is not None:
        before.awaited = {**(before.awaited or {}), **shown.awaited}
    before.missing.update(shown.missing)
