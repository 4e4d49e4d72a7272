"""A resolved scenario written out loads to the same scenario."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.faults.schedule import Fault
from sim.scenario.cross_checks import RULES
from sim.scenario.drawing import for_seed
from sim.scenario.explaining import explain
from sim.scenario.finding import shipped
from sim.scenario.loading import load, load_text, variants_of
from sim.scenario.model import Operation, Scenario
from sim.scenario.paths import Place, drawable, places, rebuilt
from sim.scenario.writing import to_yaml, write_duration

DEPENDENT = {path for rule in RULES for path in rule.paths} | {"workload.kind", "workload.file", "workload.operations"}
"""Values that go together; the round trip of each is tested on shipped files."""

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"), include_characters="\t\n"), max_size=30
)
FAULTS = st.sampled_from(
    [
        Fault("crash", at_us=30_000_000, for_us=5_000_001, target="store 0"),
        Fault("crash", at_us=0, target="stores 12.5%"),
        Fault("loss", at_us=10_000_000, target="servers", peer="phones 10%", probability=0.1 + 0.2),
        Fault("crash", point="after store.persist.append_entry", operation=3, device=2048, nth=7),
        Fault("clock_step", at_us=3, target="phone any", amount_us=-7_200_000_001),
        Fault("clock_drift", at_us=3, target="phone any", factor=-1e-7),
        Fault("registry_wipe", at_us=119_999_999, target="registry"),
    ]
)


def values_of(place: Place) -> st.SearchStrategy[Any]:
    metadata = place.declared.metadata
    if place.unit in ("duration", "count"):
        bounds = st.integers(metadata["least"], metadata["most"])
        return st.none() | bounds if metadata.get("optional") else bounds
    if place.unit == "rate":
        rates = st.floats(metadata["least"], metadata["most"])
        return st.none() | rates if metadata.get("optional") else rates
    if place.unit in ("share", "number"):
        return st.floats(metadata["least"], metadata["most"], allow_nan=False)
    if place.unit == "flag":
        return st.booleans()
    if place.unit == "choice":
        return st.sampled_from(metadata["options"])
    assert place.unit == "text"
    return TEXTS


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    tree: dict[str, Any] = {}
    plain = ("duration", "count", "rate", "share", "number", "flag", "choice", "text")
    for path, place in places().items():
        if place.unit not in plain or path in DEPENDENT or path in ("name", "seeds") or not draw(st.booleans()):
            continue
        branch = tree
        for attribute in place.attributes[:-1]:
            branch = branch.setdefault(attribute, {})
        branch[place.attributes[-1]] = draw(values_of(place))
    tree |= {
        "name": draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)),
        "seeds": draw(st.sampled_from(["1", "1..20", "0010", "7,c0ffee"])),
        "tags": tuple(draw(st.lists(TEXTS, max_size=3))),
        "faults": tuple(draw(st.lists(FAULTS, max_size=3))),
        "checks": tuple(draw(st.lists(st.sampled_from(["LOSS-1", "DUP-1"]), max_size=2))),
        "must_reach": draw(st.sampled_from([(), ("stale lease at push",)])),
    }
    free = sorted(
        path for path in drawable() if path not in DEPENDENT and not path.startswith(("topology", "workload"))
    )
    drawn = {}
    for path in draw(st.lists(st.sampled_from(free), max_size=3, unique=True)):
        of = st.just(("crash",)) if path == "random_faults.kinds" else values_of(places()[path])
        drawn[path] = tuple(draw(st.lists(of, min_size=1, max_size=3)))
    scenario: Scenario = rebuilt(Scenario(), tree)
    return dataclasses.replace(scenario, drawn=drawn)


def reloaded(scenario: Scenario) -> Scenario:
    again = load_text(to_yaml(scenario), folder=scenario.folder or ".")
    return dataclasses.replace(again, source=scenario.source, folder=scenario.folder)


@given(scenarios())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_round_trip(scenario: Scenario) -> None:
    # The faults name the first store and any user; a world without them is none that a file can describe.
    world = dataclasses.replace(scenario.workload, users=max(3, scenario.workload.users), messages=100)
    scenario = dataclasses.replace(scenario, workload=world, beyond_promise=True)
    assert reloaded(scenario) == scenario


@given(st.lists(st.tuples(TEXTS, st.booleans()), min_size=1, max_size=4))
@settings(max_examples=20)
def test_round_trip_of_a_script(steps: list[tuple[str, bool]]) -> None:
    operations = tuple(
        Operation(place, 0, 1, said, reply_to=place - 1 if answers and place else None)
        for place, (said, answers) in enumerate(steps)
    )
    work = dataclasses.replace(Scenario().workload, kind="script", operations=operations)
    scenario = dataclasses.replace(Scenario(), workload=work)
    assert reloaded(scenario) == scenario


@pytest.mark.parametrize("name", sorted(shipped()))
def test_round_trip_of_shipped_scenarios(name: str) -> None:
    for variant in (None, *variants_of(name)):
        scenario = load(name, variant=variant)
        assert reloaded(scenario) == scenario
        resolved, _ = for_seed(scenario, 3)
        assert resolved == scenario or reloaded(resolved) == resolved


def test_a_trace_is_named_from_where_the_file_will_stand(tmp_path: Path) -> None:
    scenario = load("college_messages")
    (tmp_path / "again.yaml").write_text(to_yaml(scenario, folder=tmp_path), encoding="utf-8")
    again = load(tmp_path / "again.yaml")
    assert Path(again.folder, again.workload.file).samefile(Path(scenario.folder, scenario.workload.file))


@pytest.mark.parametrize(
    ("span_us", "written"),
    [(0, "0s"), (1, "1us"), (1500, "1500us"), (90_000_000, "90s"), (3_600_000_000, "1h"), (-7_200_000_000, "-2h")],
)
def test_time_spans_are_written_without_loss(span_us: int, written: str) -> None:
    assert write_duration(span_us) == written


def test_explain_tells_the_origin_of_each_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text("schema: doubletick/1\nprotocol:\n  page: 3\n  push_window: 3\n")
    Path("top.yaml").write_text(
        "schema: doubletick/1\nextends: base\nprotocol: {page: 4}\nfaults:\n  - {kind: registry_wipe, at: 1s}\n"
        "drawn: {protocol.lag_limit: [1, 2]}\nvariants: {v: {topology.store_shards: 1}}\n"
    )
    told = explain("top.yaml", sets=["time.chaos=30s"], variant="v").splitlines()
    for line in (
        "schema: doubletick/1",
        "name: top # file name",
        "  chaos: 30s # --set",
        "  store_shards: 1 # top.yaml:7",
        "  inbox_shards: 2 # default",
        "  page: 4 # top.yaml:3",
        "  push_window: 3 # base.yaml:4",
        "  - {kind: registry_wipe, at: 1s, target: registry} # top.yaml:5",
        "  protocol.lag_limit: [1, 2] # top.yaml:6",
        "checks: [] # default",
    ):
        assert line in told, line
    assert load_text("\n".join(told)).protocol.page == 4
