"""Good files: what every form of a key means, and how layers come together."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from sim.faults.schedule import Fault
from sim.scenario.errors import ScenarioError
from sim.scenario.finding import SHIPPED, shipped
from sim.scenario.loading import find, load, load_text, variants_of
from sim.scenario.model import Operation, Scenario

HEAD = "schema: doubletick/1\n"
SECOND = 1_000_000


def text(body: str = "", **options: object) -> Scenario:
    return load_text(HEAD + body, "a.yaml", **options)  # type: ignore[arg-type]


def write(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(HEAD + body, encoding="utf-8")
    return path


def test_a_file_with_nothing_but_the_schema_is_the_default() -> None:
    scenario = text()
    assert scenario == Scenario(source="a.yaml", folder=str(Path.cwd()))


def test_quantities_in_every_form() -> None:
    scenario = text(
        """
time: {warm_up: 1500ms, chaos: 1m30s, settle: 2h}
topology: {connection_servers: 1_000, connections_each: 20k}
network: {silent_connections: 12.5%, phone_sigma: 1, server_one_way: 250us}
workload: {users: 1.5M, messages: 010, reply_share: 1, same_text_share: .5}
protocol: {back_off: none, page: 0o20, push_window: 0x1F}
beyond_promise: TRUE
"""
    )
    assert scenario.time.warm_up_us == 1_500_000
    assert scenario.time.chaos_us == 90 * SECOND
    assert scenario.time.settle_us == 7200 * SECOND
    assert scenario.topology.connection_servers == 1000
    assert scenario.topology.connections_each == 20_000
    assert scenario.network.silent_connections == 0.125
    assert scenario.network.phone_sigma == 1.0
    assert scenario.network.server_one_way_us == 250
    assert scenario.workload.users == 1_500_000
    assert scenario.workload.messages == 10, "010 is ten in YAML 1.2"
    assert scenario.workload.reply_share == 1.0
    assert scenario.workload.same_text_share == 0.5
    assert scenario.protocol.back_off == "none"
    assert (scenario.protocol.page, scenario.protocol.push_window) == (16, 31)
    assert scenario.beyond_promise is True


@pytest.mark.parametrize(
    ("written", "seeds"), [("7", "7"), ("1..20", "1..20"), ("'1,4..6,0badc0de'", "1,4..6,0badc0de")]
)
def test_seeds(written: str, seeds: str) -> None:
    assert text(f"seeds: {written}\n").seeds == seeds


def test_texts_stay_what_they_are() -> None:
    scenario = text('name: no\nquestion: "yes: é\\t漢 \\U0001F600"\ntags: [on, "7"]\n')
    assert (scenario.name, scenario.question, scenario.tags) == ("no", "yes: é\t漢 😀", ("on", "7"))


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    data = b"\xef\xbb\xbf" + (HEAD + "name: a\n").replace("\n", "\r\n").encode()
    assert load_text(data).name == "a"


def test_anchors_stand_for_values() -> None:
    scenario = text("topology: {store_shards: &few 3, inbox_shards: *few}\n")
    assert (scenario.topology.store_shards, scenario.topology.inbox_shards) == (3, 3)


def test_faults() -> None:
    scenario = text(
        """
faults:
  - {kind: crash, at: 30s, for: 5s, target: connection_server 1}
  - {kind: loss, at: 10s, for: 20s, target: servers, probability: 5%}
  - {kind: loss, at: 10s, target: phones 10%, peer: connection_server any}
  - {kind: clock_step, at: 20s, target: phone 3, by: -2h}
  - {kind: clock_drift, at: 20s, target: phone any, factor: -50}
  - {kind: crash, point: after store.persist.append_entry, operation: 7, nth: 2}
  - {kind: registry_wipe, at: 1m}
"""
    )
    assert scenario.faults == (
        Fault("crash", at_us=30 * SECOND, for_us=5 * SECOND, target="connection_server 1"),
        Fault("loss", at_us=10 * SECOND, for_us=20 * SECOND, target="servers", probability=0.05),
        Fault("loss", at_us=10 * SECOND, target="phones 10%", peer="connection_server any"),
        Fault("clock_step", at_us=20 * SECOND, target="phone 3", amount_us=-7200 * SECOND),
        Fault("clock_drift", at_us=20 * SECOND, target="phone any", factor=-50.0),
        Fault("crash", point="after store.persist.append_entry", operation=7, nth=2),
        Fault("registry_wipe", at_us=60 * SECOND, target="registry"),
    )


def test_a_script() -> None:
    scenario = text(
        """
