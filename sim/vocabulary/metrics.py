"""Metrics: the figures of a run by name. This table is the one place where a feature declares a new one.

Where the numbers come from:

- ``rows=(kinds.X,)``: how many history rows of these kinds there are. Costs nothing where it happens.
- nothing given: the world counts it, ``world.tally["name"] += number``, where the effect takes place.
- ``per=(a, b)``: the metric ``a`` divided by the metric ``b``; left out where ``b`` is nothing.
- ``measured=True``: the runner's observers tell it for the whole run (``Result.measured``); it does not add up.
- ``quantile=0.99``: a quantile of the delivery times, or ``of`` other times. Several runs are pooled; quantiles are
  never averaged.

Besides, every message that a role sends and every record that it writes is a metric without being declared, where the
run counts them (``run(..., coverage=True)``, as studies do): ``sent.store.enter``, ``written.inbox.move_cursor``.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from . import kinds
from .points import CATALOGUE

NUMBER: Final = "number"
SECONDS: Final = "s"
MICROSECONDS: Final = "us"
"""Of a time that is counted, not measured."""
DELIVERY: Final = "delivery"
"""From composed to shown, of all messages."""
DELIVERY_CALM: Final = "delivery_calm"
"""Of messages that were composed while no fault was under way."""
DELIVERY_DURING_FAULTS: Final = "delivery_during_faults"
"""Of messages that were composed while some fault was under way."""
RECONNECT: Final = "reconnect"
"""From the loss of a connection to the phone's next lease."""
FIRST_TICK: Final = "first_tick"
"""From composed to the first tick beside it."""


class Metric(NamedTuple):
    """What a figure means, and where it comes from."""

    doc: str
    """What is counted or measured, in words that fit behind a number."""
    unit: str = NUMBER
    rows: tuple[int, ...] = ()
    per: tuple[str, str] | None = None
    quantile: float | None = None
    measured: bool = False
    of: str = DELIVERY
    """The times of which it is a quantile."""


