"""When the collector of cycles looks: seldom in a run, as ever after it, and not again where the process ends."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from sim import run
from sim.garbage import COLLECT_SELDOM, leave_to_the_end, seldom_collected


def test_the_collector_looks_as_ever_after_a_run_and_after_a_failure() -> None:
    before = gc.get_threshold()
    run("two_phones", 1)
    assert gc.get_threshold() == before
    with pytest.raises(RuntimeError), seldom_collected():
        assert gc.get_threshold() == COLLECT_SELDOM
        raise RuntimeError
    assert gc.get_threshold() == before


def test_a_process_that_goes_on_leaves_nothing_to_its_end() -> None:
    before = gc.get_threshold()
    leave_to_the_end()
    assert gc.get_threshold() == before


@pytest.mark.parametrize(("seeds", "left"), [("1", True), ("1..2", False)])
def test_the_last_world_of_a_command_is_not_collected(tmp_path: Path, seeds: str, left: bool) -> None:
    command = f"run two_phones --seeds {seeds} --jobs 1 --report never --quiet --out"
    code = (
        "import gc, sys\n"
        "from sim.commands import console\n"
        "from sim.world.world import World\n"
        f"sys.argv = ['doubletick', *{command.split()!r}, {str(tmp_path)!r}]\n"
        "code = console()\n"
        "print(code, gc.get_threshold(), any(isinstance(each, World) for each in gc.get_objects()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    last = done.stdout.splitlines()[-1]
    assert last.startswith("0 ") and (str(COLLECT_SELDOM) in last) == left, last
    assert not left or last.endswith("True"), last
