"""E2EE-1, E2EE-2: an envelope per recipient device, opened by that device's key alone; a stale list is no last word."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

from port_fakes import PhoneFake, StoreFake
from words import ANN, ANNS, BOB, BOBS, CHAT, accepted, append, compose, connect, deliver, row, welcome

from sim.protocol.encrypted_phone import EncryptedPhone, EncryptedPhoneState
from sim.protocol.encrypted_store import EncryptedStore, EncryptedStoreState
from sim.protocol.keys import Content, DeviceKey, Lock, SealedContent
from sim.protocol.phone_state import FAILED
from sim.vocabulary.encryption import Envelope, StaleList
from sim.vocabulary.ids import device_of
from sim.vocabulary.media import Attachment
from sim.vocabulary.messages import Accepted, Append, Enter, Refused, Update, trace_of
from sim.vocabulary.population import PLAIN
from sim.vocabulary.records import ListDevices

ROOT = Path(__file__).parents[2]
BOBS_LAPTOP = device_of(BOB, 1)


class Keys:
    """The keys of all devices, and who opened what."""

    def __init__(self) -> None:
        self.keys: dict[int, DeviceKey] = {}
        self.opened: list[tuple[int, int, bool]] = []

    def key_of(self, device: int) -> DeviceKey:
        if device not in self.keys:
            self.keys[device] = DeviceKey(device, self.witness)
        return self.keys[device]

    def lock_of(self, device: int) -> Lock:
        return self.key_of(device).lock

    def witness(self, opener: Any, envelope: SealedContent, opens: bool) -> None:
        self.opened.append((opener.durable.device, envelope.lock.device, opens))

    def envelopes(self, *devices: int, body: int = 1) -> tuple[Envelope, ...]:
        return tuple(self.lock_of(device).seal(Content(body, BOB)) for device in devices)


class EncryptedPhoneFake(PhoneFake):
    runs = (EncryptedPhone,)


class EncryptedStoreFake(StoreFake):
    def make_machines(self) -> tuple[Any, ...]:
        _, fan_out, receipts = super().make_machines()
        return EncryptedStore(self, self.timers, fan_out, receipts), fan_out, receipts


def anns_phone(keys: Keys) -> EncryptedPhoneFake:
    """Ann's phone, online."""
    state = EncryptedPhoneState(ANNS, ANN)
    state.equip(keys.key_of(ANNS), keys, PLAIN)
    phone = EncryptedPhoneFake(state)
    connect(phone)
    welcome(phone)
    phone.forget()
    return phone


def store() -> EncryptedStoreFake:
    return EncryptedStoreFake(EncryptedStoreState(4))


def stale(phone: PhoneFake, send_number: int, *devices: int) -> StaleList:
    line = phone.durable.chats[CHAT].outbox[send_number]
    return StaleList(ANNS, CHAT, send_number, line.message_id, devices, 0)


def sealed_for(message: Append) -> list[int]:
    return [envelope.device for envelope in message.envelopes]


# -- keys ---------------------------------------------------------------------------------------------------------


def test_e2ee_1_an_envelope_opens_with_its_devices_key_object_and_no_other() -> None:
    keys = Keys()
    phone = anns_phone(keys)
    (envelope,) = keys.envelopes(BOBS)
    assert keys.key_of(BOBS).open(envelope, phone) == Content(1, BOB)
    assert keys.key_of(ANNS).open(envelope, phone) is None
    assert DeviceKey(BOBS, keys.witness).open(envelope, phone) is None, "a key of the same name is another key"
    assert keys.opened == [(ANNS, BOBS, True), (ANNS, BOBS, False), (ANNS, BOBS, False)], "each try is witnessed"


SERVER = """
from vocabulary.encryption import Envelope
def on_envelope(envelope: Envelope) -> None:
    print(envelope.device)
    print(envelope.open(), envelope.content, envelope.lock, envelope.body)
"""


