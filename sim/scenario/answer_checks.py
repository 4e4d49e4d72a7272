"""Reading the ``answer`` of a file: its keys, the variants that it names, and every figure of its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

from pydantic import ValidationError

from ..vocabulary.metrics import known_metrics
from .answer import BASE, Answer, Contest, FigureError, contest_of, read_sentence
from .checking import problem_of
from .errors import Problem, did_you_mean, one_of, shortened
from .nodes import Entry, Mapping, Mark, dotted, plain, value_mark
from .validators import built, model_of

KEY: Final = "answer"
Path_ = tuple[str | int, ...]


def check_answer(entry: Entry, variants: tuple[str, ...], problems: list[Problem]) -> Answer | None:
    """The answer of a file; ``None``, with problems, when it cannot be used."""
    if not isinstance(entry.node, Mapping):
        hint = "write answer: {metric: delivery_p99_s}"
        problems.append(entry.node.mark.problem(KEY, "must be a mapping of keys to values", hint))
        return None
    root = Mapping(entry.mark, {KEY: entry})
    before = len(problems)
    answer = _built(root, problems)
    problems.extend(_problems(answer, root, variants))
    return answer if len(problems) == before else None


def _built(root: Mapping, problems: list[Problem]) -> Answer:
    """The answer, as far as it can be read, so that everything that is wrong is told at once."""
    data: Any = plain(root)
    model = model_of(Answer)
    try:
        return cast(Answer, built(Answer, model.model_validate(data[KEY])))
    except ValidationError as error:
        found = error.errors(include_url=False)
    problems.extend(problem_of(root, data, {**each, "loc": (KEY, *each["loc"])}) for each in found)
    wrong = {str(each["loc"][0]) for each in found}
    rest = {key: value for key, value in data[KEY].items() if key not in wrong}
    return cast(Answer, built(Answer, model.model_validate({"metric": known_metrics()[0], **rest})))


def _problems(answer: Answer, root: Mapping, variants: tuple[str, ...]) -> Iterator[Problem]:
    known = (*variants, BASE)
    wrong = False
    named: list[tuple[Path_, str]] = [(("baseline",), answer.baseline)]
    named += [(("variants", place), name) for place, name in enumerate(answer.variants)]
    for path, name in named:
        if name not in known:
            wrong = True
            hint = did_you_mean(name, known) or f"variants are: {one_of(known)}"
            yield _at(root, path).problem(dotted((KEY, *path)), f"there is no variant {shortened(name)}", hint)
    if wrong:
        return
    contest = contest_of(answer, variants)
    if not contest.compared:
        said = f"there is nothing to compare with {shortened(contest.baseline)}"
        yield _at(root, ("baseline",)).problem(KEY, said, "give the scenario variants, or name another baseline")
        return
    yield from _sentence_problems(answer, root, contest)


def _sentence_problems(answer: Answer, root: Mapping, contest: Contest) -> Iterator[Problem]:
    try:
        read_sentence(answer.says, contest)
    except FigureError as error:
        mark = _at(root, ("says",))
        column = mark.source.line(mark.line).find("{" + error.field) + 1 if error.field else 0
        mark = Mark(mark.source, mark.line, column or mark.column)
        yield mark.problem(f"{KEY}.says", error.message, error.hint)


def _at(root: Mapping, path: Path_) -> Mark:
    return value_mark(root, (KEY, *path))
