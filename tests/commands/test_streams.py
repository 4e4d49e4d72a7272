"""Closed and full standard streams, on processes of their own: one line, and the code that fits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
RUN = "run two_phones --report never"


def shell(folder: Path, words: str, ending: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", f"{sys.executable} {TOP / 'cli.py'} {words} {ending}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("ending", ["> /dev/full", ">&-"])
@pytest.mark.parametrize("words", ["--help", "schema", f"{RUN} --quiet", f"{RUN} --quiet --json -"])
def test_results_that_nobody_can_have_are_code_74_and_a_line(tmp_path: Path, words: str, ending: str) -> None:
    done = shell(tmp_path, words, ending)
    assert done.returncode == 74, done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("two_phones: PASSED")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("doubletick: ") and "could not be written" in lines[0]


@pytest.mark.parametrize("ending", ["2> /dev/full", "2>&-"])
@pytest.mark.parametrize(("words", "code"), [("validate bad.yaml", 2), ("--nope", 2), (f"{RUN} --seeds 1..3", 0)])
def test_nobody_listening_on_stderr_changes_no_code(tmp_path: Path, words: str, code: int, ending: str) -> None:
    (tmp_path / "bad.yaml").write_text("schema: doubletick/1\nnme: bad\n")
    done = shell(tmp_path, words, ending)
    assert done.returncode == code
    assert ("PASSED" in done.stdout) == (code == 0)