def test_blind_1_the_type_that_a_server_holds_offers_nothing_that_opens_it(tmp_path: Path) -> None:
    """No server can open an envelope by the type: it is all that messages hold, and mypy refuses more."""
    held = get_type_hints(Append)["envelopes"], get_type_hints(Enter)["envelope"], get_type_hints(Update)["envelope"]
    assert held == (tuple[Envelope, ...], Envelope | None, Envelope | None)
    (tmp_path / "vocabulary").mkdir()
    for module in ("__init__", "structs", "encryption"):
        shutil.copy(ROOT / "sim" / "vocabulary" / f"{module}.py", tmp_path / "vocabulary")
    (tmp_path / "server.py").write_text(SERVER, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "cache", "server.py"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200).stdout
    for name in ("open", "content", "lock", "body"):
        assert f'"Envelope" has no attribute "{name}"' in said, said
    assert "Found 4 errors" in said
    assert {name for name in dir(Envelope) if not name.startswith("__")} == {"device"}


# -- the phone ----------------------------------------------------------------------------------------------------


def test_e2ee_1_a_phone_seals_for_every_recipient_device() -> None:
    phone = anns_phone(Keys())
    compose(phone, 7)
    (message,) = phone.sent(Append)
    assert sealed_for(message) == [BOBS]


def test_e2ee_1_a_reference_to_a_blob_is_in_the_envelopes_and_nowhere_else() -> None:
    """MEDIA-A: servers do not learn that there is a picture; the reader's phone does."""
    keys = Keys()
    phone = anns_phone(keys)
    phone.machine.on_compose(CHAT, 7, -1, None, Attachment(-1, 250))
    phone.sync_all()
    chat = phone.durable.chats[CHAT]
    (line,) = chat.outbox.values()
    message = phone.machine.append_of(chat, line, trace_of(7))
    assert line.content is not None and message.content is None
    (envelope,) = message.envelopes
    assert keys.key_of(BOBS).open(envelope, phone) == Content(7, ANN, line.content)


def test_e2ee_2_a_stale_list_is_durable_and_the_message_goes_out_again_under_its_names() -> None:
    phone = anns_phone(Keys())
    compose(phone, 7)
    phone.machine.receive(stale(phone, 1, BOBS, BOBS_LAPTOP))
    assert len(phone.sent(Append)) == 1, "not before the list is durable"
    phone.sync_all()
    first, second = phone.sent(Append)
    assert (first.message_id, first.send_number) == (second.message_id, second.send_number)
    assert sealed_for(second) == [BOBS, BOBS_LAPTOP]
    assert first.trace != second.trace
    assert phone.durable.chats[CHAT].lines[first.message_id].tick != FAILED
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    assert not phone.durable.chats[CHAT].outbox


def test_e2ee_2_what_was_in_flight_behind_it_goes_out_again_too() -> None:
    phone = anns_phone(Keys())
    compose(phone, 7, 8)
    phone.machine.receive(stale(phone, 1, BOBS, BOBS_LAPTOP))
    phone.sync_all()
    assert [(each.send_number, len(each.envelopes)) for each in phone.sent(Append)] == [(1, 1), (2, 1), (1, 2), (2, 2)]


def test_e2ee_2_a_refusal_that_comes_twice_is_answered_once() -> None:
    phone = anns_phone(Keys())
    compose(phone, 7)
    refusal = stale(phone, 1, BOBS, BOBS_LAPTOP)
    for _ in range(3):
        phone.machine.receive(refusal)
        phone.sync_all()
    assert len(phone.sent(Append)) == 2
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    phone.machine.receive(refusal)
    assert not phone.unsynced


def test_e2ee_2_an_app_killed_after_the_list_was_durable_sends_with_it_at_once() -> None:
    phone = anns_phone(Keys())
    compose(phone, 7)
    phone.machine.receive(stale(phone, 1, BOBS, BOBS_LAPTOP))
    phone.apply(phone.unsynced[0])
    phone.crash()
    connect(phone)
    assert sealed_for(phone.sent(Append)[-1]) == [BOBS, BOBS_LAPTOP]


