"""Points: effects crossing the port, named ``before`` or ``after`` role.effect.kind.

``before X.send.Y`` is met when X is about to send Y; ``after`` when it is on its way. ``before X.persist.Y`` is met
when X is about to write; ``after`` when the record is durable and X has not been told. The catalogue is generated
from the table of who sends and writes what, and a test holds it against the points that runs really meet.
"""

from __future__ import annotations

from typing import Final

from . import archive as a
from . import batches as b
from . import channels, media, presence
from . import encryption as e
from . import messages as m
from . import pushes as p
from . import read_messages as reading
from . import records as r

PHONE: Final = "phone"
CONNECTION_SERVER: Final = "connection_server"
REGISTRY: Final = "registry"
STORE: Final = "store"
INBOX: Final = "inbox"
LONG_TERM_STORE: Final = "long_term_store"
PUSH_GATEWAY: Final = "push_gateway"
DATA_SERVICE: Final = "data_service"
OBJECT_STORE: Final = "object_store"
ROLES: Final = (
    PHONE,
    CONNECTION_SERVER,
    REGISTRY,
    STORE,
    INBOX,
    LONG_TERM_STORE,
    PUSH_GATEWAY,
    DATA_SERVICE,
    OBJECT_STORE,
)

SENDS: Final[dict[str, tuple[type, ...]]] = {
    PHONE: (
        m.Hello,
        m.Register,
        m.Unlink,
        m.Append,
        m.Acknowledge,
        m.Sync,
        m.ReadThrough,
        e.SealedSend,
        e.AskCertificate,
        presence.WatchContacts,
        presence.UnwatchContacts,
        reading.Fetch,
        *media.FROM_PHONES,
        channels.WatchChannel,
        channels.UnwatchChannel,
    ),
    CONNECTION_SERVER: (
        m.Append,
        m.Accepted,
        m.Refused,
        e.StaleList,
        m.Updates,
        m.Acknowledge,
        m.ReadThrough,
        m.Confirmed,
        m.Claim,
        m.Release,
        m.Drain,
        m.NotHere,
        m.Register,
        m.Registered,
        m.RetryAfter,
        m.GoAway,
        m.Unlink,
        m.Unlinked,
        e.SealedSend,
        e.AskCertificate,
        e.Certified,
        b.AcknowledgeBatch,
        b.NotHereBatch,
        presence.WatchContacts,
        presence.UnwatchContacts,
        presence.ContactStates,
        reading.Fetch,
        reading.Fetched,
        channels.FollowChannel,
        channels.ChannelHint,
    ),
    REGISTRY: (m.Granted, m.Denied, m.Route, b.RouteBatch, presence.PresenceBatch),
    STORE: (
        m.Accepted,
        m.Refused,
        e.StaleList,
        m.Enter,
        m.DeviceListTaken,
        m.Receipt,
        m.ReceiptTaken,
        a.Archive,
        b.EnterBatch,
        b.ReceiptTakenBatch,
        b.ReceiptBatch,
        reading.RangeHeld,
        channels.ChannelNews,
    ),
    INBOX: (
        m.LookUp,
        m.Updates,
        m.Fenced,
        m.Entered,
        m.Receipt,
        m.ReceiptTaken,
        m.Confirmed,
        m.DeviceList,
        m.Registered,
        m.Unlinked,
        e.Certified,
        p.Nudge,
        b.EnteredBatch,
        b.LookUpBatch,
        b.UpdatesBatch,
        b.ReceiptBatch,
        b.ReceiptTakenBatch,
    ),
    LONG_TERM_STORE: (a.Archived,),
    PUSH_GATEWAY: (p.Push,),
    DATA_SERVICE: (reading.ReadRange, reading.Fetched),
    OBJECT_STORE: media.FROM_OBJECT_STORES,
}

