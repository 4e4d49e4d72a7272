"""The section ``push``: providers, and phones that wake or do not. ``protocol.nudge_after`` turns nudges on."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import count, duration, number, share


@dataclass(frozen=True, slots=True)
class Push:
    """Two providers, as the two big ones: each phone's platform has one of them."""

    first_provider_share: float = share(0.5, "share of phones that provider 0 serves; the others have provider 1")
    wifi_share: float = share(0.5, "share of handsets on Wi-Fi, where pushes come faster")
    wifi_delay_us: int = duration("550ms", "median time of a push from the provider to a handset on Wi-Fi", least="1us")
    wifi_sigma: float = number(1.0, "spread of that time", most=3.0)
    cellular_delay_us: int = duration("1700ms", "median time to a handset on a cellular network", least="1us")
    cellular_sigma: float = number(1.18, "spread of that time", most=3.0)
    per_minute: int = count(240, "pushes that provider 1 takes for one device in a minute", least=1)
    per_hour: int = count(5_000, "pushes that provider 1 takes for one device in an hour", least=1)
    wakes: float = share(0.95, "share of nudges that wake a phone that is not connected")
    never_wakes: float = share(0.05, "share of phones whose system lets no nudge wake the app")
    awake_us: int = duration("30s", "how long a woken phone stays connected", least="1s")
