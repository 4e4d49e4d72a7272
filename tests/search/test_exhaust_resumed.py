"""A search through all schedules that is stopped in the middle goes on where it was, and ends like one that was not."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from half_way import stopped_half_way
from test_exhaust import one_message

from sim.commands import main
from sim.results import exit_codes
from sim.scenario.writing import to_yaml
from sim.search.exhaust import Answer, Exhaust, World
from sim.search.exhaust_ledger import Entry, as_json, from_json
from sim.search.ledger import FILE, Ledger

KINDS = ("message_late",)
WORDS = ["--kind", *KINDS]


def searched(world: World, known: dict[tuple[int, int], Answer] | None = None) -> tuple[Exhaust, list[Entry]]:
    """Search with up to two faults; what was played for it, as well."""
    search = Exhaust(world, 2, known=known)
    played: list[Entry] = []
    for level, tasks in search.plan():
        search.play(level, tasks, lambda task, answer, size=level.size: played.append(Entry(size, task, answer)))  # type: ignore[misc]
        if level.tally.failed and not world.to_the_end:
            break
    return search, played


@cache
def whole() -> tuple[Exhaust, list[Entry]]:
    return searched(World(one_message(), kinds=KINDS))


def test_what_is_known_is_not_played_and_changes_nothing() -> None:
    unbroken, entries = whole()
    kept = {(each.size, each.task): each.answer for each in entries if each.task % 3}
    again, played = searched(World(one_message(), kinds=KINDS), kept)
    assert [level.tally for level in again.levels] == [level.tally for level in unbroken.levels]
    assert {(each.size, each.task) for each in played} == {(each.size, each.task) for each in entries} - set(kept)
    assert again.is_whole


def test_a_failing_schedule_that_is_known_ends_the_search() -> None:
    world = World(one_message(), mutant="25", kinds=("write_refused",))
    found, entries = searched(world)
    assert found.failing is not None
    again, played = searched(world, {(each.size, each.task): each.answer for each in entries})
    assert again.failing == found.failing and not played


def test_what_a_task_found_survives_the_ledger() -> None:
    _, entries = whole()
    _, failing = searched(World(one_message(), mutant="25", kinds=("write_refused",)))
    assert any(each.answer.tally.failing for each in failing)
    for entry in (*entries, *failing):
        assert from_json(json.loads(json.dumps(as_json(entry)))) == entry


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, entries = whole()
    ledger = Ledger(tmp_path / FILE, as_json, from_json)
    ledger.append(entries[0])
    real = os.write

    def write(handle: int, line: Any) -> int:
        if len(line) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, line[:100])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="space"):
        ledger.append(entries[1])
    monkeypatch.undo()
    ledger.append(entries[2])
    ledger.close()
    assert Ledger(ledger.path, as_json, from_json).read() == [entries[0], entries[2]]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The smallest world with one message, as a file."""
    path = tmp_path_factory.mktemp("world") / "one_message.yaml"
    path.write_text(to_yaml(one_message()))
    return str(path)


@pytest.fixture
def world(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """This file, and an empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return file


@pytest.fixture(scope="module")
def unbroken(file: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """The document and the words of a search that nothing stops."""
    folder = tmp_path_factory.mktemp("unbroken")
    written, told = folder / "exhaust.json", io.StringIO()
    with redirect_stdout(told):
        assert main(["exhaust", file, *WORDS, "--json", str(written), "--jobs", "1", "--out", str(folder)]) == 0
    return document(written), told.getvalue()


def document(path: Path = Path("exhaust.json")) -> dict[str, Any]:
    """What the command wrote, without where and how long."""
    written: dict[str, Any] = json.loads(path.read_text())
    return {key: value for key, value in written.items() if key != "folder"}


def is_in_the_middle(ledger: bytes) -> bool:
    """Some pairs are played, and most are not."""
    return ledger.count(b'"size":2') >= 8


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_stopped_and_resumed_ends_like_an_unbroken_search(
    world: str, unbroken: tuple[Any, str], tmp_path: Path, capfd: pytest.CaptureFixture[str], by: signal.Signals
) -> None:
    words, a = ["exhaust", world, *WORDS, "--out", str(tmp_path / "a")], tmp_path / "a"
    code, told = stopped_half_way(a, [*words, "--jobs", "2"], is_in_the_middle, by)
    if by == signal.SIGKILL:
        assert code == -signal.SIGKILL
    else:
        assert code == exit_codes.INTERRUPTED
        assert f"to go on: doubletick exhaust {world} --faults 2" in told and "--resume" in told
    (ledger,) = a.rglob(FILE)
    before = ledger.read_bytes()
    capfd.readouterr()
    assert main([*words, "--json", "exhaust.json", "--jobs", "1", "--resume"]) == 0
    resumed, printed = document(), capfd.readouterr()
    assert "schedules are recorded" in printed.err
    assert ledger.read_bytes().startswith(before[: before.rfind(b"\n") + 1]), "it went on in the same folder"
    assert (resumed, printed.out) == unbroken
    assert resumed["levels"][2]["whole"] and resumed["outcomes"]


def test_a_full_disk_ends_the_search_and_it_goes_on_when_there_is_room(
    world: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["exhaust", world, *WORDS, "--json", "exhaust.json", "--jobs", "1", "--out", "runs"]
    real, lines = os.write, []

    def write(handle: int, line: Any) -> int:
        lines.append(line)
        if len(lines) > 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, line)

    with monkeypatch.context() as patch:
        patch.setattr("sim.search.ledger.os.write", write)
        assert main(words) == exit_codes.NOT_WRITTEN
    told = capfd.readouterr()
    assert "No space left on device" in told.err and "--resume" in told.err
    assert "NOT WRITTEN: none of" in told.out and "PASSED" not in told.out
    assert main([*words, "--resume"]) == 0
    assert document()["levels"][2]["whole"]


def test_more_faults_go_on_from_fewer(world: str, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["exhaust", world, "--kind", "write_refused", "--json", "exhaust.json", "--jobs", "1", "--out", "runs"]
    assert main([*words, "--faults", "1"]) == 0
    assert main([*words, "--faults", "2", "--resume"]) == 0
    assert "13 schedules are recorded" in capfd.readouterr().err
    resumed = document()
    assert main([*words, "--faults", "2"]) == 0
    assert document() == resumed


@pytest.mark.parametrize(
    "other",
    [
        ["--seed", "2"],
        ["--no-prune"],
        ["--all"],
        ["--mutant", "25"],
        ["--set", "protocol.page=3"],
        ["--kind", "crash"],
    ],
)
def test_another_search_begins_anew(world: str, capfd: pytest.CaptureFixture[str], other: list[str]) -> None:
    words = ["exhaust", world, "--kind", "write_refused", "--faults", "1", "--jobs", "1", "--out", "runs"]
    assert main(words) == 0
    main([*words, *other, "--resume"])
    assert "this one begins anew" in capfd.readouterr().err


def test_a_kind_that_is_not_counted_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["exhaust", "smallest", "--kind", "crush"]) == exit_codes.BAD_USAGE
    assert "did you mean 'crash'" in capfd.readouterr().err
