"""Style is a test (docs/style.md). Every check reports all offenders at once; allow-lists give their reasons."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "protocol"))

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 70

CLOCKS = ("time", "datetime")
CHANCE = ("random", "secrets", "uuid")
MAY_READ_A_CLOCK = {
    "sim/foreign/log.py": "reads times that others wrote down",
    "sim/runner.py": "how long a run took in real time, which is in no history",
    "sim/commands/finishing.py": "how long a call took",
    "sim/commands/terminal.py": "progress",
    "sim/commands/hunting.py": "a hunt may be given a time",
    "sim/commands/exhausting.py": "how long a call took",
    "sim/results/folder.py": "a run folder is named by the time at which it was made",
    "sim/search/ledger.py": "when it was last made safe from a loss of power",
    "sim/search/shrink.py": "how long it may look for something smaller",
    "sim/search/shrink_trial.py": "how long it may look for something smaller",
    "sim/workload/moments.py": "reads the times in a trace; asks for no present one",
}
MAY_PRINT: dict[str, str] = {}
"""Even commands print through click or the terminal, so that --quiet and --json hold."""


@cache
def sources() -> tuple[tuple[str, str, ast.Module], ...]:
    """Path, text and tree of every file of the package."""
    found = []
    for path in sorted((ROOT / "sim").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append((path.relative_to(ROOT).as_posix(), text, ast.parse(text)))
    return tuple(found)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in the repository; without git, every file of the known folders."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode == 0:
        return tuple(path for line in listing.stdout.splitlines() if (path := ROOT / line).is_file())
    folders = ("sim", "scenarios", "tests", "docs", "benchmarks", "notebooks")
    return tuple(path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())


def imports(tree: ast.Module) -> Iterator[tuple[int, int, str]]:
    """Line, level (0: absolute) and module of every import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, 0, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.level, node.module or ""


def calls(tree: ast.Module, name: str) -> Iterator[int]:
    """Lines on which a built-in is called by its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node.lineno


def told(offenders: list[str]) -> str:
    return "\n" + "\n".join(offenders)


# -- sizes ------------------------------------------------------------------------------------------------------


def test_files_are_short() -> None:
    lengths = ((path, text.count("\n")) for path, text, _ in sources())
    long = [f"{path}: {lines} lines, at most {MOST_LINES}" for path, lines in lengths if lines > MOST_LINES]
    assert not long, told(long)


def test_functions_are_short() -> None:
    long = []
    for path, _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    long.append(f"{path}:{node.lineno} {node.name}: {lines} lines, at most {MOST_LINES_OF_A_FUNCTION}")
    assert not long, told(long)


# -- what would make two runs differ ----------------------------------------------------------------------------


def test_chance_comes_from_the_dice() -> None:
    wrong = []
    for path, text, tree in sources():
        wrong += [f"{path}:{line} imports {module}" for line, _, module in imports(tree) if _top(module) in CHANCE]
        wrong += [f"{path}:{_line(text, each.start())} numpy.random" for each in _NUMPY_RANDOM.finditer(text)]
    assert not wrong, told(wrong)


_NUMPY_RANDOM = re.compile(r"\b(np|numpy)\.random\b|from numpy import .*\brandom\b")


def test_no_clock_is_read() -> None:
    reading = [
        f"{path}:{line} imports {module}"
        for path, _, tree in sources()
        for line, level, module in imports(tree)
        if not level and _top(module) in CLOCKS and path not in MAY_READ_A_CLOCK
    ]
    assert not reading, told(reading)


def test_the_lists_of_exceptions_are_needed() -> None:
    using = {path for path, _, tree in sources() for _, level, name in imports(tree) if not level and name in CLOCKS}
    assert set(MAY_READ_A_CLOCK) == using
    assert set(MAY_PRINT) <= {path for path, _, tree in sources() if list(calls(tree, "print"))}


def test_no_built_in_hash() -> None:
    """Its answer for text depends on PYTHONHASHSEED."""
    wrong = [f"{path}:{line} hash()" for path, _, tree in sources() for line in calls(tree, "hash")]
    assert not wrong, told(wrong)


def test_no_set_is_iterated() -> None:
    """The order of a set of text depends on PYTHONHASHSEED; a dict keeps the order of insertion."""
    wrong = [
        f"{path}:{node.lineno} iterates over {ast.unparse(node)}"
        for path, _, tree in sources()
        for scope in _scopes(tree)
        for node in _iterated_sets(scope)
    ]
    assert not wrong, told(sorted({*wrong}))


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _iterated_sets(scope: ast.AST) -> Iterator[ast.expr]:
    """Sets, and names that this scope gives to sets, where their order shows."""
    names = {
        target.id
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign) and _is_set(node.value, frozenset())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    known = frozenset(names) if not isinstance(scope, ast.Module) else frozenset()
    harmless = _harmless(scope)
    for node in ast.walk(scope):
        shown: list[ast.expr] = []
        if isinstance(node, ast.For | ast.comprehension):
            shown = [node.iter]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SHOW_ORDER:
            shown = node.args[:1]
        elif isinstance(node, ast.Starred):
            shown = [node.value]
        for each in shown:
            if _is_set(each, known) and id(node) not in harmless:
                yield each


_SHOW_ORDER = ("list", "tuple", "iter", "enumerate", "next", "map", "zip", "filter")
_FORGET_ORDER = ("sorted", "len", "any", "all", "min", "max", "sum", "set", "frozenset")


def _harmless(scope: ast.AST) -> frozenset[int]:
    """Whatever stands directly in sorted(...), any(...), a set: there the order is lost again."""
    found: list[int] = []
    for node in ast.walk(scope):
        inner: list[ast.AST] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FORGET_ORDER:
            inner = list(node.args)
        elif isinstance(node, ast.Set | ast.SetComp):
            inner = [node]
        for each in inner:
            found.append(id(each))
            if isinstance(each, ast.GeneratorExp | ast.ListComp | ast.SetComp):
                found += [id(generator) for generator in each.generators]
            elif isinstance(each, ast.Set | ast.List | ast.Tuple):
                found += [id(element) for element in each.elts]
    return frozenset(found)


def _is_set(node: ast.expr, names: frozenset[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
    return isinstance(node, ast.BinOp) and (_is_set(node.left, names) or _is_set(node.right, names))


def test_the_hunt_for_sets_finds_them() -> None:
    """A check that cannot fail checks nothing."""
    wrong = """
