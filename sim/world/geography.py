"""Where everything of one world is: homes of people and conversations, machines in places, and the ways between.

A world of one place has none: its hosts ask nothing of all this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..vocabulary.ids import is_channel, is_group, members_of
from .atlas import Atlas
from .dice import lognormal_table, mix

if TYPE_CHECKING:
    from .hosts import ServerHost
    from .world import World


class Geography:
    """The places of one world."""

    __slots__ = (
        "atlas",
        "balanced",
        "elsewhere",
        "homes",
        "inbox_homes",
        "phone_tables",
        "shares",
        "store_homes",
        "world",
    )

    def __init__(self, world: World, atlas: Atlas) -> None:
        self.world = world
        self.atlas = atlas
        topology = world.scenario.topology
        weights = (*atlas.settings.weights, *(1,) * atlas.number)[: atlas.number]
        self.shares = tuple(sum(weights[: region + 1]) / sum(weights) for region in range(atlas.number))
        """Cumulative shares of people by region."""
        self.balanced = self._serving(topology.connection_servers)
        """Region to the connection servers that its phones are sent to."""
        homes = [index % atlas.number for index in range(topology.connection_servers)]
        self.elsewhere = tuple(
            tuple(index for index, home in enumerate(homes) if home != region) for region in range(atlas.number)
        )
        """Region to the connection servers of all others."""
        self.store_homes = self._serving(topology.store_shards)
        self.inbox_homes = self._serving(topology.inbox_shards)
        self.phone_tables: dict[int, tuple[int, ...]] = {}
        self.homes: dict[tuple[str, int], int] = {}
        """What was drawn already, as a draw is asked for with every message."""

    def _serving(self, machines: int) -> tuple[tuple[int, ...], ...]:
        return self.atlas.serving([index % self.atlas.number for index in range(machines)])

    # -- homes ------------------------------------------------------------------------------------------------

    def home_of(self, user: int) -> int:
        """A user's home region: a draw by the weights that only the user's number moves."""
        return self.region_drawn("home region", user)

    def region_drawn(self, purpose: str, number: int) -> int:
        """A region, by the weights."""
        home = self.homes.get((purpose, number))
        if home is None:
            turn = self.world.dice.unit(purpose, number)
            home = next((region for region, share in enumerate(self.shares) if turn < share), self.atlas.number - 1)
            self.homes[purpose, number] = home
        return home

    def home_of_conversation(self, conversation: int) -> int:
        """A conversation's home region: that of its first member; drawn by the same weights where it has no such."""
        if is_group(conversation) or is_channel(conversation):
            return self.region_drawn("home of a group", conversation)
        return self.home_of(members_of(conversation)[0])

    def store_of(self, conversation: int) -> ServerHost:
        """One of the store shards at home in the conversation's region (STORE-7)."""
        shards = self.store_homes[self.home_of_conversation(conversation)]
        return self.world.stores[shards[mix(0x53484152, conversation) % len(shards)]]

    def inbox_of(self, user: int) -> ServerHost:
        """One of the inbox shards at home in the user's region."""
        shards = self.inbox_homes[self.home_of(user)]
        return self.world.inboxes[shards[user % len(shards)]]

    # -- the balancer -----------------------------------------------------------------------------------------

    def choose_server(self, user: int, device: int, epoch: int, avoid: Any) -> ServerHost:
        """PHONE-6: a server of the phone's own region, if there is any. A phone whose last connection failed is sent
        to another one of its region, or, just as likely, to any server of another region than the failed one's: so a
        phone finds its way out of a dead region, and comes home with its next visit."""
        world = self.world
        near = self.balanced[self.home_of(user)]
        if world.draining:
            near = tuple(index for index in near if world.servers[index] not in world.draining) or near
        choice = near
        if avoid is not None:
            elsewhere = self.elsewhere[self.atlas.region_of(avoid.place)]
            others = tuple(index for index in near if index != avoid.index)
            go_away = world.dice.chance(0.5, "another region", device, epoch)
            choice = (elsewhere if go_away else others) or elsewhere or others or near
        return world.servers[choice[world.dice.below(len(choice), "balancer", device, epoch)]]

    # -- ways -------------------------------------------------------------------------------------------------

    def phone_far_us(self, user: int, server: ServerHost) -> int:
        """How much farther than its last mile a phone's server is: the way between their regions."""
        home = self.home_of(user)
        if home == self.atlas.region_of(server.place):
            return 0
        return self.world.far_us[self.atlas.place(home, 0)][server.place]

    def phone_table(self, far_us: int) -> tuple[int, ...]:
        """The delays of a phone's stream over so far a way."""
        table = self.phone_tables.get(far_us)
        if table is None:
            network = self.world.scenario.network
            near = lognormal_table(network.phone_one_way_us, network.phone_sigma)
            table = self.phone_tables[far_us] = tuple(delay_us + far_us for delay_us in near)
        return table
