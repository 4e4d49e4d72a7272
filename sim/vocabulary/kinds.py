"""The kinds of history rows: facts that the world records and claims that machines make.

A row is eight integers, ``(time_us, kind, who, chat, number, operation, value, extra)``. ``who`` is a device or a
host, ``chat`` a conversation, ``operation`` the place of the message in the workload's stream (what a person
composed; the identity of a message everywhere in the history). A column that a kind does not use holds ``NONE``.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from .hard_cases import HARD_CASE_NAMES as HARD_CASE_NAMES
from .hard_cases import HardCase as HardCase

NONE: Final = -1


class Row(NamedTuple):
    """One row of the history; the order of the fields is the order of the columns."""

    time_us: int
    kind: int
    who: int
    chat: int
    number: int
    operation: int
    value: int
    extra: int


# -- what people did and saw (facts) ---------------------------------------------------------------------------
COMPOSED: Final = 1
"""Outbox record durable on the sending device. who=device, chat, number=the operation that it answers or NONE,
operation, value=the sending user, extra=the user it is for (NONE: a group)."""
SHOWN: Final = 2
"""Somebody else's message entered the list that a person sees. who=device, chat, number=the sequence that the phone
believes, operation, value=0 for the first time, 1 for a redraw after a restart, extra=the messages that it was put
above (NONE: it stands at the end)."""
PLACED: Final = 3
"""An own message left the pending part and took its place in the placed list. Columns as SHOWN."""
PENDING_DRAWN: Final = 4
"""An own message entered the pending part of the list. who=device, chat, operation, value=0 or 1 (a redraw)."""
SCREEN_CLEARED: Final = 5
"""The app was killed: every list of this device is gone from the screen. who=device. Rows with value=1 follow
when it is drawn again, and SCREEN_DRAWN ends them."""
SCREEN_DRAWN: Final = 6
"""The redraw after a restart is complete. who=device."""
OPENED: Final = 7
"""The person opened the chat and saw all that is shown there. who=device, chat."""
TICK: Final = 8
"""Claim: a tick was drawn beside an own message. who=sending device, chat, operation, value=1 accepted,
2 delivered, 3 read, 4 failed (finally refused); extra=0, or 1 for a redraw after a restart."""

# -- what became durable (facts) -------------------------------------------------------------------------------
LOGGED: Final = 10
"""An entry is durable in its conversation's log. who=sending device, chat, number=sequence, operation,
value=the sending user."""
OWED: Final = 11
"""One recipient device of the entry just logged. who=recipient device, chat, number=sequence, operation,
value=the recipient's user."""
REFUSED: Final = 12
"""A final refusal is durable in the log. who=sending device, chat, operation, value=the Reason."""
INBOX_APPENDED: Final = 13
"""A row is durable in a device's inbox. who=device, chat, number=update number, operation, value=UpdateKind,
extra=sequence."""
ACKNOWLEDGED: Final = 14
"""The durable pointer "acknowledged by the device" of an inbox moved (rows up to it are trimmed). who=device,
number=its new value, value=its old value."""
TRIMMED: Final = 15
"""Rows left an inbox. who=device, number=through this update number, value=TrimReason, extra=rows removed."""
DELIVERED: Final = 16
"""A message of somebody else is durable in the device's database. who=device, chat, number=sequence, operation."""
CURSOR: Final = 17
"""The device's durable cursor. who=device, number=its new value, value=its old value."""
SERVED: Final = 18
"""An inbox served a connection of another epoch than the last time. who=device, number=epoch."""
INBOX_RETIRED: Final = 19
"""The device was replaced by a reinstall; its inbox is a tombstone. who=old device, value=new device."""

