"""From a merged document to a scenario, gathering everything that is wrong on the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from ..faults.promise import beyond_promise, shards_of
from ..faults.schedule import Fault
from ..vocabulary.points import LONG_TERM_STORE, STORE
from ..world.atlas import Atlas
from .answer import Answer
from .cross_checks import cross_problems
from .devices import device_findings
from .drawn_choices import read_drawn
from .errors import MOST_PROBLEMS, Problem, did_you_mean, shortened
from .fault_entries import KEYS, FaultEntry, fault_of, findings
from .fields import key_of
from .finding import SHIPPED
from .misplaced import without_drawn_keys
from .model import Operation, Scenario
from .nodes import Mapping, dotted, key_mark, plain, value_mark
from .paths import places
from .quantities import kind_of
from .trace_header import header_problems, locate
from .validators import built, root_model

Path_ = tuple[str | int, ...]
_KEYS_OF_ANSWER: Final = tuple(map(key_of, dataclasses.fields(Answer)))
_LISTED: Final = {"faults": tuple(KEYS), "operations": tuple(map(key_of, dataclasses.fields(Operation)))}
_EXAMPLES: Final = {
    "faults": "write {kind: crash, at: 30s, target: store 0}",
    "operations": "write {at: 1s, sender: 0, recipient: 1, text: hello}",
}


def check(root: Mapping, *, name: str, source: str, folder: Path) -> tuple[Scenario, list[Problem]]:
    """The scenario of a merged document and all its problems; with problems, the scenario is only a best effort."""
    problems: list[Problem] = []
    drawn_node = root.get("drawn")
    drawn = {} if drawn_node is None else read_drawn(drawn_node, problems)
    wrong = {problem.path.removeprefix("drawn.").rsplit(".", 1)[0] for problem in problems}
    data = plain(root)
    assert isinstance(data, dict)
    data.pop("drawn", None)
    validated, kept, errors = _validated(data)
    wrong |= {dotted(error["loc"]) for error in errors}
    problems.extend(problem_of(root, data, error) for error in errors[: 2 * MOST_PROBLEMS])
    scenario: Scenario = built(Scenario, validated)
    given_name = scenario.name if root.get("name") is not None and "name" not in wrong else name
    scenario = dataclasses.replace(scenario, drawn=drawn, name=given_name, source=source, folder=str(folder))
    scenario = _with_faults(without_drawn_keys(scenario), root, kept, problems)
    problems.extend(cross_problems(scenario, root, frozenset(wrong)))
    return _with_trace(scenario, root, frozenset(wrong), problems), problems


def _validated(data: dict[str, Any]) -> tuple[BaseModel, list[int], list[Any]]:
    """The validated model, with what is wrong left out; which faults are left; and the errors."""
    faults = data.get("faults")
    kept = list(range(len(faults))) if isinstance(faults, list) else []
    model = root_model()
    try:
        return model.model_validate(data), kept, []
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
    pruned, dropped = _pruned(data, [tuple(error["loc"]) for error in errors])
    kept = [place for place in kept if place not in dropped] if isinstance(pruned.get("faults"), list) else []
    return model.model_validate(pruned), kept, list(errors)


def _pruned(data: dict[str, Any], paths: Iterable[Path_]) -> tuple[dict[str, Any], set[int]]:
    """The data without what is wrong (whole entries of lists), and the places of the faults that went."""
    whole = {_up_to_list_item(path) for path in paths}
    dropped = {path[1] for path in whole if path[0] == "faults" and len(path) == 2 and isinstance(path[1], int)}
    pruned = _without(data, (), whole)
    assert isinstance(pruned, dict)
    return pruned, dropped


def _up_to_list_item(path: Path_) -> Path_:
    first = next((place for place, part in enumerate(path) if isinstance(part, int)), len(path))
    return path[: first + 1]


def _without(value: Any, path: Path_, wrong: set[Path_]) -> Any:
    if isinstance(value, dict):
        return {key: _without(below, (*path, key), wrong) for key, below in value.items() if (*path, key) not in wrong}
    if isinstance(value, list):
        return [
            _without(below, (*path, place), wrong) for place, below in enumerate(value) if (*path, place) not in wrong
        ]
    return value


def problem_of(root: Mapping, data: dict[str, Any], error: Any) -> Problem:
    """What pydantic complains of, in the words and at the place of the file."""
    path: Path_ = tuple(error["loc"])
    shown = dotted((*path[:-1], shortened(path[-1])[1:-1] if isinstance(path[-1], str) else path[-1]))
    kind = error["type"]
    if kind == "extra_forbidden":
        message, hint = _unknown(path)
        return key_mark(root, path).problem(shown, message, hint)
    mark = value_mark(root, path)
    if kind == "value":
        return mark.problem(shown, error["ctx"]["message"], error["ctx"]["hint"])
    if kind == "missing":
        return mark.problem(shown, f"the key '{path[-1]}' is missing")
    found = kind_of(_at(data, path))
    if kind in ("model_type", "model_attributes_type"):
        known = _known_below(path)
        listed = str(path[-2]) if len(path) > 1 and isinstance(path[-1], int) else ""
        hint = _EXAMPLES.get(listed, f"write {path[-1]}: {{{known[0]}: ...}}, or leave the key out" if known else "")
        return mark.problem(shown, f"{found} is no mapping of keys to values", hint)
    if kind == "list_type":
        return mark.problem(shown, f"{found} is no list", "write [...], or '- ' before each entry")
    return mark.problem(shown, error["msg"])


def _unknown(path: Path_) -> tuple[str, str]:
    key = str(path[-1])
    if key == "<<":
        return "merge keys are no part of YAML 1.2", "use 'extends' or 'variants'"
    if key.endswith("+"):
        return "'+' appends a list to a list", "write the entries as a list, or leave out the '+'"
    near = did_you_mean(key, _known_below(path[:-1]))
    if not near:
        # The right key at the wrong level is the commonest mistake.
        elsewhere = [each for each in places() if each.rpartition(".")[2] == key]
        near = f"did you mean '{elsewhere[0]}'?" if elsewhere else did_you_mean(key, tuple(places()))
    return "unknown key", near


def _known_below(path: Path_) -> list[str]:
    if path == ("answer",):
        return list(_KEYS_OF_ANSWER)
    if path and isinstance(path[-1], int):
        return list(_LISTED.get(str(path[-2]), ()))
    prefix = "".join(f"{part}." for part in path)
    known = [each.removeprefix(prefix) for each in places() if each.startswith(prefix)]
    below = [each for each in known if "." not in each]
    return below if path else [*below, "schema", "extends", "variants", "answer"]


def _at(data: Any, path: Path_) -> Any:
    for part in path:
        data = data[part]
    return data


def _with_faults(scenario: Scenario, root: Mapping, kept: list[int], problems: list[Problem]) -> Scenario:
    entries: tuple[FaultEntry, ...] = scenario.faults  # type: ignore[assignment]
    scenario = dataclasses.replace(scenario, faults=())
    sound = list(map(fault_of, entries))
    kinds = frozenset(entry.kind for entry in entries)
    for number, (place, entry) in enumerate(zip(kept, entries, strict=True)):
        item = _item_node(root, place)
        given = frozenset(item.entries)
        for found in (*findings(entry, given, scenario), *device_findings(entry, kinds, scenario)):
            path: Path_ = ("faults", place, found.key) if found.key else ("faults", place)
            mark = value_mark(root, path)
            problems.append(mark.problem(dotted(path), found.message, found.hint))
            sound[number] = dataclasses.replace(sound[number], target="")
    faults = tuple(fault_of(entry) for entry in entries)
    if not scenario.beyond_promise:
        struck = _as_they_strike(sound, scenario)
        atlas = Atlas(scenario.regions)
        for place, said, instead in beyond_promise(struck, shards_of(scenario), scenario.storage.catch_up_us, atlas):
            if faults[place].number is not None:
                # It was written out of a run, whose own rules kept it within the promise: it must play as it did.
                continue
            path = ("faults", kept[place])
            hint = f"{instead}write beyond_promise: true at the top to play it all the same"
            problems.append(value_mark(root, path).problem(dotted(path), f"is beyond the promise: {said}", hint))
    return dataclasses.replace(scenario, faults=faults)


def _as_they_strike(faults: list[Fault], scenario: Scenario) -> list[Fault]:
    """Where the store keeps messages for good, ``long_term_store`` names the store."""
    if scenario.long_term_shards:
        return faults
    return [dataclasses.replace(each, target=each.target.replace(LONG_TERM_STORE, STORE)) for each in faults]


def _item_node(root: Mapping, place: int) -> Mapping:
    listed: Any = root.get("faults")
    item = listed.items[place]
    assert isinstance(item, Mapping)
    return item


def _with_trace(scenario: Scenario, root: Mapping, wrong: frozenset[str], problems: list[Problem]) -> Scenario:
    """The scenario with the folder in which its trace was found."""
    work = scenario.workload
    if work.kind != "trace" or not work.file or any(path.startswith("workload") for path in wrong):
        return scenario
    mark = value_mark(root, ("workload", "file"))
    folder = locate(work.file, (mark.source.folder, SHIPPED))
    if folder is None:
        message = f"there is no trace {shortened(work.file)}"
        hint = "a trace is looked up beside the scenario file that names it"
        problems.append(mark.problem("workload.file", message, hint))
        return scenario
    problems.extend(header_problems(folder / work.file, work))
    return dataclasses.replace(scenario, folder=str(folder))
