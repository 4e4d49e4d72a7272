"""Connections in the world: a limit, and an idle one that costs memory and a computed heartbeat (CONN-1)."""

from __future__ import annotations

from words import ANN, BOB

from sim.scenario.model import Scenario, Topology
from sim.vocabulary.ids import conversation_between
from sim.world.roles import REFERENCE
from sim.world.world import World

HOUR = 3600 * 1_000_000


def world_with(connections_each: int = 10, servers: int = 1) -> World:
    topology = Topology(servers, 0, connections_each, 1, 1, 1, 1)
    return World(Scenario(topology=topology), 1, lambda row: None, REFERENCE, users=10)


def come(world: World, *users: int) -> None:
    """These people's phones come, and have time to be served."""
    for user in users:
        world.phone(user).update()
    world.environment.run_until(int(world.environment._now) + 5_000_000)


def test_conn_1_a_server_takes_no_more_connections_than_its_limit() -> None:
    world = world_with(connections_each=3)
    come(world, *range(5))
    (server,) = world.servers
    assert len(server.connections) == 3 and len(server.machines[0].sessions) == 3


def test_conn_1_who_is_turned_away_goes_to_another_server() -> None:
    """PHONE-6."""
    world = world_with(connections_each=3, servers=2)
    come(world, *range(6))
    world.environment.run_until(int(world.environment._now) + HOUR)
    assert sorted(len(server.connections) for server in world.servers) == [3, 3]


def test_conn_1_idle_connections_cost_no_event_and_their_leases_live_on() -> None:
    """REG-1: renewals are the heartbeats that nobody has to play."""
    world = world_with()
    come(world, *range(5))
    world.environment.run_until(int(world.environment._now) + HOUR)
    before = world.environment.entries
    world.environment.run_until(int(world.environment._now) + 24 * HOUR)
    assert world.environment.entries == before
    registry = world.registry.machines[0]
    assert all(registry.look_up(phone.device)[0] is world.servers[0] for phone in world.phones.values())


def test_conn_1_an_idle_connection_still_delivers() -> None:
    world = world_with()
    come(world, ANN, BOB)
    world.environment.run_until(int(world.environment._now) + 24 * HOUR)
    chat = conversation_between(ANN, BOB)
    world.phone(ANN).compose(chat, 7, -1)
    world.environment.run_until(int(world.environment._now) + 5_000_000)
    assert [line.body for line in world.phone(BOB).state.chats[chat].placed] == [7]
