"""Whatever the bytes, loading gives a scenario or ``ScenarioError``; never anything else."""

from __future__ import annotations

import contextlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario.errors import ScenarioError
from sim.scenario.loading import load_text
from sim.scenario.model import Scenario
from sim.scenario.paths import places

HEAD = "schema: doubletick/1\n"
KEYS = sorted(
    {path.rpartition(".")[2] for path in places()} | {"extends", "variants", "schema", "faults+", "kind", "at"}
)
WORDS = ["30s", "5", "0", "-1", "1e9", "5%", "true", "null", "crash", "store 0", "phones 10%", "servers", "commute",
         "after store.persist.append_entry", "trace", "script", ".nan", "~", "''", "1..5", "[]", "{}", "*a", "&a x",
         "!t", "|", ">", "LOSS-1", "protocol.page", "<<", "? x", "- y", "#", "%", "@", "\t",
         "\\", "\u2028"]  # fmt: skip
SCALARS = st.one_of(st.sampled_from(WORDS), st.integers().map(str), st.text(max_size=8), st.floats().map(str))


def loads_or_refuses(data: str | bytes, **options: object) -> None:
    with contextlib.suppress(ScenarioError):
        assert isinstance(load_text(data, "fuzz.yaml", **options), Scenario)  # type: ignore[arg-type]


def flow(value: object) -> str:
    """A tree as YAML flow text, without any care for what it holds."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return str(value)


TREES = st.recursive(
    SCALARS,
    lambda below: st.one_of(
        st.lists(below, max_size=4), st.dictionaries(st.one_of(st.sampled_from(KEYS), SCALARS), below, max_size=5)
    ),
    max_leaves=20,
)


@given(st.binary(max_size=300))
def test_random_bytes(data: bytes) -> None:
    loads_or_refuses(data)
    loads_or_refuses(HEAD.encode() + data)


@given(st.text(max_size=300))
def test_random_text(text: str) -> None:
    loads_or_refuses(HEAD + text)


@given(st.text(alphabet=":-[]{},&*!|>'\"%@`#?\n\t abc019.~<=+\\", max_size=120))
def test_yaml_like_text(text: str) -> None:
    loads_or_refuses(HEAD + text)


@given(st.dictionaries(st.sampled_from(KEYS), TREES, max_size=6))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_trees_of_known_keys(tree: dict[str, object]) -> None:
    loads_or_refuses(HEAD + "".join(f"{key}: {flow(value)}\n" for key, value in tree.items()))


@given(st.sampled_from(sorted(places())), TREES)
def test_any_value_at_any_path(path: str, value: object) -> None:
    loads_or_refuses(HEAD, sets=(f"{path}={flow(value)}",))


@given(st.lists(st.text(max_size=40), max_size=3), st.none() | st.text(max_size=5))
def test_random_settings(sets: list[str], variant: str | None) -> None:
    loads_or_refuses(HEAD, sets=sets, variant=variant)
