"""Groups at the store: whom entries are owed to, who may write, who is waited for (FAN-2, 5; STORE-6; RCPT-1, 3)."""

from __future__ import annotations

from port_fakes import StoreFake

from sim.protocol.gathering import Gathering
from sim.vocabulary.hard_cases import HardCase
from sim.vocabulary.ids import device_of, group_numbered
from sim.vocabulary.kinds import UpdateKind
from sim.vocabulary.messages import (
    Accepted,
    Append,
    Change,
    Enter,
    Entered,
    Outcome,
    Reason,
    Receipt,
    ReceiptTaken,
    Refused,
    trace_of,
)

GROUP = group_numbered(0)
ANN, BOB, CARL, DORA = 0, 1, 2, 3


class Four:
    """Ann has a linked device; Dora is not in the group."""

    has_groups = True

    def devices(self, user: int) -> tuple[int, ...]:
        return (device_of(user), device_of(user, 1)) if user == ANN else (device_of(user),)

    def members(self, conversation: int) -> tuple[int, ...]:
        return (ANN, BOB, CARL)


def store(cap: int = 10) -> StoreFake:
    fake = StoreFake()
    fake.durable.population = Four()
    fake.durable.cap = cap
    return fake


def say(fake: StoreFake, user: int, number: int, change: Change | None = None) -> None:
    device = device_of(user)
    fake.receive("server a", Append(device, user, GROUP, number, 100 * user + number, 0, 7, trace_of(7), change))
    fake.sync_all()


def owed(fake: StoreFake) -> list[list[int]]:
    return [[recipient.device for recipient in entry.recipients] for entry in fake.durable.entries]


def receipts(fake: StoreFake, *users: int, update: int = UpdateKind.DELIVERED, sequence: int = 1) -> list[int]:
    """These users' devices have it; returns the changes of tick that were sent to the sender."""
    fake.forget()
    for user in users:
        about = Receipt(update, GROUP, sequence, 1, user, device_of(user), ANN, trace_of(7))
        fake.receive("inbox 0", about)
        fake.sync_all()
    assert len(fake.sent(ReceiptTaken)) == len(users), "what is gathered is owed no longer (INBOX-4)"
    return [message.update for message in fake.sent(Receipt)]


def test_fan_2_every_device_of_every_member_but_the_sending_one() -> None:
    fake = store()
    say(fake, ANN, 1)
    say(fake, BOB, 1)
    assert owed(fake) == [
        [device_of(ANN, 1), device_of(BOB), device_of(CARL)],
        [device_of(ANN), device_of(ANN, 1), device_of(CARL)],
    ]


def test_fan_2_a_membership_entry_goes_to_the_members_before_and_after_it() -> None:
    fake = store()
    say(fake, BOB, 1, Change((DORA,), (CARL,)))
    say(fake, BOB, 2)
    before_and_after = [device_of(ANN), device_of(ANN, 1), device_of(DORA), device_of(CARL)]
    assert owed(fake) == [before_and_after, [device_of(ANN), device_of(ANN, 1), device_of(DORA)]]


def test_fan_2_a_member_who_goes_mid_fan_out_is_a_hard_case_and_still_gets_the_entry() -> None:
    fake = store()
    say(fake, BOB, 1, Change((), (CARL,)))
    assert HardCase.MEMBER_REMOVED_MID_FAN_OUT not in fake.claims()
    fake = store()
    say(fake, ANN, 1)
    say(fake, BOB, 1, Change((), (CARL,)))
    assert HardCase.MEMBER_REMOVED_MID_FAN_OUT in fake.claims()
    assert device_of(CARL) in owed(fake)[0]


def test_store_6_who_was_taken_out_is_finally_refused_until_they_are_back() -> None:
    fake = store()
    say(fake, BOB, 1, Change((), (CARL,)))
    say(fake, CARL, 1)
    assert [message.reason for message in fake.sent(Refused)] == [Reason.NOT_A_MEMBER]
    say(fake, BOB, 2, Change((CARL,), ()))
    say(fake, CARL, 2)
    assert [message.send_number for message in fake.sent(Accepted)] == [1, 2, 2], "the refused number is no gap"


def test_fan_3_who_comes_back_is_owed_from_where_their_inbox_stood() -> None:
    fake = store()
    say(fake, BOB, 1)
    say(fake, BOB, 2, Change((), (CARL,)))
    say(fake, BOB, 3)
    say(fake, BOB, 4, Change((CARL,), ()))
    carls = [each for entry in fake.durable.entries for each in entry.recipients if each.user == CARL]
    assert [each.owed_before for each in carls] == [0, 1, 2]


def test_fan_5_a_group_grows_to_its_cap_and_no_further() -> None:
    fake = store(cap=3)
    say(fake, BOB, 1, Change((DORA,), ()))
    assert [message.reason for message in fake.sent(Refused)] == [Reason.OVER_THE_CAP]
    say(fake, BOB, 2, Change((DORA,), (CARL,)))
    assert len(fake.sent(Accepted)) == 1


def test_rcpt_3_the_sender_is_told_once_per_change_of_tick() -> None:
    fake = store()
    say(fake, ANN, 1)
    assert receipts(fake, BOB, BOB) == []
    assert receipts(fake, CARL) == [UpdateKind.DELIVERED]
    assert receipts(fake, BOB, update=UpdateKind.READ) == []
    assert receipts(fake, CARL, update=UpdateKind.READ)[-1] == UpdateKind.READ


def test_rcpt_1_who_left_is_not_waited_for() -> None:
    fake = store()
    say(fake, ANN, 1)
    assert receipts(fake, BOB) == []
    fake.forget()
    say(fake, ANN, 2, Change((), (CARL,)))
    assert [message.update for message in fake.sent(Receipt)] == [UpdateKind.DELIVERED]


def test_rcpt_3_a_change_of_tick_is_owed_until_the_senders_inbox_answers() -> None:
    fake = store()
    say(fake, ANN, 1)
    receipts(fake, BOB, CARL)
    fake.forget()
    fake.crash()
    (again,) = fake.sent(Receipt)
    fake.receive("inbox 0", ReceiptTaken(again.about_device, again.update, GROUP, 1, again.trace))
    say(fake, ANN, 2)
    assert not fake.durable.ticks, "the settlement rode with the next record"


def test_rcpt_1_a_gathering_without_anybody_left_is_over_and_tells_nothing() -> None:
    gathering = Gathering(Append(0, ANN, GROUP, 1, 1, 0, 7, 0), 1, [BOB])
    gathering.leave(BOB)
    assert gathering.is_over() and gathering.change() is None


def test_fan_1_one_timer_calls_again_those_of_an_entry_that_have_not_answered() -> None:
    fake = store()
    say(fake, ANN, 1)
    called = fake.sent(Enter)
    devices = [enter.device for enter in called]
    assert devices == [device_of(ANN, 1), device_of(BOB), device_of(CARL)]
    answered = called[1]
    fake.receive("inbox 0", Entered(answered.device, answered.position, Outcome.TAKEN, answered.trace))
    fake.forget()
    fake.fire_due(fake.timers.call_again_us)
    assert [enter.device for enter in fake.sent(Enter)] == [device_of(ANN, 1), device_of(CARL)]
    for enter in fake.sent(Enter):
        fake.receive("inbox 0", Entered(enter.device, enter.position, Outcome.TAKEN, enter.trace))
    fake.forget()
    fake.fire_due(fake.timers.call_again_us)
    assert fake.sent(Enter) == []
