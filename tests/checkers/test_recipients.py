"""Who an entry is for is worked out anew, and the log is held to it (FAN-2, FAN-5, STORE-1, -2, -6, PHONE-10)."""

from __future__ import annotations

import dataclasses

import pytest

from sim import Scenario
from sim.checkers.judging import judge
from sim.checkers.verdict import HistoryRow, Verdict
from sim.scenario.encryption import Encryption
from sim.scenario.model import Protocol
from sim.vocabulary import kinds
from sim.vocabulary.ids import GROUP_BIT, conversation_between, device_of
from sim.vocabulary.kinds import NONE

ANN, BOB, EVE, JOE = range(4)
PAIR = conversation_between(ANN, BOB)
GROUP = GROUP_BIT
NOT_A_MEMBER, OTHER_MESSAGE_ID, OVER_THE_CAP = 2, 3, 4


class Story:
    """Rows, one after the other."""

    def __init__(self, known: bool = True) -> None:
        self.rows: list[HistoryRow] = []
        self.sequences: dict[int, int] = {}
        if known:
            self.row(kinds.FIRST_DAY)

    def row(self, kind: int, who: int = NONE, chat: int = NONE, number: int = NONE, operation: int = NONE,
            value: int = NONE, extra: int = NONE) -> Story:  # fmt: skip
        self.rows.append((len(self.rows), kind, who, chat, number, operation, value, extra))
        return self

    def group(self, *users: int) -> Story:
        for user in users:
            self.row(kinds.FIRST_MEMBER, chat=GROUP, value=user)
        return self

    def linked(self, user: int, slot: int = 1) -> Story:
        return self.row(kinds.FIRST_DEVICE, device_of(user, slot), value=user)

    def wants(self, operation: int, adds: int = NONE, removes: int = NONE) -> Story:
        value, brings = (adds, 1) if adds >= 0 else (removes, 0)
        return self.row(kinds.MEMBERSHIP_WANTED, device_of(ANN), GROUP, operation=operation, value=value, extra=brings)

    def logged(self, operation: int, *owed: int, by: int = device_of(ANN), chat: int = PAIR, skip: int = 0) -> Story:
        sequence = self.sequences[chat] = self.sequences.get(chat, 0) + 1 + skip
        user = by // 1024
        other = BOB if chat == PAIR else NONE
        self.row(kinds.COMPOSED, by, chat, operation=operation, value=user, extra=other)
        self.row(kinds.LOGGED, by, chat, sequence, operation, user)
        for device in owed:
            self.row(kinds.OWED, device, chat, sequence, operation, device // 1024)
        return self

    def refused(self, operation: int, reason: int, by: int = device_of(ANN), chat: int = PAIR) -> Story:
        return self.row(kinds.REFUSED, by, chat, operation=operation, value=reason)

    def verdict(self, check: str, scenario: Scenario | None = None) -> Verdict:
        return next(each for each in judge(self.rows, scenario or Scenario()) if each.check == check)


def outcome(story: Story, check: str, scenario: Scenario | None = None) -> str:
    return story.verdict(check, scenario).outcome


PHONES = {user: device_of(user) for user in (ANN, BOB, EVE, JOE)}
RIGHT = {
    "a pair": Story().logged(1, PHONES[BOB]),
    "a pair with linked devices": Story()
    .linked(ANN)
    .linked(BOB)
    .logged(1, PHONES[BOB], device_of(BOB, 1), device_of(ANN, 1)),
    "a group": Story().group(ANN, BOB, EVE).logged(1, PHONES[BOB], PHONES[EVE], chat=GROUP),
    "a member comes": Story()
    .group(ANN, BOB)
    .wants(1, adds=EVE)
    .logged(1, PHONES[BOB], PHONES[EVE], chat=GROUP)
    .logged(2, PHONES[BOB], PHONES[EVE], chat=GROUP),
    "a member goes": Story()
    .group(ANN, BOB, EVE)
    .wants(1, removes=EVE)
    .logged(1, PHONES[BOB], PHONES[EVE], chat=GROUP)
    .logged(2, PHONES[BOB], chat=GROUP),
    "somebody comes who is there": Story().group(ANN, BOB).wants(1, adds=BOB).logged(1, PHONES[BOB], chat=GROUP),
}


@pytest.mark.parametrize("story", RIGHT.values(), ids=RIGHT)
@pytest.mark.parametrize("check", ["LOSS-1", "GHOST-1", "LOSS-2", "BOUND-1", "ORDER-1"])
def test_what_is_for_the_right_ones_is_right(story: Story, check: str) -> None:
    assert outcome(story, check) != "invalid", story.verdict(check).story


WRONG = {
    "nobody": ("LOSS-1", Story().logged(1)),
    "one device too few": ("LOSS-1", Story().linked(BOB).logged(1, PHONES[BOB])),
    "no copy for the writer's other device": ("LOSS-1", Story().linked(ANN).logged(1, PHONES[BOB])),
    "a member too few": ("LOSS-1", Story().group(ANN, BOB, EVE).logged(1, PHONES[BOB], chat=GROUP)),
    "whoever comes misses their own entry": (
        "LOSS-1",
        Story().group(ANN, BOB).wants(1, adds=EVE).logged(1, PHONES[BOB], chat=GROUP),
    ),
    "whoever goes misses their last one": (
        "LOSS-1",
        Story().group(ANN, BOB, EVE).wants(1, removes=EVE).logged(1, PHONES[BOB], chat=GROUP),
    ),
    "a stranger's device": ("GHOST-1", Story().logged(1, PHONES[BOB], PHONES[EVE])),
    "the sending device": ("GHOST-1", Story().logged(1, PHONES[BOB], PHONES[ANN])),
    "who has gone": (
        "GHOST-1",
        Story()
        .group(ANN, BOB, EVE)
        .wants(1, removes=EVE)
        .logged(1, PHONES[BOB], PHONES[EVE], chat=GROUP)
        .logged(2, PHONES[BOB], PHONES[EVE], chat=GROUP),
    ),
    "written by a stranger": (
        "GHOST-1",
        Story().group(BOB, EVE).logged(1, PHONES[BOB], PHONES[EVE], chat=GROUP),
    ),
    "a refusal of a member": ("LOSS-2", Story().group(ANN, BOB).refused(1, NOT_A_MEMBER, chat=GROUP)),
    "a refusal in a pair": ("LOSS-2", Story().refused(1, NOT_A_MEMBER)),
    "another message under its number": ("LOSS-2", Story().refused(1, OTHER_MESSAGE_ID)),
    "a full group that is not": (
        "LOSS-2",
        Story().group(ANN, BOB).wants(1, adds=EVE).refused(1, OVER_THE_CAP, chat=GROUP),
    ),
    "a sequence that is skipped": ("ORDER-1", Story().logged(1, PHONES[BOB]).logged(2, PHONES[BOB], skip=1)),
}


@pytest.mark.parametrize(("check", "story"), WRONG.values(), ids=WRONG)
def test_what_is_for_others_is_told(check: str, story: Story) -> None:
    assert outcome(story, check) == "invalid"


@pytest.mark.parametrize(("check", "story"), WRONG.values(), ids=WRONG)
def test_a_history_that_does_not_say_who_was_there_is_not_judged(check: str, story: Story) -> None:
    silent = Story()
    silent.rows = story.rows[1:]
    assert "is one of those" not in " ".join(silent.verdict(check).story)
    assert check != "LOSS-2" or outcome(silent, check) != "invalid"


def test_bound_1_a_group_beyond_its_cap() -> None:
    small = dataclasses.replace(Scenario(), protocol=Protocol(group_cap=2))
    story = Story().group(ANN, BOB).wants(1, adds=EVE).logged(1, PHONES[BOB], PHONES[EVE], chat=GROUP)
    assert outcome(story, "BOUND-1") != "invalid" and outcome(story, "BOUND-1", small) == "invalid"
    full = Story().group(ANN, BOB).wants(1, adds=EVE).refused(1, OVER_THE_CAP, chat=GROUP)
    assert outcome(full, "LOSS-2", small) != "invalid"


def test_who_is_out_may_be_refused() -> None:
    story = Story().group(BOB, EVE).refused(1, NOT_A_MEMBER, chat=GROUP)
    assert outcome(story, "LOSS-2") != "invalid"


@pytest.mark.parametrize("owed", [(PHONES[BOB],), (PHONES[BOB], device_of(BOB, 1)), (device_of(BOB, 8),)])
def test_phone_10_while_a_list_changes_what_comes_and_goes_with_it_may_be_owed_or_not(owed: tuple[int, ...]) -> None:
    fresh = device_of(BOB, 8)
    story = Story().linked(BOB)
    story.row(kinds.LIST_CHANGE_BEGUN, fresh, value=BOB, extra=PHONES[BOB])
    story.row(kinds.LIST_CHANGE_BEGUN, device_of(BOB, 1), value=BOB, extra=device_of(BOB, 1))
    story.logged(1, *owed)
    assert outcome(story, "LOSS-1") != "invalid" and outcome(story, "GHOST-1") != "invalid"


@pytest.mark.parametrize(
    ("owed", "check"),
    [((device_of(BOB, 8),), ""), ((PHONES[BOB],), "LOSS-1"), ((device_of(BOB, 8), PHONES[BOB]), "GHOST-1")],
)
def test_phone_10_when_it_has_changed_the_new_list_counts(owed: tuple[int, ...], check: str) -> None:
    story = Story()
    for kind in (kinds.LIST_CHANGE_BEGUN, kinds.LIST_CHANGED):
        story.row(kind, device_of(BOB, 8), value=BOB, extra=PHONES[BOB])
    story.logged(1, *owed)
    broken = [each for each in ("LOSS-1", "GHOST-1") if outcome(story, each) == "invalid"]
    assert (check in broken) if check else not broken


def test_seal_2_a_sealed_message_may_be_for_its_own_sender() -> None:
    sealed = dataclasses.replace(Scenario(), encryption=Encryption(kind="sealed"))
    story = Story().logged(1, PHONES[BOB], PHONES[ANN])
    assert outcome(story, "GHOST-1", sealed) != "invalid"
