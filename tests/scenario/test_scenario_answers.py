"""The ``answer`` of a scenario file: what it may say, and every error in its place before anything is played."""

from __future__ import annotations

import pytest

from sim.scenario.answer import Answer, Figure, contest_of, read_sentence
from sim.scenario.errors import ScenarioError
from sim.scenario.loading import answer_of, load, load_text, open_scenario

HEAD = """\
schema: doubletick/1
extends: two_phones
variants:
  lazy: {protocol.page: 10}
  eager: {protocol.page: 20}
  slow.path: {protocol.page: 30}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_text(HEAD + text, "x.yaml")
    return [str(each).splitlines()[0] for each in caught.value.problems]


def complaint(says: str, more: str = "baseline: eager\n  variants: [lazy]") -> str:
    (only,) = problems(f'answer:\n  metric: owed\n  {more}\n  says: "{says}"\n')
    return only


def test_every_error_of_an_answer_at_once_each_in_its_place() -> None:
    told = problems(
        "answer:\n  metric: ownd\n  claims: lesss\n  baseline: eagr\n  also: [entries, enties]\n  mtric: 3\n"
    )
    assert [(each.split(": ")[0], each.split(" — ")[1]) for each in told] == [
        ("x.yaml:8:11", "did you mean 'owed'?"),
        ("x.yaml:9:11", "did you mean 'less'?"),
        ("x.yaml:10:13", "did you mean 'eager'?"),
        ("x.yaml:11:19", "did you mean 'entries'?"),
        ("x.yaml:12:3", "did you mean 'metric'?"),
    ]


@pytest.mark.parametrize(
    ("says", "place", "part"),
    [
        ("{lazy.owed} of {lzy.owed}", "x.yaml:11:25", "'lzy' is no variant that is compared, and no figure — did you"),
        ("{lazy.enties}", "x.yaml:11:10", "there is no metric 'enties' — did you mean 'entries'?"),
        ("{ratio:x}", "x.yaml:11:10", "there is no form ':x' — write {ratio:plain}"),
        ("{lazy!r}", "x.yaml:11:10", "'!r' means nothing here"),
        ("{ratio", "x.yaml:11:9", "cannot be read: expected '}'"),
        ("half}", "x.yaml:11:9", "cannot be read: Single '}'"),
        ("{}", "x.yaml:11:9", "empty braces name no figure"),
        ("{entries}", "x.yaml:11:10", "does not say of which variant — write {eager.entries} or {lazy.entries}"),
        ("{eager.ratio}", "x.yaml:11:10", "eager is the baseline: it has no ratio — name one of lazy"),
        ("{base.owed}", "x.yaml:11:10", "'base' is no variant that is compared"),
        ("{lazy.sent.store.entr}", "x.yaml:11:10", "did you mean 'sent.store.enter'?"),
        ("{0}", "x.yaml:11:10", "'0' is no variant that is compared, and no figure"),
    ],
)
def test_a_sentence_that_cannot_be_filled_in_is_refused(says: str, place: str, part: str) -> None:
    told = complaint(says)
    assert told.startswith(f"{place}: answer.says: ")
    assert part in told


def test_a_ratio_without_a_name_needs_a_single_variant() -> None:
    assert "write {base.ratio} or {lazy.ratio}" in complaint("{ratio}", "variants: [lazy, eager]")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("answer: 5", "must be a mapping of keys to values"),
        ("answer: {claims: less}", "the key 'metric' is missing"),
        ("answer: {metric: 3}", "the number 3 is not among"),
        ("answer: {metric: owed, variants: [lazy, sloth]}", "there is no variant 'sloth'"),
        ("answer: {metric: owed, baseline: lazy, variants: [lazy]}", "there is nothing to compare with 'lazy'"),
        ("answer: {metric: owed, says: 5}", "the number 5 is no text"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(answer: str, said: str) -> None:
    assert said in " ".join(problems(answer + "\n"))


def test_it_cannot_be_changed_from_outside_or_by_a_variant() -> None:
    assert "a variant cannot change 'answer'" in " ".join(problems("  odd: {answer: {metric: owed}}\n"))
    with pytest.raises(ScenarioError, match="cannot be set from outside the file"):
        load("commute", sets=("answer.metric=owed",))


def test_it_is_inherited_with_the_variants_and_changes_no_run(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "mine.yaml"
    path.write_text("schema: doubletick/1\nextends: commute\nanswer: {claims: nothing}\n", encoding="utf-8")
    mine, theirs = answer_of(path), answer_of("commute")
    assert mine is not None
    assert theirs is not None
    assert (mine.metric, mine.says, mine.claims, theirs.claims) == (theirs.metric, theirs.says, "nothing", "more")
    assert open_scenario("two_phones").answer is None
    assert not hasattr(load("commute"), "answer")


def test_how_a_sentence_is_read() -> None:
    contest = contest_of(Answer("owed", baseline="eager", variants=("slow.path",)), ("eager", "slow.path"))
    said = "{{a}} {slow.path.sent.store.enter.change:plain}, {slow.path} {ratio} {entries.difference} {seeds}"
    pieces = read_sentence(said, contest)
    assert [text for text, _ in pieces if text] == ["{", "a}", " ", ", ", " ", " ", " "]
    assert [figure for _, figure in pieces if figure] == [
        Figure("change", "slow.path", "sent.store.enter", plain=True),
        Figure("value", "slow.path", "owed"),
        Figure("ratio", "slow.path", "owed"),
        Figure("difference", "slow.path", "entries"),
        Figure("seeds"),
    ]


def test_who_is_compared_by_default() -> None:
    assert contest_of(Answer("owed"), ("a", "b")).names == ("base", "a", "b")
    assert contest_of(Answer("owed", baseline="a"), ("a", "b")).names == ("a", "b")
    assert contest_of(Answer("owed", baseline="a"), ("a",)).names == ("a",)
    assert contest_of(Answer("owed", baseline="a", variants=("base",)), ("a",)).names == ("a", "base")
