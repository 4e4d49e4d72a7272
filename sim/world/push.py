"""Push providers and handsets: what lies between the push gateway and a phone, as well as it works (PUSH-2).

Provider 0 keeps one push per app and device while the handset cannot be reached, and so does provider 1, which besides
takes only so many for one device in a minute and in an hour. Neither tells whether a push arrived.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

from ..vocabulary import kinds
from ..vocabulary.ids import seat_of, user_of
from ..vocabulary.points import ROLES
from ..vocabulary.pushes import NUDGE_FATE_NAMES, PROVIDERS, NudgeFate, Pushed, PushOutcome
from .dice import TABLE_BITS, TABLE_SHIFT, TABLE_SIZE, lognormal_table, spread
from .hosts import HOSTS_PER_ROLE, salt_of

if TYPE_CHECKING:
    from .hosts import ServerHost
    from .phones import PhoneHost
    from .world import World

MINUTE_US: Final = 60_000_000
HOUR_US: Final = 3_600_000_000
_TAIL_PLACES: Final = TABLE_SIZE * TABLE_SIZE
Window = tuple[int, int, int, int]
"""(minute, pushes in it, hour, pushes in it) of one device."""


def push_delay_us(median_us: int, sigma: float, bits: int) -> int:
    """A lognormal time by its quantile; unlike the hops', its far tail is drawn too: some pushes take minutes."""
    place = bits >> TABLE_SHIFT
    if place < TABLE_SIZE - 1:
        return lognormal_table(median_us, sigma)[place]
    tail = (bits >> (TABLE_SHIFT - TABLE_BITS)) & (TABLE_SIZE - 1)
    quantile = (_TAIL_PLACES - TABLE_SIZE + tail + 0.5) / _TAIL_PLACES
    return max(1, round(median_us * math.exp(sigma * NormalDist().inv_cdf(quantile))))


