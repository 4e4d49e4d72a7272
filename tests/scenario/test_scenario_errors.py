"""Each class of error, with its exact place, and all of them in one pass."""

from __future__ import annotations

import pickle

import pytest

from sim.scenario.errors import Problem, ScenarioError, did_you_mean
from sim.scenario.loading import load_text

EVERYTHING_WRONG = """\
schema: doubletick/1
name: rush hour
time: {chaos: 60, warm_up: 1s}
protocol:
  heartbaet: 30s
  page: 0
  lease: 10s
  back_off: fully
workload: {kind: synthetic, users: 500m, messages: "12", reply_share: 40}
network: {silent_connections: yes}
beyond_promise: yes
faults:
  - {kind: crush, at: 3s, target: store 0}
  - {kind: crash, at: 3s, target: connection_server 7}
  - {kind: crash, at: -3s, target: store 0}
checks: [LOSS-1, LOSS-9]
must_reach: [stale lease at posh]
drawn:
  protocol.pag: [1]
  protocol.push_window: [1, 0]
variants:
  small: {protocol: {pages: 1}}
page: 1
"""

EXPECTED = [
    (2, 7, "name"),
    (3, 15, "time.chaos"),
    (5, 3, "protocol.heartbaet"),
    (6, 9, "protocol.page"),
    (7, 10, "protocol.lease"),
    (8, 13, "protocol.back_off"),
    (9, 36, "workload.users"),
    (9, 52, "workload.messages"),
    (9, 71, "workload.reply_share"),
    (10, 31, "network.silent_connections"),
    (11, 17, "beyond_promise"),
    (13, 12, "faults.0.kind"),
    (14, 35, "faults.1.target"),
    (15, 23, "faults.2.at"),
    (16, 18, "checks.1"),
    (17, 14, "must_reach.0"),
    (19, 3, "drawn.protocol.pag"),
    (20, 29, "drawn.protocol.push_window.1"),
    (22, 22, "protocol.pages"),
    (23, 1, "page"),
]


def test_every_error_at_once_each_in_its_place() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(EVERYTHING_WRONG, "rush.yaml")
    assert [(each.line, each.column, each.path) for each in caught.value.problems] == EXPECTED
    assert {each.file for each in caught.value.problems} == {"rush.yaml"}


def test_the_text_shows_line_and_caret() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text("schema: doubletick/1\nprotocol:\n  heartbaet: 30s\n\tx: 1\n".replace("\tx: 1\n", ""), "rush.yaml")
    assert str(caught.value) == (
        "rush.yaml:3:3: protocol.heartbaet: unknown key — did you mean 'heartbeat'?\n      heartbaet: 30s\n      ^"
    )


def test_several_are_counted() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text("schema: doubletick/1\na: 1\nb: 2\n", "rush.yaml")
    assert str(caught.value).endswith("\n2 errors in rush.yaml")


def test_long_lines_are_cut_around_the_place() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text("schema: doubletick/1\ntags: [" + "a, " * 300 + "7]\n", "rush.yaml")
    shown, caret = str(caught.value).splitlines()[1:]
    assert len(shown) <= 124
    assert shown[caret.index("^")] == "7"


def test_a_tab_before_the_place_stays_one() -> None:
    problem = Problem("a", 1, 3, "", "bad", excerpt="a\tb: 1")
    assert str(problem) == "a:1:3: bad\n    a\tb: 1\n     \t^"


def test_errors_travel_between_processes() -> None:
    error = ScenarioError([Problem("a", 1, 2, "b", "bad", "good")])
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("a: 1\na: 2\n", "3:1: a: the key 'a' was given before, on line 2"),
        ("tags: [a\n", "3:1: not readable as YAML: expected ',' or ']', but got '<stream end>'"),
        ("tags: !x [a]\n", "2:7: tags: the tag '!x' is refused"),
        ("tags: [*a]\n", "2:8: tags.0: the alias 'a' names no anchor before it"),
        ("tags: &a [*a]\n", "2:11: tags.0: the alias 'a' contains itself"),
        ("---\ntags: []\n", "2:1: a second document begins here"),
        ("tags: " + "[" * 40 + "\n", "2:38: tags.0.0.0.0.0.0.0: nested more than 32 levels deep"),
        ("tags: {a: 1}\n", "2:7: tags: a mapping is no list"),
        ("protocol:\n", "2:1: protocol: nothing (null) is no mapping of keys to values"),
        ("protocol: {page: 5m}\n", "2:18: protocol.page: '5m' is no count — m is minutes; write 5M for million"),
        ("protocol: {page: true}\n", "2:18: protocol.page: the flag true is no count"),
        ("protocol: {heartbeat: 90}\n", "2:23: protocol.heartbeat: 90 needs a unit — write 90s, 90ms or 90m"),
        ("protocol: {heartbeat: -9s}\n", "2:23: protocol.heartbeat: -9s is negative: a time span is not"),
        ("protocol: {heartbeat: 0s}\n", "2:23: protocol.heartbeat: 0s is less than 1ms"),
        ("network: {silent_connections: 5}\n", "2:31: network.silent_connections: 5 is more than 1 — write 5%"),
        ("network: {phone_sigma: .nan}\n", "2:24: network.phone_sigma: nan is not a finite number"),
        ("protocol: {lease: 20s}\n", "2:19: protocol.lease: a lease of 20s is not longer than the heartbeat of 30s"),
        ("protocol: {server_patience: 20s}\n", "2:29: protocol.server_patience: a patience of 20s is not longer"),
        ("time: {warm_up: 2m, chaos: 90s}\n", "2:17: time.warm_up: a warm-up of 2m00s leaves nothing of the 1m30s"),
        ("random_faults: {least: 3, most: 2}\n", "2:24: random_faults.least: at least 3 and at most 2 faults"),
        ("random_faults: {shortest: 1m}\n", "2:27: random_faults.shortest: a longest fault of 40s is shorter"),
        ("drawn: {protocol.lease: [60s, 5s]}\n", "2:31: protocol.lease: a lease of 5s is not longer"),
        ("faults: [{kind: crash, at: 3s, target: store any 1}]\n", "2:40: faults.0.target: 'store any 1' names nobody"),
        ("faults: [{kind: crash, at: 3s, target: stor 1}]\n", "there is no role 'stor' — did you mean 'store'?"),
        ("faults: [{kind: crash, target: store 0}]\n", "2:10: faults.0: when does it fire?"),
        ("faults: [{kind: crash, point: after store.persist.x}]\n", "2:31: faults.0.point: there is no point"),
        (
            "drawn: {topology.store_shards: [3, 2]}\nfaults: [{kind: crash, at: 3s, target: store 2}]\n",
            "3:40: faults.0.target: there is no store 2 — the topology has store 0 to 1",
        ),
    ],
)
def test_each_class_of_error_in_its_place(body: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text("schema: doubletick/1\n" + body, "a.yaml")
    told = str(caught.value)
    assert said in told
    if said[0].isdigit():
        assert f"a.yaml:{said}" in told


def test_a_long_word_is_not_looked_up() -> None:
    assert did_you_mean("heartbaet", ["heartbeat"]) == "did you mean 'heartbeat'?"
    assert did_you_mean("x" * 100_000, ["heartbeat"]) == ""
