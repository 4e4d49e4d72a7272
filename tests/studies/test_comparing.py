"""Comparisons: pairs on the same luck, figures that are taken together rightly, sentences that do not overclaim."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from sim import Precision, Scenario, compare, load, replicate
from sim.results import exit_codes
from sim.results.records import Record, broken_record
from sim.results.summary import Subject
from sim.scenario.answer import Answer, Contest
from sim.scenario.errors import ScenarioError
from sim.statistics.histogram import Histogram
from sim.statistics.intervals import Estimate
from sim.studies.answering import answer
from sim.studies.comparing import Comparison
from sim.studies.document import document_of
from sim.studies.numbers import number_text
from sim.studies.playing import Side, more_seeds, seeds_of
from sim.studies.replicating import default_precision, default_seeds

SMALL = load("two_phones")
FAR = replace(SMALL, network=replace(SMALL.network, phone_one_way_us=200_000))


def record(seed: int, delivery: Histogram | None = None, exit_code: int = 0, **metrics: float) -> Record:
    return Record(str(seed), seed, exit_code, metrics=metrics, delivery=delivery)


def comparison(own: Answer | None = None, **sides: list[Record]) -> Comparison:
    """A comparison that has been played; the first side is the baseline."""
    baseline, *compared = sides
    seeds = tuple(dict.fromkeys(each.seed_text for records in sides.values() for each in records))
    return Comparison(
        Contest(baseline, tuple(compared), own.metric if own else "owed"),
        {
            name: Side(name, Subject(SMALL, name, name), {seeds.index(each.seed_text): each for each in records})
            for name, records in sides.items()
        },
        seeds,
        own,
        own.metrics if own else (),
    )


def owed(*numbers: float) -> list[Record]:
    return [record(seed, owed=number) for seed, number in enumerate(numbers, 1)]


# -- really played ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def played() -> Comparison:
    return compare({"near": SMALL, "far": FAR}, seeds="1..6", jobs="1")


def test_variants_share_their_luck(played: Comparison) -> None:
    alone = played.mean("far", "delivery_mean_s")
    paired = played.difference("far", "delivery_mean_s")
    assert alone is not None
    assert paired is not None
    assert alone.half_width is not None
    assert paired.half_width is not None
    assert paired.excludes(0.0)
    assert paired.value > 0.3
    # Each hop takes 200 / 30 times as long on the same draw, so what is left is far from independent.
    apart = sum(played.differences("far", "delivery_mean_s").values()) / 6
    assert paired.value == pytest.approx(apart)


def test_what_does_not_differ_is_not_shown_and_what_does_is(played: Comparison) -> None:
    shown = played.metrics()
    assert shown[0] == "delivery_p99_s"
    assert "delivery_mean_s" in shown
    assert "composed" not in shown
    assert set(played.differences("far", "owed").values()) == {0.0}


def test_messages_and_records_are_counted_in_studies(played: Comparison) -> None:
    sent = played.mean("far", "sent.phone.append")
    assert sent is not None
    assert sent.value >= 3.0


def test_a_comparison_travels(played: Comparison) -> None:
    assert document_of(pickle.loads(pickle.dumps(played))) == document_of(played)


def test_the_same_on_two_workers(played: Comparison) -> None:
    again = compare({"near": SMALL, "far": FAR}, seeds="1..6", jobs="2")
    first, second = document_of(played), document_of(again)
    assert {**first, "wall_s": 0, "variants": 0} == {**second, "wall_s": 0, "variants": 0}


def test_from_a_file_the_answer_says_who_and_what(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "mine.yaml"
    path.write_text(
        "schema: doubletick/1\nextends: two_phones\nvariants: {far: {network.phone_one_way: 200ms}}\n"
        "answer: {metric: delivery_mean_s, claims: more, says: '{far} and not {base}: {ratio:plain} times'}\n",
        encoding="utf-8",
    )
    found = compare(str(path), seeds=[1, 2, 3], jobs="1")
    assert (found.contest.names, found.metrics()) == (("base", "far"), ("delivery_mean_s",))
    told = answer(found)
    assert told.borne_out is True
    assert found.sentence() == told.sentence
    (row,) = found.rows()
    assert (row["variant"], row["its figure"]) == ("far", number_text(found.mean("far", "delivery_mean_s"), "s"))
    far, base = found.mean("far", "delivery_mean_s"), found.mean("base", "delivery_mean_s")
    assert told.sentence.startswith(f"{number_text(far, 's')} and not {number_text(base, 's')}: ")
    assert float(told.sentence.split(": ")[1].split()[0]) == pytest.approx(far.value / base.value, rel=0.05)  # type: ignore[union-attr]


def test_seeds_are_added_until_it_is_precise() -> None:
    found = compare({"near": SMALL, "far": FAR}, seeds="1..2", metrics=["delivery_mean_s"], jobs="1",
                    until=Precision(0.4, least=3, most=30))  # fmt: skip
    assert 3 <= len(found.seeds) <= 30
    assert {len(side.records) for side in found.sides.values()} == {len(found.seeds)}
    difference, scale = found.difference("far", "delivery_mean_s"), found.mean("near", "delivery_mean_s")
    assert difference is not None
    assert scale is not None
    assert len(found.seeds) == 30 or difference.half_width <= 0.4 / 1.4 * scale.value  # type: ignore[operator]


def test_the_file_says_how_many_runs_a_study_plays() -> None:
    def asks(text: str) -> Scenario:
        return load("two_phones", sets=(f"replications={text}",))

    seeds = {text: default_seeds(asks(text)) for text in ("{}", "{least: 7}", "{least: 3}")}
    assert seeds == {"{}": "1..5", "{least: 7}": "1..7", "{least: 3}": "1..3"}
    assert default_seeds(replace(asks("{least: 4}"), seeds="8,9,20..30")) == "8,9,20,21"
    assert default_seeds(replace(asks("{least: 4}"), seeds="8,9")) == "8..11"
    assert default_precision(asks("{least: 7}")) is None
    assert default_precision(asks("{precision: 10%, least: 7, most: 30}")) == Precision(0.1, 7, 30)
    assert default_precision(asks("{precision: 10%, most: 3}")) == Precision(0.1, 3, 3)
    assert replicate(asks("{least: 2}"), jobs="1").estimate("owed").runs == 2  # type: ignore[union-attr]


def test_a_precision_in_the_file_adds_runs_unless_seeds_are_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "schema: doubletick/1\nextends: two_phones\nvariants: {far: {network.phone_one_way: 200ms}}\n"
        "replications: {precision: 1%, least: 3, most: 6}\nanswer: {metric: delivery_mean_s}\n",
        encoding="utf-8",
    )
    assert len(compare(str(path), jobs="1").seeds) == 6
    assert len(compare(str(path), seeds="1..2", jobs="1").seeds) == 2


@pytest.mark.parametrize("wrong", ["{least: 30, most: 20}", "{precision: 100%}", "{most: 1}", "{leest: 3}"])
def test_replications_that_cannot_hold_are_refused(wrong: str) -> None:
    with pytest.raises(ScenarioError, match="replications"):
        load("two_phones", sets=(f"replications={wrong}",))


def test_replications_have_intervals_and_a_bootstrap_for_anything() -> None:
    found = replicate(SMALL, "1..4", jobs="1")
    mean = found.estimate("delivery_mean_s")
    assert mean is not None
    assert mean.low is not None
    assert found.exit_code == exit_codes.PASSED
    delivery = found.delivery()
    assert delivery is not None
    assert delivery.count == 12
    assert found.text("composed") == "3"
    longest = found.estimate_of(lambda records: max(each.metrics["delivery_longest_s"] for each in records))
    assert longest.value == pytest.approx((delivery.maximum_us or 0) / 1e6)
    with pytest.raises(ValueError, match="did you mean 'owed'"):
        found.estimate("ownd")
    more = replicate(SMALL, "1..2", jobs="1", until=("delivery_mean_s", Precision(0.5, least=4, most=8)))
    assert 4 <= len(more.records) <= 8


# -- how figures are taken together -----------------------------------------------------------------------------


def test_a_percentile_is_of_all_messages_and_its_difference_is_too() -> None:
    """Per-run medians of 10 and 90 ms over 99 and 1 messages: the pooled median is 10 ms, their mean would be 50."""

    def runs(scale: int) -> list[Record]:
        many, few = Histogram([10_000 * scale] * 99), Histogram([90_000 * scale])
        return [record(1, many, delivery_p50_s=0.01 * scale), record(2, few, delivery_p50_s=0.09 * scale)]

    found = comparison(base=runs(1), slow=runs(2))
    mean, difference = found.mean("base", "delivery_p50_s"), found.difference("slow", "delivery_p50_s")
    assert mean is not None
    assert difference is not None
    assert mean.value == pytest.approx(0.010, rel=0.01)
    assert difference.value == pytest.approx(0.010, rel=0.01)


def test_only_seeds_that_both_have_are_paired() -> None:
    found = comparison(base=[*owed(10, 20), broken_record("3", 3, "Boom")], lazy=owed(1, 2, 300))
    difference = found.difference("lazy", "owed")
    assert difference is not None
    assert (difference.value, difference.runs) == (-13.5, 2)
    assert found.mean("lazy", "owed").value == 101.0  # type: ignore[union-attr]
    assert document_of(found)["exit_code"] == exit_codes.OUR_BUG


def test_more_seeds_are_new_ones() -> None:
    assert more_seeds(("3", "7", "deadbeef"), 2) == ("3", "7", "deadbeef", "8", "9")
    assert seeds_of([1, "x", 2], "9") == ("1", "x", "2")


# -- sentences --------------------------------------------------------------------------------------------------

FEWER = Answer(
    "owed", claims="less", says="{lazy} instead of {base}, {ratio} times fewer, {change:plain}, {seeds} seeds."
)


def test_a_sentence_is_filled_in() -> None:
    told = answer(comparison(FEWER, base=owed(100, 110, 120), lazy=owed(10, 11, 12)))
    assert told.borne_out is True
    assert told.sentence == "11.0 ± 2.5 instead of 110 ± 25, 10 times fewer, -90%, 3 seeds."


def test_a_claim_that_the_figures_do_not_bear_out_is_not_told() -> None:
    told = answer(comparison(FEWER, base=owed(100, 200, 300), lazy=owed(101, 199, 300)))
    assert told.borne_out is False
    assert (
        told.sentence == "3 seeds do not bear out that owed is less than with base: the difference is lazy 0.0 ± 2.5."
    )
    worse = answer(comparison(FEWER, base=owed(1, 2, 3), lazy=owed(101, 202, 300)))
    assert worse.borne_out is False
    assert "do not bear out" in worse.sentence


def test_one_seed_is_said_to_be_one() -> None:
    told = answer(comparison(FEWER, base=owed(100), lazy=owed(10)))
    assert told.borne_out is None
    assert told.sentence.startswith("10 instead of 100, 10 times fewer")
    assert told.sentence.endswith("(One seed: these are figures of this run, without intervals.)")


def test_runs_that_did_not_pass_are_not_hidden() -> None:
    failing = [replace(each, exit_code=exit_codes.CHECK_FAILED) for each in owed(10, 11, 12)]
    told = answer(comparison(FEWER, base=owed(100, 110, 120), lazy=failing))
    assert told.sentence.endswith("Mind that 3 of 3 runs of lazy did not pass.")


def test_without_a_sentence_a_plain_one_is_made() -> None:
    told = answer(comparison(base=owed(100, 200, 300), lazy=owed(10, 110, 211), same=owed(100, 200, 300)))
    assert told.borne_out is None
    assert (
        "owed is 110 ± 250 with lazy and 200 ± 250 with base: a difference of -89.7 ± 1.4 (-44.8%), which is more"
        in told.sentence
    )
    assert "owed is 200 ± 250 with same as with base." in told.sentence


def test_an_answer_about_others_is_not_used() -> None:
    told = answer(comparison(replace(FEWER, baseline="eager"), base=owed(100, 200), lazy=owed(10, 20)))
    assert told.sentence.startswith("owed is 15 ± 64 with lazy and 150 ± 640 with base")


def test_times_nothing() -> None:
    told = answer(comparison(FEWER, base=owed(100, 110, 120), lazy=owed(0, 0, 0)))
    assert "0 instead of 110 ± 25, infinitely many times fewer" in told.sentence


@pytest.mark.parametrize(
    ("found", "unit", "text"),
    [
        (Estimate(1204.4, 1173.0, 1235.8, 5), "number", "1,204 ± 31"),
        (Estimate(12.71, 12.4, 13.9, 5), "number", "12.71 (12.40 to 13.90)"),
        (Estimate(3.0, None, None, 1), "number", "3"),
        (Estimate(3.14159, None, None, 1), "number", "3.142"),
        (Estimate(123456.0, 122000.0, 124912.0, 9), "number", "123,500 ± 1,500"),
        (Estimate(0.0863, 0.0851, 0.0875, 5), "s", "86.3ms ± 1.2ms"),
        (Estimate(67_830.0, 67_000.0, 68_660.0, 3), "us", "67.8ms ± 830us"),
        (Estimate(-0.921, -0.925, -0.917, 5), "%", "-92.10% ± 0.40%"),
        (Estimate(7.0, 7.0, 7.0, 5), "number", "7"),
        (None, "number", "–"),
    ],
)
def test_numbers_have_the_digits_that_their_interval_bears(found: Estimate | None, unit: str, text: str) -> None:
    assert number_text(found, unit) == text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"variants": ["neer"]}, "did you mean 'near'"),
        ({"metrics": ["ownd"]}, "did you mean 'owed'"),
        ({"variants": ["near", "near"]}, "nothing to compare"),
        ({"baseline": "x"}, "there are near, far"),
    ],
)
def test_names_are_checked_before_anything_is_played(arguments: dict[str, list[str]], said: str) -> None:
    sides: dict[str, Scenario] = {"near": SMALL, "far": FAR}
    with pytest.raises(ValueError, match=said):
        compare(sides, **arguments)  # type: ignore[arg-type]
