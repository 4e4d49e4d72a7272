"""The presence part of the registry alone: who is online, who is told, and what is forgotten (PRES-A..C)."""

from __future__ import annotations

from typing import Any

from port_fakes import RegistryFake
from recording_port import SECOND

from sim.protocol.presence import Presence as PresencePart
from sim.scenario.presence import Presence
from sim.vocabulary.ids import device_of
from sim.vocabulary.messages import Claim, Release
from sim.vocabulary.presence import NOT_KNOWN, ContactState, PresenceBatch, UnwatchContacts, WatchContacts

ANN, BOB, CID = 0, 1, 2
SERVER, OTHER = "server a", "server b"
LIFE = 20 * SECOND
BATCH = SECOND // 10


def registry(kind: str = "lazy") -> RegistryFake:
    return RegistryFake(Presence(kind, LIFE, BATCH), lease_us=15 * SECOND)


def part(port: RegistryFake) -> PresencePart:
    return port.machines[1]  # type: ignore[no-any-return]


def comes(port: RegistryFake, device: int, epoch: int = 1, server: Any = SERVER) -> None:
    """A device gets its lease, and its server says that it heard of it just now."""
    port.receive(server, Claim(device, epoch, 1, connection(device, epoch), 0))
    port.machine.on_sign_of_life(server, 1, device, epoch, connection(device, epoch), port.now_us)


def connection(device: int, epoch: int) -> int:
    return device * 100 + epoch


def beats(port: RegistryFake, device: int, epoch: int = 1, server: Any = SERVER) -> bool:
    """One heartbeat that is played."""
    return port.machine.on_renewal(server, 1, device, epoch, connection(device, epoch))  # type: ignore[no-any-return]


def goes(port: RegistryFake, device: int, epoch: int = 1, server: Any = SERVER) -> None:
    """A clean goodbye."""
    port.receive(server, Release(device, epoch, 1, connection(device, epoch), 0))


def asks(port: RegistryFake, device: int, *contacts: int, epoch: int = 1, server: Any = SERVER, asked_us: int = 0,
         answered: bool = True) -> None:  # fmt: skip
    port.receive(server, WatchContacts(device, epoch, contacts, answered, asked_us, 0))


def told(port: RegistryFake, server: Any = SERVER) -> list[ContactState]:
    """What one server's phones were told by now, once the batches are out; then a new story begins."""
    port.fire_due(BATCH)
    batches = [each for each in port.sent_to(server) if isinstance(each, PresenceBatch)]
    port.forget()
    return [state for batch in batches for state in batch.states]


def states(port: RegistryFake, server: Any = SERVER) -> list[tuple[int, int, bool]]:
    """(Device told, contact, whether online)."""
    return [(each.device, each.contact, each.life_us > 0) for each in told(port, server)]


BOBS, CIDS = device_of(BOB), device_of(CID)
ANNS = device_of(ANN)


def test_pres_a_a_user_is_online_while_a_device_has_a_live_lease() -> None:
    port = registry()
    asks(port, BOBS, ANN)
    assert states(port) == [(BOBS, ANN, False)]
    comes(port, ANNS)
    assert states(port) == [(BOBS, ANN, True)]
    goes(port, ANNS)
    assert states(port) == [(BOBS, ANN, False)]


def test_pres_a_a_claim_alone_is_no_heartbeat() -> None:
    """It may have waited for long, at a server that stood still."""
    port = registry()
    asks(port, BOBS, ANN)
    port.receive(SERVER, Claim(ANNS, 1, 1, connection(ANNS, 1), 0))
    assert states(port) == [(BOBS, ANN, False)]


def test_pres_a_the_life_told_is_what_is_left_of_it() -> None:
    port = registry()
    comes(port, ANNS)
    port.fire_due(4 * SECOND)
    asks(port, BOBS, ANN)
    (state,) = told(port)
    assert state.life_us == LIFE - 4 * SECOND - BATCH and state.seen_ago_us == 4 * SECOND + BATCH


def test_pres_a_heartbeats_that_nobody_plays_count_as_well() -> None:
    port = registry()
    comes(port, ANNS)
    assert port.machine.on_renewals(SERVER, 1, ANNS, 1, connection(ANNS, 1))
    port.fire_due(100 * SECOND)
    port.beats[connection(ANNS, 1)] = 98 * SECOND
    asks(port, BOBS, ANN)
    (state,) = told(port)
    assert state.life_us == LIFE - 2 * SECOND - BATCH