workload:
  kind: script
  users: 2
  operations:
    - {at: 1s, sender: 0, recipient: 1, text: hello}
    - {at: 1s, sender: 1, recipient: 0, text: hi, reply_to: 0}
    - {at: 9s, sender: 0, recipient: 1, opens: true}
"""
    )
    assert scenario.workload.operations == (
        Operation(SECOND, 0, 1, "hello"),
        Operation(SECOND, 1, 0, "hi", reply_to=0),
        Operation(9 * SECOND, 0, 1, opens=True),
    )


def test_drawn_choices_are_read_as_the_key_is() -> None:
    scenario = text(
        "drawn: {protocol.heartbeat: [1s, 500ms], network.silent_connections: [0, 50%], protocol.back_off: [none],"
        " random_faults.kinds: [[crash], []]}\n"
    )
    assert scenario.drawn == {
        "protocol.heartbeat": (SECOND, 500_000),
        "network.silent_connections": (0.0, 0.5),
        "protocol.back_off": ("none",),
        "random_faults.kinds": (("crash",), ()),
    }


class TestExtends:
    """Layers: maps merge, lists replace, ``+`` appends."""

    BASE = """
name: base
question: Is it?
tags: [one, two]
topology: {store_shards: 4, inbox_shards: 5}
faults: [{kind: registry_wipe, at: 1s}]
variants: {quick: {time.chaos: 30s}, slow: {time.chaos: 10m}}
"""

    def test_maps_merge_and_lists_replace(self, tmp_path: Path) -> None:
        write(tmp_path, "base.yaml", self.BASE)
        file = write(tmp_path, "top.yaml", "extends: base\ntopology: {store_shards: 1}\ntags: [three]\n")
        scenario = load(file)
        assert (scenario.topology.store_shards, scenario.topology.inbox_shards) == (1, 5)
        assert (scenario.name, scenario.question, scenario.tags) == ("top", "Is it?", ("three",))
        assert len(scenario.faults) == 1

    def test_plus_appends(self, tmp_path: Path) -> None:
        write(tmp_path, "base.yaml", self.BASE)
        middle = "extends: base.yaml\nfaults+: [{kind: registry_wipe, at: 2s}]\ntags+: [three]\n"
        write(tmp_path, "middle.yaml", middle)
        file = write(tmp_path, "top.yaml", "extends: middle\nfaults+: [{kind: registry_wipe, at: 3s}]\n")
        scenario = load(file)
        assert [fault.at_us for fault in scenario.faults] == [SECOND, 2 * SECOND, 3 * SECOND]
        assert scenario.tags == ("one", "two", "three")

    def test_plus_without_anything_below_is_the_list(self) -> None:
        assert len(text("faults+: [{kind: registry_wipe, at: 2s}]\n").faults) == 1

    def test_a_shipped_name_can_be_extended(self, tmp_path: Path) -> None:
        file = write(tmp_path, "mine.yaml", "extends: two_phones\nprotocol: {page: 7}\n")
        assert load(file).protocol.page == 7
        assert load(file).workload == load("two_phones").workload

    def test_circles_are_refused(self, tmp_path: Path) -> None:
        write(tmp_path, "a.yaml", "extends: b\n")
        write(tmp_path, "b.yaml", "extends: c\n")
        write(tmp_path, "c.yaml", "extends: a\n")
        with pytest.raises(ScenarioError, match=r"c\.yaml:2:10: extends: 'a' extends this file in turn"):
            load(tmp_path / "a.yaml")
        write(tmp_path, "self.yaml", "extends: self\n")
        with pytest.raises(ScenarioError, match="extends this file in turn"):
            load(tmp_path / "self.yaml")

    def test_long_chains_are_refused(self, tmp_path: Path) -> None:
        for number in range(20):
            write(tmp_path, f"a{number}.yaml", f"extends: a{number + 1}\n")
        with pytest.raises(ScenarioError, match="more than 8 files extend each other"):
            load(tmp_path / "a0.yaml")

    def test_problems_stand_where_the_value_does(self, tmp_path: Path) -> None:
        base = write(tmp_path, "base.yaml", "protocol:\n  page: 0\n")
        file = write(tmp_path, "top.yaml", "extends: base\nprotocol: {heartbeat: 5}\n")
        with pytest.raises(ScenarioError) as caught:
            load(file)
        places = [(Path(each.file).name, each.line, each.column) for each in caught.value.problems]
        assert places == [("top.yaml", 3, 23), (base.name, 3, 9)]


class TestVariants:
    """Named changes."""

    BODY = """
