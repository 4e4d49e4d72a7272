"""The layers of one scenario: the file, what it extends, the chosen variant, and ``--set``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from . import merging, raw_limits
from .composing import compose, compose_value
from .errors import LONGEST_WORD, Problem, ScenarioError, did_you_mean, one_of, shortened
from .finding import find_base, missing
from .nodes import Entry, Mapping, Mark, Node, Scalar, Source
from .paths import places
from .quantities import kind_of

SCHEMA: Final = "doubletick/1"
SET_NAME: Final = "--set"
MOST_EXTENDS: Final = 8
MOST_VARIANTS: Final = 64
RESERVED: Final = ("all", "base")
"""What --variant and answers call all ways to play a scenario, and the one without a variant."""
VARIANT_PATTERN: Final = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"
_VARIANT: Final = re.compile(VARIANT_PATTERN)
_OWN_KEYS: Final = ("schema", "extends", "variants", "answer")
_VERBATIM_UNITS: Final = frozenset(("text", "choice"))


@dataclass(slots=True)
class Layers:
    """What was read, base and file already on each other."""

    root: Mapping
    pieces: list[Mapping] = field(default_factory=list)
    """What ``root`` was merged from, the undermost first."""
    variants: dict[str, Mapping] = field(default_factory=dict)
    variant_marks: dict[str, Mark] = field(default_factory=dict)
    answer: Entry | None = None
    problems: list[Problem] = field(default_factory=list)


def read_layers(source: Source, seen: tuple[Path, ...] = ()) -> Layers:
    """Read a source and everything that it extends. Raises ``ScenarioError`` when it cannot be read at all."""
    root, problems = compose(source)
    layers = Layers(root, problems=problems)
    _check_schema(root, problems)
    base = _base(root, source, seen, problems)
    own = Mapping(root.mark, {key: entry for key, entry in root.entries.items() if key not in _OWN_KEYS})
    if base is not None:
        problems.extend(base.problems)
        layers.variants, layers.variant_marks, layers.answer = base.variants, base.variant_marks, base.answer
        # A name belongs to its file: a derived scenario is another one.
        base.root.entries.pop("name", None)
        layers.pieces = [*base.pieces, own]
        own = merging.merge(base.root, own)
    else:
        layers.pieces = [own]
    layers.root = own
    _take_variants(root, layers)
    _take_answer(root, layers)
    return layers


def apply_variant(layers: Layers, name: str, source: Source) -> Mapping:
    """The scenario with a variant on it. Raises ``ScenarioError`` when there is none of that name."""
    overrides = layers.variants.get(name)
    if overrides is None:
        known = tuple(layers.variants)
        hint = did_you_mean(name, known) or (f"variants are: {one_of(known)}" if known else "it has no variants")
        raise ScenarioError([Problem(source.name, 0, 0, "", f"there is no variant {shortened(name)}", hint)])
    return merging.merge(layers.root, overrides)


def apply_sets(root: Mapping, sets: tuple[str, ...], problems: list[Problem]) -> Mapping:
    """The scenario with every ``path=value`` on it; the n-th argument is line n of a file named ``--set``."""
    for number, argument in enumerate(sets, start=1):
        try:
            root = _set(root, _argument(argument, number), problems)
        except ScenarioError as problem:
            problems.extend(problem.problems)
    return root


def _argument(argument: str, number: int) -> Source:
    return raw_limits.source_of(argument, SET_NAME, Path.cwd(), first_line=number)


def _set(root: Mapping, source: Source, problems: list[Problem]) -> Mapping:
    path, equals, value = source.text.partition("=")
    mark = Mark(source, source.first_line, 1)
    parts = merging.split_path(path.strip())
    if not equals or not all(parts):
        problems.append(mark.problem("", f"{shortened(source.text)} sets nothing", "write a.b.c=value"))
        return root
    if parts[0] in _OWN_KEYS:
        problems.append(mark.problem("", f"{shortened(parts[0])} cannot be set from outside the file"))
        return root
    node = _value(source, path, value, problems)
    layer = Mapping(mark)
    if not any(part.isdecimal() for part in parts):
        # Only a layer of its own pins what is drawn; see merging.
        merging.set_at(layer, parts, mark, node)
        return merging.merge(root, layer)
    root = merging.copied(root)
    refused = merging.set_at(root, parts, mark, node)
    if refused:
        problems.append(mark.problem("", refused))
    return root


def _value(source: Source, path: str, value: str, problems: list[Problem]) -> Node:
    place = places().get(path.strip())
    if place is not None and place.unit in _VERBATIM_UNITS:
        mark = Mark(source, source.first_line, len(path) + 2)
        return Scalar(mark, value.strip(), value.strip())
    # Spaces in front keep the columns those of the whole argument.
    shifted = " " * (len(path) + 1) + value
    node, found = compose_value(Source(source.name, shifted, source.folder, source.lines, source.first_line))
    problems.extend(found)
    return node


def _check_schema(root: Mapping, problems: list[Problem]) -> None:
    entry = root.entries.get("schema")
    if entry is None:
        hint = f"begin with 'schema: {SCHEMA}'"
        problems.append(root.mark.problem("schema", "the first key must be 'schema'", hint))
        return
    if next(iter(root.entries)) != "schema":
        problems.append(entry.mark.problem("schema", "must be the first key of the file"))
    node = entry.node
    if not isinstance(node, Scalar) or node.value != SCHEMA:
        written = kind_of(node.value) if isinstance(node, Scalar) else "a collection"
        problems.append(node.mark.problem("schema", f"{written} is no schema that is known", f"write {SCHEMA}"))


def _base(root: Mapping, source: Source, seen: tuple[Path, ...], problems: list[Problem]) -> Layers | None:
    node = root.get("extends")
    if node is None:
        return None
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.value.strip():
        problems.append(node.mark.problem("extends", "must name one scenario", "write extends: commute"))
        return None
    path = find_base(node.value, source.folder)
    if path is None:
        problems.append(node.mark.problem("extends", *missing(node.value, source.folder)))
        return None
    path = path.resolve()
    chain = seen or ((source.path,) if source.path is not None else ())
    if path in chain:
        problems.append(node.mark.problem("extends", f"{shortened(node.value)} extends this file in turn"))
        return None
    if len(chain) >= MOST_EXTENDS:
        problems.append(node.mark.problem("extends", f"more than {MOST_EXTENDS} files extend each other"))
        return None
    try:
        return read_layers(raw_limits.read(path, _shown(path)), (*chain, path))
    except ScenarioError as problem:
        problems.extend(problem.problems)
        return None


def _shown(path: Path) -> str:
    """The path as messages tell it: from here, if it is below here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _take_answer(root: Mapping, layers: Layers) -> None:
    """The file's answer, on that of what it extends."""
    entry, before = root.entries.get("answer"), layers.answer
    if entry is None:
        return
    if before is not None and isinstance(before.node, Mapping) and isinstance(entry.node, Mapping):
        entry = Entry(entry.mark, merging.settled(merging.merge(before.node, entry.node)))
    layers.answer = entry