# -- connections and leases (facts) ----------------------------------------------------------------------------
CONNECTED: Final = 20
"""A connection server took up a connection. who=device, number=epoch, value=server, extra=incarnation."""
DISCONNECTED: Final = 21
"""That connection ended on the server's side (or with the server). Columns as CONNECTED."""
LEASE_GRANTED: Final = 22
"""The registry granted a lease. who=device, number=epoch, value=server, extra=incarnation."""
LEASE_ENDED: Final = 23
"""A lease was released, lapsed or was replaced, or went with a wipe. Columns as LEASE_GRANTED."""
PHONE_UP: Final = 24
"""The phone can be reached by the network and its app runs. who=device."""
PHONE_DOWN: Final = 25
"""It cannot, or does not. who=device, value=DownReason."""
PHONE_LOST: Final = 26
"""The installation is gone for good (reinstall). who=old device, value=new device, extra=user."""

# -- the world's own book-keeping (facts) ----------------------------------------------------------------------
FAULT_BEGAN: Final = 30
"""number=its number in the schedule, value=FaultKind code, who=host or device or NONE, extra=the operation
(or device) that met its point, or NONE."""
FAULT_ENDED: Final = 31
"""number=its number in the schedule, value=FaultKind code, extra=how many effects it touched."""
QUEUE_HIGH: Final = 32
"""A queue reached a new greatest length. who=host or device, number=QueueKind, value=length, extra=its declared
bound (NONE: unbounded)."""
AREA: Final = 33
"""The area under the number in a tier from the start to now, in message-microseconds, kept by the world's own
counter. number=Tier, value=area, extra=the number in the tier now."""
CRASHED: Final = 34
"""A server lost its memory. who=host, number=incarnation that ended."""
STARTED: Final = 35
"""A server started. who=host, number=its new incarnation."""

# -- groups and devices (facts) ---------------------------------------------------------------------------------
MEMBER_JOINED: Final = 60
"""A membership entry that is durable in the log brought a user in. who=NONE, chat, number=its sequence, operation,
value=the user."""
MEMBER_LEFT: Final = 61
"""A membership entry that is durable in the log took a user out. Columns as MEMBER_JOINED."""
WATERMARK: Final = 62
"""A read watermark is durable in the reader's inbox. who=device, chat, number=the sequence it reaches, value=user."""
MARKED_READ: Final = 63
"""A read watermark is durable on the device. who=device, chat, number=the sequence it reaches."""
SETTLED_UNREAD: Final = 64
"""Claim: what a chat's badge says at the end of the run. who=device, chat, number=unread messages."""
LIST_CHANGE_BEGUN: Final = 65
"""A user's list of devices begins to change. who=the device that comes (of one that only goes: that one), value=user,
extra=the device that goes (NONE: none)."""
LIST_CHANGED: Final = 66
"""Every store shard knows the new list. Columns as LIST_CHANGE_BEGUN."""
FIRST_DAY: Final = 67
"""The history says who there was before anything happened, in the two kinds that follow. number=users."""
FIRST_MEMBER: Final = 68
"""A user is in a group from the first day. chat, value=user. Written before the first entry of the group."""
FIRST_DEVICE: Final = 69
"""A linked device is in its user's list from the first day. who=device, value=user. Written before the first entry of
a conversation of that user's, and before their list changes. Everybody's first phone is there without saying so."""
MEMBERSHIP_WANTED: Final = 73
"""A message was composed that brings a user into its group or takes them out. who=device, chat, operation, value=the
user, extra=1 (brings) or 0."""

# -- judging ---------------------------------------------------------------------------------------------------
PHASE: Final = 40
"""A phase began. number=Phase."""
REACHABLE: Final = 41
"""The world leaves this device up and reachable from heal to the end. who=device. Recorded when heal begins."""
STILL_WAITING: Final = 42
"""At the end of settling, something is unfinished. who=device or host, chat, number=WaitKind, value=how many."""
SETTLED_LOOKUP: Final = 43
"""A look-up of every device at the end of settling. who=device, number=epoch, value=server (NONE: no lease),
extra=incarnation."""
SETTLED_CONNECTION: Final = 44
"""Every open connection at the end of settling, both sides alive. who=device, number=epoch, value=server,
extra=incarnation."""
SETTLED_INBOX: Final = 45
"""Rows waiting in an inbox. who=device, number=rows, value=head, extra=acknowledged. For every inbox that was
ever written; once at the end of settling and once at the end of the run (see the PHASE row before it)."""
SETTLED_OUTBOX: Final = 46
"""Messages still in a device's outbox at the end of the run, one row each. who=device, chat, operation."""
SETTLED_HELD: Final = 47
"""Messages durable on a device but held back from the list at the end of the run. who=device, chat, operation."""

