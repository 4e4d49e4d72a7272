"""Worlds in which one-to-one messages name no sender: what the world knows all the same, and writes down.

The history tells who wrote what, since the world knows; what servers hold of it is written down as they hold
it, so that BLIND-2 can look for a link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..protocol.certificates import Authority
from ..protocol.keys import SealedContent
from ..protocol.sealed_phone_state import SealedPhoneState
from ..protocol.store_state import Entry
from ..vocabulary import kinds
from ..vocabulary import records as r
from ..vocabulary.encryption import OFF, SEALED, Envelope
from ..vocabulary.ids import LINKED_MOST
from ..vocabulary.kinds import NONE
from .dice import mix
from .encryption import KeyRing

if TYPE_CHECKING:
    from .world import World


def inside(envelope: Envelope | None) -> Any:
    """What the world knows of an envelope."""
    return envelope.content if isinstance(envelope, SealedContent) else None


class Sealing(KeyRing):
    """Keys, tokens, and the authority that signs certificates."""

    __slots__ = ("authority", "entered_before", "tokens_key")

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.authority = Authority(world.scenario.encryption.certificate_life_us)
        self.tokens_key = mix(world.seed ^ 0x544F_4B45, 1)
        for shard in world.inboxes:
            shard.log.state.authority = self.authority
        for store in world.stores:
            store.log.state.tokens = self
        self.entered_before = self.facts.on_record[r.EnterEntry]
        self.facts.on_record[r.EnterEntry] = self.entered

    def equip(self, state: Any) -> None:
        """A new installation knows whom to believe, and what it shares with those it has chats with."""
        super().equip(state)
        state.authority = self.authority
        state.tokens = self

    def token_of(self, conversation: int) -> int:
        """What the two of a conversation share with its store."""
        return mix(self.tokens_key, conversation)

    # -- facts --------------------------------------------------------------------------------------------------

    def sent_unnamed(self, phone: Any, connection: Any, message: Any) -> None:
        """A sealed send leaves a phone: over which connection?"""
        named = connection.session is not None or connection.taken_up_us >= 0 or connection is phone.machine.connection
        self.facts.row(
            kinds.SEALED_SENT,
            phone.device,
            chat=message.conversation,
            number=message.device,
            operation=message.body,
            value=phone.device if named else NONE,
            extra=message.message_id,
        )

    def believed(self, device: int, content: Any, stamped_us: int) -> None:
        """A phone believed a certificate."""
        self.facts.row(
            kinds.CERTIFICATE_BELIEVED,
            device,
            number=int(self.authority.is_genuine(content.certificate)),
            operation=content.body,
            value=content.certificate.expires_us,
            extra=stamped_us,
        )

    def appended(self, state: Any, record: r.AppendEntry, change: Any) -> None:
        """What servers hold is written down as they hold it; who wrote it as it is. Receipts are no messages."""
        append = record.append
        content = inside(append.envelopes[0]) if append.envelopes else None
        if (append.user >= 0 and not isinstance(append.device, int)) or content is None or content.certificate is None:
            super().appended(state, record, change)
            return
        if isinstance(change, Entry):
            self.held(state, append.device, append.user, append)
        if content.receipt and not isinstance(change, Entry):
            return
        if content.receipt:
            self.facts.tally["sealed_receipts"] += 1
            self.facts.tally["envelopes"] += len(append.envelopes)
            if self.world.archive_facts is not None:
                chat, sequence = append.conversation, change.sequence
                self.facts.row(kinds.RECEIPT_LOGGED, NONE, chat=chat, number=sequence, operation=append.body)
                self.world.archive_facts.logged(state)
            return
        real = append._replace(device=content.certificate.device, user=content.sender)
        super().appended(state, record._replace(append=real), change)

    def held(self, state: Any, device: int, user: int, append: Any) -> None:
        """A store or an inbox has a sealed message durably."""
        self.facts.row(
            kinds.SEALED_HELD,
            NONE,
            chat=append.conversation,
            number=device,
            operation=append.body,
            value=user,
            extra=append.message_id,
        )

    def archived(self, state: Any, append: Any) -> None:
        """A long-term store has an entry durably (UQ-2)."""
        if append.user < 0 and append.envelopes:
            self.held(state, append.device, append.user, append)

    def entered(self, state: Any, record: r.EnterEntry, change: Any) -> None:
        """A row is durable in an inbox; of a sealed receipt the history says that it is one."""
        content = None if change is None else inside(change[1].envelope)
        if content is None or content.certificate is None:
            self.entered_before(state, record, change)
            return
        self.held(state, NONE, change[1].sender, record.enter)
        if content.receipt:
            change = change[0], change[1]._replace(update=content.receipt)
        self.entered_before(state, record, change)

    @property
    def rows_per_row(self) -> int:
        """SEAL-3: each of up to five devices that gets a message sends two receipts, and every device gets each."""
        return 1 + 2 * (1 + LINKED_MOST)

    def rows_of(self, append: Any) -> int:
        """SEAL-3: no receipt is sent for a receipt."""
        content = inside(append.envelopes[0]) if append.envelopes else None
        return 1 if content is None or content.receipt else self.rows_per_row

    def waiting(self, phone: Any) -> int:
        """Receipts that a phone owes (SEAL-3)."""
        state: SealedPhoneState = phone.state
        return len(state.owed)


def make_key_ring(world: World) -> KeyRing | None:
    """The keys of a world in which messages are encrypted."""
    kind = world.scenario.encryption.kind
    if kind == OFF:
        return None
    return Sealing(world) if kind == SEALED else KeyRing(world)
