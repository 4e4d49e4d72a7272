"""The scenario's media: how much of it there is, how large, and who looks at it. Off by default."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import count, number, rate
from .fields import share as part


@dataclass(frozen=True, slots=True)
class Media:
    """Messages that carry photographs, videos and voices; a share of 0 leaves out the object store and all of it."""

    share: float = part(
        0.0, "share of messages that carry media (4.7% in 2014); 0 and no step that has any: no object store"
    )
    forward_share: float = part(
        0.82, "share of those that forward what the phone holds already (0.82: 5.6 references per stored object)"
    )
    open_share: float = part(0.6, "share of references that a person who opens the chat wants to see in full")
    size_bytes: int = count(120_000, "median size in bytes", least=1)
    size_sigma: float = number(1.2, "spread of the size (sigma of its logarithm)", most=4.0)
    up_bytes_per_s: float = rate("1M/s", "bytes a second from a phone to the object store", least=100.0)
    down_bytes_per_s: float = rate("4M/s", "bytes a second from the object store to a phone", least=100.0)
