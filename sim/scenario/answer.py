"""How a scenario's question is answered: which figure decides, against which variant, and the sentence that says it.

It belongs to the file, like its variants: it changes no run. ``doubletick compare`` plays the variants on the same
seeds and fills in the sentence. What stands in braces is checked when the file is read:

========================== ==========================================================================================
``{lazy.queries}``         a metric of a variant (``base`` is the scenario without one), with its interval
``{lazy}``                 the deciding metric of a variant
``{lazy.difference}``      the variant less the baseline, paired; ``{lazy.queries.difference}`` for another metric
``{lazy.ratio}``           how many times: the baseline over the variant where the claim is ``less``, else the variant
                           over the baseline
``{lazy.change}``          the difference as a percentage of the baseline
``{seeds}``                how many seeds were played
========================== ==========================================================================================

Where only one variant is compared its name may be left out: ``{ratio}``. ``:plain`` leaves the interval out:
``{ratio:plain}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import Final

from ..vocabulary.metrics import known_metrics, metric_of
from .errors import did_you_mean, one_of, shortened
from .fields import choice, listing, required, text

BASE: Final = "base"
"""What the scenario without a variant is called among the variants."""
LESS: Final = "less"
MORE: Final = "more"
_COMPARED: Final = ("difference", "ratio", "change")
_PLAIN: Final = "plain"


@dataclass(frozen=True, slots=True)
class Answer:
    """The ``answer`` of a scenario file."""

    metric: str = required(choice("", known_metrics(), "the metric that answers the question"))
    claims: str = choice("nothing", ("nothing", LESS, MORE), "what the sentence says of the variants: it is only told"
                         " where the interval of the paired difference bears it out")  # fmt: skip
    baseline: str = text(BASE, "the variant that the others are held against (base: the scenario without a variant)")
    variants: tuple[str, ...] = listing("the variants that are compared (default: all others)", of="text")
    also: tuple[str, ...] = listing("other metrics to show", of="metric")
    says: str = text("", "the answer in a sentence, with figures in braces (default: one that is made up)")

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric to show, the deciding one first."""
        return (self.metric, *(name for name in self.also if name != self.metric))


@dataclass(frozen=True, slots=True)
class Contest:
    """Who is held against whom, by names of variants, and by which metric first of all."""

    baseline: str
    compared: tuple[str, ...]
    metric: str

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, the baseline first."""
        return (self.baseline, *self.compared)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a sentence."""

    kind: str
    """``value``, ``difference``, ``ratio``, ``change`` or ``seeds``."""
    variant: str = ""
    metric: str = ""
    plain: bool = False


class FigureError(ValueError):
    """A sentence cannot be filled in: which field is wrong, why, and what was perhaps meant."""

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.field = field
        self.message = message
        self.hint = hint


def contest_of(answer: Answer, variants: tuple[str, ...]) -> Contest:
    """Who is compared; without a list it is every variant but the baseline (and not the base, which is no variant)."""
    others = answer.variants or variants or (BASE,)
    return Contest(answer.baseline, tuple(name for name in others if name != answer.baseline), answer.metric)


def read_sentence(sentence: str, contest: Contest) -> tuple[tuple[str, Figure | None], ...]:
    """The pieces of a sentence: text, and the figure that follows it. Raises ``FigureError``."""
    try:
        pieces = list(Formatter().parse(sentence))
    except ValueError as error:
        raise FigureError(
            "", f"cannot be read: {error}", "braces belong to figures; write {{ and }} for others"
        ) from None
    read: list[tuple[str, Figure | None]] = []
    for literal, field, form, conversion in pieces:
        if field is None:
            read.append((literal, None))
            continue
        if conversion:
            raise FigureError(field, f"{shortened('!' + conversion)} means nothing here", "write {" + field + "}")
        if form not in ("", _PLAIN):
            raise FigureError(field, f"there is no form {shortened(':' + (form or ''))}", f"write {{{field}:{_PLAIN}}}")
        read.append((literal, _figure(field.strip(), contest, form == _PLAIN)))
    return tuple(read)


def _figure(field: str, contest: Contest, plain: bool) -> Figure:
    if not field:
        raise FigureError(
            field, "empty braces name no figure", f"write {{{contest.names[-1]}}}, or {{{{}}}} for braces"
        )
    if field == "seeds":
        return Figure("seeds", plain=plain)
    variant, rest = _split_variant(field, contest)
    if (field.startswith(".") or "" in rest.split(".")) and field not in contest.names:
        whole = ".".join(filter(None, (variant, *rest.split(".")))) or contest.names[-1]
        raise FigureError(field, f"{shortened(field)} has an empty part", f"write {{{whole}}}")
    kind, metric = _split_kind(rest)
    if not variant:
        variant = _only_variant(field, kind, metric, contest)
    metric = metric or contest.metric
    if metric_of(metric) is None:
        hint = did_you_mean(metric, known_metrics()) or "docs/metrics.md lists them"
        raise FigureError(field, f"there is no metric {shortened(metric)}", hint)
    if kind != "value" and variant == contest.baseline:
        raise FigureError(
            field, f"{variant} is the baseline: it has no {kind}", f"name one of {one_of(contest.compared)}"
        )
    return Figure(kind, variant, metric, plain)


def _split_variant(field: str, contest: Contest) -> tuple[str, str]:
    """The variant that a field begins with (the longest name that fits), and what follows it."""
    fits = [name for name in contest.names if field == name or field.startswith(name + ".")]
    variant = max(fits, key=len, default="")
    return variant, field[len(variant) :].removeprefix(".")


def _split_kind(rest: str) -> tuple[str, str]:
    """What is told of the metric, and the metric (empty: the deciding one)."""
    front, dot, last = rest.rpartition(".")
    if last in _COMPARED and (dot or not front):
        return last, front
    return "value", rest


def _only_variant(field: str, kind: str, metric: str, contest: Contest) -> str:
    """The variant that is meant where none is named."""
    if kind != "value" and (not metric or metric_of(metric) is not None) and len(contest.compared) == 1:
        return contest.compared[0]
    first = field.partition(".")[0]
    if metric_of(metric or contest.metric) is not None:
        which = " or ".join(f"{{{name}.{field}}}" for name in contest.names[:3])
        raise FigureError(field, f"{shortened(field)} does not say of which variant", f"write {which}")
    hint = did_you_mean(first, contest.names) or did_you_mean(field, known_metrics())
    known = f"variants are: {one_of(contest.names)}"
    raise FigureError(field, f"{shortened(first)} is no variant that is compared, and no figure", hint or known)
