"""MEDIA-1."""

from __future__ import annotations

import pytest
from history_language import history

from sim.checkers.judging import judge
from sim.checkers.verdict import HistoryRow, Verdict
from sim.scenario.model import Protocol, Scenario
from sim.vocabulary import kinds
from sim.vocabulary.ids import device_of
from sim.vocabulary.kinds import NONE

B = device_of(1)
BLOB = 77
STORED = (kinds.BLOB_DURABLE, NONE, NONE, BLOB, NONE, 500, NONE)
EXPIRED = (kinds.BLOB_EXPIRED, NONE, NONE, BLOB, NONE, NONE, NONE)
SHOWN = (kinds.REFERENCE_SHOWN, B, 1, BLOB, 1, 0, NONE)
DRAWN_AGAIN = (kinds.REFERENCE_SHOWN, B, 1, BLOB, 1, 1, NONE)
ASKED = (kinds.MEDIA_ASKED, B, 1, NONE, 1, NONE, NONE)
SEEN = (kinds.MEDIA_OPENED, B, 1, BLOB, 1, 1, NONE)
ATTACHED = (kinds.BLOB_ATTACHED, device_of(0), 1, BLOB, 1, NONE, NONE)
ANOTHER = (kinds.BLOB_ATTACHED, device_of(0), 1, BLOB + 1, 1, NONE, NONE)
TOLD_GONE = (kinds.MEDIA_OPENED, B, 1, BLOB, 1, 0, NONE)


def verdict(*events: tuple[int, ...], scene: str = "a sends 1 to b; heal; end") -> Verdict:
    """What MEDIA-1 says of these rows, before the end of a run in which a writes to b."""
    rows: list[HistoryRow] = history(scene)
    first = [(place, *event) for place, event in enumerate(events)]
    (found,) = judge([*first, *rows], Scenario(), ("MEDIA-1",))  # type: ignore[list-item]
    return found


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((SHOWN,), "no object store ever held"),
        ((SHOWN, STORED), "no object store ever held"),
        ((STORED, EXPIRED, SHOWN), "its life ended"),
        ((STORED, SHOWN, ASKED, TOLD_GONE), "told that blob 77 is gone"),
        ((STORED, EXPIRED, STORED, SHOWN, ASKED, TOLD_GONE), "told that blob 77 is gone"),
        ((STORED, SHOWN, ASKED), "they still wait"),
        ((STORED, ANOTHER, SHOWN), "blob 78 was attached to message 1"),
        ((STORED, ANOTHER, DRAWN_AGAIN), "showed blob 77"),
        ((STORED, ANOTHER, ASKED, SEEN), "opened blob 77"),
    ],
    ids=[
        "never stored (39)",
        "stored too late (39)",
        "its life was over",
        "denied",
        "denied after a renewal",
        "waits",
        "another picture",
        "another picture after a restart",
        "another picture in full",
    ],
)
def test_media_1_finds_what_does_not_resolve(events: tuple[tuple[int, ...], ...], said: str) -> None:
    found = verdict(*events)
    assert found.outcome == "invalid" and found.violations == 1
    assert said in " ".join(found.story)


@pytest.mark.parametrize(
    "events",
    [
        (STORED, SHOWN),
        (STORED, ATTACHED, SHOWN, ASKED, SEEN, DRAWN_AGAIN),
        (STORED, SHOWN, EXPIRED, DRAWN_AGAIN),
        (STORED, SHOWN, EXPIRED, ASKED, TOLD_GONE),
        (STORED, SHOWN, EXPIRED, STORED, SHOWN),
    ],
    ids=["shown", "seen", "drawn again after its life", "rightly told", "stored again"],
)
def test_media_1_is_valid(events: tuple[tuple[int, ...], ...]) -> None:
    assert verdict(*events).outcome == "valid"


def test_media_1_asks_nothing_of_a_phone_that_stays_away_and_nothing_before_the_end() -> None:
    events = (STORED, SHOWN, ASKED)
    assert verdict(*events, scene="a sends 1 to b; heal only a; end").outcome == "valid"
    assert verdict(*events, scene="a sends 1 to b; heal").outcome == "valid"


def test_media_1_is_unknown_without_media() -> None:
    assert verdict().outcome == "unknown"


LIFE_US = Protocol().blob_life_us
LIVES = {
    "a whole life": ((0,), LIFE_US, 0),
    "by a clock that drifts as far as it may": ((0,), LIFE_US - LIFE_US // 1_000, 0),
    "less than a life": ((0,), LIFE_US - LIFE_US // 500, 1),
    "promised anew": ((0, LIFE_US // 2), LIFE_US, 1),
    "promised anew, and kept": ((0, LIFE_US // 2), 2 * LIFE_US, 0),
    "told late that it had been promised before": ((LIFE_US // 2, 0), LIFE_US, 1),
}


@pytest.mark.parametrize(("promised", "gone_us", "violations"), LIVES.values(), ids=LIVES.keys())
def test_media_1_a_blob_lives_as_long_as_it_was_promised(
    promised: tuple[int, ...], gone_us: int, violations: int
) -> None:
    promises = [(0, kinds.BLOB_PROMISED, NONE, NONE, BLOB, NONE, since_us, NONE) for since_us in promised]
    rows = [(0, *STORED), (0, *SHOWN), *promises, (gone_us, *EXPIRED)]
    (found,) = judge(rows, Scenario(), ("MEDIA-1",))  # type: ignore[arg-type]
    assert found.violations == violations and bool(found.story) == bool(violations)