def _not_a_name(name: str) -> tuple[str, str] | None:
    """Why a variant cannot have this name, and a hint; None when it can."""
    if name in RESERVED:
        meant = "the scenario and all its variants" if name == "all" else "the scenario without a variant"
        return f"{shortened(name)} means {meant}", "give the variant another name"
    if _VARIANT.fullmatch(name):
        return None
    if len(name) > LONGEST_WORD:
        return f"{shortened(name)} is too long a name: it has {len(name):,} characters", "at most 64 are allowed"
    said = f"{shortened(name)} cannot name a variant: its results go to a folder of this name"
    return said, "use letters, digits, '-', '_' and '.'"


def _take_variants(root: Mapping, layers: Layers) -> None:
    entry = root.entries.get("variants")
    if entry is None:
        return
    if not isinstance(entry.node, Mapping):
        message = "must be a mapping of names to the values that each changes"
        layers.problems.append(entry.node.mark.problem("variants", message))
        return
    for name, (mark, node) in entry.node.entries.items():
        path = f"variants.{shortened(name)[1:-1]}"
        refused = _not_a_name(name)
        if refused is not None:
            layers.problems.append(mark.problem(path, *refused))
        if not isinstance(node, Mapping):
            layers.problems.append(node.mark.problem(path, "must be a mapping of the values that it changes"))
            continue
        overrides = merging.spread(node, layers.problems, path)
        for key in _OWN_KEYS:
            if key in overrides.entries:
                problem = overrides.entries.pop(key).mark.problem(path, f"a variant cannot change '{key}'")
                layers.problems.append(problem)
        before = layers.variants.get(name)
        layers.variants[name] = overrides if before is None else merging.merge(before, overrides)
        layers.variant_marks[name] = mark
    if len(layers.variants) > MOST_VARIANTS:
        layers.problems.append(entry.mark.problem("variants", f"more than {MOST_VARIANTS} variants"))
        layers.variants = dict(list(layers.variants.items())[:MOST_VARIANTS])
