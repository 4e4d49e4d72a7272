"""The scenario's section ``workload.channels``: giant conversations that few write in and many read (CHAN-1)."""

from __future__ import annotations

from dataclasses import dataclass

from . import fields


@dataclass(frozen=True, slots=True)
class Channels:
    """Who writes in channels, and who looks at them, when, for how long (synthetic)."""

    number: int = fields.count(0, "channels that there are", most=100_000)
    share: float = fields.share(0.2, "share of messages that are said in channels")
    authors: int = fields.count(2, "people who write in a channel", least=1, most=10_000)
    readers: float = fields.share(1.0, "share of people who read a channel")
    pushed: bool = fields.flag(
        False, "readers get every message pushed, as members of a group would, and read no ranges"
    )
    every_us: int = fields.duration("40s", "median time after which a reader opens the channel again", least="1ms")
    every_sigma: float = fields.number(0.8, "spread of that time", most=3.0)
    open_us: int = fields.duration("45s", "median time that the channel stays open", least="1ms")
    open_sigma: float = fields.number(0.8, "spread of that time", most=3.0)
    rush_at_us: int | None = fields.optional_duration("every reader of channel 0 opens it about then (default: nobody)")
    rush_us: int = fields.duration("2s", "over so long", least="1us")