class Provider:
    """One push service. Faults shut it, or make it drop, delay or throttle."""

    __slots__ = (
        "delays",
        "drops",
        "index",
        "kept",
        "number",
        "outages",
        "push",
        "salt",
        "throttles",
        "windows",
        "world",
    )

    place = 0
    """Where its front is: in the first place, wherever the gateways are."""

    def __init__(self, push: PushService, index: int) -> None:
        self.push = push
        self.world = push.world
        self.index = index
        self.number = len(ROLES) * HOSTS_PER_ROLE + index
        self.salt = salt_of(self.number)
        self.kept: dict[int, Any] = {}
        """Device to the one push that waits for its handset."""
        self.windows: dict[int, Window] = {}
        self.outages: list[Any] = []
        self.drops: list[Any] = []
        self.delays: list[Any] = []
        self.throttles: list[Any] = []
        """Running faults, by what they do."""

    def __repr__(self) -> str:
        return f"push_provider {self.index}"

    # -- taking -----------------------------------------------------------------------------------------------

    def deliver(self, item: tuple[Any, Any]) -> None:
        """A gateway calls."""
        source, push = item
        outcome = self.outcome(push)
        self.answer(source, push, outcome)
        if outcome == PushOutcome.TAKEN:
            self.push.note(push.device, self.index, NudgeFate.SENT)
            self.send(push)
        else:
            refused = NudgeFate.THROTTLED if outcome == PushOutcome.THROTTLED else NudgeFate.REFUSED
            self.push.note(push.device, self.index, refused)

    def outcome(self, push: Any) -> int:
        """What it says to a push."""
        if self.outages:
            self.outages[-1].touched += 1
            return PushOutcome.DOWN
        if self.is_over_the_limit(push.device):
            return PushOutcome.THROTTLED
        return PushOutcome.TAKEN

    def is_over_the_limit(self, device: int) -> bool:
        """So many a minute and so many an hour, of provider 1; a fault makes both fewer, of either."""
        if self.index == 0 and not self.throttles:
            return False
        settings = self.world.scenario.push
        factor = max((running.fault.factor for running in self.throttles), default=1.0)
        now = int(self.world.environment._now)
        minute, hour = now // MINUTE_US, now // HOUR_US
        before = self.windows.get(device, (minute, 0, hour, 0))
        in_minute = before[1] if before[0] == minute else 0
        in_hour = before[3] if before[2] == hour else 0
        if in_minute >= max(1, settings.per_minute // factor) or in_hour >= max(1, settings.per_hour // factor):
            for running in self.throttles:
                running.touched += 1
            return True
        self.windows[device] = (minute, in_minute + 1, hour, in_hour + 1)
        return False

    def answer(self, source: ServerHost, push: Any, outcome: int) -> None:
        """Back to the gateway, over the same sort of link."""
        world = self.world
        answer = Pushed(push.device, outcome, push.trace)
        bits = spread(world.link_keys[Pushed], push.trace)
        delay_us = world.server_table[bits >> TABLE_SHIFT]
        if world.network.conditions:
            world.network.afflict(self, source, answer, bits, delay_us)
        else:
            world.environment.call_after(delay_us, source.deliver, (self, answer))

    # -- bringing ---------------------------------------------------------------------------------------------

    def send(self, push: Any) -> None:
        """On its way to the handset, unless it is dropped."""
        world = self.world
        for running in self.drops:
            if world.dice.chance(running.fault.probability, "push dropped", push.device, running.number, push.trace):
                running.touched += 1
                self.push.note(push.device, self.index, NudgeFate.DROPPED)
                return
        delay_us = self.push.delay_us(push)
        for running in self.delays:
            running.touched += 1
            more_us = running.fault.amount_us or MINUTE_US
            delay_us += more_us + world.dice.below(more_us + 1, "push delayed", push.device, running.number, push.trace)
        world.environment.call_after(delay_us, self.arrive, push)

    def arrive(self, push: Any) -> None:
        """Near the handset. One that cannot be reached has one push kept for it: the newest."""
        phone = self.push.phone_of(push.device)
        if phone is None:
            self.push.note(push.device, self.index, NudgeFate.NO_DEVICE)
        elif phone.takes_pushes():
            self.push.note(push.device, self.index, phone.nudged(push))
        else:
            if push.device in self.kept:
                self.push.note(push.device, self.index, NudgeFate.COLLAPSED)
            self.kept[push.device] = push

    def handset_back(self, phone: PhoneHost) -> None:
        """The handset can be reached again: what was kept for it comes."""
        push = self.kept.pop(phone.device, None)
        if push is not None:
            self.world.environment.call_after(self.push.delay_us(push), self.arrive, push)


class PushService:
    """The gateways' hosts, the providers, and what becomes of every nudge."""

    __slots__ = ("gateways", "placed", "providers", "world")

    def __init__(self, world: World, gateways: tuple[ServerHost, ...]) -> None:
        self.world = world
        self.gateways = gateways
        self.providers = tuple(Provider(self, index) for index in range(PROVIDERS))
        self.placed: dict[int, bool] = {}
        """Devices whose inboxes have been written down."""

    def gateway_of(self, user: int) -> ServerHost:
        """The gateway of a user."""
        return self.gateways[user % len(self.gateways)]

    def provider_of(self, device: int) -> Provider:
        """The provider of the platform of a user's phone."""
        share = self.world.scenario.push.first_provider_share
        first = self.world.dice.chance(share, "platform", user_of(device))
        return self.providers[0 if first else 1]

    def delay_us(self, push: Any) -> int:
        """From the provider to the handset."""
        settings = self.world.scenario.push
        dice = self.world.dice
        bits = dice.bits("push delay", push.device, push.trace)
        if dice.chance(settings.wifi_share, "on Wi-Fi", user_of(push.device)):
            return push_delay_us(settings.wifi_delay_us, settings.wifi_sigma, bits)
        return push_delay_us(settings.cellular_delay_us, settings.cellular_sigma, bits)

    def wakes(self, push: Any) -> bool:
        """Whether a nudge wakes the phone: some never do, and of the others some nudges do not."""
        settings = self.world.scenario.push
        dice = self.world.dice
        if dice.chance(settings.never_wakes, "never wakes", user_of(push.device)):
            return False
        return dice.chance(settings.wakes, "wakes", push.device, push.trace)

    def phone_of(self, device: int) -> PhoneHost | None:
        """The installation that a push is for, if it is the present one; made if nobody has used it yet."""
        world = self.world
        seat = seat_of(device)
        if seat == device and seat not in world.phones and seat not in world.unlinked:
            return world.seated(seat)
        return world.phone_of_device(device)

    def handset_back(self, phone: PhoneHost) -> None:
        """A handset can be reached again."""
        for provider in self.providers:
            if provider.kept:
                provider.handset_back(phone)

    # -- what was seen ------------------------------------------------------------------------------------------

    def row_waits(self, device: int) -> None:
        """A row is durable in a device's inbox: NUDGE-1 wants to know which host keeps it."""
        if device not in self.placed:
            self.placed[device] = True
            world = self.world
            world.facts.row(kinds.INBOX_PLACED, device, number=world.inbox_of(user_of(device)).number)
        self.world.row_waits(device)

    def nudge_asked(self, device: int, through: int) -> None:
        """An inbox asked for a nudge."""
        self.world.facts.row(kinds.NUDGE_ASKED, device, number=through)

    def note(self, device: int, provider: int, fate: int) -> None:
        """What became of one."""
        name = f"nudges_{NUDGE_FATE_NAMES[fate]}"
        self.world.tally[name] += 1
        self.world.facts.row(kinds.NUDGE_FATE, device, number=provider, value=fate)
