"""A shipped name works wherever a path does, whatever folders lie about; and where results may go."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.commands import main
from sim.results import exit_codes


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two_phones").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("replay two_phones --seed 1 --report never", 0, "PASSED"),
        ("run two_phones --report never", 0, "PASSED"),
        ("explain two_phones -m 1", 0, "message 1"),
        ("shrink two_phones --seed 1", 4, "NOTHING TO SHRINK"),
        ("validate two_phones", 0, "ok: two_phones"),
        ("check two_phones --seeds 1 --report never", 0, "1 of 1 scenario passed"),
    ],
)
def test_a_folder_does_not_hide_a_shipped_name(
    capfd: pytest.CaptureFixture[str], words: str, code: int, said: str
) -> None:
    assert main(words.split()) == code
    assert said in capfd.readouterr().out


def test_a_folder_with_scenarios_is_meant_where_folders_are(capfd: pytest.CaptureFixture[str], here: Path) -> None:
    text = "schema: doubletick/1\nname: mine\nworkload: {kind: synthetic, users: 2, messages: 3}\n"
    (here / "two_phones" / "mine.yaml").write_text(text)
    assert main(["validate", "two_phones"]) == 0
    assert "ok: mine" in capfd.readouterr().out
    assert main(["check", "two_phones", "--seeds", "1", "--report", "never", "--quiet"]) == 0
    assert "mine: PASSED" in capfd.readouterr().out
    assert main(["replay", "two_phones", "--report", "never"]) == 0


def test_a_folder_without_anything_is_told(capfd: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "mine").mkdir()
    for words, said in (
        ("replay mine", "no run folder and no repro folder"),
        ("validate mine", "no scenario file in this folder"),
        ("check mine", "no scenario file in the folder mine"),
        ("check two_phones/", "no scenario file in the folder two_phones/"),
    ):
        assert main(words.split()) == exit_codes.BAD_USAGE
        assert said in capfd.readouterr().err


def test_a_run_folder_is_meant_before_a_name(capfd: pytest.CaptureFixture[str], here: Path) -> None:
    (here / "two_phones").rmdir()
    assert main(["run", "two_phones", "--report", "never", "--out", "."]) == 0
    latest = (here / "two_phones" / "latest").resolve()
    assert main(["replay", str(latest)]) == exit_codes.BAD_USAGE
    assert "no check failed in it" in capfd.readouterr().err
    assert main(["replay", "two_phones", "--report", "never"]) == 0


@pytest.mark.parametrize(
    "words",
    [
        ("run", "two_phones", "--out", ""),
        ("hunt", "two_phones", "--out", " "),
        ("run", "two_phones", "--json", ""),
        ("explain", "two_phones", "--out", ""),
        ("schema", "--out", ""),
    ],
)
def test_an_empty_name_is_no_place(capfd: pytest.CaptureFixture[str], here: Path, words: tuple[str, ...]) -> None:
    assert main([*words]) == exit_codes.BAD_USAGE
    assert "the name is empty" in capfd.readouterr().err
    assert [path.name for path in here.iterdir()] == ["two_phones"]


@pytest.mark.parametrize(
    "words",
    [
        "schema --out nowhere/x.json",
        "explain two_phones -m 1 --out nowhere/x.svg",
        "run two_phones --quiet --report never --json nowhere/x.json",
    ],
)
def test_a_file_in_a_folder_that_is_not_there_is_code_74(
    capfd: pytest.CaptureFixture[str], here: Path, words: str
) -> None:
    assert main(words.split()) == exit_codes.NOT_WRITTEN
    target = words.split()[-1]
    assert capfd.readouterr().err == f"doubletick: {target} could not be written: No such file or directory\n"
    assert not (here / "nowhere").exists()
