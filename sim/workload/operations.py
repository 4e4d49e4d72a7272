"""The ordered stream of operations on which every id and draw about a message hangs."""

from __future__ import annotations

from typing import NamedTuple

from ..vocabulary.messages import Change


class Operation(NamedTuple):
    """What a person does at a time. ``operation`` is its place in the stream: contiguous from 0, in time order."""

    at_us: int
    operation: int
    sender: int
    """The user who acts."""
    recipient: int
    """The other user of the chat."""
    text: int
    """Which text: equal numbers are equal texts (the text itself matters to nobody but a planted bug)."""
    reply_to: int
    """The operation that it answers, or -1. It answers only if the sender's list holds that message by then, or it
    is the sender's own; otherwise it is a plain message."""
    opens: bool
    """The person opens the chat instead of writing in it."""
    group: int = -1
    """The group in which it happens (-1: the one-to-one chat with ``recipient``)."""
    change: Change | None = None
    """Who comes into the group and who goes, by this operation."""
    channel: int = -1
    """The channel in which it is said (-1: none)."""
