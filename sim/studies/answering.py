"""The answer in a sentence: the scenario's own with its figures filled in, or a plain one that is made up.

A sentence that claims less or more is only told where the paired interval bears it out. Otherwise it says so: a nice
sentence over figures that chance explains would be worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..results import exit_codes
from ..results.words import plural
from ..scenario.answer import LESS, Contest, Figure, FigureError, read_sentence
from ..statistics.intervals import Estimate
from ..vocabulary.metrics import NUMBER, metric_of
from .comparing import Comparison
from .numbers import NOTHING, PERCENT, number_text


@dataclass(frozen=True, slots=True)
class Told:
    """The answer, and whether the figures bear out what it claims (``None``: it claims nothing, or one seed cannot
    tell)."""

    sentence: str
    claims: str
    borne_out: bool | None


def answer(comparison: Comparison) -> Told:
    """The sentence that answers the question."""
    claims = comparison.answer.claims if comparison.answer is not None and fits(comparison) else "nothing"
    borne_out = None if claims == "nothing" else _borne_out(comparison, claims)
    own = _own_sentence(comparison)
    if borne_out is False:
        sentence = _not_borne_out(comparison, claims)
    else:
        sentence = own or " ".join(_made_up(comparison, name) for name in comparison.contest.compared)
    if len(comparison.seeds) == 1:
        sentence += " (One seed: these are figures of this run, without intervals.)"
    return Told(sentence + _broken_words(comparison), claims, borne_out)


def fits(comparison: Comparison) -> bool:
    """Whether the scenario's answer is about those who are compared here."""
    own = comparison.answer
    if own is None or own.baseline != comparison.contest.baseline or own.metric != comparison.contest.metric:
        return False
    try:
        read_sentence(own.says, comparison.contest)
    except FigureError:
        return False
    return True


def _own_sentence(comparison: Comparison) -> str:
    own = comparison.answer
    if own is None or not own.says or not fits(comparison):
        return ""
    pieces = read_sentence(own.says, comparison.contest)
    return "".join(text + ("" if figure is None else figure_text(comparison, figure)) for text, figure in pieces)


def figure_text(comparison: Comparison, figure: Figure) -> str:
    """One figure of a sentence in words."""
    if figure.kind == "seeds":
        return f"{len(comparison.seeds):,}"
    declared = metric_of(figure.metric)
    unit = declared.unit if declared is not None else NUMBER
    if figure.kind == "value":
        return number_text(comparison.mean(figure.variant, figure.metric), unit, plain=figure.plain)
    if figure.kind == "difference":
        return number_text(comparison.difference(figure.variant, figure.metric), unit, plain=figure.plain)
    if figure.kind == "change":
        return number_text(comparison.change(figure.variant, figure.metric), PERCENT, plain=figure.plain)
    text = number_text(comparison.times(figure.variant, figure.metric), NUMBER, plain=figure.plain)
    return "infinitely many" if text == NOTHING and comparison.mean(figure.variant, figure.metric) else text


def _borne_out(comparison: Comparison, claims: str) -> bool | None:
    """Whether every difference lies on the side that is claimed, its whole interval; ``None`` when nobody can tell."""
    found = [comparison.difference(name, comparison.contest.metric) for name in comparison.contest.compared]
    if any(each is None or each.low is None or each.high is None for each in found):
        return None
    return all(_is_on_side(each, claims) for each in found)


def _is_on_side(found: Estimate | None, claims: str) -> bool:
    if found is None or found.low is None or found.high is None:
        return False
    return found.high < 0.0 if claims == LESS else found.low > 0.0


def _not_borne_out(comparison: Comparison, claims: str) -> str:
    contest = comparison.contest
    unborne = [
        name for name in contest.compared if not _is_on_side(comparison.difference(name, contest.metric), claims)
    ]
    told = [f"{name} {_difference_text(comparison, name, contest)}" for name in unborne]
    return (
        f"{plural(len(comparison.seeds), 'seed')} do not bear out that {contest.metric} is {claims} than with "
        f"{contest.baseline}: the difference is {', '.join(told)}."
    )


def _difference_text(comparison: Comparison, name: str, contest: Contest) -> str:
    return figure_text(comparison, Figure("difference", name, contest.metric))


def _made_up(comparison: Comparison, name: str) -> str:
    """What the figures say of one variant, when nobody has written a sentence."""
    contest = comparison.contest
    metric, baseline = contest.metric, contest.baseline
    found = comparison.difference(name, metric)
    values = [figure_text(comparison, Figure("value", each, metric)) for each in (name, baseline)]
    if found is None:
        return f"{metric} cannot be told for {name} and {baseline} on the same seed."
    by = f"{figure_text(comparison, Figure('difference', name, metric))}"
    change = figure_text(comparison, Figure("change", name, metric, plain=True))
    by += f" ({change})" if change != NOTHING else ""
    sentence = f"{metric} is {values[0]} with {name} and {values[1]} with {baseline}: a difference of {by}"
    if found.value == 0.0 and not found.excludes(0.0):
        return f"{metric} is {values[0]} with {name} as with {baseline}."
    if found.low is None:
        return sentence + "."
    if found.excludes(0.0):
        return sentence + ", which is more than chance."
    return sentence + f", which {plural(found.runs, 'seed')} cannot tell from chance."


def _broken_words(comparison: Comparison) -> str:
    """Whose figures are those of runs that did not pass."""
    broken = []
    for name in comparison.contest.names:
        codes = [record.exit_code for record in comparison.records(name)]
        bad = [code for code in codes if code not in (exit_codes.PASSED, exit_codes.NOTHING_TESTED)]
        if bad:
            broken.append(f"{len(bad):,} of {plural(len(codes), 'run')} of {name} did not pass")
    return f" Mind that {' and '.join(broken)}." if broken else ""