# -- paths between phones and servers (facts) ------------------------------------------------------------------
PATH_FORGOTTEN: Final = 105
"""A box on the way forgot an idle path. who=device, number=epoch, value=0 in silence, 1 both ends were told,
extra=server."""
# -- media (facts) ---------------------------------------------------------------------------------------------
BLOB_DURABLE: Final = 80
"""Every part of a blob is durable in the object store. who=object store, number=blob, value=bytes."""
BLOB_EXPIRED: Final = 81
"""A blob's life is over. who=object store, number=blob."""
REFERENCE_SHOWN: Final = 82
"""A message that refers to a blob entered the list that a person sees. who=device, chat, number=blob, operation,
value=0 for the first time, 1 for a redraw after a restart."""
MEDIA_ASKED: Final = 83
"""The person wants to see the whole of it. who=device, chat, operation."""
MEDIA_OPENED: Final = 84
"""They see it, from the phone's own storage (value=1), or are told that there is no such blob (value=0). who=device,
chat, number=blob, operation."""
BLOB_ATTACHED: Final = 106
"""A message with this blob is durable in an outbox. who=device, chat, number=blob, operation."""
BLOB_PROMISED: Final = 107
"""A blob is to live for a whole life, from value (us) on: then the request came. number=blob."""

# -- claims ----------------------------------------------------------------------------------------------------
REACHED: Final = 50
"""Claim: a hard case was reached. number=HardCase code, who=device or host, operation."""

# -- encryption (facts) ------------------------------------------------------------------------------------------
ENVELOPE_OPENED: Final = 85
"""Somebody opened an envelope, or tried to. who=device (extra=0) or host (extra=1), number=the device that it was made
for, operation, value=1 it opened, 0 it did not."""
STALE_REFUSED: Final = 86
"""A send was refused, since it was not sealed for the devices that it is for. who=sending device, chat,
number=envelopes that it had, operation, value=devices that it is for."""
CERTIFICATE_BELIEVED: Final = 87
"""Claim: a device believed who a sealed sender is. who=device, number=1 it is the authority's, 0 it is forged,
operation, value=when it expires (us), extra=the time that the store stamped on the entry."""
SEALED_SENT: Final = 88
"""A sealed send left a phone. who=device, chat, number=the tag, operation, value=the device that a hello has named on
that connection (NONE: nobody), extra=the message id."""
SEALED_HELD: Final = 89
"""A server holds a sealed message durably. chat, number=the device that it says (a tag; NONE: none), operation,
value=the user that it says (NONE: none), extra=the message id."""

# -- presence --------------------------------------------------------------------------------------------------
CONTACT_SHOWN: Final = 75
"""Claim: what a phone shows of a contact has changed. who=device, chat, number=the contact's user, value=a
``presence.Shown``, extra=how long ago (us) the contact was last seen, as the phone believes (only for LAST_SEEN).
SCREEN_CLEARED ends it."""
CHAT_ON_SCREEN: Final = 76
"""A person looks at a chat: who=device, chat, value=1; or no longer: value=0. SCREEN_CLEARED ends it too. One chat a
device at a time: a row with value=1 takes the place of the one before."""
HEARTBEATS: Final = 77
"""From a time on a server hears a connection's heartbeats. who=device, number=epoch, value=when the next one comes
(us), extra=the interval (us). The hello before them (CONNECTED) is a sign of life too."""
HEARTBEATS_END: Final = 78
"""No further heartbeat gets through. who=device, number=epoch, value=when the last sign of life came (us)."""
REGISTRY_REACH: Final = 79
"""Whether a connection server's renewals reach the registry. who=server, value=0 no, 1 again."""