METRICS: Final[dict[str, Metric]] = {
    "composed": Metric("messages that people wrote"),
    "shown": Metric("messages that their readers saw"),
    "delivery_p50_s": Metric("half of the messages were seen within", SECONDS, quantile=0.5),
    "delivery_p99_s": Metric("99 in 100 messages were seen within", SECONDS, quantile=0.99),
    "delivery_mean_s": Metric("mean time from written to seen", SECONDS),
    "delivery_longest_s": Metric("longest time from written to seen", SECONDS),
    "delivery_calm_p50_s": Metric(
        "half of the messages that were written while no fault was under way were seen within",
        SECONDS,
        quantile=0.5,
        of=DELIVERY_CALM,
    ),
    "delivery_during_faults_p50_s": Metric(
        "half of the messages that were written while some fault was under way were seen within",
        SECONDS,
        quantile=0.5,
        of=DELIVERY_DURING_FAULTS,
    ),
    "first_tick_p50_s": Metric(
        "half of the messages had their first tick within", SECONDS, quantile=0.5, of=FIRST_TICK
    ),
    "first_tick_p99_s": Metric("99 in 100 had their first tick within", SECONDS, quantile=0.99, of=FIRST_TICK),
    "archived": Metric("entries that the long-term store took in", rows=(kinds.ARCHIVED,)),
    "logged": Metric("entries in the logs of the conversations", rows=(kinds.LOGGED,)),
    "owed": Metric("copies owed: one for each entry and recipient device", rows=(kinds.OWED,)),
    "owed_per_entry": Metric("copies owed for each entry", per=("owed", "logged")),
    "inbox_rows": Metric("updates that went into inboxes, receipts among them", rows=(kinds.INBOX_APPENDED,)),
    "inbox_rows_per_message": Metric("updates in inboxes for each message", per=("inbox_rows", "composed")),
    "hand_offs": Metric("messages that servers handed to others, where that costs them time"),
    "hand_off_us_store": Metric("processor time of stores for handing messages on", MICROSECONDS),
    "hand_off_us_inbox": Metric("processor time of inboxes for handing messages on", MICROSECONDS),
    "reads": Metric("pages of logs that people were shown", rows=(kinds.RANGE_SHOWN,)),
    "queries": Metric("queries to the replicas of the store", rows=(kinds.QUERY_BEGAN,)),
    "reads_joined": Metric("reads answered by the query of another reader"),
    "queries_per_read": Metric("queries to the store for each page shown", per=("queries", "reads")),
    "query_p50_s": Metric("half of the queries were answered within", SECONDS, quantile=0.5, of="query"),
    "query_p99_s": Metric("99 in 100 queries were answered within", SECONDS, quantile=0.99, of="query"),
    "read_p50_s": Metric("half of the pages were shown within", SECONDS, quantile=0.5, of="read"),
    "read_p99_s": Metric("99 in 100 pages were shown within", SECONDS, quantile=0.99, of="read"),
    "media_messages": Metric("messages that people wrote with media"),
    "blobs": Metric("blobs that became durable in the object store", rows=(kinds.BLOB_DURABLE,)),
    "media_messages_per_blob": Metric("references for each stored blob", per=("media_messages", "blobs")),
    "downloads": Metric("blobs that phones fetched"),
    "bytes_up": Metric("bytes of media that phones sent to the object store"),
    "bytes_down": Metric("bytes of media that the object store sent to phones"),
    "news_p50_s": Metric(
        "half of the news of a channel was on the screens of those who look within",
        SECONDS,
        quantile=0.5,
        of="news",
    ),
    "news_p99_s": Metric("99 in 100 of it within", SECONDS, quantile=0.99, of="news"),
    "channel_hints": Metric("hints that connection servers sent to phones with a channel open"),
    "channel_news": Metric("messages to connection servers that said how far a channel reaches"),
    "connections": Metric("connections that phones opened"),
    "logins": Metric("connections that a server took up", rows=(kinds.CONNECTED,)),
    "leases": Metric("leases that the registry granted", rows=(kinds.LEASE_GRANTED,)),
    "logins_peak_per_s": Metric("most leases granted within one second", measured=True),
    "reconnects": Metric("connections that were lost and replaced"),
    "reconnect_p50_s": Metric(
        "half of the phones that lost a connection were back within", SECONDS, quantile=0.5, of=RECONNECT
    ),
    "reconnect_p99_s": Metric("99 in 100 of them were back within", SECONDS, quantile=0.99, of=RECONNECT),
    "reconnect_longest_s": Metric("the last of them was back within", SECONDS, measured=True),
    "visible_jumps": Metric("messages that were put in above others that a person saw already"),
    "checksum_refused": Metric("messages and packets that arrived damaged and were refused by their checksum"),
    "harsh_lost": Metric("messages that a harsh phone link lost by itself"),
    "harsh_repeated": Metric("messages that a harsh phone link repeated by itself"),
    "turned_away": Metric("hellos beyond the accept rate, answered with retry_after"),
    "handed_over": Metric("phones that changed servers before a restart, without losing a connection"),
    "idle_time_outs": Metric("idle paths that a box on the way forgot", rows=(kinds.PATH_FORGOTTEN,)),
    "heartbeats": Metric("heartbeats that phones sent"),
    "nudges_asked": Metric("nudges that inboxes asked for", rows=(kinds.NUDGE_ASKED,)),
    "nudges_sent": Metric("pushes that a provider took"),
    "nudges_refused": Metric("pushes that a provider did not take, being down"),
    "nudges_throttled": Metric("pushes that a provider did not take, having taken too many for the device"),
    "nudges_dropped": Metric("pushes that a provider took and dropped"),
    "nudges_collapsed": Metric("nudges left out or replaced, since another one was under way for the device"),
    "nudges_synced": Metric("nudges that came to a connected phone, which synced"),
    "nudges_woken": Metric("nudges that woke a phone"),
    "nudges_not_woken": Metric("nudges that came to a phone that slept on"),
    "nudges_no_device": Metric("nudges for a device that is gone"),
    "updates_expired": Metric("updates that left an inbox without having been fetched"),
    "told_of_expiry": Metric("times that a phone was told that updates expired", rows=(kinds.EXPIRED_TOLD,)),
    "presence_updates": Metric("presence states that were told to phones"),
    "presence_batches": Metric("calls to connection servers that carried them"),
    "presence_updates_per_batch": Metric(
        "presence states in each of these calls", per=("presence_updates", "presence_batches")
    ),
    "presence_changes": Metric("changes of what a phone shows of a contact", rows=(kinds.CONTACT_SHOWN,)),
    "envelopes": Metric("envelopes of the entries that went into logs"),
    "envelopes_per_entry": Metric("envelopes of each entry", per=("envelopes", "logged")),
    "sealed_receipts": Metric("sealed receipts that went into logs"),
    "stale_refused": Metric("sends refused for a stale device list and encrypted anew", rows=(kinds.STALE_REFUSED,)),
    "stale_refused_per_message": Metric(
        "sends refused for a stale device list, for each message", per=("stale_refused", "composed")
    ),
    "entries": Metric("entries of the event queue: the work of the simulator"),
    "entries_per_message": Metric("entries of the event queue for each message", per=("entries", "composed")),
    "rows": Metric("rows of the history"),
    "simulated_s": Metric("simulated time until all was at rest", SECONDS),
}


def metric_of(name: str) -> Metric | None:
    """The metric of a name; ``None`` when there is none."""
    return METRICS.get(name) or _of_points().get(name)


def known_metrics() -> tuple[str, ...]:
    """The name of every metric, declared ones first."""
    return (*METRICS, *_of_points())


def point_of(name: str) -> str:
    """The point whose number of visits a ``sent.`` or ``written.`` metric is."""
    effect, role, kind = name.split(".")
    return f"after {role}.{_EFFECTS[effect]}.{kind}"


_EFFECTS: Final = {"sent": "send", "written": "persist"}


@cache
def _of_points() -> dict[str, Metric]:
    found: dict[str, Metric] = {}
    for what, effect in _EFFECTS.items():
        for point in CATALOGUE:
            side, _, name = point.partition(" ")
            role, done, kind = name.split(".")
            if side == "after" and done == effect:
                noun = "messages" if what == "sent" else "records"
                doc = f"{kind.replace('_', ' ')} {noun} {what} by every {role.replace('_', ' ')}"
                found[f"{what}.{role}.{kind}"] = Metric(doc)
    return found
