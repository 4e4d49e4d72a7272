"""An exception that a planted bug from outside raises is its author's: one clear message, exit code 2. Of a shipped one
it is ours, and says which planted bug was in place."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sim import run
from sim.commands import main
from sim.executors.jobs import Job, play
from sim.mutants.catalogue import by_number
from sim.mutants.loading import MutantError, find_mutant
from sim.protocol.phone import Phone
from sim.results import exit_codes
from sim.scenario.loading import load

HEAD = """\
from sim.mutants import Planted
from sim.protocol.phone import Phone
from sim.protocol.phone_state import PhoneState


"""
AT_START = """\
class Bad(Phone):
    def __init__(self, *parts):
        raise ValueError("boom")


class Bug(Planted):
    CLASSES = {"phone": Bad}
"""
LATER = """\
class Bad(Phone):
    def on_resend_due(self, due):
        raise KeyError("nothing of\\nthe kind")


class Bug(Planted):
    CLASSES = {"phone": Bad}
"""
CALLS_WRONGLY = LATER.replace("raise KeyError", "super().on_resend_due(due, 2); raise KeyError")
LEAVES = LATER.replace("KeyError", "SystemExit")
RUINS_THE_STATE = """\
class Bad(PhoneState):
    def __init__(self, *parts, **named):
        super().__init__(*parts, **named)
        self.chats = None


class Bug(Planted):
    CLASSES = {"phone_state": Bad}
"""
IN_ITS_OWN_MAKING = """\
class Bug(Planted):
    CLASSES = {"phone": Phone}

    def __init__(self):
        raise RuntimeError("no way")
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(source: str) -> str:
    Path("bug.py").write_text(HEAD + source)
    return "bug.py:Bug"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (AT_START, "bug.py:8: Bad.__init__, of the planted bug bug.py:Bug, raised ValueError: boom"),
        (LATER, "bug.py:8: Bad.on_resend_due, of the planted bug bug.py:Bug, raised KeyError: 'nothing of"),
        (CALLS_WRONGLY, "bug.py:8: Bad.on_resend_due, of the planted bug bug.py:Bug, raised TypeError: Phone.on_"),
        (LEAVES, "bug.py:8: Bad.on_resend_due, of the planted bug bug.py:Bug, raised SystemExit: nothing of the kind"),
        (
            RUINS_THE_STATE,
            "AttributeError: 'NoneType' object has no attribute 'values', with the planted bug bug.py:Bug",
        ),
        (IN_ITS_OWN_MAKING, "bug.py:10: Bug.__init__, of the planted bug bug.py:Bug, raised RuntimeError: no way"),
        ("x = 1 / 0\n", "bug.py:6: <module>, of the planted bug Bug, raised ZeroDivisionError: division by zero"),
    ],
)
def test_what_it_raises_is_its_writers_fault(source: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("mutants_lossy", "--seed", "1", "--mutant", written(source))
    assert main(["run", *words, "--report", "never"]) == 2
    out, err = capsys.readouterr()
    assert said in out and "Traceback" not in out + err
    assert main(["explain", *words]) == 2
    out, err = capsys.readouterr()
    assert said in err and "Traceback" not in out + err


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("CLASSES = 3", "bug.py:Bug: CLASSES is 3; it maps roles to classes"),
        ("pass", "bug.py:Bug: CLASSES is empty, so nothing would be replaced"),
        ("CLASSES = {}", "CLASSES is empty"),
        ("CLASSES = {'phone': Phone}", "CLASSES names the reference's own classes"),
        ("CLASSES = {'fone': Phone}", "there is no role 'fone'"),
        ("CLASSES = {'phone': 7}", "no subclass of Phone"),
    ],
)
def test_a_table_that_replaces_nothing_is_refused_when_it_is_loaded(body: str, said: str) -> None:
    with pytest.raises(MutantError) as caught:
        find_mutant(written(f"class Bug(Planted):\n    {body}\n"))
    assert said in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_in_a_process_as_a_class_it_is_the_same() -> None:
    mutant = find_mutant(written(LATER))
    with pytest.raises(MutantError, match=r"bug\.py:8: Bad\.on_resend_due, of the planted bug Bug, raised"):
        run("mutants_lossy", 1, mutant=type(mutant))


def test_a_shipped_one_that_raises_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(phone: Phone, due: object) -> None:
        raise KeyError("nobody")

    monkeypatch.setattr(Phone, "on_resend_due", raises)
    assert by_number(22) is not None
    record = play(Job(load("mutants_lossy"), "1", mutant="22"))
    assert record.exit_code == exit_codes.OUR_BUG
    assert record.error.splitlines()[-1] == "KeyError: 'nobody' (with the planted bug 22 in place)"
    without = play(Job(load("mutants_lossy"), "1"))
    assert without.exit_code == exit_codes.OUR_BUG and "planted bug" not in without.error