# -- the architecture update_queue (facts) ---------------------------------------------------------------------
ARCHIVED: Final = 100
"""An entry is durable in the long-term store. who=its host, chat, number=sequence, operation, value=the entry's place
in the sequencer's log, extra=the sequencer's host."""
STORAGE_POINTER: Final = 101
"""The durable pointer "written to storage" of a sequencer moved: the long-term store has every entry before it.
who=the sequencer's host, number=its new value, value=its old value."""
LOG_TRIMMED: Final = 102
"""Entries left a sequencer's log. who=its host, number=all before this place, value=entries removed."""
RECEIPT_LOGGED: Final = 104
"""A sealed receipt is an entry of a sequencer's log. chat, number=sequence, operation=what it is about."""
SETTLED_LOG: Final = 103
"""What a sequencer's log keeps, at the end of settling and at the end of the run. who=its host, number=entries,
value=where the next one will stand, extra=the pointer "written to storage"."""
# -- nudges (facts) ----------------------------------------------------------------------------------------------
NUDGE_ASKED: Final = 70
"""An inbox asked the push gateway to nudge a device. who=device, number=the newest row that waits for it."""
NUDGE_FATE: Final = 71
"""What became of a nudge behind the gateway. who=device, number=the provider's place, value=a NudgeFate."""
INBOX_PLACED: Final = 72
"""A device's inbox took its first row (only where nudges are on). who=device, number=the host of its shard."""

# -- retention (facts) -------------------------------------------------------------------------------------------
EXPIRED_TOLD: Final = 95
"""A device learned, in the commit that moved its cursor, that updates expired. who=device, number=through this one,
value=behind this one."""
MARKER_SHOWN: Final = 96
"""A person sees that updates are missing. who=device, number=through this one, value=behind this one, extra=0 for the
first time, 1 for a redraw after a restart."""
# -- reads of a log (facts) --------------------------------------------------------------------------------------
READ_ASKED: Final = 90
"""A phone asks for a range of a conversation's log. who=device, chat, number=the sequence that it lies behind or
before (0: the newest page), value=Side, extra=how many entries at most."""
RANGE_SHOWN: Final = 91
"""The range that was asked for came to the screen; its RANGE_ENTRY rows follow. who=device, chat, number=its first
sequence, value=its last one (below the first: nothing), extra=the query that brought it."""
RANGE_ENTRY: Final = 92
"""One entry of the range just shown. who=device, chat, number=the sequence that the phone believes, operation,
value=the sending user."""
QUERY_BEGAN: Final = 93
"""The data service began to ask replicas for a range. who=host, chat, number=query."""
QUERY_ANSWERED: Final = 94
"""It has what it needs. who=host, chat, number=query, value=reads that it answers, extra=how long it took."""

# -- channels ---------------------------------------------------------------------------------------------------
CHANNEL_ON_SCREEN: Final = 115
"""A person opened a channel, or closed it. who=device, chat, value=1 opened, 0 closed."""

# -- faults of the world, found by those whom they hit -----------------------------------------------------------
TORN_WRITE_FOUND: Final = 110
"""At recovery a checksum found the write in which the power went: it counts as never synced. who=device or host,
operation."""


# -- beyond the promise (facts) -------------------------------------------------------------------------------------
BEYOND: Final = 120
"""Something went beyond the promise. who=host (NONE: several), number=an Excess. Where a store was set back, one more
row for each conversation whose log lost entries: chat, value=its last sequence now, extra=before. Where an inbox was,
one more for each device: who=device, value=the newest update number now, extra=before."""


class Excess:
    """Values of BEYOND rows: in which way a run went beyond what the system promises to survive."""

    STORE_SET_BACK: Final = 1
    """A store shard lost acknowledged writes, with more than f of its disks."""
    INBOX_SET_BACK: Final = 2
    LONG_TERM_STORE_SET_BACK: Final = 3
    OBJECT_STORE_SET_BACK: Final = 4
    NOT_HEALED: Final = 5
    """Something stays broken to the end: liveness is not promised."""
    CLOCK: Final = 6
    """A clock ran faster or slower than the declared rate (CLOCK-1)."""