# Records that only ride on another one (``Port.ride``) are no effect of their own, and have no points.
PERSISTS: Final[dict[str, tuple[type, ...]]] = {
    PHONE: (
        r.Compose,
        r.RaiseEpoch,
        r.TakeAccepted,
        r.TakeRefused,
        e.TakeDeviceList,
        e.TakeReceiptSent,
        r.ApplyUpdates,
        r.TakeExpired,
        r.MarkRead,
        r.TakeRegistered,
        r.BeginUnlinking,
        *media.ON_PHONES,
    ),
    STORE: (
        r.AppendEntry,
        r.LaggardBorn,
        r.LaggardMoved,
        r.ListDevices,
        r.GatherReceipts,
        r.ArchiveMoved,
        r.Together,
    ),
    INBOX: (
        r.EnterEntry,
        r.EnterReceipt,
        r.MoveCursor,
        r.StoreWatermark,
        r.BeginRegistration,
        r.EndRegistration,
        r.NoteAges,
        r.ExpireRows,
        r.Together,
    ),
    LONG_TERM_STORE: (r.KeepEntries,),
    OBJECT_STORE: media.IN_OBJECT_STORES,
}


def _kinds(classes: tuple[type, ...]) -> tuple[str, ...]:
    return tuple(m.kind_of(each) for each in classes)


CATALOGUE: Final[tuple[str, ...]] = tuple(
    f"{side} {role}.{effect}.{kind}"
    for effect, table in (("send", SENDS), ("persist", PERSISTS))
    for role, classes in table.items()
    for kind in _kinds(classes)
    for side in ("before", "after")
)

ONLY_IN_UPDATE_QUEUE: Final[frozenset[str]] = frozenset(
    point
    for point in CATALOGUE
    if f" {LONG_TERM_STORE}." in point or point.endswith((f" {STORE}.send.archive", f" {STORE}.persist.archive_moved"))
)
"""Points that only the architecture ``update_queue`` has (UQ-2)."""
ONLY_WITH_PUSH: Final[frozenset[str]] = frozenset(
    point for point in CATALOGUE if f" {PUSH_GATEWAY}." in point or point.endswith(f" {INBOX}.send.nudge")
)
"""Points that runs without nudges do not meet."""

ONLY_WITH_RETENTION: Final[frozenset[str]] = frozenset(
    point for point in CATALOGUE if point.rsplit(".", 1)[1] in ("take_expired", "note_ages", "expire_rows")
)
"""Points that runs in which no update expires do not meet."""

ONLY_WITH_PRESENCE: Final[frozenset[str]] = frozenset(
    point
    for point in CATALOGUE
    if point.rsplit(".", 1)[1] in ("watch_contacts", "unwatch_contacts", "presence_batch", "contact_states")
)
"""Points that runs without presence do not meet."""

ONLY_WITH_READS: Final[frozenset[str]] = frozenset(
    point for point in CATALOGUE if point.rsplit(".", 1)[1] in ("fetch", "fetched", "read_range", "range_held")
)
"""Points that runs in which nobody reads a log do not meet (STORE-5)."""
ONLY_WITH_SEALED: Final[frozenset[str]] = frozenset(
    point
    for point in CATALOGUE
    if point.rsplit(".", 1)[1] in ("sealed_send", "ask_certificate", "certified", "take_receipt_sent")
)
"""Points that runs without sealed senders do not meet."""
ONLY_WITH_ENCRYPTION: Final[frozenset[str]] = frozenset(
    point for point in CATALOGUE if point.rsplit(".", 1)[1] in ("stale_list", "take_device_list")
)
"""Points that runs without encryption do not meet."""

_OF_MEDIA: Final = _kinds((*media.FROM_PHONES, *media.ON_PHONES))
ONLY_WITH_MEDIA: Final[frozenset[str]] = frozenset(
    point
    for point in CATALOGUE
    if f" {OBJECT_STORE}." in point or (f" {PHONE}." in point and point.rsplit(".", 1)[1] in _OF_MEDIA)
)
"""Points that runs without media do not meet."""

ONLY_WITH_CHANNELS: Final[frozenset[str]] = frozenset(
    point
    for point in CATALOGUE
    if point.rsplit(".", 1)[1] in ("watch_channel", "unwatch_channel", "follow_channel", "channel_news", "channel_hint")
)
"""Points that runs without channels do not meet (CHAN-1)."""
