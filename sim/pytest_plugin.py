"""A pytest plugin: scenario files are tests, one for each seed, and a failure is a story.

It is off unless ``--doubletick`` is given or ``doubletick_files`` is set: a project that merely has doubletick
installed notices nothing, and pays for nothing but this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from .results.records import Record
    from .scenario.model import Scenario

_SUFFIXES: Final = (".yaml", ".yml")
_FIRST_KEY: Final = b"schema: doubletick/"
_READ_AT_MOST: Final = 8_192


class NotPassed(Exception):
    """A seed did not pass; the message is the whole story."""


class NotLoaded(pytest.Collector.CollectError):
    """A scenario file cannot be used; the message says why, with line and column."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, and the same in the configuration file."""
    group = parser.getgroup("doubletick", "scenarios of doubletick")
    group.addoption("--doubletick", action="store_true", help="collect scenario files as tests")
    group.addoption("--doubletick-seeds", metavar="A..B", help="seeds to play (default: each scenario's own)")
    group.addoption(
        "--doubletick-save", metavar="DIR", help="write failing runs out with explicit operations and faults"
    )
    parser.addini("doubletick_files", "patterns of scenario files to collect without --doubletick", "args", [])
    parser.addini("doubletick_seeds", "seeds to play when --doubletick-seeds is not given", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse seeds that are none, before anything is collected."""
    text = _seeds(config)
    if text:
        from .executors.seeds import parse_seeds

        try:
            parse_seeds(text)
        except ValueError as error:
            raise pytest.UsageError(f"doubletick seeds: {error}") from None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Take scenario files, and only these."""
    if file_path.suffix not in _SUFFIXES:
        return None
    patterns = parent.config.getini("doubletick_files")
    named = any(fnmatch(_below(file_path, parent.config.rootpath), pattern) for pattern in patterns)
    if named or (parent.config.getoption("--doubletick") and _is_scenario(file_path)):
        file: pytest.File = ScenarioFile.from_parent(parent, path=file_path)
        return file
    return None


class ScenarioFile(pytest.File):
    """One scenario; its seeds are its tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """An item per seed, in the order in which they are written: the same in every worker."""
        from .executors.seeds import parse_seeds
        from .scenario.errors import ScenarioError
        from .scenario.loading import load

        try:
            scenario = load(str(self.path))
            seeds = parse_seeds(_seeds(self.config) or scenario.seeds)
        except (ScenarioError, ValueError) as error:
            raise NotLoaded(str(error)) from None
        for seed in seeds:
            yield ScenarioItem.from_parent(self, name=f"seed {seed}", scenario=scenario, seed=seed)


class ScenarioItem(pytest.Item):
    """One seed of a scenario."""

    def __init__(self, *, scenario: Scenario, seed: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.scenario = scenario
        self.seed = seed

    def runtest(self) -> None:
        """Play it, and judge what people saw."""
        from .executors.jobs import Job, play
        from .results import exit_codes
        from .results.records import is_idle

        record = play(Job(self.scenario, self.seed))
        self.user_properties.append(("digest", record.digest))
        if record.exit_code == exit_codes.PASSED:
            return
        if is_idle(record, self.scenario.must_reach):
            pytest.skip("the faults drawn for this seed touched nothing")
        raise NotPassed(self._story(record))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The story in place of a traceback through doubletick."""
        if isinstance(excinfo.value, NotPassed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """What the summary calls it."""
        return self.path, None, f"{self.scenario.name}: {self.name}"

    def _story(self, record: Record) -> str:
        from .results.origin import commit
        from .results.summary import Subject, summarise
        from .results.words import replay_command

        given = _below(self.path, self.config.rootpath)
        here = commit()
        subject = Subject(self.scenario, given, commit=here.name, changed=here.changed)
        summary = summarise(subject, [record])
        lines = [summary["sentence"]]
        for failure in summary["failures"]:
            lines += ["", f"{failure['check']}: {failure['meaning']}", *(f"  {line}" for line in failure["story"])]
        if record.error:
            lines += ["", record.error.rstrip()]
        lines += ["", f"replay: {replay_command(given, self.seed)}"]
        saved = self._saved(record) if record.failing else ""
        return "\n".join([*lines, saved] if saved else lines)

    def _saved(self, record: Record) -> str:
        folder = self.config.getoption("--doubletick-save")
        if not folder:
            return ""
        from .results.atomic import write_text
        from .results.written_out import explicit_text

        checks = [verdict.check for verdict in record.failing]
        text = explicit_text(self.scenario, record.seed, record.injected, checks)
        if text is None:
            return "it has too many operations to be written out"
        path = Path(folder) / f"{self.scenario.name}-{self.seed}.yaml"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, text)
        except OSError as error:
            return f"it could not be written out to {path}: {error.strerror or error}"
        return f"written out: {path}"


def _seeds(config: pytest.Config) -> str:
    return str(config.getoption("--doubletick-seeds", None) or config.getini("doubletick_seeds") or "")


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _is_scenario(path: Path) -> bool:
    """Whether the file says so itself: other YAML in a project is none of our business."""
    try:
        with path.open("rb") as stream:
            return _FIRST_KEY in stream.read(_READ_AT_MOST)
    except OSError:
        return False