def f(a):
    for each in {1, 2}: pass
    s = set(a)
    b = [each for each in s]
    c = list(s | {3})
    d = (*frozenset(a),)
"""
    right = """
def f(a):
    s = set(a)
    for each in sorted(s): pass
    b = any(each for each in s)
    c = {*s, 1}
    d = 3 in s
    e = {each for each in s}
"""
    found = [len(list(_iterated_sets(_function(text)))) for text in (wrong, right)]
    assert found == [4, 0]


def _function(text: str) -> ast.AST:
    return ast.parse(text).body[0]


# -- habits -----------------------------------------------------------------------------------------------------


def test_nothing_prints() -> None:
    wrong = [
        f"{path}:{line} print()"
        for path, _, tree in sources()
        for line in calls(tree, "print")
        if path not in MAY_PRINT
    ]
    assert not wrong, told(wrong)


def test_imports_inside_the_package_are_relative() -> None:
    wrong = [
        f"{path}:{line} imports {module} by its full name"
        for path, _, tree in sources()
        for line, level, module in imports(tree)
        if not level and _top(module) == "sim"
    ]
    assert not wrong, told(wrong)


def test_nothing_is_left_for_later() -> None:
    marks = re.compile("|".join(("FIX" + "ME", "TO" + "DO", "X" + "XX", "HA" + "CK")) + r"\b")
    wrong = [
        f"{path.relative_to(ROOT).as_posix()}:{number} {line.strip()[:80]}"
        for path in tracked()
        if path.suffix in (".py", ".md", ".yaml", ".toml", ".j2", ".css") or path.name == "Makefile"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert not wrong, told(wrong)


def test_every_rule_that_is_cited_is_written_down() -> None:
    """A rule id in sim/ leads to a sentence in docs/protocol."""
    from test_rules_cited import cited

    written = set()
    for path in (ROOT / "docs" / "protocol").glob("*.md"):
        written.update(cited(path.read_text(encoding="utf-8")))
    families = {rule.partition("-")[0] for rule in written}
    missing = [
        f"{path} cites {rule}"
        for path, text, _ in sources()
        for rule in sorted({*cited(text)})
        if rule.partition("-")[0] in families and rule not in written
    ]
    assert {"PHONE", "CONN", "REG", "STORE", "FAN", "INBOX", "RCPT", "CLOCK"} <= families
    assert not missing, told(missing)


def test_no_path_of_a_machine_is_in_the_tree() -> None:
    """A file that names somebody's home folder works on one machine."""
    places = re.compile(r"(?<![\w.$~/}-])/(?:home|root|Users|work|mnt|opt)/[\w.]+")
    wrong = [
        f"{path.relative_to(ROOT).as_posix()}:{number} {line.strip()[:100]}"
        for path in tracked()
        if path.suffix in (".py", ".md", ".yaml", ".toml", ".json", ".cfg", ".j2") or path.name in ("Makefile", "run")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if places.search(line)
    ]
    assert not wrong, told(wrong)


def test_every_file_of_tests_says_what_it_is_for() -> None:
    wrong = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not wrong, told(wrong)


def _top(module: str) -> str:
    return module.partition(".")[0]


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


@pytest.mark.parametrize("folder", ["sim", "tests", "scenarios", "docs"])
def test_no_cache_of_a_tool_is_in_the_tree(folder: str) -> None:
    names = ("__pycache__", ".hypothesis", ".pytest_cache", ".ipynb_checkpoints")
    wrong = [str(path) for path in tracked() if set(path.parts) & {*names} and folder in path.parts]
    assert not wrong, told(wrong)
