"""Loading a scenario: ``load`` takes a path or a name and gives a checked ``Scenario``, or every problem at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from . import raw_limits
from .answer import Answer
from .answer_checks import check_answer
from .checking import check
from .errors import Problem, ScenarioError
from .finding import find
from .layers import SET_NAME, Layers, apply_sets, apply_variant, read_layers
from .merging import settled
from .misplaced import beside_a_trace
from .model import Scenario
from .nodes import Mapping, Source

__all__ = ["Loaded", "ScenarioError", "answer_of", "find", "load", "load_text", "open_scenario", "variants_of"]

_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario with what only tools about files need."""

    scenario: Scenario
    document: Mapping
    """The merged document, whose nodes remember where they stand."""
    variants: tuple[str, ...]
    answer: Answer | None = None
    ways: tuple[Scenario, ...] = ()
    """The scenario without a variant and with each, as the file has them."""


def load(name_or_path: str | Path, *, sets: Sequence[str] = (), variant: str | None = None) -> Scenario:
    """The scenario of a file, or of a shipped name, with a variant and ``path=value`` settings on it.

    Raises ``ScenarioError`` with every problem of the file, of what it extends, of its variants and of ``sets``.
    """
    return open_scenario(name_or_path, sets=sets, variant=variant).scenario


def load_text(
    text: str | bytes,
    source: str = "<text>",
    *,
    folder: Path | str = ".",
    sets: Sequence[str] = (),
    variant: str | None = None,
) -> Scenario:
    """The scenario of a text. ``source`` is what messages call it, ``folder`` where files that it names are looked up.

    Raises ``ScenarioError`` as ``load`` does.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    read = raw_limits.decode(data, source, Path(folder).absolute())
    return _opened(read, "unnamed", tuple(sets), variant).scenario


def open_scenario(name_or_path: str | Path, *, sets: Sequence[str] = (), variant: str | None = None) -> Loaded:
    """As ``load``, with the document and the names of the variants."""
    path = find(name_or_path)
    read = raw_limits.read(path, _shown(path, name_or_path))
    return _opened(read, _name_of(path), tuple(sets), variant)


def variants_of(name_or_path: str | Path) -> tuple[str, ...]:
    """The names of a scenario's variants, those of what it extends first. Raises ``ScenarioError``."""
    return open_scenario(name_or_path).variants


def answer_of(name_or_path: str | Path) -> Answer | None:
    """How the scenario answers its question, if it says so. Raises ``ScenarioError``."""
    return open_scenario(name_or_path).answer


def _opened(source: Source, name: str, sets: tuple[str, ...], variant: str | None) -> Loaded:
    layers = read_layers(source)
    problems = list(layers.problems)
    chosen: Loaded | None = None
    ways: list[Scenario] = []
    if variant is not None and variant not in layers.variants:
        apply_variant(layers, variant, source)
    for each in (None, *layers.variants):
        found: list[Problem] = []
        loaded = _played(layers, source, name, sets, each, found)
        ways.append(loaded.scenario)
        if each == variant:
            chosen = loaded
        else:
            # Every way to play the file is checked, but a setting is meant for the one that is played.
            found = [problem for problem in found if problem.file != SET_NAME]
        problems.extend(found)
    answer = None if layers.answer is None else check_answer(layers.answer, tuple(layers.variants), problems)
    if problems:
        raise ScenarioError(_in_order(problems, source.name))
    assert chosen is not None
    return replace(chosen, answer=answer, ways=tuple(ways))


def _played(
    layers: Layers, source: Source, name: str, sets: tuple[str, ...], variant: str | None, problems: list[Problem]
) -> Loaded:
    root = layers.root if variant is None else apply_variant(layers, variant, source)
    root = settled(apply_sets(root, sets, problems))
    pieces = layers.pieces if variant is None else [*layers.pieces, layers.variants[variant]]
    problems.extend(beside_a_trace(root, pieces))
    scenario, found = check(root, name=name, source=source.name, folder=source.folder)
    problems.extend(found)
    return Loaded(scenario, root, tuple(layers.variants))


def _in_order(problems: Sequence[Problem], first: str) -> list[Problem]:
    """Each problem once, the named file first, in the order of its lines."""
    once = {(each.file, each.line, each.column, each.message): each for each in reversed(problems)}
    return sorted(once.values(), key=lambda each: (each.file != first, each.file, each.line, each.column, each.path))


def _shown(path: Path, asked: str | Path) -> str:
    """What messages call the file: as it was asked for, or from here."""
    if str(path) == str(asked):
        return str(asked)
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)


def _name_of(path: Path) -> str:
    return _NO_NAME.sub("-", path.stem).strip("-._")[:80] or "unnamed"