def test_pres_a_no_live_lease_means_not_online_however_long_a_life_is() -> None:
    port = RegistryFake(Presence("lazy", 100 * SECOND, BATCH), lease_us=15 * SECOND)
    comes(port, ANNS)
    port.fire_due(16 * SECOND)
    asks(port, BOBS, ANN)
    assert states(port) == [(BOBS, ANN, False)]


def test_pres_a_the_end_of_a_life_is_told_to_nobody() -> None:
    """The phone that was told counts it down."""
    port = registry()
    comes(port, ANNS)
    asks(port, BOBS, ANN)
    assert len(told(port)) == 1
    port.fire_due(LIFE)
    assert told(port) == []


def test_pres_a_who_is_heard_again_after_a_silence_is_news() -> None:
    port = RegistryFake(Presence("lazy", LIFE, BATCH), lease_us=60 * SECOND)
    comes(port, ANNS)
    asks(port, BOBS, ANN)
    told(port)
    port.fire_due(15 * SECOND)
    asks(port, BOBS, ANN, asked_us=15 * SECOND)
    told(port)
    port.fire_due(10 * SECOND)
    assert beats(port, ANNS)
    assert states(port) == [(BOBS, ANN, True)]


def test_pres_a_a_reconnect_is_no_news() -> None:
    """REG-2: a higher epoch takes the lease over, and what was heard before still counts."""
    port = registry()
    comes(port, ANNS)
    asks(port, BOBS, ANN)
    told(port)
    port.fire_due(3 * SECOND)
    comes(port, ANNS, epoch=2, server=OTHER)
    assert told(port) == []
    goes(port, ANNS)
    assert told(port) == [], "the release of the older lease ends nothing (REG-3)"


def test_pres_b_a_subscription_lapses_unless_it_is_renewed() -> None:
    port = registry()
    asks(port, BOBS, ANN)
    asks(port, CIDS, ANN)
    told(port)
    port.fire_due(15 * SECOND)
    asks(port, CIDS, ANN, asked_us=15 * SECOND)
    told(port)
    port.fire_due(6 * SECOND)
    comes(port, ANNS)
    assert states(port) == [(CIDS, ANN, True)]
    assert BOBS not in part(port).viewers and BOBS not in part(port).people[ANN].watched


def test_pres_b_a_closed_chat_hears_nothing_more() -> None:
    port = registry()
    asks(port, BOBS, ANN)
    told(port)
    port.receive(SERVER, UnwatchContacts(BOBS, 1, (ANN,), 0))
    comes(port, ANNS)
    assert told(port) == []


def test_pres_b_another_chat_takes_the_place_of_the_one_before() -> None:
    """Even where the end of the first was lost."""
    port = registry()
    asks(port, BOBS, ANN)
    asks(port, BOBS, CID, asked_us=1)
    assert states(port) == [(BOBS, CID, False)]
    comes(port, ANNS)
    assert told(port) == []
    comes(port, CIDS)
    assert states(port) == [(BOBS, CID, True)]


def test_pres_b_a_late_end_of_one_chat_does_not_end_the_next() -> None:
    port = registry()
    asks(port, BOBS, CID, asked_us=1)
    told(port)
    port.receive(SERVER, UnwatchContacts(BOBS, 1, (ANN,), 0))
    comes(port, CIDS)
    assert states(port) == [(BOBS, CID, True)]


def test_pres_b_older_connections_are_fenced() -> None:
    port = registry()
    asks(port, BOBS, ANN, epoch=2, server=OTHER, asked_us=5)
    told(port)
    asks(port, BOBS, ANN, epoch=1, server=SERVER, asked_us=9)
    port.receive(SERVER, UnwatchContacts(BOBS, 1, (ANN,), 0))
    comes(port, ANNS)
    port.fire_due(BATCH)
    (batch,) = port.sent(PresenceBatch)
    to = next(each.to for each in port.effects if each.subject is batch)
    assert to == OTHER and [state.epoch for state in batch.states] == [2]


def test_pres_b_a_question_that_was_overtaken_changes_nothing() -> None:
    """It would date the answers too late."""
    port = registry()
    asks(port, BOBS, ANN, asked_us=7 * SECOND)
    port.fire_due(SECOND)
    port.forget()
    asks(port, BOBS, ANN, asked_us=3 * SECOND)
    comes(port, ANNS)
    (state,) = told(port)
    assert state.asked_us == 7 * SECOND and state.held_us == SECOND + BATCH


