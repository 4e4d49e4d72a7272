"""Planted bugs of end-to-end encryption."""

from __future__ import annotations

from typing import Any

from ..protocol.connection_server import ConnectionServer
from ..protocol.encrypted_phone import EncryptedPhone
from ..protocol.encrypted_store import EncryptedStoreState
from ..protocol.keys import Content, DeviceKey, SealedContent
from ..protocol.phone_state import Chat, Line, PhoneState
from ..protocol.port import Connection
from ..protocol.sealed_phone import SealedPhone
from ..protocol.sealed_phone_state import SealedPhoneState
from ..protocol.sealed_store import SealedStore
from ..vocabulary.encryption import Certificate, Certified, Envelope, SealedSend, StaleList
from ..vocabulary.ids import user_of
from ..vocabulary.messages import Address, Append, Gone, Reason, Refused, Updates, trace_of
from ..vocabulary.records import Compose
from ..vocabulary.structs import Struct
from .planted import Planted


class SealsPerUser(EncryptedPhone):
    """One ciphertext serves all devices of a user: that of the first."""

    def sealed(self, chat: Chat, line: Line) -> tuple[Envelope, ...]:
        content = Content(line.body, self.durable.user)
        first: dict[int, int] = {}
        sealed = []
        for device in self.durable.devices_for(chat):
            lock = self.durable.locks.lock_of(first.setdefault(user_of(device), device))
            sealed.append(SealedContent(device, lock, content))
        return tuple(sealed)


class OneCiphertextPerUser(Planted):
    number = 37
    title = "one ciphertext for all devices of a user"
    scenario = "mutants_encryption"
    check = "BLIND-3"
    also = ("LOSS-1", "FLOW-1", "TICK-1", "TICK-3", "LIVE-1", "QUEUE-3", "UNREAD-1")
    needs = "linked device"
    CLASSES = {"encrypted_phone": SealsPerUser}


class KeyBackup(Struct, frozen=True):
    """The phone's key on its way to a safe place."""

    device: int
    key: DeviceKey
    trace: int


class BacksUpKey(EncryptedPhone):
    """So that nobody ever loses their history, the key is kept on the server, too."""

    def greet(self) -> None:
        super().greet()
        device = self.durable.device
        self.port.send_up(self.connection, KeyBackup(device, self.durable.key, trace_of(device, self.durable.epoch)))


class ReadsForSpam(ConnectionServer):
    """Having the key, the server has a look for spam."""

    TAKES = {**ConnectionServer.TAKES, KeyBackup: "on_key_backup"}

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.keys: dict[int, DeviceKey] = {}

    def on_key_backup(self, connection: Connection, message: KeyBackup) -> None:
        self.keys[message.device] = message.key

    def on_updates(self, source: Address, message: Updates) -> None:
        key = self.keys.get(message.device)
        if key is not None:
            for row in message.rows:
                if row.envelope is not None:
                    key.open(row.envelope, self.port)
        super().on_updates(source, message)


class ServerOpensEnvelopes(Planted):
    number = 121
    title = "phones keep their keys on the server, which opens envelopes"
    scenario = "mutants_encryption"
    check = "BLIND-1"
    needs = "nothing"
    CLASSES = {"encrypted_phone": BacksUpKey, "connection_server": ReadsForSpam}


class TakesAnyList(EncryptedStoreState):
    """What was sealed for yesterday's devices is appended all the same."""

    def missed_devices(self, append: Append) -> tuple[int, ...] | None:
        return None


class StaleListAccepted(Planted):
    number = 122
    title = "the store does not look for whom a message was sealed"
    scenario = "mutants_encryption"
    check = "LOSS-1"
    also = ("FLOW-1", "TICK-1", "TICK-3", "UNREAD-1", "LIVE-1", "QUEUE-3", "BLIND-3")
    needs = "a device linked while people write"
    CLASSES = {"encrypted_store_state": TakesAnyList}


class GivesUpOnStaleList(EncryptedPhone):
    """A refusal is a refusal."""

    def on_stale_list(self, message: StaleList) -> None:
        answer = message.device, message.conversation, message.send_number, message.message_id
        self.on_refused(Refused(*answer, Reason.NOT_A_MEMBER, message.trace))


class StaleListIsFinal(Planted):
    number = 123
    title = "a refusal for a stale device list is taken as final"
    scenario = "mutants_encryption"
    check = "LOSS-2"
    also = ("LOSS-1", "FLOW-1", "LIVE-1", "TICK-1", "TICK-3", "ORDER-2", "QUEUE-3")
    needs = "a device linked while people write"
    CLASSES = {"encrypted_phone": GivesUpOnStaleList}


