"""Run folders: whole files, partial folders that can be told, latest, what is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.results import folder as folders
from sim.results.atomic import json_text, whole_file, write_json, write_text
from sim.results.folder import RunFolder, is_run_folder, keep_newest, read_manifest, real_folder
from sim.results.summary import Subject
from sim.scenario.model import Scenario

SUBJECT = Subject(Scenario(name="storm"), "scenarios/storm.yaml")


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"old": 1})
    with pytest.raises(KeyboardInterrupt), whole_file(path) as part:
        part.write_text('{"new"')
        raise KeyboardInterrupt
    assert json.loads(path.read_text()) == {"old": 1}
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def test_json_refuses_what_is_no_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_text({"x": float("nan")})


def test_a_folder_is_partial_until_it_is_finished(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, SUBJECT, "1..3", argv=["doubletick"])
    assert read_manifest(folder.path)["finished"] is False
    assert not (tmp_path / "storm" / "latest").exists()
    folder.finish(1, wall_s=2.0)
    manifest = read_manifest(folder.path)
    assert (manifest["finished"], manifest["exit_code"], manifest["seeds"]) == (True, 1, "1..3")
    assert set(manifest["versions"]) >= {"python", "numpy", "simpy", "doubletick"}
    assert (tmp_path / "storm" / "latest").resolve() == folder.path.resolve()


def test_latest_moves_on(tmp_path: Path) -> None:
    for _ in range(2):
        folder = RunFolder.create(tmp_path, SUBJECT, "1")
        folder.finish(0, wall_s=0.0)
    assert (tmp_path / "storm" / "latest").readlink() == Path(folder.path.name)


def test_latest_is_a_text_where_links_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refused)
    folder = RunFolder.create(tmp_path, SUBJECT, "1")
    folder.finish(0, wall_s=0.0)
    latest = tmp_path / "storm" / "latest"
    assert latest.is_file()
    assert real_folder(latest) == folder.path


def test_folders_of_one_second_differ(tmp_path: Path) -> None:
    paths = {RunFolder.create(tmp_path, SUBJECT, "1").path for _ in range(5)}
    assert len(paths) == 5
    assert all(is_run_folder(path) for path in paths)


def test_keeping_the_newest_touches_nothing_else(tmp_path: Path) -> None:
    parent = tmp_path / "storm"
    for day in range(1, 6):
        path = parent / f"2026010{day}T000000Z-0123abcd"
        path.mkdir(parents=True)
        write_text(path / "manifest.json", "{}")
    (parent / "notes").mkdir()
    (parent / "20250101T000000Z-0123abcd").mkdir()
    oldest = parent / "20260101T000000Z-0123abcd"
    removed = keep_newest(parent, 2, never=oldest)
    assert sorted(path.name[:8] for path in removed) == ["20260102", "20260103"]
    assert (parent / "notes").is_dir()
    assert (parent / "20250101T000000Z-0123abcd").is_dir()


def test_the_hash_follows_the_scenario_and_not_its_place() -> None:
    def of(**fields: object) -> str:
        return folders.scenario_hash(Subject(Scenario(name="storm", **fields), "x"))  # type: ignore[arg-type]

    assert of() == of(source="/a/b.yaml", folder="/a")
    assert of() != of(question="why?")


def test_folder_names_are_safe() -> None:
    subject = Subject(Scenario(name="../a b"), "x", variant="no/jitter", mutant="my.py:Bug")
    assert "/" not in subject.folder_name
    assert not subject.folder_name.startswith(".")
