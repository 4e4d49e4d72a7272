"""What servers do with sealed sends: they carry and keep what names nobody (SEAL-1, SEAL-2, SEAL-4)."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from ..vocabulary.encryption import AskCertificate, Certified, SealedSend
from ..vocabulary.ids import members_of
from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import Address, Append, Reason
from .connection_server import ConnectionServer
from .encrypted_store import EncryptedStore, EncryptedStoreState
from .port import Connection, ConnectionServerPort, Timers
from .store_state import ConversationLog, Recipient


class TokenDirectory(Protocol):
    """What the people of a conversation share with its store, and with nobody else."""

    def token_of(self, conversation: int) -> int:
        """The token."""


class SealedStoreState(EncryptedStoreState):
    """One shard. In one-to-one chats it does not know who sends."""

    __slots__ = ("tokens",)
    tokens: TokenDirectory

    def final_refusal(self, log: ConversationLog, append: Append) -> int:
        """SEAL-1: who has the token is in the conversation, whoever it is; strangers are turned away unread."""
        if append.user >= 0:
            return super().final_refusal(log, append)
        token = append.token  # type: ignore[attr-defined]
        return 0 if token == self.tokens.token_of(append.conversation) else Reason.NOT_A_MEMBER

    def devices_for(self, log: ConversationLog, append: Append) -> tuple[int, ...]:
        """SEAL-2: the sender's device is not excluded: nobody knows which it is."""
        if append.user >= 0:
            return super().devices_for(log, append)
        return tuple(device for user in members_of(append.conversation) for device in self.devices_of(user))

    def recipients(
        self, log: ConversationLog, append: Append, users: tuple[int, ...], sequence: int
    ) -> tuple[Recipient, ...]:
        """SEAL-2."""
        who = users if append.user >= 0 else members_of(append.conversation)
        return super().recipients(log, append, who, sequence)


class SealedStore(EncryptedStore):
    """The leader of such a shard."""

    __slots__ = ()
    TAKES: ClassVar[dict[type, str]] = {**EncryptedStore.TAKES, SealedSend: "on_sealed"}
    durable: SealedStoreState

    def on_sealed(self, source: Address, message: Any) -> None:
        """SEAL-4: stamped with the store's time. One whose certificate has expired by then is no use to anybody: it is
        refused, not finally, and comes again with a fresh one. STORE-2 comes first."""
        now_us = self.port.monotonic_us()
        if self.durable.known(message) is None and self.has_expired(message, now_us):
            self.port.reached(HardCase.CERTIFICATE_EXPIRED, message.body)
            self.refuse(source, message, Reason.CERTIFICATE_EXPIRED)
        else:
            self.on_append(source, message._replace(written_us=now_us))

    def has_expired(self, message: SealedSend, now_us: int) -> bool:
        """SEAL-4."""
        return message.expires_us <= now_us


class SealedConnectionServer(ConnectionServer):
    """One host's connections, some of which name nobody."""

    __slots__ = ("unnamed",)
    TAKES: ClassVar[dict[type, str]] = {
        **ConnectionServer.TAKES,
        SealedSend: "on_sealed",
        AskCertificate: "on_ask_certificate",
        Certified: "on_for_phone",
    }

    def __init__(self, port: ConnectionServerPort, timers: Timers) -> None:
        super().__init__(port, timers)
        self.unnamed: dict[int, Connection] = {}
        """Tag to the connection that its last send came over, for the answer."""

    def on_sealed(self, connection: Connection, message: SealedSend) -> None:
        """SEAL-1: nobody asks whose connection it is."""
        self.unnamed[message.device] = connection
        self.port.send(self.port.store_of(message.conversation), message)

    def on_ask_certificate(self, connection: Connection, message: AskCertificate) -> None:
        """SEAL-4: to the directory of the user's devices."""
        self.port.send(self.port.inbox_of(message.user), message)

    def on_for_phone(self, source: Address, message: Any) -> None:
        """CONN-3: the store's answer, to whatever connection the tag was last heard on."""
        connection = self.unnamed.pop(message.device, None)
        if connection is None:
            super().on_for_phone(source, message)
        else:
            self.port.send_down(connection, message)

    def on_closed(self, connection: Connection) -> None:
        """Its tags are forgotten."""
        self.unnamed = {tag: each for tag, each in self.unnamed.items() if each is not connection}
        super().on_closed(connection)
