"""What a shard remembers of the send numbers of one device in one conversation (STORE-2)."""

from __future__ import annotations

from collections import deque

from ..vocabulary.structs import Struct


class Answer(Struct, frozen=True):
    """The first answer to a send number, given again to every repeat (STORE-2)."""

    send_number: int
    message_id: int
    sequence: int
    """0: finally refused."""
    reason: int
    predecessor: int
    predecessor_own: bool


class SendMemory:
    """STORE-2: the last send number and the last W answers of one (device, conversation)."""

    __slots__ = ("answers", "last")

    def __init__(self, window: int) -> None:
        self.last = 0
        self.answers: deque[Answer] = deque(maxlen=window)

    def find(self, send_number: int) -> Answer | None:
        """The answer to a send number within the window."""
        for answer in reversed(self.answers):
            if answer.send_number == send_number:
                return answer
        return None
