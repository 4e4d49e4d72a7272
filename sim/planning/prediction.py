"""What the formulas expect of a scenario, to be held against a run of it.

The ledger counts what one message, one login and one heartbeat cost, by the rules of the protocol: a *hop* is a message
between two machines, a *sync* is a durable record. They are the effects that have points (docs/architecture.md has the
table), so a run counts the same things: ``sent.`` and ``written.`` metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..scenario.model import Scenario

SEND: Final = 7
"""compose, append up, append on, the log's record, accepted back, accepted down, take_accepted."""
COPY: Final = 11
"""enter, its record, entered, look_up, route, updates on, updates down, apply_updates, acknowledge up and on,
move_cursor: one copy of a message in one inbox."""
RECEIPT: Final = 11
"""receipt, its record, receipt_taken, look_up, route, updates on and down, apply_updates, acknowledge up and on,
move_cursor: one receipt in the sender's inbox."""
READ: Final = 6
"""mark_read, read_through up and on, store_watermark, confirmed back and down."""
LOGIN: Final = 9
"""raise_epoch, hello, claim, granted, drain, updates on and down, move_cursor, and the release of the lease."""
TIMERS_OF_MESSAGE: Final = 5
"""Time-outs that are armed and pass unused: of the append, the entry, two pushes and the receipt."""
TIMERS_OF_LOGIN: Final = 5
"""Of the hello, the claim, the drain and the path, and the person's own arrival."""
FINAL_LOGINS: Final = 1
"""At the end of a run everybody says hello once more, for the judge."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Expected figures of a scenario in which nothing fails and people stay connected."""

    connections_per_server: float
    messages_in_per_server_per_s: float
    messages_out_per_server_per_s: float
    copies: float
    """Copies delivered in all."""
    fan_out: float
    logins: float
    effects: float
    """Messages between machines, and durable records; of one-to-one messages, which do not share batches."""
    entries: float
    """Entries of the event queue: the effects and the timers."""


def predict(scenario: Scenario) -> Prediction:
    """What the formulas expect. People write for ``chaos`` less ``quiet``, evenly."""
    work, servers = scenario.workload, scenario.topology.connection_servers
    if work.kind != "synthetic" or scenario.drawn or work.linked_share or work.visits.kind != "always":
        raise ValueError("only a synthetic workload of people who stay connected with one phone each can be predicted")
    writing_s = (scenario.time.chaos_us - work.quiet_us) / 1e6
    fan_out = _fan_out(scenario)
    copies = work.messages * fan_out
    logins = work.users * (1.0 + FINAL_LOGINS)
    receipts = work.messages * (1.0 + work.reading.share)
    effects = SEND * work.messages + COPY * copies + RECEIPT * receipts + READ * work.reading.share * copies
    timers = TIMERS_OF_MESSAGE * work.messages + TIMERS_OF_LOGIN * logins
    effects += LOGIN * logins
    return Prediction(
        connections_per_server=work.users / servers,
        messages_in_per_server_per_s=work.messages / writing_s / servers,
        messages_out_per_server_per_s=copies / writing_s / servers,
        copies=copies,
        fan_out=fan_out,
        logins=logins,
        effects=effects,
        entries=effects + timers,
    )


def _fan_out(scenario: Scenario) -> float:
    """Copies for each message: one of a one-to-one message, one for each of the other members of a group."""
    work = scenario.workload
    if not work.groups:
        return 1.0
    others = (work.group_least + max(work.group_least, work.group_most)) / 2 - 1
    return (1.0 - work.group_share) + work.group_share * others
