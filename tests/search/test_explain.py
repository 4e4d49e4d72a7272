"""Explaining a run: the same history, the life of a message from end to end, and the diagram in every form."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.commands import group
from sim.report import space_time_text
from sim.report.space_time_perfetto import NoPerfetto, perfetto
from sim.report.space_time_svg import draw
from sim.runner import run
from sim.scenario.loading import load
from sim.search.explain import MOST_ARROWS, Explained, NoSuchMessage, explain

SVG = "{http://www.w3.org/2000/svg}"


@cache
def failing() -> Explained:
    """Bug 3 on seed 16: an update is trimmed that never came into the phone's database."""
    return explain(load("mutants"), 16, mutant="3", check="LOSS-1")


@pytest.mark.parametrize(
    ("name", "seed"), [("two_phones", 1), ("mutants", 4), ("mutants_groups", 1), ("mutants_push", 2), ("swarm", 2)]
)
def test_keeping_track_changes_no_history(name: str, seed: int) -> None:
    assert explain(load(name), seed).result.digest == run(load(name), seed).digest


def test_the_life_of_one_message_from_end_to_end() -> None:
    diagram = explain(load("two_phones"), 1, message=2).diagram
    way = [(diagram.lanes[each.source].role, each.kind, diagram.lanes[each.to].role)
           for each in diagram.arrows if 2 in each.operations]  # fmt: skip
    for hop in (
        ("phone", "append", "connection_server"),
        ("connection_server", "append", "store"),
        ("store", "enter", "inbox"),
        ("inbox", "updates", "connection_server"),
        ("connection_server", "updates", "phone"),
        ("phone", "read_through", "connection_server"),
    ):
        assert hop in way
    said = [(diagram.lanes[mark.lane].name, mark.words) for mark in diagram.marks]
    assert ("phone 1", "composed message 2") in said and ("phone 0", "shows message 2") in said
    assert ("phone 1", "✓✓ read 2") in said and diagram.broke is None
    assert [each.name for each in diagram.lanes][0::5] == ["phone 1", "phone 0"]
    assert all(0 <= each.arrived_us - each.sent_us < 1_000_000 for each in diagram.arrows)


def test_a_failure_names_its_faults_and_where_it_broke() -> None:
    diagram = failing().diagram
    assert diagram.broke is not None and diagram.broke.check == "LOSS-1"
    assert [diagram.lanes[lane].name for lane in diagram.broke.lanes] == ["phone 4"]
    assert any("crash of phone 4" in bar.words for bar in diagram.bars)
    assert len(diagram.arrows) <= MOST_ARROWS and diagram.left_out > 0
    told = "\n".join(diagram.words)
    assert "FAULT: crash of phone 4" in told and told.splitlines()[-1].endswith("BROKEN: LOSS-1")


def test_what_is_lost_on_the_way_is_drawn_as_lost() -> None:
    lost = explain(load("mutants_lossy"), 2, mutant="22").diagram
    assert any(arrow.is_lost for arrow in lost.arrows)
    assert "never arrives" in "\n".join(lost.words)


def test_an_unknown_message_is_told() -> None:
    with pytest.raises(NoSuchMessage, match="it has 0 to 2"):
        explain(load("two_phones"), 1, message=99)


def test_the_picture_is_well_formed_and_stays_within_its_frame() -> None:
    text = draw(failing().diagram)
    root = ElementTree.fromstring(text)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    words = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    assert "phone 4" in words and "LOSS-1 broken" in words and any(each.startswith("⚡ crash") for each in words)
    for each in root.iter(f"{SVG}text"):
        assert 0 <= float(each.attrib["x"]) <= width and 0 <= float(each.attrib["y"]) <= height
    arrows = [each for each in root.iter(f"{SVG}path") if "marker-end" in each.attrib]
    assert len(arrows) == sum(not arrow.is_lost for arrow in failing().diagram.arrows)
    assert text == draw(failing().diagram)


def test_mermaid_and_chrome_hold_every_arrow() -> None:
    diagram = failing().diagram
    lines = space_time_text.mermaid(diagram).splitlines()
    assert lines[0] == "sequenceDiagram"
    assert sum("->>" in line or "--x" in line for line in lines) == len(diagram.arrows)
    assert any("BROKEN LOSS-1" in line for line in lines)
    events = json.loads(space_time_text.chrome(diagram))["traceEvents"]
    starts = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = {event["id"]: event for event in events if event["ph"] == "f"}
    assert starts.keys() == ends.keys() and starts
    assert all(starts[flow]["ts"] <= ends[flow]["ts"] for flow in starts)


def test_the_clocks_of_shiviz_follow_who_told_whom() -> None:
    text = space_time_text.shiviz(failing().diagram)
    pattern, _, rest = text.partition("\n\n")
    python = re.compile(pattern.replace("(?<", "(?P<"))
    clocks: dict[str, dict[str, int]] = {}
    found = 0
    for match in python.finditer(rest):
        clock = json.loads(match["clock"])
        before = clocks.get(match["host"], {})
        assert clock[match["host"]] == before.get(match["host"], 0) + 1
        assert all(clock.get(name, 0) >= count for name, count in before.items())
        clocks[match["host"]] = clock
        found += 1
    assert found * 2 == len(rest.splitlines()) and clocks["phone_4"]["phone_5"] > 0


def test_perfetto_reads_its_trace_or_the_extra_is_named() -> None:
    diagram = failing().diagram
    try:
        written = perfetto(diagram)
    except NoPerfetto as missing:
        assert "trace" in str(missing)
        return
    from perfetto.protos.perfetto.trace import perfetto_trace_pb2  # type: ignore[import-not-found,import-untyped]

    trace = perfetto_trace_pb2.Trace()
    trace.ParseFromString(written)
    names = [each.track_descriptor.name for each in trace.packet if each.HasField("track_descriptor")]
    assert names == [*(lane.title for lane in diagram.lanes), "faults"]


def called(*arguments: object) -> Result:
    return CliRunner().invoke(group, [str(each) for each in arguments], catch_exceptions=False, standalone_mode=False)


def test_the_command_tells_and_writes(tmp_path: Path) -> None:
    told = called("explain", "two_phones", "--seed", 1, "--message", 0)
    assert told.return_value == 0 and "the life of message 0" in told.stdout and "shows message 0" in told.stdout
    drawn = called("explain", "two_phones", "--seed", 1, "-m", 1, "-o", tmp_path / "life.svg")
    assert drawn.return_value == 0 and (tmp_path / "life.svg").read_text().startswith("<svg")
    assert called("explain", "two_phones", "-m", 1, "-f", "mermaid").stdout.startswith("sequenceDiagram")


def test_the_page_of_a_failing_run_shows_how_it_came_about(tmp_path: Path) -> None:
    done = called("run", "mutants", "--seed", 16, "--mutant", 3, "-o", tmp_path, "-q")
    assert done.return_value == 1
    drawn = next(tmp_path.rglob("why.svg")).read_text()
    assert drawn.startswith("<svg") and "broken" in drawn
    assert "data:image/svg+xml;base64," in next(tmp_path.rglob("report.html")).read_text()
