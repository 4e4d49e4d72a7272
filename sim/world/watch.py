"""Heartbeats and renewals as computed obligations: idle connections cost no event.

A phone's heartbeats go out every H from the answer to its hello on; each renews the lease on its way. As long as
nothing is wrong nobody can tell them from none at all, so they are not played. When a path falls silent, the moments
at which either side would notice follow from the phase of the heartbeats, and only those become entries:

- the phone: the first heartbeat whose answer does not come, plus D (PHONE-7);
- the server: the last heartbeat that came, plus K (CONN-7);
- the lease: the last renewal, plus its TTL (REG-1), which the registry is told as ``on_last_renewal``.

``explicit`` plays every heartbeat instead, by the same rules; a test holds the two against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .connections import Connection
    from .world import World


class Watch:
    """The obligations of all connections."""

    __slots__ = ("timers", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.timers = world.scenario.protocol

    # -- obligations begin ------------------------------------------------------------------------------------

    def phone_watches(self, connection: Connection) -> None:
        """PHONE-7: heartbeats from now on."""
        connection.watched_from_us = self.world.environment._now
        if self.world.signs is not None:
            self.world.signs.begin(connection)
        if connection.silent:
            self.phone_will_notice(connection)
        if connection.renews_first:
            self.renew_later(connection)
        if self.world.idle.boxes:
            self.world.idle.look(connection)

    def keep_lease(self, connection: Connection) -> None:
        """REG-1: renewals with every heartbeat from now on."""
        connection.leased = True
        connection.granted_at_us = self.world.environment._now
        self.tell_sign_of_life(connection)
        if not connection.silent and not self.renews(connection):
            # The registry was wiped while the grant was on its way: the next heartbeat tells.
            self.renew_later(connection)

    def tell_sign_of_life(self, connection: Connection) -> None:
        """PRES-A: with the first renewal under a lease the server says when it heard of the phone last."""
        registry = self.world.registry
        server = connection.server
        if self.world.signs is not None and self.world.registry_reachable(server):
            registry.machines[0].on_sign_of_life(
                server,
                connection.server_incarnation,
                connection.device,
                connection.epoch,
                connection.number,
                registry.clock.local_us(self.last_heard_us(connection, int(self.world.environment._now))),
            )

    def taken_up(self, connection: Connection) -> None:
        """CONN-7: from the hello on, silence counts; a hello that a paused server finds when it wakes may have come
        over a path that is silent already."""
        if connection.silent:
            self.server_will_notice(connection)

    def server_will_notice(self, connection: Connection) -> None:
        """CONN-7: the last sign of life, plus K."""
        now = self.world.environment._now
        at = max(now, self.last_heard_us(connection, now) + self.timers.server_patience_us)
        self.world.environment.call_at(at, self.server_notices, (connection, connection.path_changes))

    # -- what would have happened by now ------------------------------------------------------------------------

    def last_heard_us(self, connection: Connection, now_us: int) -> int:
        """When the server last heard of the phone: a heartbeat, or the hello."""
        if 0 <= connection.silent_from_us <= now_us:
            return max(connection.heard_before_us, connection.taken_up_us)
        first = connection.watched_from_us + connection.one_way_us
        if connection.hung_up_us >= 0:
            now_us = min(now_us, connection.hung_up_us + connection.one_way_us)
        if connection.watched_from_us < 0 or now_us < first:
            return connection.taken_up_us
        heartbeat = self.timers.heartbeat_us
        heard = first + (now_us - first) // heartbeat * heartbeat
        if heard < connection.speaks_from_us:
            heard = min(heard, connection.heard_before_us)
        return max(heard, connection.taken_up_us)

    def heard_by_registry_us(self, connection: Connection) -> int:
        """The same, as far as renewals carried it to the registry."""
        now = int(self.world.environment._now)
        stopped = connection.renewals_stopped_us
        return self.last_heard_us(connection, now if stopped < 0 else stopped)

    def next_sent_us(self, connection: Connection) -> int:
        """When the phone's next heartbeat goes out."""
        heartbeat = self.timers.heartbeat_us
        since = self.world.environment._now - connection.watched_from_us
        return connection.watched_from_us + (since // heartbeat + 1) * heartbeat

    def last_beat_us(self, connection: Connection, now_us: int) -> int:
        """When the phone's last heartbeat went out (-1: none has)."""
        from_us = connection.watched_from_us
        if from_us < 0:
            return -1
        return from_us + (now_us - from_us) // self.timers.heartbeat_us * self.timers.heartbeat_us

    def count_beats(self, connection: Connection) -> None:
        """How many heartbeats this connection has had, now that it ends."""
        from_us = connection.watched_from_us
        if from_us >= 0:
            beats = 1 + (self.world.environment._now - from_us) // self.timers.heartbeat_us
            self.world.tally["heartbeats"] += beats

    def longest_gap_us(self, connection: Connection) -> int:
        """The longest time that this connection may be without traffic: until its hello is answered or given up, or
        between two heartbeats."""
        return self.timers.answer_within_us if connection.watched_from_us < 0 else self.timers.heartbeat_us

    def next_heard_us(self, connection: Connection, now_us: int) -> int:
        """When the server hears of the phone next."""
        heartbeat = self.timers.heartbeat_us
        if connection.watched_from_us < 0:
            return now_us + heartbeat
        first = connection.watched_from_us + connection.one_way_us
        if now_us < first:
            return first
        return first + ((now_us - first) // heartbeat + 1) * heartbeat

    # -- the path -----------------------------------------------------------------------------------------------

    def path_lost(self, connection: Connection) -> None:
        """From now on heartbeats are lost: the phone, the server and the lease each have their own patience."""
        if connection.phone_open and connection.watched_from_us >= 0:
            self.phone_will_notice(connection)
        if connection.server_open and connection.taken_up_us >= 0:
            self.server_will_notice(connection)
            self.renewals_end(connection)

    def phone_will_notice(self, connection: Connection) -> None:
        """PHONE-7: the first heartbeat whose answer cannot come any more, plus D."""
        environment = self.world.environment
        heartbeat = self.timers.heartbeat_us
        since = max(0, environment._now - 2 * connection.one_way_us - connection.watched_from_us)
        unanswered = connection.watched_from_us + -(-since // heartbeat) * heartbeat
        at = max(environment._now, unanswered + self.timers.answer_within_us)
        environment.call_at(at, self.phone_notices, (connection, connection.path_changes))

    def phone_notices(self, due: tuple[Connection, int]) -> None:
        """PHONE-7: still silent: the connection is dead to the phone."""
        connection, changes = due
        phone = connection.phone
        if connection.path_changes == changes and connection.phone_open and phone.life is connection.life:
            phone.guard(phone.machine.on_silence, connection)

    def server_notices(self, due: tuple[Connection, int]) -> None:
        """CONN-7: still silent: the server closes and releases the lease."""
        connection, changes = due
        server = connection.server
        if connection.path_changes == changes and connection.server_open and server.up:
            if server.paused_until_us > self.world.environment._now:
                self.world.environment.call_at(server.paused_until_us, self.server_notices, due)
                return
            server.guard(server.machines[0].on_silence, connection)

    def hung_up(self, connection: Connection, goodbye_us: int) -> None:
        """The phone's last word may be stuck behind others: no heartbeat is sent meanwhile, and patience may end."""
        if connection.taken_up_us >= 0:
            patience_us = min(self.timers.server_patience_us, self.timers.lease_us)
            if goodbye_us >= self.last_heard_us(connection, int(self.world.environment._now)) + patience_us:
                self.server_will_notice(connection)
                self.renewals_end(connection)

    def path_back(self, connection: Connection) -> None:
        """Heartbeats get through again: the next one renews the lease."""
        if connection.server_open and connection.leased:
            self.renew_later(connection)

    # -- leases -------------------------------------------------------------------------------------------------

    def renew_later(self, connection: Connection) -> None:
        """With the next heartbeat; nobody knows when that is before the first has gone out."""
        if connection.watched_from_us < 0:
            connection.renews_first = True
            return
        environment = self.world.environment
        environment.call_at(self.next_heard_us(connection, environment._now), self.renew, connection)

    def renew(self, connection: Connection) -> None:
        """REG-1: renewals get through from now on; CONN-10: unless the registry does not know the lease."""
        if not self.renews(connection):
            server = connection.server
            server.guard(server.machines[0].on_renewal_missed, connection.device, connection.epoch)

    def renews(self, connection: Connection) -> bool:
        """Try it; False: the registry answers that it does not know the lease."""
        if not connection.leased or not connection.server_open or connection.silent or connection.hung_up_us >= 0:
            return True
        server = connection.server
        if server.paused_until_us > self.world.environment._now:
            self.world.environment.call_at(server.paused_until_us, self.renew, connection)
            return True
        registry = self.world.registry
        if not self.world.registry_reachable(server):
            self.renewals_fail(connection)
            return True
        known: bool = registry.machines[0].on_renewals(
            server,
            connection.server_incarnation,
            connection.device,
            connection.epoch,
            connection.number,
            registry.clock.local_us(connection.granted_at_us),
        )
        if known:
            connection.renewals += 1
            connection.renewals_stopped_us = -1
        return known

    def last_renewal_us(self, connection: Connection) -> int:
        """When the lease was last renewed, seen from now (long ago, if it never was)."""
        last = self.heard_by_registry_us(connection)
        return last if last > connection.granted_at_us else connection.granted_at_us - self.timers.lease_us

    def renewals_end(self, connection: Connection) -> None:
        """No renewal comes any more: the registry's lease lives one TTL from the last one."""
        if not connection.leased:
            return
        registry = self.world.registry
        if registry.up:
            registry.machines[0].on_last_renewal(
                connection.server,
                connection.server_incarnation,
                connection.device,
                connection.epoch,
                connection.number,
                registry.clock.local_us(self.last_renewal_us(connection)),
                registry.clock.local_us(self.heard_by_registry_us(connection)),
            )

    def renewals_fail(self, connection: Connection) -> None:
        """The registry cannot be reached: CONN-10, a server that cannot renew in time closes the connection."""
        if not connection.leased or not connection.server_open:
            return
        environment = self.world.environment
        if connection.renewals_stopped_us < 0:
            connection.renewals_stopped_us = environment._now
        self.renewals_end(connection)
        good_for = max(self.last_renewal_us(connection), connection.granted_at_us) + self.timers.lease_us
        at = max(int(environment._now), good_for - self.timers.call_again_us)
        environment.call_at(at, self.renewal_failed, (connection, connection.renewals))

    def renewal_failed(self, due: tuple[Connection, int]) -> None:
        """CONN-10: time is up; if the registry is still out of reach, close."""
        connection, renewals = due
        server = connection.server
        if (
            connection.renewals == renewals
            and connection.leased
            and connection.server_open
            and not connection.silent
            and server.up
            and not self.world.registry_reachable(server)
        ):
            server.guard(server.machines[0].on_renewal_failed, connection.device, connection.epoch)

    # -- the registry -------------------------------------------------------------------------------------------

    def registry_lost(self, servers: list[Any]) -> None:
        """The registry is down, or out of reach of these servers."""
        if self.world.signs is not None:
            self.world.signs.reach(servers, False)
        self.renewals_lost(servers)

    def registry_back(self, servers: list[Any]) -> None:
        """The registry can be reached again by these servers, and may know nothing: the next heartbeats tell."""
        if self.world.signs is not None:
            self.world.signs.reach(servers, True)
        self.renewals_back(servers)

    def renewals_lost(self, servers: list[Any]) -> None:
        """No renewal of these servers gets through."""
        for server in servers:
            for connection in list(server.connections.values()):
                self.renewals_fail(connection)

    def renewals_back(self, servers: list[Any]) -> None:
        """They do again, from the next heartbeat on."""
        for server in servers:
            for connection in list(server.connections.values()):
                if connection.leased and not connection.silent:
                    self.renew_later(connection)
