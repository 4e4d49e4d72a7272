"""Reading ``drawn:``: dotted paths to lists of choices, each choice read as the key itself would be."""

from __future__ import annotations

from . import catalogues
from .errors import Problem, did_you_mean, shortened
from .nodes import Mapping, Mark, Node, Sequence, plain
from .paths import Place, drawable, places
from .quantities import READERS, QuantityError, kind_of, read_word


def read_drawn(node: Node, problems: list[Problem]) -> dict[str, tuple[object, ...]]:
    """Path to choices, as the model holds them; what cannot be read is left out and told in ``problems``."""
    if not isinstance(node, Mapping):
        hint = "write drawn: {protocol.page: [1, 2, 50]}"
        problems.append(node.mark.problem("drawn", "must be a mapping of paths to lists of choices", hint))
        return {}
    drawn: dict[str, tuple[object, ...]] = {}
    for path, (mark, below) in node.entries.items():
        place = drawable().get(path)
        if place is None:
            problems.append(_not_drawable(mark, path))
        elif not isinstance(below, Sequence) or not below.items:
            message = "must be a list with at least one choice"
            problems.append(below.mark.problem(f"drawn.{path}", message, "such as [1, 2, 50]"))
        else:
            choices = _choices(place, below, problems)
            if choices:
                drawn[path] = choices
    return drawn


def _choices(place: Place, node: Sequence, problems: list[Problem]) -> tuple[object, ...]:
    choices: list[object] = []
    for number, item in enumerate(node.items):
        try:
            choices.append(_choice(place, plain(item)))
        except QuantityError as problem:
            problems.append(item.mark.problem(f"drawn.{place.path}.{number}", problem.message, problem.hint))
    return tuple(choices)


def _choice(place: Place, value: object) -> object:
    if place.unit != "list":
        return READERS[place.unit](value, place.declared.metadata)
    if not isinstance(value, list):
        raise QuantityError(f"{kind_of(value)} is no list", "each choice is itself a list")
    known = tuple(catalogues.fault_kinds())
    return tuple(read_word(item, "kind of fault", known) for item in value)


def _not_drawable(mark: Mark, path: str) -> Problem:
    place = places().get(path)
    if place is None:
        hint = did_you_mean(path, tuple(drawable()))
        return mark.problem(f"drawn.{shortened(path)[1:-1]}", "there is no such path", hint)
    if place.unit == "section":
        first = next(each for each in places() if each.startswith(f"{path}."))
        return mark.problem(f"drawn.{path}", "is a section, not a value", f"write {first}: [...]")
    return mark.problem(f"drawn.{path}", "cannot be drawn per seed")
