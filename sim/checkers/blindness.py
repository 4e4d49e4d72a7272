"""BLIND-1..3: who opened which envelope, what servers hold of sealed messages, which certificates were believed.

That an envelope was opened, and by whom, is written down by the world where a key meets it; no machine is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.encryption import OFF, SEALED
from ..vocabulary.ids import user_of
from ..vocabulary.kinds import NONE
from .evidence import Evidence
from .verdict import HistoryRow, Take, Verdict
from .words import host, phone, when

MESSAGE_ID_SHIFT: Final = 24
"""Ordinary message ids have the device above these bits."""


class Blindness:
    """Who reads what."""

    __slots__ = ("_chats", "_devices", "_evidence", "_links", "_opened", "_senders", "_servers")

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._servers = evidence.docket("BLIND-1")
        self._devices = evidence.docket("BLIND-3")
        self._links = evidence.docket("BLIND-2")
        self._senders: dict[int, int] = {}
        """Message id to the device that sent it sealed."""
        self._chats: dict[int, int] = {}
        """Tag to the chat in which it was used."""
        self._opened: dict[tuple[int, int], bool] = {}
        """(device, operation) of envelopes that a device opened and whose content it has not taken in yet."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows: none where nothing is encrypted."""
        if scenario.encryption.kind == OFF:
            return {}
        takers: dict[int, Take] = {kinds.ENVELOPE_OPENED: self._take_opened, kinds.DELIVERED: self._take_delivered}
        if scenario.encryption.kind == SEALED:
            takers[kinds.SEALED_SENT] = self._take_sent
            takers[kinds.SEALED_HELD] = self._take_held
            takers[kinds.CERTIFICATE_BELIEVED] = self._take_believed
        return takers

    def end(self) -> tuple[Verdict, ...]:
        """Everything was judged when it happened."""
        return self._evidence.verdicts("BLIND-1", "BLIND-2", "BLIND-3")

    def _take_opened(self, row: HistoryRow) -> None:
        time_us, _, who, _, made_for, operation, opens, by_server = row
        self._servers.exercised += 1
        if by_server:
            did = "opened" if opens else "tried to open"
            self._servers.charge(
                time_us,
                (operation,),
                lambda: (
                    f"an envelope of message {operation} was made for the {phone(made_for)}",
                    f"the {host(who)} {did} it {when(time_us)}",
                ),
            )
            return
        self._devices.exercised += 1
        if opens and who == made_for:
            self._opened[who, operation] = True
            return
        self._devices.charge(
            time_us,
            (operation,),
            lambda: (
                f"an envelope of message {operation} was made for the {phone(made_for)}",
                f"the {phone(who)} got it {when(time_us)}, and it " + ("opened" if opens else "did not open there"),
            ),
        )

    def _take_delivered(self, row: HistoryRow) -> None:
        time_us, _, device, _, _, operation, _, _ = row
        if self._opened.pop((device, operation), None) is None:
            self._devices.charge(
                time_us,
                (operation,),
                lambda: (
                    f"message {operation} is in the database of the {phone(device)} {when(time_us)}",
                    "but that device never opened an envelope of it",
                ),
            )

    # -- sealed senders -----------------------------------------------------------------------------------------

    def _take_sent(self, row: HistoryRow) -> None:
        """BLIND-2: the way that it takes names nobody, and a tag is of one chat."""
        time_us, _, device, chat, tag, operation, named, message_id = row
        self._senders[message_id] = device
        if named != NONE:
            self._link(time_us, device, operation, f"the {phone(named)} had said hello on its connection")
        if self._chats.setdefault(tag, chat) != chat:
            self._link(time_us, device, operation, "its tag is the one under which that device writes in another chat")

    def _take_held(self, row: HistoryRow) -> None:
        """BLIND-2: nothing that a server holds says the device or the user."""
        time_us, _, _, _, said_device, operation, said_user, message_id = row
        self._links.exercised += 1
        device = self._senders.get(message_id, NONE)
        if device == NONE:
            return
        if said_user == user_of(device):
            self._link(time_us, device, operation, f"a server holds it as written by person {said_user}")
        if said_device in (device, user_of(device)):
            self._link(time_us, device, operation, f"a server holds it under {said_device} instead of a random tag")
        if message_id >> MESSAGE_ID_SHIFT == device:
            self._link(time_us, device, operation, f"its message id {message_id} begins with the device")

    def _link(self, time_us: int, device: int, operation: int, how: str) -> None:
        story = f"the {phone(device)} sent message {operation} sealed", f"{how} {when(time_us)}"
        self._links.charge(time_us, (operation,), lambda: story)

    def _take_believed(self, row: HistoryRow) -> None:
        """BLIND-3: a certificate is the authority's, and was good at the time that the store stamped."""
        time_us, _, device, _, genuine, operation, expires_us, stamped_us = row
        if genuine and expires_us > stamped_us:
            return
        wrong = (
            f"had expired {when(expires_us)}, before the store's stamp, {when(stamped_us)}" if genuine else "is forged"
        )
        self._devices.charge(
            time_us,
            (operation,),
            lambda: (
                f"the {phone(device)} believed who sent message {operation} {when(time_us)}",
                f"but the certificate of its sender {wrong}",
            ),
        )
