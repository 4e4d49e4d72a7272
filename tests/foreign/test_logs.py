"""What a log of another system says, and what it leaves open."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from sim.checkers.verdict import Verdict
from sim.commands import main
from sim.foreign.events import EVENTS
from sim.foreign.judging import Judged, judge_file
from sim.foreign.schema import schema

Event = dict[str, object]


def said(event: str, at: object = 0, **fields: object) -> Event:
    return {"at": at, "event": event, **fields}


def sends(message: str, kind: str = "invoke", **more: object) -> Event:
    where = {"device": "A", "chat": "c", "to": ["bob"]} if kind == "invoke" else {}
    return said("send", type=kind, message=message, **{**where, **more})


PEOPLE = [said("device", device="A", user="ann"), said("device", device="B", user="bob")]
HEAL = [said("phase", phase="heal"), said("reachable", device="A"), said("reachable", device="B")]
END = [said("phase", phase="settled"), said("phase", phase="end")]
SMALL = ["shown", "phase", "reachable"]


def judged(tmp_path: Path, *events: Event, records: list[str] | None = None, **header: object) -> Judged:
    file = tmp_path / "log.jsonl"
    first = {"format": "doubletick-log/1", "records": SMALL if records is None else records, **header}
    lines = [first, *PEOPLE, *events]
    validator = jsonschema.Draft202012Validator(schema())
    for line in lines:
        validator.validate(line)
    file.write_text("\n".join(map(json.dumps, lines)))
    return judge_file(file)


def verdicts(judge: Judged) -> dict[str, Verdict]:
    return {verdict.check: verdict for verdict in judge.verdicts}


def shows(message: str, device: str = "B", **more: object) -> Event:
    return said("shown", device=device, message=message, **more)


def test_a_send_that_was_accepted_and_never_shown_is_lost(tmp_path: Path) -> None:
    judge = judged(tmp_path, sends("m"), sends("m", "ok"), *HEAL, *END)
    lost = verdicts(judge)["LOSS-1"]
    assert lost.outcome == "invalid" and "never showed it" in " ".join(lost.story)
    assert 'message 0 is "m"' in judge.legend["LOSS-1"] and 'person 1 is "bob"' in judge.legend["LOSS-1"]


def test_a_send_that_was_shown_is_valid(tmp_path: Path) -> None:
    found = verdicts(judged(tmp_path, sends("m"), sends("m", "ok"), shows("m"), *HEAL, *END))
    assert [found[check].outcome for check in ("LOSS-1", "LOSS-2", "DUP-1", "GHOST-1")] == ["valid"] * 4


@pytest.mark.parametrize(("times", "outcome"), [(0, "unknown"), (1, "valid"), (2, "invalid")])
def test_an_unknown_outcome_is_shown_once_or_not_at_all(tmp_path: Path, times: int, outcome: str) -> None:
    events = [sends("m"), sends("m", "unknown"), *[shows("m")] * times]
    found = verdicts(judged(tmp_path, *events, *HEAL, *END))
    assert found["DUP-1"].outcome == outcome
    assert found["LOSS-1"].outcome != "invalid" and found["LOSS-2"].outcome != "invalid"


OWN = {
    "both, as it should be": (["placed", "pending"], ["pending", "placed"], "valid"),
    "both, and it never has its place": (["placed", "pending"], ["pending"], "invalid"),
    "both, and it stands nowhere before": (["placed", "pending"], ["placed"], "invalid"),
    "places alone": (["placed"], ["placed"], "valid"),
    "places alone, and it has none": (["placed"], [], "invalid"),
    "what is pending alone": (["pending"], ["pending"], "valid"),
    "neither": ([], [], "valid"),
}


@pytest.mark.parametrize(("recorded", "happened", "outcome"), OWN.values(), ids=OWN.keys())
def test_own_messages_are_judged_as_far_as_they_are_recorded(
    tmp_path: Path, recorded: list[str], happened: list[str], outcome: str
) -> None:
    own = {name: said(name, device="A", message="m") for name in happened}
    events = [sends("m"), *([own["pending"]] if "pending" in own else []), sends("m", "ok")]
    events += [*([own["placed"]] if "placed" in own else []), shows("m")]
    found = verdicts(judged(tmp_path, *events, *HEAL, *END, records=[*SMALL, *recorded]))
    assert found["LOSS-2"].outcome == outcome


@pytest.mark.parametrize(("epochs", "outcome"), [((1, 2), "valid"), ((1, 1), "invalid")])
def test_an_epoch_stands_for_one_connection(tmp_path: Path, epochs: tuple[int, ...], outcome: str) -> None:
    events = [said("connected", device="A", epoch=epoch, server="s") for epoch in epochs]
    records = ["connected", "served", "lookup", "connection", "phase"]
    served = said("served", device="A", epoch=1)
    assert verdicts(judged(tmp_path, *events, served, records=records))["ROUTE-1"].outcome == outcome


def test_a_list_that_is_drawn_again_is_no_duplicate(tmp_path: Path) -> None:
    again = [said("cleared", device="B"), shows("m", redraw=True), said("drawn", device="B")]
    records = [*SMALL, "cleared", "drawn"]
    assert verdicts(judged(tmp_path, sends("m"), shows("m"), *again, records=records))["DUP-1"].outcome == "valid"
    assert verdicts(judged(tmp_path, sends("m"), shows("m"), shows("m"), records=records))["DUP-1"].outcome == "invalid"
    gone = [said("cleared", device="B"), said("drawn", device="B")]
    assert verdicts(judged(tmp_path, sends("m"), shows("m"), *gone, records=records))["DUP-1"].outcome == "invalid"


def test_an_unknown_outcome_that_was_heard_of_later_is_owed(tmp_path: Path) -> None:
    events = [sends("m"), sends("m", "unknown"), sends("m", "ok")]
    assert verdicts(judged(tmp_path, *events, *HEAL, *END))["LOSS-1"].outcome == "invalid"


def test_an_answer_behind_a_tick_takes_no_tick_back(tmp_path: Path) -> None:
    ticks = [said("tick", device="A", message="m", tick=tick) for tick in ("accepted", "delivered")]
    found = verdicts(judged(tmp_path, sends("m"), *ticks, sends("m", "ok"), records=[*SMALL, "tick"]))
    assert found["TICK-2"].outcome == "valid"
    found = verdicts(judged(tmp_path, sends("m"), *reversed(ticks), records=[*SMALL, "tick"]))
    assert found["TICK-2"].outcome == "invalid"


def test_a_send_without_any_outcome_is_unfinished(tmp_path: Path) -> None:
    assert verdicts(judged(tmp_path, sends("m"), *HEAL, *END))["LOSS-2"].outcome == "invalid"


def test_a_send_that_failed_may_not_be_shown(tmp_path: Path) -> None:
    found = verdicts(judged(tmp_path, sends("m"), sends("m", "fail"), *HEAL, *END))
    assert found["LOSS-2"].outcome == "valid" and found["LOSS-1"].outcome != "invalid"


def test_a_device_that_went_away_is_asked_for_nothing(tmp_path: Path) -> None:
    gone = [event for event in HEAL if event.get("device") != "B"]
    assert verdicts(judged(tmp_path, sends("m"), sends("m", "ok"), *gone, *END))["LOSS-1"].outcome != "invalid"


def test_two_devices_that_disagree_need_no_sequence_numbers(tmp_path: Path) -> None:
    carol = said("device", device="C", user="carol")
    to = {"to": ["bob", "carol"]}
    events = [carol, sends("m", **to), sends("n", **to), shows("m"), shows("n"), shows("n", "C"), shows("m", "C")]
    found = verdicts(judged(tmp_path, *events))
    assert found["ORDER-3"].outcome == "invalid" and found["ORDER-1"].outcome == "unknown"


def test_a_reply_above_what_it_answers(tmp_path: Path) -> None:
    found = verdicts(judged(tmp_path, sends("m"), sends("n", answers="m"), shows("n"), shows("m")))
    assert found["ORDER-4"].outcome == "invalid" and found["ORDER-2"].outcome == "invalid"


def test_a_message_that_nobody_sent_is_a_ghost(tmp_path: Path) -> None:
    assert verdicts(judged(tmp_path, shows("m", chat="c")))["GHOST-1"].outcome == "invalid"


def test_a_message_for_somebody_else_is_a_ghost(tmp_path: Path) -> None:
    eve = said("device", device="E", user="eve")
    assert verdicts(judged(tmp_path, eve, sends("m"), shows("m", "E")))["GHOST-1"].outcome == "invalid"


def test_a_device_that_came_later_may_show_what_is_its_persons(tmp_path: Path) -> None:
    late = said("device", device="B2", user="bob")
    assert (
        verdicts(judged(tmp_path, sends("m"), sends("m", "ok"), late, shows("m", "B2")))["GHOST-1"].outcome == "valid"
    )


def test_what_is_not_recorded_is_unknown_and_says_so(tmp_path: Path) -> None:
    found = verdicts(judged(tmp_path, sends("m"), sends("m", "ok"), *HEAL, *END, records=["phase", "reachable"]))
    assert found["LOSS-1"].outcome == "unknown" and found["LOSS-1"].story == ("the log does not record: shown",)
    assert "appended" in found["QUEUE-1"].story[0] and found["PRES-1"].outcome == "unknown"


def test_without_recipients_nobody_can_be_blamed(tmp_path: Path) -> None:
    events = [sends("m", to=[]), sends("m", "ok"), shows("m")]
    found = verdicts(judged(tmp_path, *events, *HEAL, *END))
    assert found["LOSS-1"].outcome == found["GHOST-1"].outcome == "unknown" and "whom" in found["GHOST-1"].story[0]
    assert found["LOSS-2"].outcome == "valid"


def test_a_log_that_stops_in_the_middle_says_nothing_about_the_end(tmp_path: Path) -> None:
    assert verdicts(judged(tmp_path, sends("m"), sends("m", "ok"), *HEAL))["LOSS-1"].outcome == "unknown"


def test_expiry_must_be_recorded_where_updates_expire(tmp_path: Path) -> None:
    events = [sends("m"), sends("m", "ok"), *HEAL, *END]
    found = verdicts(judged(tmp_path, *events, retention_us=1_000_000))
    assert found["LOSS-1"].outcome == "unknown" and "expired" in found["LOSS-1"].story[0]


def test_iso_times_count_from_the_first(tmp_path: Path) -> None:
    stamps = ["2024-05-01T10:00:00Z", "2024-05-01T12:00:00.5+02:00", "2024-05-01T10:00:02Z", "2024-05-01T10:00:03Z"]
    events = [{**event, "at": at} for event, at in zip([*PEOPLE, sends("m"), shows("m")], stamps, strict=True)]
    events.append({**shows("m"), "at": "2024-05-01T10:00:04+00:00"})
    file = tmp_path / "iso.jsonl"
    header = {"format": "doubletick-log/1", "records": SMALL}
    file.write_text("\n".join(map(json.dumps, [header, *events])))
    assert verdicts(judge_file(file))["DUP-1"].at_us == 4_000_000


@pytest.mark.parametrize(
    ("events", "options", "code"),
    [
        ([sends("m"), sends("m", "ok"), shows("m")], [], 0),
        ([sends("m"), sends("m", "ok"), shows("m"), shows("m")], [], 1),
        ([sends("m"), sends("m", "ok"), shows("m")], ["--check", "QUEUE-1", "--check", "DUP-1"], 3),
        ([sends("m"), sends("m", "ok"), shows("m")], ["--check", "QUEUE-1"], 4),
        ([], [], 4),
        ([], ["--check", "QUEUE-9"], 2),
    ],
)
def test_exit_codes(tmp_path: Path, events: list[Event], options: list[str], code: int) -> None:
    judged(tmp_path, *events)
    assert main(["judge", str(tmp_path / "log.jsonl"), *options]) == code


def test_json_is_pipeable_and_the_worst_file_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judged(tmp_path, sends("m"), sends("m", "ok"), shows("m"))
    assert main(["judge", str(tmp_path / "log.jsonl"), str(tmp_path / "none.jsonl"), "--json", "-"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert [file["exit_code"] for file in document["files"]] == [0, 2]


def test_a_run_exports_what_judge_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows, log = tmp_path / "rows.jsonl.gz", tmp_path / "log.jsonl"
    options = ["-q", "--report", "never", "--out", str(tmp_path), "--export", str(rows), "--export-log", str(log)]
    assert main(["run", "two_phones", *options]) == 0
    assert main(["judge", str(rows), str(log), "-q"]) == 0
    assert main(["run", "two_phones", "--seeds", "1..2", *options]) == 2
    validator = jsonschema.Draft202012Validator(schema())
    for line in log.read_text().splitlines():
        validator.validate(json.loads(line))


def test_the_example_in_the_docs_is_judged_as_they_say(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "judge.md").read_text(encoding="utf-8")
    (tmp_path / "log.jsonl").write_text(text.split("```json\n")[1].split("```")[0])
    found = verdicts(judge_file(tmp_path / "log.jsonl"))
    assert {check for check, verdict in found.items() if verdict.outcome == "invalid"} == {"LOSS-1"}


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["judge", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()


def test_every_event_has_a_meaning_and_a_field() -> None:
    assert all(event.meaning and event.fields for event in EVENTS.values())
