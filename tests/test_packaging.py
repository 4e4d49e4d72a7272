"""The wheel, in an empty environment far from the checkout: what a stranger gets from it works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = [pytest.mark.long, pytest.mark.timeout(900), pytest.mark.xdist_group("packaging")]


def call(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """A command in a folder, without what this environment would lend it."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DOUBLETICK"))}
    surroundings.pop("VIRTUAL_ENV", None)
    command = [str(word) for word in words]
    return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what git knows, so that no leftover of this checkout gets in."""
    folder = tmp_path_factory.mktemp("build")
    listing = call(ROOT, "git", "ls-files", "-co", "--exclude-standard")
    if listing.returncode:
        pytest.skip("there is no git to say what belongs to the project")
    source = folder / "source"
    for name in listing.stdout.splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    built = call(folder, sys.executable, "-m", "build", "--wheel", "--outdir", folder / "dist", source)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (found,) = (folder / "dist").glob("doubletick-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    made = call(folder, sys.executable, "-m", "venv", folder / "venv")
    assert made.returncode == 0, made.stderr
    programs = folder / "venv" / "bin"
    done = call(folder, programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    assert done.returncode == 0, done.stderr[-2000:]
    return programs


def test_the_wheel_holds_code_scenarios_and_templates_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in ("sim/runner.py", "cli.py", "scenarios/two_phones.yaml", "scenarios/traces/college_messages.csv.gz"):
        assert wanted in names
    assert "sim/scenario/scenario.schema.json" in names
    assert any(name.startswith("sim/report/templates/") for name in names)
    regressions = (ROOT / "scenarios" / "regressions").glob("*.yaml")
    assert {f"scenarios/regressions/{path.name}" for path in regressions} <= set(names)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sim", "scenarios", "cli.py"}
    assert any(name.endswith("licenses/LICENSE") or name.endswith(".dist-info/LICENSE") for name in names)


def test_two_phones_pass_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    done = call(tmp_path, installed / "doubletick", "run", "two_phones", "--json", "run.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED: 3 of 3 messages were shown exactly once, in order" in done.stdout
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["passed"] is True
    assert list(tmp_path.glob("reports/runs/two_phones/*/report.html"))


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path) -> None:
    done = call(tmp_path, installed / "python", "-c", "import sim; print(sim.__file__)")
    assert str(installed.parent) in done.stdout


def test_python_and_every_shipped_scenario_work_there(installed: Path, tmp_path: Path) -> None:
    code = "from sim import run; result = run('swarm', 1); print(result.outcome(), result.counts['composed'])"
    done = call(tmp_path, installed / "python", "-c", code)
    assert done.stdout.split() == ["0", "200"], done.stderr
    listed = call(tmp_path, installed / "doubletick", "scenarios", "--json")
    names = [row["name"] for row in json.loads(listed.stdout)["scenarios"]]
    assert call(tmp_path, installed / "doubletick", "validate", *names).returncode == 0
