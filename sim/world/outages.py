"""How servers of a world go down and come back: crashes, lost disks, whole places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .connections import Connection
    from .environment import Environment
    from .heartbeats import Heartbeats
    from .hosts import ServerHost
    from .registry_nodes import RegistryNodes
    from .watch import Watch


class Outages:
    """The part of a world in which servers fail."""

    environment: Environment
    registry: ServerHost
    registry_nodes: RegistryNodes
    servers: tuple[ServerHost, ...]
    watch: Watch | Heartbeats
    outages = 0
    """How many there have been."""

    def next_outage(self) -> int:
        """A reason for a replica to be away that no other outage has."""
        self.outages += 1
        return -self.outages

    def is_silent_end(self, connection: Connection) -> bool:
        """Whether the end of a host goes without a word to this connection."""
        raise NotImplementedError

    def lose_replica(self, log: Any, replica: int, back_us: int) -> None:
        """A replica's disk is gone: it votes again after so long, when it is back and has caught up (STORE-7)."""
        reason = self.next_outage()
        log.replica_down(replica, reason)
        self.environment.call_after(back_us, lambda _: log.replica_up(replica, reason), None)

    def crash(self, host: ServerHost, down_us: int, *, told: bool = False) -> bool:
        """A host loses its memory and comes back after a while; a shard gets another leader instead. ``told``: only
        the process ends, and its host says so to every other end."""
        if not host.up:
            return False
        after_us = max(1, down_us)
        if host.log is not None:
            replica, reason = host.replica, self.next_outage()
            host.log.replica_down(replica, reason)
            self.environment.call_after(after_us, lambda _: host.log.replica_up(replica, reason), None)
            return True
        if host is self.registry:
            self.registry_nodes.node_down(after_us)
        self.stop_server(host, told=True if told else None)
        self.environment.call_after(after_us, self.restart, host)
        return True

    def stop_server(self, host: ServerHost, *, told: bool | None = None) -> None:
        """A connection server or the registry is gone, and its connections with it. Every other end is ``told``, or
        none is (the whole place is gone, and nobody is left to say so), or, by default, some are."""
        host.stop()
        if host is self.registry:
            self.watch.registry_lost(list(self.servers))
        for connection in list(host.connections.values()):
            connection.close_server_end()
            if not told and (told is False or self.is_silent_end(connection)):
                connection.go_dead()
            elif connection.phone_open and not connection.silent:
                self.environment.call_after(connection.one_way_us, connection.arrive_end_at_phone, None)

    def restart(self, host: ServerHost) -> None:
        """It comes back, with nothing in memory, unless its place is gone."""
        if host.up or (host is self.registry and not self.registry_nodes.take_over()) or host.dark:
            return
        host.start()
        if host is self.registry:
            self.watch.registry_back(list(self.servers))
