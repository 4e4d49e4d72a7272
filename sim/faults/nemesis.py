"""The nemesis: draws faults for a seed. What it draws is the same data as a written schedule, and is reported as such.

At least half of its faults (``at_points``) strike at a named point of the protocol, at the host that is just there;
the others at a time. All are within the promise, which the system must survive, but for the share that is to go beyond
it (``beyond.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..scenario.architecture import roles_present
from ..scenario.model import Scenario
from ..scenario.targets import PLACES, PLURALS
from ..vocabulary.points import INBOX, LONG_TERM_STORE, PHONE, STORE
from ..world.atlas import Atlas
from ..world.dice import Dice
from .beyond import beyond
from .catalogue import KINDS
from .connections import USUAL_LIMIT_US
from .gone import KINDS as GONE_KINDS
from .kind import FaultKind
from .present import is_played, points_met
from .promise import TAKES_A_PLACE, shards_of, survives
from .rarity import rare_of
from .schedule import Fault

BURST_US: Final = 2_000_000
RARE_TIMES: Final = 3
BANDWIDTH_MOST_US: Final = 20_000
"""A message takes a bad link for up to this long."""
_GONE: Final = GONE_KINDS[0]
_DAY_US: Final = 86_400_000_000
_ALL_OF: Final = {role: word for word, role in PLURALS.items() if role != PHONE}
_SHARDS: Final = (STORE, INBOX, LONG_TERM_STORE)
_AT_SHARD: Final = ("crash", "fail_over", "unsynced_write_lost", "pause")
_AT_SERVER: Final = ("crash", "pause")
_AT_PHONE: Final = ("app_killed", "crash", "reset", "battery_dead")


class Nemesis:
    """The drawing of one run's faults."""

    def __init__(self, scenario: Scenario, seed: int, operations: int, duration_us: int) -> None:
        self.scenario = scenario
        self.random = scenario.random_faults
        self.dice = Dice(seed)
        self.operations = max(1, operations)
        self.duration_us = duration_us
        allowed = self.allowed = self.random.kinds or tuple(KINDS)
        self.atlas = Atlas(scenario.regions)
        self.kinds = tuple(
            kind for name, kind in KINDS.items() if kind.weight and name in allowed and self.is_promised(kind)
        )
        self.hosts = roles_present(scenario)
        self.points = points_met(scenario)
        """Points that this run can meet."""
        self.goners = self.roles_for_good(allowed)

    def is_promised(self, kind: FaultKind) -> bool:
        """Whether it can touch something here, and the system must survive it: a place may go if no shard loses more
        than f replicas with it."""
        if kind.effect or not is_played(kind, self.scenario):
            return False
        if kind.name not in TAKES_A_PLACE:
            return True
        return not self.atlas.is_one_place and survives(self.atlas, shards_of(self.scenario), kind.name)

    def kind_named(self, name: str) -> FaultKind:
        """One kind of the catalogue."""
        return KINDS[name]

    def roles(self, kind: FaultKind) -> tuple[str, ...]:
        """Whom a kind can hit here."""
        there = self.hosts if self.atlas.is_one_place else (*self.hosts, *PLACES)
        return tuple(role for role in kind.targets if role in there)

    def roles_for_good(self, allowed: Sequence[str]) -> tuple[str, ...]:
        """Who may stay away to the end."""
        gone = tuple(role for role in _GONE.targets if role in self.hosts) if _GONE.name in allowed else ()
        return (PHONE, *gone) if "offline" in allowed else gone

    def draw(self) -> tuple[Fault, ...]:
        """All faults of the run, in the order drawn."""
        random = self.random
        number = random.least + self.dice.below(random.most - random.least + 1, "faults")
        return tuple(self.fault(place) for place in range(number)) if self.kinds else ()

    def fault(self, place: int) -> Fault:
        """The fault at one place of the schedule."""
        if self.dice.chance(self.random.beyond_promise, "beyond the promise", place):
            fault = beyond(self, place)
            if fault is not None:
                return fault
        if self.goners and self.dice.chance(self.random.for_good, "for good", place):
            return self.for_good(place)
        if self.dice.chance(self.random.at_points, "at a point", place):
            fault = self.at_point(place)
            if fault is not None:
                return fault
        return self.at_time(place)

    def at_point(self, place: int, point: str = "") -> Fault | None:
        """A fault that strikes the host that meets a point, drawn unless it is given."""
        dice = self.dice
        points, rare = self.points, False
        if dice.chance(self.random.rare_points, "rare point", place):
            points, rare = rare_of(self.points), True
        point = point or points[dice.below(len(points), "point", place)]
        role = point.split()[1].split(".")[0]
        sorts = _AT_PHONE if role == PHONE else _AT_SHARD if role in _SHARDS else _AT_SERVER
        allowed = [name for name in sorts if any(kind.name == name for kind in self.kinds)]
        if not allowed:
            return None
        kind = allowed[dice.below(len(allowed), "kind at point", place)]
        about_one = dice.chance(0.3, "about one operation", place) and ".append" in point
        return Fault(
            kind=kind,
            point=point,
            nth=1 if about_one else 1 + dice.below(self.times(rare), "n-th", place),
            operation=dice.below(self.operations, "operation", place) if about_one else None,
            for_us=self.span_us(place) if KINDS[kind].lasts else 0,
        )

    def times(self, rare: bool) -> int:
        """How many times a point may be met before the fault strikes."""
        return RARE_TIMES if rare else max(2, min(self.operations, 40))

    def for_good(self, place: int) -> Fault:
        """Somebody goes and does not come back, within what the system must survive."""
        role = self.goners[self.dice.below(len(self.goners), "role for good", place)]
        kind = "offline" if role == PHONE else _GONE.name
        return Fault(kind, at_us=self.moment_us(place), target=f"{role} any")

    def follows(self, place: int) -> bool:
        """Whether a fault is part of a burst, with the one at the place before."""
        return place > 0 and self.dice.chance(self.random.bursts, "burst", place)

    def moment_us(self, place: int) -> int:
        """When a fault at a time strikes."""
        warm_up = self.scenario.time.warm_up_us
        if self.follows(place):
            soon_us = self.moment_us(place - 1) + self.dice.below(BURST_US, "when in a burst", place)
            return min(soon_us, max(warm_up, self.duration_us - 1))
        return warm_up + self.dice.below(max(1, self.duration_us - warm_up), "when", place)

    def at_time(self, place: int) -> Fault:
        """A fault that strikes at a time; in a burst, often the same kind as before, elsewhere."""
        dice = self.dice
        same = self.follows(place) and dice.chance(0.5, "same kind in a burst", place)
        kind = self.pick_kind(place - 1 if same else place)
        roles = self.roles(kind)
        role = roles[dice.below(len(roles), "role", place)]
        links = "peer" in kind.keys
        return Fault(
            kind=kind.name,
            at_us=self.moment_us(place),
            for_us=self.span_us(place, away=role == "phone" and kind.name in ("offline", "battery_dead"))
            if kind.lasts
            else 0,
            target=self.target(kind, role, place),
            peer=self.peer(place) if links else "",
            probability=self.share(place) if "probability" in kind.keys else 1.0,
            amount_us=self.amount_us(kind, place),
            factor=float(self.factor(kind, place)) if "factor" in kind.keys else 1.0,
        )

    def pick_kind(self, place: int) -> FaultKind:
        """By weight."""
        turn = self.dice.below(sum(kind.weight for kind in self.kinds), "kind", place)
        for kind in self.kinds:
            turn -= kind.weight
            if turn < 0:
                return kind
        raise AssertionError("weights add up")

    def target(self, kind: FaultKind, role: str, place: int) -> str:
        """One host of the role, or a part of the phones; what goes from host to host needs several."""
        if role == "registry":
            return role
        if kind.name == "clogging" and role in _ALL_OF:
            return _ALL_OF[role]
        if role == "phone" and self.dice.chance(0.3, "many phones", place):
            return f"phones {5 + self.dice.below(45, 'part of the phones', place)}%"
        return f"{role} any"

    def peer(self, place: int) -> str:
        """Mostly everybody; sometimes one other host, or place."""
        peers: tuple[str, ...] = ("", "", "store any", "inbox any", "registry", "connection_server any")
        if not self.atlas.is_one_place:
            peers = (*peers, "region any", "zone any")
        return peers[self.dice.below(len(peers), "peer", place)]

    def span_us(self, place: int, *, away: bool = False) -> int:
        """How long: every order of magnitude alike."""
        random = self.random
        shortest = random.shortest_us
        longest = max(shortest + 1, random.longest_away_us if away else random.longest_us)
        ratio = longest / shortest
        return int(shortest * ratio ** self.dice.unit("span", place))

    def share(self, place: int) -> float:
        """A probability, now and then certainty."""
        if self.dice.chance(0.2, "certain", place):
            return 1.0
        return (1 + self.dice.below(60, "share", place)) / 100.0

    def amount_us(self, kind: FaultKind, place: int) -> int:
        """A delay, a half-cycle or a window of lost writes up to some seconds; a clock's error up to a week."""
        if "by" not in kind.keys:
            return 0
        if kind.name.startswith("clock"):
            error = 1 + self.dice.below(7 * _DAY_US, "clock error", place)
            return -error if self.dice.chance(0.5, "clock behind", place) else error
        if kind.name in USUAL_LIMIT_US:
            return 500_000 + self.dice.below(12_000_000, "idle limit", place)
        if kind.name == "bandwidth":
            return 100 + self.dice.below(BANDWIDTH_MOST_US, "amount", place)
        return 1_000 + self.dice.below(4_000_000, "amount", place)

    def factor(self, kind: FaultKind, place: int) -> float:
        """How much slower; for a clock, parts per million within the declared rate; for an overload, up to three times
        what a server can do."""
        if kind.name == "clock_drift":
            return self.dice.below(401, "drift", place) - 200
        if kind.name == "overload":
            return 1.1 + self.dice.below(20, "factor", place) / 10
        return 2 + self.dice.below(99, "factor", place)
