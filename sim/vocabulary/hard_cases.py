"""Hard cases: rare paths that a run must really take before its verdict says something."""

from __future__ import annotations

from typing import Final


class HardCase:
    """Hard cases that ``must_reach`` can require; a machine claims them where it takes the rare path."""

    ACKNOWLEDGEMENT_LOST_AFTER_PERSIST: Final = 1
    RESUMED_ON_ANOTHER_SERVER: Final = 2
    STALE_LEASE_AT_PUSH: Final = 3
    DRAIN_OVERLAPS_LIVE_PUSH: Final = 4
    FAIL_OVER_BETWEEN_APPEND_AND_ANSWER: Final = 5
    SEND_GAP_REFUSED: Final = 6
    INBOX_GAP_REFUSED: Final = 7
    UPDATE_GAP_SYNCED: Final = 8
    HELD_BACK_FOR_OWN: Final = 9
    VISIBLE_JUMP: Final = 90
    """A message was put in above others that a person saw already (PHONE-5, sorted in)."""
    FENCED_OLD_EPOCH: Final = 10
    LAGGARD_CURSOR_BORN: Final = 11
    DUPLICATE_UPDATE_DROPPED: Final = 12
    RENEWAL_MISSED: Final = 13
    SENT_TO_RETIRED: Final = 14
    FAN_OUT_REPEATED_AFTER_CRASH: Final = 15
    MEMBER_REMOVED_MID_FAN_OUT: Final = 20
    TURNED_AWAY: Final = 30
    HANDED_OVER: Final = 31
    ARCHIVE_REPEATED: Final = 60
    """The long-term store was sent what it holds already: an answer, or a pointer that rode, was lost."""
    ARCHIVE_BACKLOG_FULL: Final = 61
    DELIVERED_BEFORE_ARCHIVED: Final = 62
    """Entries were in all their queues while the long-term store had yet to get them (UQ-2)."""
    NUDGE_COLLAPSED: Final = 40
    NUDGE_THROTTLED: Final = 41
    PROVIDER_DOWN: Final = 42
    NUDGED_WHILE_CONNECTED: Final = 43
    DEAD_CONNECTION_FOUND_BY_NUDGE: Final = 44
    TOLD_OF_EXPIRY: Final = 45
    OVER_ON_ARRIVAL: Final = 46
    """A phone was told "online", and the life was used up on the way (PRES-A)."""
    READ_IN_DOUBT: Final = 65
    STALE_REPLICA_REFUSED: Final = 66
    READ_TOO_OLD_FOR_A_JOINER: Final = 67
    VIEWER_PAGES_BEHIND: Final = 68
    READ_BEYOND_A_STAY: Final = 69
    """A page of a group's log was asked for of which not every entry is for its reader (STORE-6)."""
    STALE_DEVICE_LIST: Final = 55
    ENCRYPTED_ANEW: Final = 56
    UPLOAD_REFUSED: Final = 50
    UPLOAD_RESUMED: Final = 51
    BLOB_RENEWED: Final = 52
    DOWNLOAD_REPEATED: Final = 53
    CERTIFICATE_EXPIRED: Final = 57
    OWN_COPY_DROPPED: Final = 58
    ACKNOWLEDGED_WRITES_LOST: Final = 70
    """A shard was set back behind what it had acknowledged (beyond STORE-7)."""
    CURSOR_BEYOND_HEAD: Final = 71
    """A device acknowledged updates that its inbox does not know (INBOX-1)."""
    NO_QUORUM_AT_HEAL: Final = 72
    BROKEN_FOR_GOOD: Final = 73
    """Something was still broken when everything else healed."""


HARD_CASE_NAMES: Final = {
    "acknowledgement lost after persist": HardCase.ACKNOWLEDGEMENT_LOST_AFTER_PERSIST,
    "resumed on another server": HardCase.RESUMED_ON_ANOTHER_SERVER,
    "stale lease at push": HardCase.STALE_LEASE_AT_PUSH,
    "drain overlaps live push": HardCase.DRAIN_OVERLAPS_LIVE_PUSH,
    "fail-over between append and answer": HardCase.FAIL_OVER_BETWEEN_APPEND_AND_ANSWER,
    "send gap refused": HardCase.SEND_GAP_REFUSED,
    "inbox gap refused": HardCase.INBOX_GAP_REFUSED,
    "update gap synced": HardCase.UPDATE_GAP_SYNCED,
    "held back for own": HardCase.HELD_BACK_FOR_OWN,
    "visible jump": HardCase.VISIBLE_JUMP,
    "old epoch fenced": HardCase.FENCED_OLD_EPOCH,
    "laggard cursor born": HardCase.LAGGARD_CURSOR_BORN,
    "duplicate update dropped": HardCase.DUPLICATE_UPDATE_DROPPED,
    "renewal missed": HardCase.RENEWAL_MISSED,
    "sent to a retired device": HardCase.SENT_TO_RETIRED,
    "fan-out repeated after a crash": HardCase.FAN_OUT_REPEATED_AFTER_CRASH,
    "member removed mid-fan-out": HardCase.MEMBER_REMOVED_MID_FAN_OUT,
    "turned away by admission control": HardCase.TURNED_AWAY,
    "handed over before a restart": HardCase.HANDED_OVER,
    "archive repeated": HardCase.ARCHIVE_REPEATED,
    "archive backlog full": HardCase.ARCHIVE_BACKLOG_FULL,
    "delivered before archived": HardCase.DELIVERED_BEFORE_ARCHIVED,
    "online over on arrival": HardCase.OVER_ON_ARRIVAL,
    "nudge collapsed": HardCase.NUDGE_COLLAPSED,
    "nudge throttled": HardCase.NUDGE_THROTTLED,
    "push provider down": HardCase.PROVIDER_DOWN,
    "nudged while connected": HardCase.NUDGED_WHILE_CONNECTED,
    "dead connection found by a nudge": HardCase.DEAD_CONNECTION_FOUND_BY_NUDGE,
    "told that updates expired": HardCase.TOLD_OF_EXPIRY,
    "read in doubt": HardCase.READ_IN_DOUBT,
    "stale replica refused": HardCase.STALE_REPLICA_REFUSED,
    "read too old for a joiner": HardCase.READ_TOO_OLD_FOR_A_JOINER,
    "viewer pages behind": HardCase.VIEWER_PAGES_BEHIND,
    "read beyond a stay": HardCase.READ_BEYOND_A_STAY,
    "stale device list refused": HardCase.STALE_DEVICE_LIST,
    "encrypted anew": HardCase.ENCRYPTED_ANEW,
    "upload refused": HardCase.UPLOAD_REFUSED,
    "upload resumed": HardCase.UPLOAD_RESUMED,
    "blob renewed": HardCase.BLOB_RENEWED,
    "download repeated": HardCase.DOWNLOAD_REPEATED,
    "certificate expired on the way": HardCase.CERTIFICATE_EXPIRED,
    "own copy dropped": HardCase.OWN_COPY_DROPPED,
    "acknowledged writes lost": HardCase.ACKNOWLEDGED_WRITES_LOST,
    "cursor beyond the head": HardCase.CURSOR_BEYOND_HEAD,
    "no quorum at heal": HardCase.NO_QUORUM_AT_HEAL,
    "broken for good": HardCase.BROKEN_FOR_GOOD,
}
