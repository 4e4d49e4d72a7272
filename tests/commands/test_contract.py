"""What machines read: the keys of the JSON document, the manifest and the tables."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from command_line import CommandLine
from pyarrow import parquet

from sim.vocabulary.kinds import Row

SCHEMA = json.loads((Path(__file__).parents[1] / "results" / "summary.schema.json").read_text())


@pytest.mark.parametrize("tags", ["", "fail:2", "crash:1", "unknown:3", "nothing:*", "refuse:2"])
def test_summaries_keep_their_schema(cli: CommandLine, tags: str) -> None:
    cli.scenario(*tags.split(), must_reach=("stale lease at push",))
    cli("run", "hello", "--seeds", "1..3,main", "--jobs", "1", "--json", "-")
    document = json.loads(cli.out)
    assert set(document) == {"schema_version", "passed", "exit_code", "interrupted", "summaries"}
    (summary,) = document["summaries"]
    assert set(summary) == {*SCHEMA["required"], "folder"}
    jsonschema.validate(summary, SCHEMA)
    written = json.loads((cli.run_folder() / "summary.json").read_text())
    assert written == {key: value for key, value in summary.items() if key != "folder"}


def test_passed_means_passed(cli: CommandLine) -> None:
    for tags, passed in (((), True), (("fail:1",), False), (("unknown:1",), False), (("idle:1",), False)):
        cli.scenario(*tags)
        code = cli("run", "hello", "--json", "-")
        document = json.loads(cli.out)
        assert document["passed"] is document["summaries"][0]["passed"] is passed is (code == 0)


def test_percentiles_of_several_runs_come_from_the_merged_histogram(cli: CommandLine) -> None:
    cli("run", "hello", "--seeds", "1..9", "--jobs", "1", "--json", "-")
    (summary,) = json.loads(cli.out)["summaries"]
    assert summary["delivery"]["count"] == sum(run["delivery"]["count"] for run in summary["seeds"])
    assert summary["delivery"]["maximum_us"] == max(run["delivery"]["maximum_us"] for run in summary["seeds"])
    bins = parquet.read_table(cli.run_folder() / "delivery.parquet").to_pylist()
    assert sum(row["count"] for row in bins) == summary["delivery"]["count"]


def test_tables_have_a_row_per_seed_and_per_fault(cli: CommandLine) -> None:
    cli.scenario("fail:2", "crash:3")
    cli("run", "hello", "--seeds", "1..3", "--jobs", "1")
    runs = parquet.read_table(cli.run_folder() / "runs.parquet").to_pylist()
    assert [(row["seed"], row["exit_code"], row["check.LOSS-1"]) for row in runs] == [
        ("1", 0, "valid"),
        ("2", 1, "invalid"),
        ("3", 70, None),
    ]
    assert runs[0]["count.composed"] == 3
    assert runs[0]["metric.nothing"] is None
    faults = parquet.read_table(cli.run_folder() / "faults.parquet").to_pylist()
    assert [(row["seed"], row["kind"], row["touched"]) for row in faults] == [("1", "crash", 14), ("2", "crash", 14)]


def test_a_history_file_has_the_columns_of_a_row(cli: CommandLine) -> None:
    cli("run", "hello", "--history", "always")
    table = parquet.read_table(cli.run_folder() / "history" / "seed-1.parquet")
    assert table.column_names == list(Row._fields)
    assert table.num_rows == 2


def test_the_manifest_says_where_results_come_from(cli: CommandLine) -> None:
    cli("run", "hello", "--seeds", "1..3,9", "--jobs", "1", "--set", "a=b", "--mutant", "4")
    manifest = json.loads((cli.run_folder("hello--mutant-4") / "manifest.json").read_text())
    assert manifest["seeds"] == "1..3,9"
    assert manifest["sets"] == ["a=b"]
    assert manifest["mutant"] == "4"
    assert manifest["commit"].startswith("0123456789")
    assert manifest["finished"] is True
    assert manifest["schema_version"] == 1
