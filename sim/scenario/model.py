"""The resolved scenario: plain frozen dataclasses, standard library only, small to pickle.

Times are integer microseconds and end in ``_us``; their keys in the file go without it (``heartbeat: 30s``).
``load`` (in ``loading.py``) makes a scenario from a file; tests and notebooks may also write one by hand. What
``extends``, ``variants`` and ``--set`` say is already in it; ``for_seed`` (in ``drawing.py``) puts the values
listed under ``drawn`` in their places for one seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..faults.schedule import Fault
from ..vocabulary.architectures import STORE_THEN_INBOX, UPDATE_QUEUE
from ..vocabulary.ids import LINKED_MOST
from ..vocabulary.screens import HELD_BACK, SORTED_IN
from .channels import Channels
from .encryption import Encryption
from .fields import (
    choice,
    count,
    duration,
    flag,
    listing,
    mapping,
    number,
    optional_count,
    optional_duration,
    optional_rate,
    required,
    section,
    share,
    text,
)
from .hunt import HuntAims
from .media import Media
from .presence import Presence
from .push import Push
from .regions import Regions
from .replications import Replications
from .store_reads import StoreReads


@dataclass(frozen=True, slots=True)
class Topology:
    """How many machines of each role there are."""

    connection_servers: int = count(3, "connection servers that phones connect to", least=1, most=10_000)
    spare_connection_servers: int = count(0, "connection servers that stand by without traffic", most=10_000)
    connections_each: int = count(1_000_000, "connections that one connection server takes", least=1)
    store_shards: int = count(2, "shards of the message store, by conversation", least=1, most=1024)
    store_replicas: int = count(3, "replicas of a store shard; a quorum is more than half", least=1, most=9)
    inbox_shards: int = count(2, "shards of the inboxes, by user", least=1, most=1024)
    inbox_replicas: int = count(3, "replicas of an inbox shard; a quorum is more than half", least=1, most=9)
    restart_us: int = duration("2s", "time a connection server takes to start again in a rolling deploy", least="1ms")
    long_term_shards: int | None = optional_count(
        "shards of the long-term store, in update_queue (default: one per store shard)", least=1, most=1024
    )
    long_term_replicas: int = count(3, "replicas of such a shard; a quorum is more than half", least=1, most=9)
    push_gateways: int = count(1, "push gateways, by user; there are none while nudges are off", least=1, most=1024)
    data_services: int = count(0, "data services, through which logs are read (0: nobody reads a log)", most=1024)
    object_stores: int = count(1, "shards of the object store, where there are media", least=1, most=1024)
    object_store_replicas: int = count(3, "replicas of such a shard; a quorum is more than half", least=1, most=9)


@dataclass(frozen=True, slots=True)
class Network:
    """Delays without faults: lognormal, by median and spread (sigma of the logarithm)."""

    phone_one_way_us: int = duration("30ms", "median one-way delay between a phone and its server", least="1us")
    phone_sigma: float = number(0.5, "spread of that delay (sigma of its logarithm)", most=3.0)
    server_one_way_us: int = duration("250us", "median one-way delay between two servers", least="1us")
    server_sigma: float = number(0.4, "spread of that delay", most=3.0)
    message_service_us: int = duration("20us", "processor time of a server for one message")
    batched_service_us: int = duration("2us", "processor time of a server for each further message in a batch")
    hand_off_us: int = duration("0s", "processor time that it costs a server to hand one message to another")
    harsh: bool = flag(False, "phones' links promise nothing: messages are lost, repeated and overtake each other")
    harsh_share: float = share(0.01, "share of messages on harsh links that are lost, and as many that are repeated")
    silent_connections: float = share(0.3, "share of lost phone links that the server is not told of (half-open)")
    idle_time_out_us: int | None = optional_duration("a path without traffic for this long ends (default: never)")
    idle_end: str = choice("silent", ("silent", "reset"), "an idle path dies in silence, or both ends are told")


@dataclass(frozen=True, slots=True)
class Storage:
    """Disk times without faults: lognormal."""

    phone_sync_us: int = duration("4ms", "median time to sync a phone's database", least="1us")
    phone_sigma: float = number(0.5, "spread of that time", most=3.0)
    server_sync_us: int = duration("800us", "median time to sync a server's log", least="1us")
    server_sigma: float = number(0.6, "spread of that time", most=3.0)
    long_term_sync_us: int | None = optional_duration(
        "that time where messages are kept for good: the long-term store, or the store itself (default: server_sync)",
        least="1us",
    )
    sequencer_sync_us: int = duration(
        "100us", "that time on the fast disk of a sequencer, in update_queue", least="1us"
    )
    sequencer_sigma: float = number(0.4, "spread of that time", most=3.0)
    election_us: int = duration("2s", "time from the loss of a leader to its successor", least="1us")
    catch_up_us: int = duration("10s", "time a replica with an empty disk needs until it votes again")


@dataclass(frozen=True, slots=True)
class Protocol:
    """Timers, windows and caps of the protocol."""

    architecture: str = choice(
        STORE_THEN_INBOX,
        (STORE_THEN_INBOX, UPDATE_QUEUE),
        "where a message is durable first: in the store, or in a sequencer that a long-term store follows",
    )
    heartbeat_us: int = duration("30s", "a phone's heartbeat (H)", least="1ms")
    answer_within_us: int = duration("10s", "no answer in this time: the connection is dead (D)", least="1ms")
    server_patience_us: int = duration("45s", "no heartbeat in this time: the server closes (K)", least="1ms")
    lease_us: int = duration("60s", "how long a lease lives without a renewal (TTL)", least="1ms")
    resend_us: int = duration("8s", "a phone sends again what was not answered in this time", least="1ms")
    call_again_us: int = duration("1s", "a server calls again what was not answered in this time", least="1ms")
    push_again_us: int = duration("4s", "an inbox pushes again what was not acknowledged in this time", least="1ms")
    route_life_us: int = duration("10s", "how long an inbox uses a route that the registry told")
    nudge_after_us: int = duration("0s", "an update that waits this long asks for a push nudge (T); 0: nudges are off")
    nudge_batch_us: int = duration("500ms", "rows of so long are looked at together for nudges", least="1ms")
    push_try_again_us: int = duration("15s", "a push gateway tries again what a provider did not take", least="1ms")
    retention_us: int = duration("0s", "an update that waits this long expires; 0: it is kept for ever")
    retention_look_us: int = duration("10m", "how often an inbox looks for what is too old", least="1ms")
    inbox_cap: int = count(0, "rows that an inbox keeps, beyond which the oldest expire; 0: all")
    screen_order: str = choice(
        HELD_BACK,
        (HELD_BACK, SORTED_IN),
        "a message before which one is missing waits, or is shown at once and late ones are sorted in (PHONE-5)",
    )
    send_window: int = count(4, "messages of one conversation in flight from one phone (W)", least=1, most=64)
    push_window: int = count(32, "updates in flight to one phone", least=1, most=10_000)
    page: int = count(50, "updates in one page of a drain", least=1, most=10_000)
    lag_limit: int = count(64, "entries an inbox may lag before it gets a fan-out cursor of its own (w)", least=1)
    fan_out: str = choice(
        "batched", ("batched", "naive"), "groups: one message per pair of hosts, or one per recipient (FAN-4)"
    )
    hint_us: int = duration("100ms", "channels: news is gathered this long before servers are told", least="1us")
    follow_us: int = duration("20s", "channels: how long a server is told without having asked again", least="1ms")
    gather_us: int = duration("20ms", "how long acknowledgements may wait to travel together (batched)")
    group_cap: int = count(1024, "members that a group may have", least=2, most=1_000_000)
    archive_batch: int = count(64, "entries that go to the long-term store together (update_queue)", least=1)
    archive_backlog: int = count(10_000, "entries a sequencer keeps for a long-term store that is behind", least=1)
    transfer_again_us: int = duration("3s", "a phone asks the object store again after this time", least="1ms")
    part_bytes: int = count(262_144, "bytes in one part of an upload; 0: uploads go whole")
    blob_life_us: int = duration("60d", "how long a blob lives from the last promise to a sender on", least="1s")
    blob_fresh_us: int = duration("1d", "how old such a promise may be when the message goes out", least="1s")
    back_off: str = choice("full_jitter", ("full_jitter", "fixed", "none"), "how reconnects back off")
    back_off_first_us: int = duration("500ms", "the first back-off", least="1us")
    back_off_most_us: int = duration("30s", "the longest back-off", least="1us")
    accept_rate_per_s: float | None = optional_rate("hellos that one connection server takes (default: all that come)")
    accept_burst_us: int = duration("1s", "unused accepts are saved up for this long")
    retry_after_us: int = duration("5s", "what a phone that was turned away is told to wait", least="1us")


@dataclass(frozen=True, slots=True)
class Reading:
    """When people open a chat to read."""

    share: float = share(1.0, "share of shown messages after which the chat is opened")
    median_us: int = duration("4s", "median time from shown to opened", least="1us")
    sigma: float = number(1.0, "spread of that time", most=4.0)


@dataclass(frozen=True, slots=True)
class Visits:
    """When phones are connected. Each (phone, day) is drawn by itself and only when something asks for it."""

    kind: str = choice("always", ("always", "daily"), "always connected, or visits through the day")
    per_day: float = number(20.0, "mean visits a day", least=0.01, most=1000.0)
    length_us: int = duration("3m", "median length of a visit", least="1s")
    sigma: float = number(0.8, "spread of that length", most=3.0)
    after_writing_us: int = duration("90s", "a person who wrote stays at least this long", least="1s")
    arrival_us: int = duration(
        "2s", "phones that are always connected come up over this time at the start", least="1us"
    )


@dataclass(frozen=True, slots=True)
class Operation:
    """One written step of a scripted workload."""

    at_us: int = required(duration("0s", "when, from the start of the run"))
    sender: int = required(count(0, "the user who acts"))
    recipient: int | None = optional_count("the other user of a one-to-one conversation")
    text: str = text("", "what is written")
    reply_to: int | None = optional_count("the operation that it answers: its place in the list, from 0")
    opens: bool = flag(False, "opens the chat instead of writing in it")
    group: int | None = optional_count("the group in which it happens, instead of a recipient", most=1_000_000)
    channel: int | None = optional_count("the channel in which it is said, instead of a recipient", most=100_000)
    adds: int | None = optional_count("brings this user into the group")
    removes: int | None = optional_count("takes this user out of the group")
    number: int | None = optional_count("its number, on which every draw about it hangs (default: its place in time)")
    media_bytes: int = count(0, "the size of what is attached; 0: nothing is")
    forwards: int | None = optional_count("the operation whose media are sent on, if the sender's phone holds them")


@dataclass(frozen=True, slots=True)
class Workload:
    """Who writes what, when, to whom."""

    kind: str = choice("synthetic", ("synthetic", "trace", "script"), "drawn, replayed from a file, or written out")
    users: int = count(100, "people (synthetic)", least=2, most=50_000_000)
    messages: int = count(1_000, "messages in all (synthetic)", most=50_000_000)
    partners: int = count(5, "chats that one person has (synthetic)", least=1, most=1000)
    reply_share: float = share(0.4, "share of messages that answer the last one seen (synthetic)")
    burst_share: float = share(0.3, "share of messages that follow the one before within seconds (synthetic)")
    same_text_share: float = share(0.1, "share of messages that repeat the text before (synthetic)")
    answer_own_share: float = share(0.0, "share of replies that answer an own message, even one still unsent")
    groups: int = count(0, "groups that there are (synthetic)", most=1_000_000)
    group_least: int = count(3, "fewest members of a group on the first day", least=2, most=1_000_000)
    group_most: int = count(12, "most members of a group on the first day", least=2, most=1_000_000)
    group_share: float = share(0.0, "share of messages that are said in groups (synthetic)")
    membership_share: float = share(0.0, "share of those that bring somebody in or take somebody out (synthetic)")
    linked_share: float = share(0.0, "share of people who have linked devices on the first day")
    linked_most: int = count(2, "most linked devices of such a person", least=1, most=LINKED_MOST)
    linked_use_share: float = share(0.3, "share of messages that such a person writes on any of their devices")
    file: str = text("", "the trace: CSV, gzip by its name (trace)")
    sender_column: str = text("sender", "column of the sender (trace)")
    recipient_column: str = text("recipient", "column of the recipient (trace)")
    time_column: str = text("time", "column of the time (trace)")
    time_format: str = text("epoch", "epoch, iso, or a strptime format (trace)")
    first: int = count(0, "play only the first so many rows; 0 means all (trace)")
    operations: tuple[Operation, ...] = listing("the written steps (script)", of="operation")
    people: str = choice(
        "named",
        ("named", "counted", "drawn"),
        "up to the last whom a step names, as many as users says, or also with contacts, groups and devices as drawn "
        "for a synthetic workload (script)",
    )
    present: tuple[int, ...] = listing("people who come up at the start (script; default: everybody)", of="user")
    lasts_us: int | None = optional_duration("how long people write (script; default: to the last step)")
    quiet_us: int = duration("0s", "nobody writes before this time (synthetic)")
    reading: Reading = section(Reading, "when chats are opened")
    visits: Visits = section(Visits, "when phones are connected")
    channels: Channels = section(Channels, "giant conversations that are read and not sent")
    history_reads: bool = flag(False, "whoever opens a chat reads the newest page of its log")


@dataclass(frozen=True, slots=True)
class RandomFaults:
    """The nemesis: faults drawn per seed."""

    least: int = count(0, "fewest faults of a run", most=100_000)
    most: int = count(0, "most faults of a run", most=100_000)
    at_points: float = share(0.5, "share of them at named points of the protocol")
    kinds: tuple[str, ...] = listing("only these kinds (default: all that fit)", of="fault kind")
    shortest_us: int = duration("1s", "shortest fault")
    longest_us: int = duration("40s", "longest fault")
    longest_away_us: int = duration("5m", "longest time a phone is taken away")
    rare_points: float = share(0.0, "share of those at points that strike at a rare one, within its first few times")
    bursts: float = share(0.0, "share of faults at a time that follow another within two seconds")
    for_good: float = share(0.0, "share of faults that never end: a server, replica or phone that stays away")
    beyond_promise: float = share(0.0, "share of faults that go beyond the promise (needs beyond_promise: true)")


@dataclass(frozen=True, slots=True)
class Time:
    """How long people write, and how long the system may take to come to rest."""

    warm_up_us: int = duration("0s", "no faults before this time")
    chaos_us: int = duration("2m", "how long people write (a trace brings its own length)")
    settle_us: int | None = optional_duration("longest time to come to rest after heal (default: from the timers)")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that, with a seed, determines a run."""

    name: str = text("unnamed", "the scenario's name (default: that of its file)", form="name")
    question: str = text("", "the question that it answers, in a sentence")
    tags: tuple[str, ...] = listing("words to select it by", of="text")
    time: Time = section(Time, "the length of the phases")
    topology: Topology = section(Topology, "how many machines")
    regions: Regions = section(Regions, "regions and zones (default: one place)")
    network: Network = section(Network, "delays and processors")
    storage: Storage = section(Storage, "disks and replicas")
    store_reads: StoreReads = section(StoreReads, "how logs are read, and what a read costs")
    protocol: Protocol = section(Protocol, "timers, windows and caps")
    push: Push = section(Push, "push providers, and phones that wake or do not")
    workload: Workload = section(Workload, "who writes what to whom")
    presence: Presence = section(Presence, "who is told when people come and go")
    encryption: Encryption = section(Encryption, "whether messages are sealed for the devices that they are for")
    media: Media = section(Media, "photographs, videos, voices")
    faults: tuple[Fault, ...] = listing("written faults", of="fault")
    random_faults: RandomFaults = section(RandomFaults, "faults drawn per seed")
    drawn: dict[str, tuple[object, ...]] = mapping("values drawn per seed: dotted path to the choices", of="choices")
    checks: tuple[str, ...] = listing("required checks (default: every one that applies)", of="check")
    must_reach: tuple[str, ...] = listing("hard cases that have to occur", of="hard case")
    hunt: HuntAims = section(HuntAims, "what a hunt over many seeds has to reach")
    beyond_promise: bool = flag(False, "faults may exceed what the system promises to survive")
    replications: Replications = section(Replications, "how many runs a study plays")
    seeds: str = text("1", "the seeds that a plain run plays, such as 1 or 1..20", form="seeds")
    source: str = field(default="", metadata={"unit": "internal", "doc": "the file it came from"})
    folder: str = field(default="", metadata={"unit": "internal", "doc": "the folder a trace is looked up in"})

    @property
    def has_channels(self) -> bool:
        """Whether there is a channel that is read; one that is pushed is a group of any size."""
        return self.workload.channels.number > 0 and not self.workload.channels.pushed

    @property
    def long_term_shards(self) -> int:
        """How many shards of a long-term store there are; none where the store itself keeps messages for good."""
        if self.protocol.architecture != UPDATE_QUEUE:
            return 0
        return self.topology.long_term_shards or self.topology.store_shards

    @property
    def has_media(self) -> bool:
        """Whether any message may carry media; else there is no object store."""
        return self.media.share > 0 or any(step.media_bytes for step in self.workload.operations)
