"""The folder of a hunt: its ledger, grown run by run; and at the end its table, and a repro of each failure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ..executors.jobs import is_scenario_error
from ..results.atomic import write_json, write_text
from ..results.folder import RunFolder
from ..results.records import record_of
from ..results.repro import write_repro
from ..results.summary import Subject
from ..results.writing import scenario_text
from ..scenario.model import Scenario
from .hunt import Hunt
from .ledger import FILE as LEDGER
from .ledger import Ledger
from .outcome import Outcome, as_json, from_json
from .trial import Trial

STUDY: Final = "hunt"
FILE: Final = "hunt.json"
FAILURES: Final = "failures"


def ledger_in(folder: RunFolder) -> Ledger[Outcome]:
    """The ledger of a hunt."""
    return Ledger(folder.path / LEDGER, as_json, from_json)


def fill_folder(folder: RunFolder, subject: Subject, hunt: Hunt, document: dict[str, Any]) -> None:
    """Write everything but the last manifest: the table, the scenario, and what it needs to play each failure again."""
    for row in document["failures"]:
        name = f"{row['check']}-seed-{row['first_seed']}"
        trial = hunt.trials.get(row["first_place"]) or Trial(row["first_place"], row["first_seed"])
        row["folder"] = f"{FAILURES}/{name}"
        if trial.parent >= 0:
            # Its seed alone would draw something else: the recorded schedule is what plays it again.
            row["replay"] = f"doubletick replay {folder.path / FAILURES / name}"
        write_failure(folder.path / FAILURES / name, subject, trial)
    write_json(folder.path / FILE, document)
    write_text(folder.path / "scenario.resolved.yaml", scenario_text(subject.scenario, folder.path))


def write_failure(path: Path, subject: Subject, trial: Trial) -> None:
    """Play a failing trial again for its faults as they were injected, and write its repro. A run that breaks has
    none."""
    from ..runner import run

    scenario = trial.scenario(subject.scenario)
    try:
        result = run(scenario, trial.seed, mutant=subject.mutant, faults=trial.faults)
    except Exception as error:
        if is_scenario_error(error):
            return
        raise
    path.mkdir(parents=True, exist_ok=True)
    played = explicit(scenario, trial)
    write_repro(path, replace(subject, scenario=played), record_of(result), scenario_text(played))


def explicit(scenario: Scenario, trial: Trial) -> Scenario:
    """The scenario in which a changed schedule is written down, in place of what the seed would draw."""
    if trial.faults is None:
        return scenario
    quiet = replace(scenario.random_faults, least=0, most=0)
    drawn = {path: choices for path, choices in scenario.drawn.items() if not path.startswith("random_faults.")}
    return replace(scenario, faults=trial.faults, random_faults=quiet, drawn=drawn)
