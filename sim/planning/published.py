"""Published figures that plans start from, each with its source and how far it can be trusted.

Grade A: a primary source. B: a secondary one. C: arithmetic on such figures. WhatsApp's are of early 2014 (Rick Reed's
slides, Erlang Factory SF 2012 to 2014; HighScalability, 31 March 2014).
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Published(NamedTuple):
    """A figure that somebody has published."""

    value: float
    unit: str
    what: str
    grade: str


MESSAGES_IN_PER_DAY: Final = Published(19e9, "messages/day", "messages sent", "A")
MESSAGES_OUT_PER_DAY: Final = Published(40e9, "messages/day", "messages delivered: one for each recipient", "A")
PEAK_IN_PER_S: Final = Published(342e3, "messages/s", "sent at the peak of the day", "A")
PEAK_OUT_PER_S: Final = Published(712e3, "messages/s", "delivered at the peak of the day", "A")
PEAK_CONNECTIONS: Final = Published(147e6, "connections", "phones connected at the peak", "A")
PEAK_LOGINS_PER_S: Final = Published(230e3, "logins/s", "at the peak", "A")
CONNECTIONS_EACH: Final = Published(1e6, "connections", "run level of one server, for headroom (record: 2.8 M)", "A")
MEMORY_PER_CONNECTION_KB: Final = Published(15.4, "kB", "memory of an idle connection", "B/C")
FLUSH_DELAY_S: Final = Published(21.0, "s", "mean delay until an offline store writes to disk", "A")

PEAK_TO_TROUGH: Final = {"messages": 3.1, "notifications": 2.3, "presence": 2.1, "logins": 1.7}
"""Through the day; read off a graph (C)."""
OUTBOUND_PEAK_PER_S: Final = {"messages": 690e3, "notifications": 150e3, "presence": 740e3}
"""The outbound mix at the peak (A, read by eye)."""
PROCESSOR_SHARE: Final = ((0.0, 0.0), (0.3e6, 0.12), (1.0e6, 0.275), (1.8e6, 0.66), (2.4e6, 0.90))
"""Connections on one host to the share of its processors that is busy (A, read by eye; middles of the ranges)."""
