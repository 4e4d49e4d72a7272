"""Every heartbeat and every renewal played one by one: what ``watch.py`` computes, by the same rules.

It costs an entry per heartbeat, arrival and deadline, which is why runs do not use it. A test plays small worlds both
ways and holds the histories against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .watch import Watch

if TYPE_CHECKING:
    from .connections import Connection
    from .world import World


class Heartbeats(Watch):
    """The obligations of all connections, played."""

    __slots__ = ("answered", "beat_us", "heard_us", "renewed_us")

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.answered: dict[int, int] = {}
        """Connection to its last heartbeat that was answered."""
        self.beat_us: dict[int, int] = {}
        """Connection to when its last heartbeat went out."""
        self.heard_us: dict[int, int] = {}
        """Connection to when its server last heard of the phone."""
        self.renewed_us: dict[int, int] = {}
        """Connection to when its lease was last granted or renewed."""

    # -- obligations begin ------------------------------------------------------------------------------------

    def phone_watches(self, connection: Connection) -> None:
        """PHONE-7: the first heartbeat goes out now."""
        connection.watched_from_us = int(self.world.environment._now)
        if self.world.signs is not None:
            self.world.signs.begin(connection)
        self.beat((connection, 0))
        if self.world.idle.boxes:
            self.world.idle.look(connection)

    def keep_lease(self, connection: Connection) -> None:
        """REG-1: renewed by the heartbeats that come."""
        connection.leased = True
        connection.granted_at_us = int(self.world.environment._now)
        self.renewed_us[connection.number] = connection.granted_at_us
        self.heard_us.setdefault(connection.number, connection.taken_up_us)
        self.tell_sign_of_life(connection)
        self.wait_for_renewal(connection)

    def taken_up(self, connection: Connection) -> None:
        """CONN-7: from the hello on, silence counts."""
        self.heard_us[connection.number] = connection.taken_up_us
        self.wait_for_heartbeat(connection)

    # -- a heartbeat --------------------------------------------------------------------------------------------

    def beat(self, due: tuple[Connection, int]) -> None:
        """One heartbeat goes out; its answer is due in D, the next heartbeat in H."""
        connection, number = due
        if not connection.phone_open or connection.phone.life is not connection.life:
            return
        environment = self.world.environment
        self.beat_us[connection.number] = int(environment._now)
        environment.call_after(connection.one_way_us, self.arrive, due)
        environment.call_after(self.timers.answer_within_us, self.deadline, due)
        environment.call_after(self.timers.heartbeat_us, self.beat, (connection, number + 1))

    def last_beat_us(self, connection: Connection, now_us: int) -> int:
        """When the phone's last heartbeat went out."""
        return self.beat_us.get(connection.number, -1)

    def arrive(self, due: tuple[Connection, int]) -> None:
        """At the server: noted, the lease renewed, the answer sent."""
        connection, _ = due
        if connection.silent or not connection.server_open:
            return
        now = int(self.world.environment._now)
        self.heard_us[connection.number] = now
        self.wait_for_heartbeat(connection)
        if connection.leased:
            self.renew(connection)
        self.world.environment.call_after(connection.one_way_us, self.answer, due)

    def answer(self, due: tuple[Connection, int]) -> None:
        """The answer is at the phone."""
        connection, number = due
        if not connection.silent:
            self.answered[connection.number] = number

    def deadline(self, due: tuple[Connection, int]) -> None:
        """PHONE-7: no answer in D, and none under way: the connection is dead."""
        connection, number = due
        if self.answered.get(connection.number, -1) < number and connection.silent:
            self.phone_notices((connection, connection.path_changes))

    def wait_for_heartbeat(self, connection: Connection) -> None:
        """CONN-7: K from the last heartbeat on."""
        heard = self.heard_us[connection.number]
        self.world.environment.call_at(heard + self.timers.server_patience_us, self.patience_ends, (connection, heard))

    def patience_ends(self, due: tuple[Connection, int]) -> None:
        """CONN-7: nothing since then: the server closes."""
        connection, heard = due
        if self.heard_us[connection.number] == heard and (connection.silent or connection.hung_up_us >= 0):
            self.server_notices((connection, connection.path_changes))

    # -- a renewal ----------------------------------------------------------------------------------------------

    def renew(self, connection: Connection) -> None:
        """REG-1: one renewal; CONN-10: a lease that the registry does not know is claimed again."""
        server = connection.server
        if not self.world.registry_reachable(server):
            return
        registry = self.world.registry
        known = registry.machines[0].on_renewal(
            server,
            connection.server_incarnation,
            connection.device,
            connection.epoch,
            connection.number,
            registry.clock.local_us(connection.granted_at_us),
        )
        if known:
            self.renewed_us[connection.number] = int(self.world.environment._now)
            self.wait_for_renewal(connection)
        else:
            server.guard(server.machines[0].on_renewal_missed, connection.device, connection.epoch)

    def wait_for_renewal(self, connection: Connection) -> None:
        """CONN-10: a server that cannot renew in time closes the connection."""
        renewed = self.renewed_us[connection.number]
        at = renewed + self.timers.lease_us - self.timers.call_again_us
        environment = self.world.environment
        environment.call_at(max(int(environment._now), at), self.renewal_failed, (connection, renewed))

    def renewal_failed(self, due: tuple[Connection, int]) -> None:
        """Not renewed since then."""
        connection, renewed = due
        if self.renewed_us[connection.number] == renewed and not connection.silent:
            super().renewal_failed((connection, connection.renewals))

    # -- what only the computed obligations need ----------------------------------------------------------------

    def path_lost(self, connection: Connection) -> None:
        """The heartbeats that do not come will tell."""

    def path_back(self, connection: Connection) -> None:
        """The next heartbeat will tell."""

    def renewals_end(self, connection: Connection) -> None:
        """The lease lapses by itself."""

    def hung_up(self, connection: Connection, goodbye_us: int) -> None:
        """The heartbeats that are not sent will tell."""

    def renewals_lost(self, servers: list[Any]) -> None:
        """The renewals that are not answered will tell."""

    def renewals_back(self, servers: list[Any]) -> None:
        """The next renewal will tell."""
