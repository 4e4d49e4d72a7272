"""The commands validate, schema and scenarios, as people call them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from time import monotonic

import pytest

from sim.commands import main
from sim.scenario.finding import SHIPPED, shipped
from sim.scenario.schema import schema_text

Captured = pytest.CaptureFixture[str]


def test_validate_tells_name_and_question(capsys: Captured) -> None:
    assert main(["validate", "two_phones", str(SHIPPED / "commute.yaml")]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("ok: two_phones — Do two people see")
    assert second.startswith("ok: commute (2 variants) — ")


def test_validate_takes_folders(capsys: Captured, tmp_path: Path) -> None:
    assert main(["validate", str(SHIPPED)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(shipped())
    assert main(["validate", str(tmp_path)]) == 2
    assert "there is no scenario file in this folder" in capsys.readouterr().err


def test_validate_tells_all_problems_of_all_files(capsys: Captured, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("schema: doubletick/1\nprotocol: {paeg: 1}\n")
    assert main(["validate", str(tmp_path), "two_phones", "nobody"]) == 2
    output = capsys.readouterr()
    assert output.out.startswith("ok: two_phones")
    assert output.err.count("did you mean 'page'?") == 2
    assert "nobody: there is no scenario or file 'nobody'" in output.err
    assert "3 errors in" in output.err


def test_validate_explains(capsys: Captured) -> None:
    assert main(["validate", "--explain", "commute", "--set", "protocol.page=7", "--variant", "no_jitter"]) == 0
    out = capsys.readouterr().out
    assert "\n  page: 7 # --set\n" in out
    assert "\n  lag_limit: 64 # default\n" in out


def test_validate_refuses_settings(capsys: Captured) -> None:
    assert main(["validate", "two_phones", "--set", "protocol.paeg=7"]) == 2
    assert capsys.readouterr().err.startswith("--set:1:1: protocol.paeg: unknown key — did you mean 'page'?")


def test_validate_reads_the_whole_trace(capsys: Captured, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "schema: doubletick/1\nworkload: {kind: trace, file: t.csv, first: 2}\nvariants: {more: {workload.first: 4}}\n"
    )
    trace = tmp_path / "t.csv"
    trace.write_text("sender,recipient,time\n1,2\n1,2,5\n1,,6\n1,2,noon\n1,2,never read\n")
    assert main(["validate", str(file)]) == 2
    output = capsys.readouterr()
    told = [line for line in output.err.splitlines() if "t.csv:" in line]
    assert output.out == "" and "Traceback" not in output.err and "3 errors in" in output.err
    assert told[0] == (
        f"{trace}:2:4: workload.file: column 'time': the row ends before this column — the header has 3 columns"
    )
    assert [line.split(": ")[0] for line in told] == [f"{trace}:2:4", f"{trace}:4:3", f"{trace}:5:5"]
    trace.write_text("sender,recipient,time\n" + "1,2,x\n" * 60_000)
    began = monotonic()
    assert main(["validate", str(file), "--set", "workload.first=0"]) == 2
    assert monotonic() - began < 5
    assert "20 errors in" in capsys.readouterr().err
    trace.write_text("sender,recipient,time\n1,2,3\n")
    assert main(["validate", str(file)]) == 0


def test_validate_tells_of_a_trace_that_is_cut_off(capsys: Captured, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("schema: doubletick/1\nworkload: {kind: trace, file: t.csv.gz}\n")
    rows = "".join(f"{place},{place + 1},{place * place}\n" for place in range(30_000))
    packed = gzip.compress(("sender,recipient,time\n" + rows).encode(), mtime=0)
    (tmp_path / "t.csv.gz").write_bytes(packed)
    assert main(["validate", str(file)]) == 0
    (tmp_path / "t.csv.gz").write_bytes(packed[:-5_000])
    assert main(["validate", str(file)]) == 2
    assert "t.csv.gz: workload.file: is no whole gzip file" in capsys.readouterr().err


def test_schema_is_printed_or_written(capsys: Captured, tmp_path: Path) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == schema_text()
    assert main(["schema", "--out", str(tmp_path / "s.json")]) == 0
    assert (tmp_path / "s.json").read_text(encoding="utf-8") == schema_text()
    assert main(["schema", "--out", str(tmp_path / "no" / "s.json")]) == 74
    assert "could not be written" in capsys.readouterr().err


def test_scenarios_are_listed(capsys: Captured) -> None:
    assert main(["scenarios"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == list(shipped())
    assert main(["scenarios", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["scenarios"]
    assert {row["name"]: row["variants"] for row in rows}["commute"] == ["no_jitter", "only_tunnels"]
    assert main(["scenarios", "--tag", "hunt"]) == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == [
        "swarm",
        "swarm_beyond",
        "swarm_sealed",
    ]
