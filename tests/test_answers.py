"""Every shipped question gets its answer: a sentence with figures, which the figures bear out.

The fast tests fill every sentence in with made-up figures, and see to it that the long ones leave none out. The long
ones play each scenario, or a twin that is small enough: phones, messages and rates are scaled alike by the factor that
stands beside it, so times stay what they are and counts are so much less.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sim import Scenario, compare
from sim.results.records import Record
from sim.results.summary import Subject
from sim.scenario.answer import Answer, Contest, contest_of, read_sentence
from sim.scenario.finding import shipped
from sim.scenario.loading import answer_of, load, variants_of
from sim.statistics.histogram import Histogram
from sim.studies.answering import Told, answer
from sim.studies.comparing import Comparison
from sim.studies.numbers import NOTHING
from sim.studies.playing import Side
from sim.vocabulary.metrics import METRICS


class Twin(NamedTuple):
    """How a scenario is played by the tests."""

    scale: float
    sets: tuple[str, ...] = ()
    seeds: str = "1..3"


TWINS = {
    "big_group": Twin(
        1 / 100,
        # A hand-off is 100 times as dear: one by one a sender is busy as long as at full scale, in batches longer.
        (
            "workload.users=300",
            "workload.group_least=300",
            "workload.group_most=300",
            "protocol.group_cap=300",
            "network.hand_off=7ms",
        ),
    ),
    "capacity_plan": Twin(1 / 3, ("workload.users=980", "workload.messages=880")),
    "commute": Twin(1 / 5, ("workload.users=400", "workload.messages=2400"), "1..5"),
    "device_list_race": Twin(1),
    "early_messages": Twin(1),
    "everybody_back": Twin(1 / 10, ("workload.users=1470", "protocol.accept_rate=0.46/s")),
    "gc_pauses": Twin(1 / 2, ("workload.users=100", "workload.messages=3k"), "1..8"),
    "giant_channel": Twin(1 / 25, ("workload.users=200", "workload.channels.every=5m")),
    "hot_channel": Twin(1 / 2, ("workload.users=200", "workload.messages=40", "workload.channels.rush=500ms")),
    "heartbeat_choice": Twin(1 / 5, ("workload.users=40", "workload.messages=400")),
    "presence_storm": Twin(1 / 5, ("workload.users=80", "workload.messages=400", "workload.partners=40")),
    "push_outage": Twin(1 / 3, ("workload.users=100", "workload.messages=2k")),
    "region_loss": Twin(1 / 2, ("workload.users=120", "workload.messages=1200")),
    "registry_fail_over": Twin(1 / 10, ("workload.users=100", "workload.messages=800"), "1..5"),
    "rolling_deploy": Twin(1 / 10, ("workload.users=200", "workload.messages=800", "protocol.accept_rate=1/s")),
    # Without jitter a wave gets one phone into each server at least, so a twin flatters it (4 minutes, not 12).
    "server_death": Twin(1 / 10, ("workload.users=800", "workload.messages=200", "protocol.accept_rate=0.24/s")),
    "slow_store": Twin(1),
    "week_offline": Twin(2 / 5, ("workload.users=40", "workload.messages=3200")),
    "zone_loss": Twin(1 / 2, ("workload.users=120", "workload.messages=1200")),
}
WITHOUT_A_QUESTION_OF_THAT_KIND = {
    "college_messages": "its variants are a shorter trace and one without faults, for a quick look",
}


def told_of(name: str, comparison: Comparison) -> Told:
    """The answer, which must be the scenario's own sentence with every figure in its place."""
    told = answer(comparison)
    own = answer_of(name)
    assert own is not None
    for text, _ in read_sentence(own.says, comparison.contest):
        assert text in told.sentence, told.sentence
    assert NOTHING not in told.sentence and "{" not in told.sentence, told.sentence
    return told


def made_up(name: str, own: Answer) -> Comparison:
    """A comparison nobody played: every metric is told, and the claim holds."""
    scenario = load(name)
    contest = contest_of(own, variants_of(name))
    scale = {each: 4 if (each == contest.baseline) == (own.claims == "less") else 1 for each in contest.names}
    sides = {each: _side(scenario, each, scale[each]) for each in contest.names}
    return Comparison(contest, sides, ("1", "2", "3"), own, own.metrics)


def _side(scenario: Scenario, variant: str, scale: int) -> Side:
    records = {}
    for seed in (1, 2, 3):
        times = Histogram([scale * (1_000_000 + 10_000 * seed)] * 5)
        figures = dict.fromkeys(METRICS, scale * (100.0 + seed))
        of = {declared.of: times for declared in METRICS.values() if declared.quantile is not None}
        records[seed - 1] = Record(str(seed), seed, 0, metrics=figures, delivery=times, times=of)
    return Side(variant, Subject(scenario, variant, variant), records)


@pytest.mark.parametrize("name", shipped())
def test_who_has_variants_says_what_they_answer(name: str) -> None:
    """Variants of a planted bug's scenario only draw more; every other's are there to be compared."""
    if not variants_of(name) or name.startswith("mutants") or name in WITHOUT_A_QUESTION_OF_THAT_KIND:
        return
    own = answer_of(name)
    assert own is not None and own.says, f"{name} asks a question, has variants, and no answer: add one"
    pieces = read_sentence(own.says, contest_of(own, variants_of(name)))
    figures = [figure for _, figure in pieces if figure is not None]
    assert {figure.variant for figure in figures} >= {own.baseline}, "the sentence does not say compared with what"
    assert len(figures) >= 2, "an answer without figures is an opinion"


def test_every_exemption_is_needed() -> None:
    """Nothing is excused that has an answer, or that has no variants to compare."""
    for name in WITHOUT_A_QUESTION_OF_THAT_KIND:
        own = answer_of(name)
        assert variants_of(name) and not (own and own.says), f"{name} needs no exemption: take it away"


def test_every_question_that_the_tests_play_is_answered() -> None:
    assert [name for name in TWINS if not _answer(name).says] == []
    assert all(0 < twin.scale <= 1 for twin in TWINS.values())


@pytest.mark.parametrize("name", shipped())
def test_every_sentence_is_filled_in(name: str) -> None:
    own = answer_of(name)
    if own is None or not own.says:  # to ask before, for the names alone, every worker would load every scenario
        return
    assert name.removesuffix("_small") in TWINS, "no test plays it: add a twin"
    told = told_of(name, made_up(name, own))
    assert told.borne_out is (None if own.claims == "nothing" else True)


def test_a_claim_that_fails_is_not_told() -> None:
    """The same figures under the opposite claim."""
    comparison = made_up("zone_loss", own := _answer("zone_loss"))
    comparison.contest = Contest(comparison.contest.compared[0], (own.baseline,), own.metric)
    says = f"{{{own.baseline}}} it is"
    comparison.answer = Answer(own.metric, "less", comparison.contest.baseline, (own.baseline,), (), says)
    told = answer(comparison)
    assert told.borne_out is False and "do not bear out" in told.sentence


def _answer(name: str) -> Answer:
    own = answer_of(name)
    assert own is not None
    return own


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", sorted(TWINS))
def test_the_figures_bear_the_answer_out(name: str) -> None:
    twin = TWINS[name]
    found = compare(name, seeds=twin.seeds, sets=twin.sets, jobs="1")
    told = told_of(name, found)
    assert told.borne_out is True, told.sentence
    assert "did not pass" not in told.sentence
