"""``doubletick compare``: what it prints, writes and returns; Ctrl-C keeps what was done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import CommandLine

from sim.results import exit_codes
from sim.scenario.answer import Answer

ANSWER = Answer("entries", claims="more", variants=("naive",), says="{naive} instead of {base}: {difference} more.")


@pytest.fixture
def costly(cli: CommandLine) -> CommandLine:
    """A scenario whose variant ``naive`` costs 50 entries more, whatever the seed."""
    cli.scenarios["hello naive"] = cli.scenarios["hello"].__class__(name="hello", tags=("costly:*",))
    cli.answers["hello"] = ANSWER
    return cli


def test_it_prints_figures_differences_verdicts_and_the_answer(costly: CommandLine) -> None:
    assert costly("compare", "hello", "--seeds", "1..6") == exit_codes.PASSED
    lines = [" ".join(line.split()) for line in costly.out.splitlines()]
    assert "hello: naive against base, 6 seeds (1..6), commit 0123456789ab" in lines
    assert "Does it work?" in lines
    assert "entries 103.5 ± 2.0 153.5 ± 2.0" in lines
    assert "entries naive 50 48.31% ± 0.92% 1.4831 ± 0.0092 more than chance" in lines
    assert "naive 6 of 6 PASSED: 3 of 3 messages" not in costly.out
    assert any(line.startswith("naive 6 of 6 PASSED: 18 of 18 messages") for line in lines)
    assert "ANSWER: 153.5 ± 2.0 instead of 103.5 ± 2.0: 50 more." in lines


def test_every_variant_gets_every_seed_and_the_settings(costly: CommandLine) -> None:
    assert costly("compare", "hello", "--seeds", "4,9", "--set", "protocol.page=3") == 0
    assert costly.loaded == [("hello", ("protocol.page=3",), None), ("hello", ("protocol.page=3",), "naive")]


def test_one_document_in_the_file_on_stdout_and_in_the_folder(costly: CommandLine) -> None:
    assert costly("compare", "hello", "--seeds", "1..3", "--json", "-") == 0
    document = json.loads(costly.out)
    folder = Path(document.pop("folder"))
    assert folder.parent == Path("reports/runs/hello--compare")
    assert json.loads((folder / "comparison.json").read_text()) == document
    (metric,) = document["metrics"]
    assert metric["variants"]["base"]["seeds"] == {"1": 101.0, "2": 102.0, "3": 103.0}
    assert metric["differences"][0] == {
        "variant": "naive", "value": 50.0, "low": 50.0, "high": 50.0, "runs": 3, "text": "50", "excludes_zero": True,
        "change": metric["differences"][0]["change"], "ratio": metric["differences"][0]["ratio"],
        "seeds": {"1": 50.0, "2": 50.0, "3": 50.0},
    }  # fmt: skip
    assert document["answer"] == {
        "sentence": "152.0 ± 2.5 instead of 102.0 ± 2.5: 50 more.", "claims": "more", "borne_out": True,
    }  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["study"], manifest["finished"], manifest["seeds"]) == ("compare", True, "1..3")
    assert sorted(path.name for path in folder.iterdir()) == [
        "comparison.json", "manifest.json", "report.html", "runs.parquet", "variants",
    ]  # fmt: skip
    assert (folder / "variants" / "naive" / "summary.json").is_file()
    assert (folder / "variants" / "base" / "scenario.resolved.yaml").is_file()


def test_the_table_of_runs_names_the_variant(costly: CommandLine) -> None:
    import pandas

    assert costly("compare", "hello", "--seeds", "1..3") == 0
    table = pandas.read_parquet("reports/runs/hello--compare/latest/runs.parquet")
    assert table["variant"].tolist() == ["base"] * 3 + ["naive"] * 3
    assert (table["metric.entries"][3:].to_numpy() - table["metric.entries"][:3].to_numpy()).tolist() == [50.0] * 3


def test_without_an_answer_it_compares_all_variants_with_the_base(cli: CommandLine) -> None:
    assert cli("compare", "hello") == 0
    assert "hello: naive, eager against base, 5 seeds (1..5)" in cli.out
    assert cli("compare", "hello", "--variants", "eager,naive", "--metric", "entries") == 0
    assert "hello: naive against eager" in cli.out
    assert "entries is 103 ± 2 with naive as with eager." in cli.out.replace("103.0 ± 2.0", "103 ± 2")
    assert cli("compare", "hello", "--variants", "naive,base", "--baseline", "naive") == 0
    assert "hello: base against naive" in cli.out
    assert cli("compare", "hello", "--variants", "naive") == 0
    assert "hello: naive against base" in cli.out


def test_the_worst_run_decides_and_its_story_is_told(costly: CommandLine) -> None:
    costly.scenarios["hello naive"] = costly.scenarios["hello"].__class__(name="hello", tags=("costly:*", "fail:2"))
    assert costly("compare", "hello", "--seeds", "1..3") == exit_codes.CHECK_FAILED
    assert "naive broke LOSS-1: no accepted or seen message is lost. Seed 2:" in costly.out
    assert "replay: doubletick replay hello --seed 2 --variant naive" in costly.out
    assert "Mind that 1 of 3 runs of naive did not pass." in costly.out
    assert (Path("reports/runs/hello--compare/latest/variants/naive/repro/repro.json")).is_file()


def test_ctrl_c_keeps_what_was_done(costly: CommandLine) -> None:
    costly.scenarios["hello naive"] = costly.scenarios["hello"].__class__(name="hello", tags=("interrupt:3",))
    assert costly("compare", "hello", "--seeds", "1..9", "--jobs", "1", "--json", "x.json") == exit_codes.INTERRUPTED
    document = json.loads(Path("x.json").read_text())
    assert (document["interrupted"], document["exit_code"]) == (True, exit_codes.INTERRUPTED)
    assert {each["variant"]: each["runs"]["finished"] for each in document["variants"]} == {"base": 3, "naive": 2}
    assert document["metrics"][0]["differences"][0]["runs"] == 2
    assert "report.html" in {path.name for path in Path(document["folder"]).iterdir()}


def test_ctrl_c_before_the_first_pair_leaves_nothing(costly: CommandLine) -> None:
    costly.scenarios["hello naive"] = costly.scenarios["hello"].__class__(name="hello", tags=("interrupt:1",))
    assert costly("compare", "hello", "--seeds", "1..9", "--jobs", "1") == exit_codes.INTERRUPTED
    assert "there is nothing to compare" in costly.err
    assert not list(Path("reports/runs").glob("*"))


def test_quiet_prints_the_answer_alone(costly: CommandLine) -> None:
    assert costly("compare", "hello", "--seeds", "1..3", "--quiet") == 0
    assert costly.out == "hello: 152.0 ± 2.5 instead of 102.0 ± 2.5: 50 more.\n"
    assert costly.err == ""


def test_seeds_are_added_until_it_is_precise(cli: CommandLine) -> None:
    assert cli("compare", "hello", "--variants", "base,naive", "--metric", "entries", "--precision", "1%",
               "--most-seeds", "7") == 0  # fmt: skip
    assert "5 seeds" in cli.out, "the same figure on every seed is precise at once"


def test_a_folder_that_cannot_be_made_costs_the_code_and_no_results(costly: CommandLine) -> None:
    Path("taken").touch()
    assert costly("compare", "hello", "--seeds", "1..2", "--out", "taken/here") == exit_codes.NOT_WRITTEN
    assert "ANSWER: " in costly.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("hello", "--variants", "naive,eagr"), "there is no variant 'eagr' (did you mean 'eager'?)"),
        (("hello", "--variants", "base"), "there is nothing to compare with base"),
        (("hello", "--metric", "entrys"), "there is no metric 'entrys' (did you mean 'entries'?)"),
        (("hello", "--baseline", "lazy"), "there is no variant 'lazy'"),
        (("hello", "--precision", "500%"), "is no precision"),
        (("hello", "--mutant", "99"), "there is no planted bug 99"),
        (("helo",), "did you mean 'hello'?"),
        ((), "Missing argument"),
    ],
)
def test_bad_usage_plays_nothing(cli: CommandLine, words: tuple[str, ...], said: str) -> None:
    assert cli("compare", *words) == exit_codes.BAD_USAGE
    assert said in " ".join(cli.err.split())
    assert cli.out == ""
    assert not Path("reports").exists()