def test_pres_b_eagerly_every_contact_hears_of_every_change_and_of_nothing_else() -> None:
    port = registry("eager")
    asks(port, BOBS, ANN, CID, answered=False)
    assert told(port) == []
    comes(port, ANNS)
    assert states(port) == [(BOBS, ANN, True)]
    asks(port, BOBS, ANN, CID, answered=False, asked_us=1)
    assert told(port) == []
    goes(port, ANNS)
    assert states(port) == [(BOBS, ANN, False)]


def test_pres_b_an_open_chat_of_a_contact_survives_its_end_in_the_list() -> None:
    port = registry("eager")
    asks(port, BOBS, ANN, answered=False)
    asks(port, BOBS, ANN)
    told(port)
    port.receive(SERVER, UnwatchContacts(BOBS, 1, (ANN,), 0))
    comes(port, ANNS)
    assert states(port) == [(BOBS, ANN, True)]


def test_fan_4_one_batch_for_each_connection_server() -> None:
    port = registry()
    for device, server in ((BOBS, SERVER), (CIDS, SERVER), (device_of(3), OTHER)):
        asks(port, device, ANN, server=server)
    port.fire_due(BATCH)
    assert [len(each.states) for each in port.sent(PresenceBatch)] == [2, 1]
    assert [each.to for each in port.effects if each.name == "send"] == [SERVER, OTHER]


def test_fan_4_who_comes_and_goes_within_a_batch_is_no_news() -> None:
    port = registry()
    asks(port, BOBS, ANN)
    told(port)
    comes(port, ANNS)
    goes(port, ANNS)
    assert told(port) == []


def test_pres_c_last_seen_is_the_last_heartbeat_and_not_the_end_of_the_lease() -> None:
    port = registry()
    comes(port, ANNS)
    port.fire_due(5 * SECOND)
    beats(port, ANNS)
    port.fire_due(4 * SECOND)
    goes(port, ANNS)
    port.fire_due(60 * SECOND)
    asks(port, BOBS, ANN)
    (state,) = told(port)
    assert state.life_us == 0 and state.seen_ago_us == 64 * SECOND + BATCH


def test_pres_c_a_lapsed_lease_leaves_its_last_heartbeat() -> None:
    """What the port said while renewals came, and then said was the last."""
    port = registry()
    comes(port, ANNS)
    port.machine.on_renewals(SERVER, 1, ANNS, 1, connection(ANNS, 1))
    port.fire_due(40 * SECOND)
    port.machine.on_last_renewal(SERVER, 1, ANNS, 1, connection(ANNS, 1), 36 * SECOND, 36 * SECOND)
    port.fire_due(60 * SECOND)
    assert port.machine.look_up(ANNS) == (None, -1)
    asks(port, BOBS, ANN)
    (state,) = told(port)
    assert state.seen_ago_us == port.now_us - 36 * SECOND


def test_pres_c_of_several_devices_any_is_online_and_the_latest_is_last_seen() -> None:
    port = registry()
    phone, linked = device_of(ANN), device_of(ANN, 1)
    comes(port, phone)
    port.fire_due(3 * SECOND)
    comes(port, linked, server=OTHER)
    asks(port, BOBS, ANN)
    assert states(port) == [(BOBS, ANN, True)]
    goes(port, linked, server=OTHER)
    assert told(port) == [], "the phone is still there"
    port.fire_due(SECOND)
    goes(port, phone)
    (state,) = told(port)
    assert state.life_us == 0 and state.seen_ago_us == port.now_us - 3 * SECOND


def test_pres_c_after_a_wipe_nobody_knows() -> None:
    port = registry()
    comes(port, ANNS)
    port.crash()
    asks(port, BOBS, ANN)
    (state,) = told(port)
    assert state.life_us == 0 and state.seen_ago_us == NOT_KNOWN


def test_pres_c_after_a_fail_over_the_next_heartbeat_tells() -> None:
    """The leases are there, the presence part is empty."""
    port = registry()
    comes(port, ANNS)
    leases = dict(port.machine.leases)
    port.crash()
    port.machine.leases.update(leases)
    asks(port, BOBS, ANN)
    assert states(port) == [(BOBS, ANN, False)]
    port.fire_due(SECOND)
    assert beats(port, ANNS)
    assert states(port) == [(BOBS, ANN, True)]


def test_without_presence_the_registry_keeps_none() -> None:
    port = RegistryFake(lease_us=15 * SECOND)
    comes(port, ANNS)
    assert port.machine.presence is None and len(port.machines) == 1
