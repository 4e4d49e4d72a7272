"""Which class plays which role: the one table that a planted bug changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..protocol.archiver import Archiver
from ..protocol.certificates import CertifyingDirectory, CertifyingState
from ..protocol.channel_desk import ChannelDesk
from ..protocol.channel_news import ChannelNewsroom
from ..protocol.channel_reader import ChannelReader
from ..protocol.connection_server import ConnectionServer
from ..protocol.contacts import Contacts
from ..protocol.data_service import DataService
from ..protocol.device_directory import DeviceDirectory
from ..protocol.encrypted_phone import EncryptedPhone, EncryptedPhoneState
from ..protocol.encrypted_store import EncryptedStore, EncryptedStoreState
from ..protocol.fan_out import FanOut
from ..protocol.group_receipts import GroupReceipts
from ..protocol.inbox import InboxShard
from ..protocol.inbox_state import InboxState
from ..protocol.long_term_store import LongTermState, LongTermStore
from ..protocol.message_store import MessageStore
from ..protocol.object_store import ObjectStore, ObjectStoreState
from ..protocol.phone import Phone
from ..protocol.phone_state import PhoneState
from ..protocol.presence import Presence
from ..protocol.push_gateway import PushGateway
from ..protocol.sealed_phone import SealedPhone
from ..protocol.sealed_phone_state import SealedPhoneState
from ..protocol.sealed_store import SealedConnectionServer, SealedStore, SealedStoreState
from ..protocol.session_registry import SessionRegistry
from ..protocol.store_replica import StoreReplica
from ..protocol.store_state import StoreState
from ..vocabulary import encryption
from ..vocabulary.architectures import UPDATE_QUEUE
from ..vocabulary.points import (
    CONNECTION_SERVER,
    DATA_SERVICE,
    INBOX,
    LONG_TERM_STORE,
    OBJECT_STORE,
    PUSH_GATEWAY,
    REGISTRY,
    STORE,
)
from ..vocabulary.presence import OFF


@dataclass(frozen=True)
class Roles:
    """Role to class. The reference protocol is the default."""

    phone: Any = Phone
    phone_state: Any = PhoneState
    connection_server: Any = ConnectionServer
    registry: Any = SessionRegistry
    store: Any = MessageStore
    store_state: Any = StoreState
    store_replica: Any = StoreReplica
    data_service: Any = DataService
    fan_out: Any = FanOut
    group_receipts: Any = GroupReceipts
    inbox: Any = InboxShard
    inbox_state: Any = InboxState
    directory: Any = DeviceDirectory
    archiver: Any = Archiver
    long_term_store: Any = LongTermStore
    long_term_state: Any = LongTermState
    presence: Any = Presence
    contacts: Any = Contacts
    push_gateway: Any = PushGateway
    channel_desk: Any = ChannelDesk
    channel_news: Any = ChannelNewsroom
    channel_reader: Any = ChannelReader
    encrypted_phone: Any = EncryptedPhone
    encrypted_phone_state: Any = EncryptedPhoneState
    encrypted_store: Any = EncryptedStore
    encrypted_store_state: Any = EncryptedStoreState
    object_store: Any = ObjectStore
    object_store_state: Any = ObjectStoreState
    sealed_phone: Any = SealedPhone
    sealed_phone_state: Any = SealedPhoneState
    sealed_store: Any = SealedStore
    sealed_store_state: Any = SealedStoreState
    sealed_connection_server: Any = SealedConnectionServer

    def encrypted(self, kind: str) -> Roles:
        """The same with encryption of this kind: other classes play the phone and the store."""
        if kind == encryption.OFF:
            return self
        if kind == encryption.SEALED:
            return replace(
                self,
                phone=self.sealed_phone,
                phone_state=self.sealed_phone_state,
                store=self.sealed_store,
                store_state=self.sealed_store_state,
                connection_server=self.sealed_connection_server,
                directory=CertifyingDirectory,
                inbox_state=CertifyingState,
            )
        return replace(
            self,
            phone=self.encrypted_phone,
            phone_state=self.encrypted_phone_state,
            store=self.encrypted_store,
            store_state=self.encrypted_store_state,
        )

    def machines(
        self, role: str, port: Any, timers: Any, presence: Any, *, has_channels: bool = False
    ) -> tuple[Any, ...]:
        """The machines of one server host, made afresh for each incarnation."""
        if role == CONNECTION_SERVER:
            server = self.connection_server(port, timers)
            return (server, self.channel_desk(port, timers, server)) if has_channels else (server,)
        if role == REGISTRY:
            return self.machines_of_registry(port, timers, presence)
        if role == STORE:
            return self.machines_of_store(port, timers, has_channels=has_channels)
        if role == INBOX:
            return self.inbox(port, timers), self.directory(port, timers)
        if role == LONG_TERM_STORE:
            return (self.long_term_store(port, timers),)
        if role == PUSH_GATEWAY:
            return (self.push_gateway(port, timers),)
        if role == DATA_SERVICE:
            return (self.data_service(port, timers),)
        if role == OBJECT_STORE:
            return (self.object_store(port, timers),)
        raise KeyError(role)

    def machines_of_registry(self, port: Any, timers: Any, presence: Any) -> tuple[Any, ...]:
        """The registry, and the presence part beside it if the scenario has it (PRES-A)."""
        registry = self.registry(port, timers)
        if presence.kind == OFF:
            return (registry,)
        registry.presence = self.presence(port, presence)
        return registry, registry.presence

    def phone_machine(self, port: Any, timers: Any, presence: Any, *, has_channels: bool = False) -> Any:
        """The app, and what it shows of other people and of channels if the scenario has that."""
        machine = self.phone(port, timers)
        if has_channels:
            machine.channels = self.channel_reader(machine)
        if presence.kind != OFF:
            machine.contacts = self.contacts(machine, presence)
        return machine

    def machines_of_store(self, port: Any, timers: Any, *, has_channels: bool = False) -> tuple[Any, ...]:
        """A store with its fan-out; UQ-1: a sequencer is the same, with an archiver besides; CHAN-1: and whoever tells
        of channels, if there are any."""
        fan_out = self.fan_out(port, timers)
        receipts = self.group_receipts(port, timers)
        archiver = self.archiver(port, timers) if timers.architecture == UPDATE_QUEUE else None
        store = self.store(port, timers, fan_out, receipts, archiver)
        machines = [store, fan_out, receipts]
        if archiver is not None:
            machines.append(archiver)
        if has_channels:
            store.newsroom = self.channel_news(port, timers)
            machines.append(store.newsroom)
        return tuple(machines)


REFERENCE = Roles()