class Phase:
    """Values of PHASE rows, in order. People compose during WARM_UP and CHAOS only."""

    WARM_UP: Final = 0
    CHAOS: Final = 1
    HEAL: Final = 2
    SETTLED: Final = 3
    """Settling is over: the rows up to FINAL_SYNC are the census of the settled state."""
    FINAL_SYNC: Final = 4
    END: Final = 5
    """No update was applied or shown in the last round: the rows behind it are the last census."""


class UpdateKind:
    """What a row of an inbox carries."""

    MESSAGE: Final = 1
    DELIVERED: Final = 2
    READ: Final = 3
    READ_THROUGH: Final = 4
    """Another device of the user's has read the conversation through this sequence (INBOX-9)."""


class TrimReason:
    ACKNOWLEDGED: Final = 1
    EXPIRED: Final = 2
    RETIRED: Final = 3


class DownReason:
    OFFLINE: Final = 1
    APP_KILLED: Final = 2
    AWAY: Final = 3
    RETIRED: Final = 4


class QueueKind:
    """Queues that the world measures for BOUND-1."""

    PUSH_WINDOW: Final = 1
    """Updates pushed to a connection and not acknowledged. who=device."""
    SEND_WINDOW: Final = 2
    """Messages of one conversation in flight from one device. who=device."""
    CONNECTIONS: Final = 3
    """Open connections of a server. who=host."""
    ARCHIVE_BACKLOG: Final = 80
    """Entries of a sequencer that the pointer "written to storage" has not passed. who=host."""


class Tier:
    """Where a message can be, for FLOW-1 and Little's law (exact area identities)."""

    OUTBOX: Final = 1
    """From COMPOSED to the first TICK row of that operation on the sending device, whatever its value (or to the END
    row, or to the device's PHONE_LOST row)."""
    INBOX: Final = 2
    """Rows: from INBOX_APPENDED to TRIMMED (or the end). All update kinds count."""
    ARCHIVE: Final = 3
    """Entries of sequencers: from LOGGED to ARCHIVED (or the end)."""


class WaitKind:
    """What LIVE-1 names when a run is not quiet."""

    OUTBOX: Final = 1
    INBOX: Final = 2
    WATERMARK: Final = 3
    HELD_BACK: Final = 4
    OWED_RECEIPT: Final = 5
    RECONNECT: Final = 6
    FAN_OUT: Final = 7
    UNLINKING: Final = 10
    UNWRITTEN: Final = 11
    ARCHIVE: Final = 80
    OVERLOAD: Final = 90
    """A server's queue is longer than anybody's patience. value=microseconds of work that wait."""
    READ: Final = 70
    DOWNLOAD: Final = 50
    VIEWER: Final = 71


WAIT_NAMES: Final = {
    WaitKind.OUTBOX: "messages in the outbox",
    WaitKind.INBOX: "unacknowledged updates",
    WaitKind.WATERMARK: "unconfirmed read watermarks",
    WaitKind.HELD_BACK: "held-back updates",
    WaitKind.OWED_RECEIPT: "owed receipts",
    WaitKind.RECONNECT: "phones that are not connected",
    WaitKind.FAN_OUT: "entries not fanned out",
    WaitKind.UNLINKING: "linked devices not taken off",
    WaitKind.UNWRITTEN: "messages that a person wrote and no outbox has",
    WaitKind.ARCHIVE: "entries that the long-term store has not got",
    WaitKind.OVERLOAD: "us of work that waits for an overloaded server",
    WaitKind.READ: "reads that are not answered",
    WaitKind.DOWNLOAD: "media asked for and not here",
    WaitKind.VIEWER: "entries that the viewer of a channel has not been shown",
}


KIND_NAMES: Final = {
    value: name.lower().replace("_", " ")
    for name, value in list(globals().items())
    if name.isupper() and isinstance(value, int) and value > 0
}