def test_e2ee_2_a_disk_that_refuses_the_list_costs_a_round() -> None:
    phone = anns_phone(Keys())
    compose(phone, 7)
    phone.refusals = 1
    phone.machine.receive(stale(phone, 1, BOBS, BOBS_LAPTOP))
    phone.sync_all()
    phone.fire_due(phone.timers.resend_us)
    assert sealed_for(phone.sent(Append)[-1]) == [BOBS], "it asks again, and is refused again"
    phone.machine.receive(stale(phone, 1, BOBS, BOBS_LAPTOP))
    phone.sync_all()
    assert sealed_for(phone.sent(Append)[-1]) == [BOBS, BOBS_LAPTOP]


def test_blind_3_what_does_not_open_is_not_shown_and_is_acknowledged() -> None:
    keys = Keys()
    phone = anns_phone(keys)
    mine, bobs, none = (
        row(number, number)._replace(envelope=envelope)
        for number, envelope in enumerate((*keys.envelopes(ANNS, BOBS, body=101), None), start=1)
    )
    deliver(phone, mine)
    assert phone.list_shown() == [101]
    deliver(phone, bobs)
    deliver(phone, none)
    assert phone.list_shown() == [101] and phone.durable.cursor == 3
    assert keys.opened == [(ANNS, ANNS, True), (ANNS, BOBS, False)]


def test_e2ee_1_an_update_that_comes_again_is_not_opened_again() -> None:
    keys = Keys()
    phone = anns_phone(keys)
    for _ in range(2):
        deliver(phone, row(1, 1)._replace(envelope=keys.envelopes(ANNS)[0]))
    assert len(keys.opened) == 1


# -- the store ----------------------------------------------------------------------------------------------------


def send(shard: EncryptedStoreFake, message: Append) -> list[Any]:
    shard.forget()
    shard.receive("server a", message)
    shard.sync_all()
    return shard.sent_to("server a")


def test_e2ee_1_each_inbox_gets_its_own_envelope() -> None:
    shard, keys = store(), Keys()
    sealed = keys.envelopes(BOBS)
    (answer,) = send(shard, append(1)._replace(envelopes=sealed))
    assert isinstance(answer, Accepted)
    (enter,) = shard.sent(Enter)
    assert enter.device == BOBS and enter.envelope is sealed[0]


def test_e2ee_2_a_stale_list_is_refused_with_the_current_one_and_leaves_no_gap() -> None:
    shard, keys = store(), Keys()
    shard.durable.apply(ListDevices(BOB, 1, (BOBS, BOBS_LAPTOP), BOBS_LAPTOP, None, 0))
    message = append(1)._replace(envelopes=keys.envelopes(BOBS))
    (refusal,) = send(shard, message)
    assert isinstance(refusal, StaleList) and refusal.devices == (BOBS, BOBS_LAPTOP)
    assert not shard.sent(Enter) and not shard.durable.entries
    (again,) = send(shard, message._replace(envelopes=keys.envelopes(*refusal.devices)))
    assert isinstance(again, Accepted) and again.sequence == 1, "under the same number (STORE-2)"


def test_e2ee_2_an_envelope_too_many_is_stale_as_well() -> None:
    shard, keys = store(), Keys()
    (refusal,) = send(shard, append(1)._replace(envelopes=keys.envelopes(BOBS, BOBS_LAPTOP)))
    assert isinstance(refusal, StaleList) and refusal.devices == (BOBS,)


def test_store_2_comes_before_the_list() -> None:
    """What is in the log already gets its first answer, however stale it has become; so do strangers."""
    shard, keys = store(), Keys()
    message = append(1)._replace(envelopes=keys.envelopes(BOBS))
    (first,) = send(shard, message)
    shard.durable.apply(ListDevices(BOB, 1, (BOBS, BOBS_LAPTOP), BOBS_LAPTOP, None, 0))
    assert send(shard, message) == [first]
    (gap,) = send(shard, append(3)._replace(envelopes=keys.envelopes(BOBS)))
    assert isinstance(gap, Refused)
    (stranger,) = send(shard, append(1, device=device_of(7), user=7))
    assert isinstance(stranger, Refused), "no list for whoever is not in the chat"
