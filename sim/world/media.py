"""Media in the world: the ways of phones to the object stores, how long bytes take, and what people see of them.

Made only for a scenario with media; without, nobody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..protocol.media_files import MediaFiles
from ..protocol.object_store import Blob, ObjectStoreState
from ..protocol.phone_state import Line, PhoneState
from ..vocabulary import kinds
from ..vocabulary.media import Attachment, BlobFetched, ExpireBlob, Held, Offer, PutPart, TakeFile, TakePart
from ..vocabulary.points import OBJECT_STORE
from ..vocabulary.records import Compose
from .dice import TABLE_SHIFT, mix, spread

if TYPE_CHECKING:
    from .hosts import Life, ServerHost
    from .phones import PhoneHost
    from .world import World

_SHARDS = 0x424C4F42


class MediaPath:
    """One app's way to one object store, for one request and its answer. What is on it when the network or the app
    goes is gone."""

    __slots__ = ("came_us", "life", "media", "phone", "store", "words")

    def __init__(self, media: Media, phone: PhoneHost, store: ServerHost) -> None:
        self.media = media
        self.phone = phone
        self.store = store
        self.life: Life = phone.life
        self.words: type | None = None
        """What it was asked."""
        self.came_us = kinds.NONE
        """When that came to the store."""

    def send_up(self, message: Any) -> None:
        """From the phone to the object store: the bytes first have to leave the phone."""
        media = self.media
        if not self.is_open(self.phone, self.store):
            return
        carried_us = media.up.busy_until_us(self.phone.device, getattr(message, "part_bytes", 0))
        if message.__class__ is PutPart:
            media.world.tally["bytes_up"] += message.part_bytes
        media.world.environment.call_at(carried_us + self.delay_us(message, up=True), self.arrive_up, message)

    def arrive_up(self, message: Any) -> None:
        """At the object store."""
        if self.is_open(self.phone, self.store):
            self.words = message.__class__
            self.came_us = int(self.media.world.environment._now)
            self.store.deliver((self, message))

    def send_down(self, message: Any) -> None:
        """From the object store to the phone. "I hold it", said to an offer, promises a whole life anew; said to a
        part, what the part's write promised."""
        media = self.media
        if message.__class__ is Held and self.words is Offer:
            media.promised(message.blob, self)
        if not self.is_open(self.store, self.phone):
            return
        carried = message.size_bytes if message.__class__ is BlobFetched else 0
        media.world.tally["bytes_down"] += carried
        carried_us = media.down.busy_until_us(self.phone.device, carried)
        media.world.environment.call_at(carried_us + self.delay_us(message, up=False), self.arrive_down, message)

    def arrive_down(self, message: Any) -> None:
        """At the phone."""
        if self.is_open(self.store, self.phone):
            self.phone.guard(self.phone.machine.receive, message)

    def is_open(self, source: Any, destination: Any) -> bool:
        """Whether this app still runs, its network is there, and no partition stands in between."""
        if not self.life.alive or not self.phone.network_up:
            return False
        network = self.media.world.network
        return not (network.conditions and network.is_blocked(source, destination))

    def delay_us(self, message: Any, *, up: bool) -> int:
        """The way itself; a lost packet is sent again, so loss shows as delay."""
        world = self.media.world
        bits = spread(world.stream_keys[message.__class__], message.trace)
        table = world.phone_table
        if world.geography is not None:
            table = world.geography.phone_table(world.geography.phone_far_us(self.phone.user, self.store))
        delay_us = table[bits >> TABLE_SHIFT]
        if world.network.conditions:
            ends = (self.phone, self.store) if up else (self.store, self.phone)
            return world.network.stream_delay_us(ends[0], ends[1], bits, delay_us)
        return delay_us


class Bandwidth:
    """The radio of each phone, one way: bytes go one after the other."""

    __slots__ = ("bytes_per_s", "clear_at_us", "world")

    def __init__(self, world: World, bytes_per_s: float) -> None:
        self.world = world
        self.bytes_per_s = max(1, round(bytes_per_s))
        self.clear_at_us: dict[int, int] = {}

    def busy_until_us(self, device: int, size_bytes: int) -> int:
        """When so many more bytes will have passed."""
        now = int(self.world.environment._now)
        if not size_bytes:
            return now
        begins = max(now, self.clear_at_us.get(device, 0))
        self.clear_at_us[device] = begins + self.span_us(size_bytes)
        return self.clear_at_us[device]

    def span_us(self, size_bytes: int) -> int:
        """How long so many bytes take alone."""
        return size_bytes * 1_000_000 // self.bytes_per_s


