"""What a hostile tester wrote into files: each refused in its place, in words that help, with a hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.commands import main
from sim.executors.seeds import parse_seeds
from sim.scenario.errors import ScenarioError
from sim.scenario.loading import load, load_text, open_scenario
from sim.scenario.writing import to_yaml

HEAD = "schema: doubletick/1\n"
NINES = "9" * 5_000
POINT = "faults: [{kind: crash, point: after store.persist.append_entry, device: %s}]\n"
ROWS = "sender,recipient,time\n1,2,3\n2,1,4\n"


def problems(body: str, folder: Path | str = ".", sets: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_text(HEAD + body, "a.yaml", folder=folder, sets=sets)
    return [str(each).splitlines()[0] for each in caught.value.problems]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('tags: ["\\UFFFFFFFF"]', "a.yaml:2:9: the escape \\UFFFFFFFF stands for no character — write the character"),
        ('a: 1\ntags: [b, "c\\U00110000"]', "a.yaml:3:13: the escape \\U00110000 stands for no character"),
        ("%foo", "a.yaml:2:1: not readable as YAML: a line that begins with '%' is a directive, and no document"),
        ("time: {chaos: .nan}", "a.yaml:2:15: time.chaos: nan is not a finite number — write 250us, 90s"),
        (
            "protocol: {page: 1e1}",
            "protocol.page: a count is written without a point and without an exponent — write 10",
        ),
        ("workload: {users: 1e3}", "a.yaml:2:19: workload.users: a count is written without a point"),
        ("workload: {users: 2.5}", "a.yaml:2:19: workload.users: 2.5 is no whole number — write 500, 20k or 1M"),
        ("workload: {users: 1e300}", "workload.users: 1e+300 is more than 50,000,000, the most that is allowed"),
        (f"workload: {{users: {NINES}}}", "workload.users: 999999999999… (of 5,000 digits) is too large"),
        (f"workload: {{users: -{NINES}}}", "workload.users: -99999999999… (of 5,000 digits) is too large"),
        ("workload: {users: 0x" + "f" * 9_000 + "}", "workload.users: 0xffffffffff… (of 9,002 digits) is too large"),
        (f"time: {{chaos: {NINES}}}", "time.chaos: 999999999999… (of 5,000 digits) is too large — write 250us"),
        (f"workload: {{reply_share: {NINES}}}", "workload.reply_share: 999999999999… (of 5,000 digits) is too large"),
        (f"network: {{phone_sigma: {NINES}}}", "network.phone_sigma: 999999999999… (of 5,000 digits) is too large"),
        ("network: {phone_sigma: 1e999}", "network.phone_sigma: 1e999 is too large"),
        (f"workload: {{kind: {NINES}}}", "workload.kind: the number 999999999999… (of 5,000 digits) is not among"),
        (
            "faults: [{kind: clock_drift, at: 3s, target: store 0, factor: -1000001}]",
            "faults.0.factor: -1000001 is less than -1000000, the least that is allowed",
        ),
    ],
)
def test_a_value_that_is_none_is_told_as_it_was_written(body: str, said: str) -> None:
    (told,) = problems(body + "\n")
    assert said in told and len(told) < 250


@pytest.mark.parametrize(
    "text", ["9" * 6_000, "1.." + "9" * 6_000, "9" * 6_000 + "-" + "9" * 6_000, "x " * 3_000 + ","]
)
def test_endless_seeds_are_told_in_short(text: str) -> None:
    with pytest.raises(ValueError, match="…") as caught:
        parse_seeds(text)
    assert len(str(caught.value)) < 250


def test_a_variant_has_a_name_that_can_be_a_folders() -> None:
    names = ('"../../x"', "a/b", '""', "all", "base", "x" * 65, '".."', "'a b'")
    body = "variants:\n" + "".join(f"  {name}: {{protocol.page: 5}}\n" for name in names)
    told = problems(body)
    assert [each.split(": ")[0] for each in told] == [f"a.yaml:{line}:3" for line in range(3, 11)]
    assert all(" — " in each for each in told)
    assert "'all' means the scenario and all its variants" in told[3]
    assert "'base' means the scenario without a variant" in told[4]
    assert "it has 65 characters" in told[5]
    fine = ("off", "a.b-c_1", "x" * 64, "_x", "7")
    load_text(HEAD + "variants:\n" + "".join(f'  "{name}": {{protocol.page: 5}}\n' for name in fine))


class TestTraces:
    """What a trace has no use for."""

    @pytest.fixture(autouse=True)
    def trace(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text(ROWS)
        self.folder = tmp_path

    def test_people_and_messages_come_from_the_trace(self) -> None:
        told = problems("workload: {users: 7, kind: trace, file: t.csv, messages: 5}\n", self.folder)
        assert [each.split(": ")[:2] for each in told] == [
            ["a.yaml:2:19", "workload.users"],
            ["a.yaml:2:58", "workload.messages"],
        ]
        assert all("a trace brings its own people and messages" in each and " — leave it out" in each for each in told)

    def test_so_they_do_on_top_of_it(self) -> None:
        trace = "workload: {kind: trace, file: t.csv}\n"
        (told,) = problems(trace + "variants: {big: {workload.users: 50}}\n", self.folder)
        assert told.startswith("a.yaml:3:34: workload.users: ")
        (told,) = problems(trace, self.folder, sets=("workload.messages=5",))
        assert told.startswith("--set:1:19: workload.messages: ")

    def test_what_a_layer_below_drew_is_left_out(self) -> None:
        (self.folder / "base.yaml").write_text(HEAD + "workload: {users: 50, messages: 80}\n")
        (self.folder / "top.yaml").write_text(HEAD + "extends: base\nworkload: {kind: trace, file: t.csv}\n")
        top = load(self.folder / "top.yaml")
        assert (top.workload.users, top.workload.messages) == (100, 1_000), "the defaults: they say nothing"
        variants = "variants: {real: {workload.kind: trace, workload.file: t.csv}}\n"
        body = HEAD + "workload: {users: 50}\n" + variants
        assert load_text(body, folder=self.folder, variant="real").workload.users == 100
        assert load_text(body, folder=self.folder).workload.users == 50

    def test_what_is_written_out_loads_again(self) -> None:
        (self.folder / "a.yaml").write_text(HEAD + "workload: {kind: trace, file: t.csv}\n")
        scenario = open_scenario(self.folder / "a.yaml").scenario
        text = to_yaml(scenario, folder=self.folder)
        assert "\n  messages:" not in text and "\n  users:" not in text
        assert load_text(text, scenario.source, folder=self.folder) == scenario

    def test_a_column_is_used_once(self) -> None:
        (told,) = problems("workload: {kind: trace, file: t.csv, sender_column: time}\n", self.folder)
        assert told.startswith("a.yaml:2:53: workload.sender_column: is 'time', and so is time_column — ")

    def test_spaces_around_the_names_of_columns_do_no_harm(self) -> None:
        (self.folder / "t.csv").write_text(ROWS.replace(",", " , "))
        load_text(HEAD + "workload: {kind: trace, file: t.csv}\n", folder=self.folder)


class TestDevices:
    """A fault that waits for a device that there will never be."""

    @pytest.mark.parametrize(
        ("body", "device"),
        [
            ("", 0),
            ("", 1024),
            ("workload: {linked_share: 5%}\n", 1026),
            ("workload: {linked_share: 5%, linked_most: 4}\n", 1028),
            ("drawn: {workload.linked_share: [0, 0.5]}\n", 2),
            ("random_faults: {most: 3}\n", 12),
            ("random_faults: {most: 3, kinds: [reinstalled]}\n", 8),
            ("random_faults: {most: 3, kinds: [linked, unlinked]}\n", 12),
        ],
    )
    def test_that_may_exist_is_taken(self, body: str, device: int) -> None:
        load_text(HEAD + body + POINT % device)

    def test_that_a_written_fault_brings_is_taken(self) -> None:
        for kind, device in (("linked", 1), ("linked", 4), ("reinstalled", 8), ("reinstalled", 1040)):
            more = f", {{kind: {kind}, at: 5s, target: phone 0}}]"
            load_text(HEAD + (POINT % device).replace("]", more))

    @pytest.mark.parametrize(
        ("body", "device", "said"),
        [
            ("", 1, "no device can have the number 1 — the number of the phone of user 0 is 0; each reinstall adds 8"),
            ("", 1031, "no device can have the number 1031 — the number of the phone of user 1 is 1024"),
            ("", 8, "the device 8 would be a reinstalled one, and nothing is installed anew here"),
            ("random_faults: {most: 3}\n", 5, "no device can have the number 5"),
            ("random_faults: {most: 3, kinds: [crash]}\n", 8, "the device 8 would be a reinstalled one"),
            ("workload: {linked_share: 5%}\n", 3, "and of their linked devices 1 to 2; each reinstall adds 8"),
            ("workload: {linked_share: 5%, linked_most: 1}\n", 3, "and that of their linked device 1; each"),
        ],
    )
    def test_that_cannot_exist_is_refused(self, body: str, device: int, said: str) -> None:
        (told,) = problems(body + POINT % device)
        assert told.startswith(f"a.yaml:{3 if body else 2}:73: faults.0.device: ") and said in told

    def test_that_a_run_met_is_taken(self) -> None:
        load_text(HEAD + (POINT % "1, number: 0"))


@pytest.mark.parametrize(("says", "hint"), [("{a.}", "{a}"), ("{a..owed}", "{a.owed}"), ("{.owed}", "{owed}")])
def test_a_figure_has_no_empty_part(says: str, hint: str) -> None:
    body = f'variants: {{a: {{protocol.page: 5}}}}\nanswer: {{metric: owed, says: "{says}"}}\n'
    (told,) = problems(body)
    assert told.startswith("a.yaml:3:31: answer.says: ") and told.endswith(f"has an empty part — write {hint}")


def test_a_fault_at_a_point_that_nobody_met_is_told_by_its_point(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(
        f"{HEAD}workload: {{messages: 5}}\n"
        "faults: [{kind: crash, point: after store.persist.append_entry, nth: 999999}]\n"
    )
    words = ["--seed", "1", "--report", "never", "--out", str(tmp_path / "runs")]
    assert main(["run", str(tmp_path / "a.yaml"), *words]) == 4
    assert "the fault crash at after store.persist.append_entry touched nothing" in capsys.readouterr().out