protocol: {page: 5}
faults: [{kind: registry_wipe, at: 1s}]
variants:
  small: {protocol.page: 1, topology: {store_shards: 1}, faults+: [{kind: registry_wipe, at: 2s}]}
  calm: {faults: []}
"""

    def test_a_variant_is_put_on_the_scenario(self) -> None:
        assert text(self.BODY).protocol.page == 5
        small = text(self.BODY, variant="small")
        assert (small.protocol.page, small.topology.store_shards, len(small.faults)) == (1, 1, 2)
        assert text(self.BODY, variant="calm").faults == ()

    def test_names_come_with_those_of_the_base(self, tmp_path: Path) -> None:
        write(tmp_path, "base.yaml", TestExtends.BASE)
        file = write(tmp_path, "top.yaml", "extends: base\nvariants: {quick: {time.warm_up: 1s}, other: {}}\n")
        assert variants_of(file) == ("quick", "slow", "other")
        scenario = load(file, variant="quick")
        assert (scenario.time.warm_up_us, scenario.time.chaos_us) == (SECOND, 30 * SECOND)

    def test_an_unknown_one_is_hinted(self) -> None:
        with pytest.raises(ScenarioError, match="there is no variant 'smal' — did you mean 'small'"):
            text(self.BODY, variant="smal")

    def test_an_alias_shared_by_variants_is_not_changed_by_one(self) -> None:
        body = "variants:\n  a: {protocol: &p {page: 3}, protocol.push_window: 7}\n  b: {protocol: *p}\n"
        assert text(body, variant="a").protocol.push_window == 7
        assert text(body, variant="b").protocol.push_window == 32


class TestSets:
    """``--set`` counts as a file."""

    def test_values_are_typed_by_the_schema(self) -> None:
        sets = ("workload.users=20k", "name=12", "question=Is it: so? # yes", "protocol.back_off=none", "seeds=1..4")
        scenario = text("", sets=sets)
        assert scenario.workload.users == 20_000
        assert (scenario.name, scenario.question) == ("12", "Is it: so? # yes")
        assert (scenario.protocol.back_off, scenario.seeds) == ("none", "1..4")

    def test_the_last_one_wins_over_variant_and_file(self) -> None:
        scenario = text(TestVariants.BODY, variant="small", sets=("protocol.page=2", "protocol.page=3"))
        assert scenario.protocol.page == 3

    def test_lists(self) -> None:
        sets = ("faults.0.at=9s", "faults+=[{kind: registry_wipe, at: 2s}]", "checks=[LOSS-1]")
        scenario = text(TestVariants.BODY, sets=sets)
        assert [fault.at_us for fault in scenario.faults] == [9 * SECOND, 2 * SECOND]
        assert scenario.checks == ("LOSS-1",)

    def test_a_set_value_is_no_longer_drawn(self) -> None:
        body = "drawn: {protocol.page: [1, 2], protocol.push_window: [1, 2]}\n"
        assert list(text(body, sets=("protocol.page=7",)).drawn) == ["protocol.push_window"]
        assert text(body, sets=("drawn.protocol.page=[7, 8]",)).drawn["protocol.page"] == (7, 8)
        both = text("protocol: {page: 7}\n" + body)
        assert list(both.drawn) == ["protocol.page", "protocol.push_window"], "in one file, the drawn values win"

    @pytest.mark.parametrize(
        ("argument", "said"),
        [
            ("protocol.heartbaet=30s", "--set:1:1: protocol.heartbaet: unknown key — did you mean 'heartbeat'?"),
            ("heartbeat=30s", "--set:1:1: heartbeat: unknown key — did you mean 'protocol.heartbeat'?"),
            ("protocol.heartbeat=30", "--set:1:20: protocol.heartbeat: 30 needs a unit — write 30s, 30ms or 30m"),
            ("protocol.heartbeat", "--set:1:1: 'protocol.heartbeat' sets nothing — write a.b.c=value"),
            ("=5", "--set:1:1: '=5' sets nothing — write a.b.c=value"),
            ("a..b=5", "--set:1:1: 'a..b=5' sets nothing — write a.b.c=value"),
            ("schema=doubletick/2", "--set:1:1: 'schema' cannot be set from outside the file"),
            ("faults.3.at=5s", "--set:1:1: faults has no place '3': it holds 1"),
            ("protocol.page=[1", "--set:1:17: not readable as YAML"),
            ("protocol.page=", "--set:1:15: protocol.page: nothing (null) is no count"),
        ],
    )
    def test_problems_stand_in_the_argument(self, argument: str, said: str) -> None:
        with pytest.raises(ScenarioError) as caught:
            text(TestVariants.BODY, sets=(argument,))
        assert str(caught.value).startswith(said)
        assert len(caught.value.problems) == 1

    def test_the_second_argument_is_line_two(self) -> None:
        with pytest.raises(ScenarioError, match=r"--set:2:15: protocol\.page: 0 is less than 1"):
            text("", sets=("protocol.heartbeat=3s", "protocol.page=0"))


class TestTrace:
    """The head of a trace is looked at when the scenario is loaded."""

    BODY = "workload: {kind: trace, file: t.csv, sender_column: from}\n"

    def test_it_is_found_beside_the_file_that_names_it(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("from,recipient,time\n1,2,3\n")
        file = write(tmp_path, "base.yaml", self.BODY)
        assert load(file).folder == str(tmp_path)
        below = tmp_path / "below"
        below.mkdir()
        top = write(below, "top.yaml", "extends: ../base\n")
        assert load(top).folder == str(tmp_path)

    def test_gzip(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"from,recipient,time\n", mtime=0))
        assert load(write(tmp_path, "a.yaml", self.BODY.replace("t.csv", "t.csv.gz"))).workload.file == "t.csv.gz"

    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            ("t.csv", b"form,recipient,time\n", "t.csv:1:1: workload.sender_column: the trace has no column 'from'"),
            ("t.csv", b"form,recipient,time\n", "did you mean 'form'?"),
            ("t.csv", b"", "t.csv:1:1: workload.file: the trace is empty"),
            ("t.csv", b"\xff\xfe\xff", "t.csv:1:1: workload.file: the first line of the trace is no UTF-8 text"),
            ("t.csv.gz", b"from,recipient,time\n", "workload.file: the trace cannot be read: Not a gzipped file"),
            (
                "t.csv.gz",
                gzip.compress(b"from,recipient,time\n" * 99, mtime=0)[:25],
                "workload.file: the trace cannot be read",
            ),
            ("u.csv", b"", "a.yaml:2:31: workload.file: there is no trace 't.csv'"),
        ],
    )
    def test_what_is_wrong_with_it(self, tmp_path: Path, name: str, data: bytes, said: str) -> None:
        (tmp_path / name).write_bytes(data)
        body = self.BODY.replace("t.csv", name) if name.startswith("t.") else self.BODY
        with pytest.raises(ScenarioError) as caught:
            load(write(tmp_path, "a.yaml", body))
        assert said in str(caught.value)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_scenarios_load_by_name_with_every_variant(name: str) -> None:
    assert find(name).is_relative_to(SHIPPED)
    for variant in (None, *variants_of(name)):
        scenario = load(name, variant=variant)
        assert scenario.name == name
        assert scenario.question.endswith("?")


def test_a_path_goes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "commute.yaml", "question: mine\n")
    monkeypatch.chdir(tmp_path)
    assert load("commute").question == "mine"
    assert load("commute.yaml").question == "mine"
    assert load("swarm").name == "swarm"