class BelievesForEver(SealedPhone):
    """A certificate is a certificate."""

    def is_fresh(self, certificate: Certificate, stamped_us: int) -> bool:
        return True


class StampsAnything(SealedStore):
    """The store does not look when the certificate inside expires: the layer that would hide the bug is off."""

    def has_expired(self, message: SealedSend, now_us: int) -> bool:
        return False


class ExpiredCertificateBelieved(Planted):
    number = 38
    title = "recipient believes an expired sender certificate"
    scenario = "mutants_sealed"
    check = "BLIND-3"
    needs = "certificate expires in flight"
    CLASSES = {"sealed_phone": BelievesForEver, "sealed_store": StampsAnything}


class SendsByName(SealedPhone):
    """One connection will do."""

    def way(self) -> Connection:
        return self.connection


class SealedOverNamedConnection(Planted):
    number = 124
    title = "sealed messages go over the connection that the hello has named"
    scenario = "mutants_sealed"
    check = "BLIND-2"
    needs = "nothing"
    also = ("LOSS-2", "LIVE-1", "TICK-3")
    CLASSES = {"sealed_phone": SendsByName}


class CountsMessages(SealedPhoneState):
    """Message ids are the device and a count, as ever."""

    def new_message_id(self, record: Compose) -> int:
        return PhoneState.new_message_id(self, record)


class MessageIdNamesSender(Planted):
    number = 125
    title = "the message id of a sealed message is made from the device"
    scenario = "mutants_sealed"
    check = "BLIND-2"
    needs = "nothing"
    CLASSES = {"sealed_phone_state": CountsMessages}


class OneTag(SealedPhoneState):
    """A device has one tag, wherever it writes."""

    def tag_of(self, conversation: int) -> int:
        return self.key.tag(0, 0)


class OneTagPerDevice(Planted):
    number = 126
    title = "a device's sender tag is the same in all its conversations"
    scenario = "mutants_sealed"
    check = "BLIND-2"
    needs = "nothing"
    CLASSES = {"sealed_phone_state": OneTag}


class ForgesAndBelieves(SealedPhone):
    """Phones write their own certificates, and nobody asks who signed."""

    def on_certified(self, message: Certified) -> None:
        super().on_certified(message._replace(certificate=message.certificate._replace(signature=self)))

    def believes(self, content: Content, stamped_us: int) -> bool:
        return content.certificate is not None and self.is_fresh(content.certificate, stamped_us)


class ForgedCertificateBelieved(Planted):
    number = 127
    title = "recipient does not ask whether a sender certificate is genuine"
    scenario = "mutants_sealed"
    check = "BLIND-3"
    needs = "somebody who forges one"
    CLASSES = {"sealed_phone": ForgesAndBelieves}


class WaitsForExpiredCopies(SealedPhoneState):
    """The copy brings the place; one that has expired brings it never."""

    def release_expired(self, chat: Chat, gone: Gone) -> None:
        PhoneState.release_expired(self, chat, gone)


class ExpiredCopyAwaited(Planted):
    number = 134
    title = "phone waits for copies of own sealed messages that have expired"
    scenario = "mutants_sealed_retention"
    check = "LIVE-1"
    needs = "an own copy that expires"
    also = ("ORDER-1", "ORDER-2", "ORDER-3", "ORDER-4")
    CLASSES = {"sealed_phone_state": WaitsForExpiredCopies}


class PlacesAheadOfUnanswered(SealedPhoneState):
    """What comes is placed, whatever of one's own may still come to stand before it."""

    def place_in_turn(self, chat: Chat, line: Line) -> None:
        self.place(chat, line)


class PlacedAheadOfExpiredCopy(Planted):
    number = 135
    title = "what comes behind expired copies does not wait for the answers that tell their places"
    scenario = "mutants_sealed_retention"
    check = "ORDER-1"
    needs = "an own copy that expires before the answer comes"
    also = ("ORDER-2", "ORDER-3", "ORDER-4")
    CLASSES = {"sealed_phone_state": PlacesAheadOfUnanswered}


PLANTED: tuple[type[Planted], ...] = (
    OneCiphertextPerUser,
    ExpiredCertificateBelieved,
    ServerOpensEnvelopes,
    StaleListAccepted,
    StaleListIsFinal,
    SealedOverNamedConnection,
    MessageIdNamesSender,
    OneTagPerDevice,
    ForgedCertificateBelieved,
    ExpiredCopyAwaited,
    PlacedAheadOfExpiredCopy,
)
