"""The phone where messages are encrypted: seals for each recipient device, and opens with its own key (E2EE-1..2)."""

from __future__ import annotations

from typing import ClassVar, Final

from ..vocabulary.encryption import Envelope, StaleList, TakeDeviceList
from ..vocabulary.ids import is_channel, is_group, other_member
from ..vocabulary.kinds import HardCase, UpdateKind
from ..vocabulary.messages import Append, Update, Updates
from ..vocabulary.population import PLAIN, Population
from .keys import Content, DeviceKey, LockDirectory
from .phone import Phone
from .phone_state import Chat, Line, PhoneState
from .port import PhonePort, Timers

UNREADABLE: Final = -1
"""The body of a message whose envelope did not open."""


class EncryptedPhoneState(PhoneState):
    """The database of one installation, and its key."""

    __slots__ = ("key", "lists", "locks", "population")
    TAKES: ClassVar[dict[type, str]] = {**PhoneState.TAKES, TakeDeviceList: "take_device_list"}
    key: DeviceKey
    locks: LockDirectory

    def __init__(self, device: int, user: int, replaces: int = -1, *, known: bool = True) -> None:
        super().__init__(device, user, replaces, known=known)
        self.population: Population = PLAIN
        self.lists: dict[int, tuple[int, ...]] = {}
        """Conversation to the devices that its messages are sealed for, where a refusal has told (E2EE-2)."""

    def equip(self, key: DeviceKey, locks: LockDirectory, population: Population) -> None:
        """What an installation begins with: its own key, and the directory of the first day."""
        self.key = key
        self.locks = locks
        self.population = population

    def devices_for(self, chat: Chat) -> tuple[int, ...]:
        """The devices that this chat's messages are sealed for, as far as this phone knows."""
        told = self.lists.get(chat.conversation)
        return self.first_devices(chat.conversation) if told is None else told

    def first_devices(self, conversation: int) -> tuple[int, ...]:
        """As on the first day: every device of those who are in it but this one. A channel is for everybody, and is
        sealed for nobody (CHAN-1)."""
        if is_channel(conversation):
            return ()
        if is_group(conversation):
            users = self.population.members(conversation)
        else:
            users = (other_member(conversation, self.user), self.user)
        return tuple(each for user in users for each in self.population.devices(user) if each != self.device)

    def take_device_list(self, record: TakeDeviceList) -> None:
        """E2EE-2."""
        self.lists[record.conversation] = record.devices

    def take_message(self, chat: Chat, row: Update) -> bool:
        """What did not open is not shown."""
        return row.body != UNREADABLE and super().take_message(chat, row)


class EncryptedPhone(Phone):
    """One installation of a user, while its app runs."""

    __slots__ = ("refusals",)
    TAKES: ClassVar[dict[type, str]] = {**Phone.TAKES, StaleList: "on_stale_list"}
    durable: EncryptedPhoneState

    def __init__(self, port: PhonePort, timers: Timers) -> None:
        super().__init__(port, timers)
        self.refusals: dict[int, int] = {}
        """Conversation to how often a send was refused for a stale list since the app started."""

    # -- sealing ------------------------------------------------------------------------------------------------

    def append_of(self, chat: Chat, line: Line, trace: int) -> Append:
        """E2EE-1: sealed anew each time that it goes out, for the devices known by then. A reference to a blob is in
        the envelopes and nowhere else (MEDIA-A)."""
        append = super().append_of(chat, line, trace)
        return append._replace(envelopes=self.sealed(chat, line), content=None)

    def sealed(self, chat: Chat, line: Line) -> tuple[Envelope, ...]:
        """E2EE-1: one envelope per recipient device."""
        content = Content(line.body, self.durable.user, line.content)
        return tuple(self.durable.locks.lock_of(device).seal(content) for device in self.durable.devices_for(chat))

    def send_line(self, chat: Chat, line: Line, attempt: int) -> None:
        """PHONE-1; one that was refused has another attempt's luck."""
        super().send_line(chat, line, attempt + self.refusals.get(chat.conversation, 0))

    def on_stale_list(self, message: StaleList) -> None:
        """E2EE-2: not final: the list is durable first. One that is known already was answered already."""
        chat = self.durable.chats.get(message.conversation)
        if chat is None or message.send_number not in chat.outbox:
            return
        if message.devices != self.durable.devices_for(chat):
            record = TakeDeviceList(message.conversation, message.send_number, message.devices, message.trace)
            self.port.persist(record, self.after_device_list)

    def after_device_list(self, record: TakeDeviceList) -> None:
        """E2EE-2: the message goes out again under its own id and send number (PHONE-1), and with it all behind it."""
        chat = self.durable.chats[record.conversation]
        line = chat.outbox.get(record.send_number)
        if line is None:
            return
        self.refusals[record.conversation] = self.refusals.get(record.conversation, 0) + 1
        self.port.reached(HardCase.ENCRYPTED_ANEW, line.body)
        self.sent[record.conversation] = min(self.sent.get(record.conversation, 0), record.send_number - 1)
        self.send_outbox(chat)

    # -- opening ------------------------------------------------------------------------------------------------

    def on_updates(self, message: Updates) -> None:
        """What is new and comes next is opened on its way to the database; all else is as it is (PHONE-3)."""
        rows = message.rows
        through = max(self.committing_through, message.expired_through)
        if rows and message.epoch == self.durable.epoch and rows[0].number <= through + 1:
            message = message._replace(rows=tuple(self.opened(row) for row in rows))
        super().on_updates(message)

    def opened(self, row: Update) -> Update:
        """With this device's key: who wrote it and what."""
        if row.update != UpdateKind.MESSAGE or row.number <= self.committing_through:
            return row
        content = None if row.envelope is None else self.durable.key.open(row.envelope, self.port)
        if content is None:
            return row._replace(body=UNREADABLE, envelope=None)
        return row._replace(body=content.body, sender=content.sender, envelope=None, content=content.reference)
