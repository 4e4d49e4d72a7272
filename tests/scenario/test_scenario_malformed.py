"""Every malformed file gives ``ScenarioError`` with text that a terminal can print; how soon is measured by
``python -m benchmarks.waiting``."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from malformed_files import cases

from sim.commands import main
from sim.scenario.errors import ScenarioError
from sim.scenario.loading import load, load_text

CASES = list(cases())
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def test_there_are_many_cases() -> None:
    assert len(CASES) >= 400
    assert len({data for _, data in CASES}) >= 400


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder in which nothing is written: to make one for each of these cases takes longer than the case."""
    return tmp_path_factory.mktemp("nowhere")


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in CASES])
def test_malformed_file_is_refused(data: bytes, nowhere: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(data, "bad.yaml", folder=nowhere)
    told = str(caught.value)
    assert caught.value.problems
    assert all(problem.message for problem in caught.value.problems)
    assert not CONTROLS.search(told), "a message must not carry control characters to a terminal"
    assert len(told) < 100_000
    told.encode("utf-8")


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in CASES[:: len(CASES) // 25]])
def test_the_command_refuses_without_a_traceback(
    data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(data)
    assert main(["validate", str(file)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "bad.yaml" in output.err
    assert "Traceback" not in output.err


def test_fifty_megabytes_are_refused_without_being_read(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    with file.open("wb") as stream:
        stream.write(b"schema: doubletick/1\n")
        stream.truncate(50 << 20)
    with pytest.raises(ScenarioError, match="too large: 52,428,800 bytes, at most 1,048,576"):
        load(file)


def test_what_is_no_ordinary_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(ScenarioError, match=r"pipe\.yaml: is no ordinary file"):
        load(pipe)
    with pytest.raises(ScenarioError, match="is no ordinary file"):
        load("/dev/zero")
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    with pytest.raises(ScenarioError, match="is a folder"):
        load(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for the superuser")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret.yaml"
    file.write_text("schema: doubletick/1\n")
    file.chmod(0)
    with pytest.raises(ScenarioError, match="cannot be read: Permission denied"):
        load(file)


@pytest.mark.parametrize("name", ["nobody", "no/such/file.yaml", "x" * 5000, "", "a\0b", "commut", "two_phone.yaml"])
def test_a_name_that_is_nothing_is_refused(name: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(name)
    if name == "commut":
        assert "did you mean 'commute'?" in str(caught.value)
    if name == "two_phone.yaml":
        assert "did you mean 'two_phones'?" in str(caught.value)