class Media:
    """All that the world knows of media."""

    __slots__ = ("asked", "attached", "down", "on_file", "up", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        section = world.scenario.media
        self.up = Bandwidth(world, section.up_bytes_per_s)
        self.down = Bandwidth(world, section.down_bytes_per_s)
        self.attached: dict[int, Attachment] = {}
        """Operation to what its writer attaches."""
        self.asked: dict[int, dict[int, int]] = {}
        """Device to the messages whose media its person waits for, each with its chat."""
        self.on_file: Callable[[int, int, int, int], None] = lambda device, operation, blob, size_bytes: None
        """Told when somebody sees a blob in full: they can send it on."""
        world.facts.on_record[Compose] = self.composed
        world.facts.on_record[TakePart] = self.part_taken
        world.facts.on_record[ExpireBlob] = self.expired
        world.facts.on_record[TakeFile] = self.file_taken

    def make_stores(self) -> tuple[ServerHost, ...]:
        """The object store's shards, not started yet."""
        world = self.world
        return tuple(world.host(OBJECT_STORE, index) for index in range(world.scenario.topology.object_stores))

    def path(self, phone: PhoneHost, blob: int) -> MediaPath:
        """A phone's way to the object store of a blob."""
        stores = self.world.object_stores
        return MediaPath(self, phone, stores[mix(_SHARDS, blob) % len(stores)])

    def moving_us(self, device: int) -> int:
        """How long the bytes of a phone, either way, still take."""
        clear_at_us = max(self.up.clear_at_us.get(device, 0), self.down.clear_at_us.get(device, 0))
        return max(0, clear_at_us - int(self.world.environment._now))

    # -- facts --------------------------------------------------------------------------------------------------

    def composed(self, state: PhoneState, record: Compose, line: Line) -> None:
        """A message is in the outbox, and what it carries in the phone's storage: it can be sent on."""
        self.world.facts.composed(state, record, line)
        reference = line.content
        if reference is not None:
            # What is sent on is what the person chose; a new file has the number that the phone gave it.
            chosen = record.attachment.blob if record.attachment is not None else kinds.NONE
            blob = reference.blob if chosen < 0 else chosen
            self.world.facts.row(
                kinds.BLOB_ATTACHED, state.device, chat=record.conversation, number=blob, operation=record.body
            )
            self.on_file(state.device, record.body, reference.blob, reference.size_bytes)

    def part_taken(self, state: ObjectStoreState, record: TakePart, whole: Blob | None) -> None:
        """A blob has become whole, durably."""
        if whole is not None:
            self.world.facts.row(kinds.BLOB_DURABLE, kinds.NONE, number=whole.blob, value=whole.size_bytes)
            if isinstance(record.asker, MediaPath):
                self.promised(whole.blob, record.asker)

    def promised(self, blob: int, path: MediaPath) -> None:
        """A blob is to live for a whole life from when the request came."""
        self.world.facts.row(kinds.BLOB_PROMISED, kinds.NONE, number=blob, value=path.came_us)

    def expired(self, state: ObjectStoreState, record: ExpireBlob, gone: Blob | None) -> None:
        """A blob's life is over."""
        if gone is not None:
            self.world.facts.row(kinds.BLOB_EXPIRED, kinds.NONE, number=gone.blob)

    def file_taken(self, state: MediaFiles, record: TakeFile, fresh: bool) -> None:
        """A download is complete."""
        self.world.tally["downloads"] += int(fresh)

    def reference_shown(self, phone: PhoneHost, chat: int, operation: int, blob: int, redraw: int) -> None:
        """A message that refers to a blob is on the screen."""
        self.world.facts.row(
            kinds.REFERENCE_SHOWN, phone.device, chat=chat, number=blob, operation=operation, value=redraw
        )

    def opened(self, phone: PhoneHost, chat: int, operation: int, blob: int, found: bool) -> None:
        """The person sees the whole of it, or is told that it is not there."""
        self.world.facts.row(
            kinds.MEDIA_OPENED, phone.device, chat=chat, number=blob, operation=operation, value=int(found)
        )
        self.asked.get(phone.device, {}).pop(operation, None)
        file = phone.state.file_of(blob)
        if file is not None:
            self.on_file(phone.device, operation, blob, file.size_bytes)

    # -- people -------------------------------------------------------------------------------------------------

    def ask(self, phone: PhoneHost, chat: int, operation: int) -> None:
        """The person wants to see it; until they do they remember, and ask again when the app died meanwhile."""
        if phone.app_runs:
            self.asked.setdefault(phone.device, {})[operation] = chat
            self.world.facts.row(kinds.MEDIA_ASKED, phone.device, chat=chat, operation=operation)
            phone.guard(phone.machine.on_open_media, chat, operation)

    def ask_again(self, phone: PhoneHost) -> None:
        """The app runs again."""
        for operation, chat in list(self.asked.get(phone.device, {}).items()):
            phone.guard(phone.machine.on_open_media, chat, operation)

    # -- what is left -------------------------------------------------------------------------------------------

    def waiting(self, phone: PhoneHost) -> int:
        """How many media a person waits for."""
        return len(self.asked.get(phone.device, ()))

    def settle_us(self) -> int:
        """How long what waits now may take: every byte twice over the phone that has most, and the longest patience of
        its requests."""
        longest = 0
        for phone in self.world.phones.values():
            files = phone.state.files or {}
            unsent = sum(file.size_bytes for file in files.values() if file.held_us < 0)
            longest = max(longest, self.up.span_us(unsent) + self.down.span_us(self.unseen_bytes(phone)))
        patience_us = self.world.scenario.protocol.transfer_again_us << 5
        return 2 * longest + patience_us

    def unseen_bytes(self, phone: PhoneHost) -> int:
        """How much this phone has yet to fetch."""
        wanted = 0
        for operation, chat in self.asked.get(phone.device, {}).items():
            line = phone.machine.line_of(chat, operation) if phone.app_runs else None
            wanted += line.content.size_bytes if line is not None and line.content is not None else 0
        return wanted
