"""The tables of docs/ say what the code says; ``make docs`` (or DOUBLETICK_REWRITE=1) writes them again."""

from __future__ import annotations

import ast
import itertools
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from sim.checkers.catalogue import CHECK_DOCS, CHECK_IDS
from sim.commands import COMMANDS, LazyGroup, group
from sim.faults.catalogue import KINDS
from sim.foreign.events import EVENTS, Field
from sim.foreign.needs import NEEDS
from sim.foreign.schema import schema_text
from sim.mutants.catalogue import MUTANTS
from sim.protocol.phone_link import LINK
from sim.protocol.session_registry import LEASE
from sim.results import exit_codes
from sim.scenario.finding import shipped
from sim.vocabulary import kinds
from sim.vocabulary.metrics import METRICS
from sim.world.distances import REGION_NAMES, measured_ms, round_trip_ms

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))


def table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [[*heading], *[[cell.replace("|", "\\|") for cell in row] for row in rows]]
    cells.insert(1, ["---"] * len(cells[0]))
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)


def code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def faults() -> str:
    """Kinds of faults, from sim/faults."""
    return table(
        ("kind", "what happens", "hits", "keys"),
        ((f"`{kind.name}`", kind.doc, ", ".join(kind.targets), code(kind.keys)) for kind in KINDS.values()),
    )


def checks() -> str:
    """Checks, and the planted bugs that prove each."""
    rows = []
    for check in CHECK_IDS:
        own = ", ".join(str(planted.number) for planted in MUTANTS if planted.check == check)
        others = ", ".join(str(planted.number) for planted in MUTANTS if check in planted.also)
        rows.append((check, CHECK_DOCS[check], f"{own} ({others})".strip() if others else own))
    return table(("check", "what must hold", "proved by"), rows)


def mutants() -> str:
    """Planted bugs, from sim/mutants."""
    return table(
        ("#", "planted bug", "scenario", "must fire", "needs"),
        ((str(each.number), each.title, f"`{each.scenario}`", each.check, each.needs) for each in MUTANTS),
    )


def row_kinds() -> str:
    """Kinds of rows, with the text that stands below each constant."""
    body = ast.parse(Path(kinds.__file__).read_text(encoding="utf-8")).body
    rows = []
    for node, following in itertools.pairwise(body):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        name = node.target.id
        if name == "NONE" or not isinstance(node.value, ast.Constant) or not isinstance(following, ast.Expr):
            continue
        assert isinstance(following.value, ast.Constant)
        rows.append(
            (str(node.value.value), name.lower().replace("_", " "), " ".join(str(following.value.value).split()))
        )
    return table(("kind", "name", "what happened, and its columns"), rows)


def metrics() -> str:
    """Metrics that are declared; those of messages and records follow from the points."""
    return table(
        ("metric", "unit", "what it says"), ((f"`{name}`", each.unit, each.doc) for name, each in METRICS.items())
    )


def distances() -> str:
    """Round trips between regions; published ones in bold."""

    def cell(one: str, other: str) -> str:
        if one == other:
            return ""
        return (
            f"{'**' * (published := measured_ms(one, other) is not None)}{round_trip_ms(one, other)}{'**' * published}"
        )

    rows = ((one, *(cell(one, other) for other in REGION_NAMES)) for one in REGION_NAMES)
    return table(("", *REGION_NAMES), rows)


def needs() -> str:
    """What a log must record for each check."""
    never = "never judged from a log"
    return table(
        ("check", "a log must record"),
        ((check, code(NEEDS[check]) if check in NEEDS else never) for check in CHECK_IDS),
    )


def events() -> str:
    """The events of a log."""

    def told(each: Field) -> str:
        kind = " / ".join(f"`{word}`" for word in each.words) or each.type
        return (
            f"{f'`{each.name}`' if each.needed else f'[`{each.name}`]'} ({kind}){each.meaning and f': {each.meaning}'}"
        )

    rows = ((f"`{name}`", each.meaning, "; ".join(map(told, each.fields))) for name, each in EVENTS.items())
    return table(("event", "what happened", "fields ([...] may be left out)"), rows)


GENERATED: dict[str, tuple[str, Callable[[], str]]] = {
    "faults": ("faults.md", faults),
    "checks": ("checks.md", checks),
    "mutants": ("checks.md", mutants),
    "kinds": ("history.md", row_kinds),
    "metrics": ("metrics.md", metrics),
    "distances": ("regions.md", distances),
    "needs": ("judge.md", needs),
    "events": ("judge.md", events),
}


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_table_is_current(name: str) -> None:
    page, make = GENERATED[name]
    path = DOCS / page
    text = path.read_text(encoding="utf-8")
    (found,) = re.findall(rf"<!-- generated: {name} -->\n(.*?)<!-- end -->", text, re.DOTALL)
    if os.environ.get("DOUBLETICK_REWRITE"):
        path.write_text(text.replace(f"generated: {name} -->\n{found}", f"generated: {name} -->\n{make()}"), "utf-8")
    else:
        assert found == make(), f"docs/{page} is old: make docs"


def test_the_generated_schema_of_logs_is_current() -> None:
    shipped = ROOT / "sim" / "foreign" / "log.schema.json"
    if os.environ.get("DOUBLETICK_REWRITE"):
        shipped.write_text(schema_text(), encoding="utf-8")
    assert shipped.read_text(encoding="utf-8") == schema_text(), "log.schema.json is old: make docs"


def test_every_planted_bug_is_in_the_kill_matrix() -> None:
    """Its figures are played, so no rewrite here can bring them up to date; the page names the command that does."""
    page = (ROOT / "docs" / "kill-matrix.md").read_text(encoding="utf-8")
    rows = [f"| {bug.number} | {bug.title} | `{bug.scenario}` | {bug.check} |" for bug in MUTANTS]
    assert [row for row in rows if row not in page] == []


def test_every_kind_of_row_is_in_the_table() -> None:
    written = {line.split("|")[2].strip() for line in row_kinds().splitlines()[2:]}
    assert written == set(kinds.KIND_NAMES.values())


def test_every_kind_of_fault_has_a_limit() -> None:
    limits = (DOCS / "faults.md").read_text(encoding="utf-8").partition("## Limits")[2]
    assert [name for name in KINDS if f"`{name}`" not in limits] == []


def written_moves(page: str, columns: int) -> set[tuple[str, ...]]:
    """The rows of the lifecycle tables of a page; several events may share a row."""
    moves = set()
    for line in (DOCS / "protocol" / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == columns:
            moves.update((cells[0], event, cells[2].partition(" (")[0]) for event in cells[1].split(", "))
    return moves


def test_lifecycles_are_written_down() -> None:
    link = {(state, event, after) for (state, event), after in LINK.items()}
    lease = {(state, asked, answer) for (state, asked), answer in LEASE.items()}
    states = {state for state, _, _ in link | lease}
    assert {move for move in written_moves("phone.md", 3) if move[0] in states} == link
    assert {move for move in written_moves("session_registry.md", 3) if move[0] in states} == lease


# -- words that must lead somewhere -----------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)", text)
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if path.name != "index.md"]
    assert [page for page in pages if f"({page})" not in index] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:sim|tests|docs|scenarios|benchmarks)/[\w/.]+)`", text)
    assert [name for name in named if not (ROOT / name).exists() and not name.endswith("regressions/")] == []


def commands_of_this_version() -> list[str]:
    assert isinstance(group, LazyGroup)
    return [name for name in COMMANDS if group.list_commands(None) and name in group.list_commands(None)]  # type: ignore[arg-type]


def test_the_readme_names_only_commands_and_scenarios_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = "".join(readme.split("```")[1::2])
    used = set(re.findall(r"^doubletick ([a-z]+)", blocks, re.MULTILINE))
    used |= set(re.findall(r"`doubletick ([a-z]+)", readme))
    known = commands_of_this_version()
    assert used and used <= set(known), used - set(known)
    assert [name for name in known if name not in used] == [], "commands that the README does not mention"
    played = set(re.findall(r"doubletick (?:run|replay|validate) ([a-z_]+)(?![\w./])", readme))
    assert played and played <= set(shipped()), played - set(shipped())


def test_the_readme_tells_every_exit_code() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [value for value in exit_codes.MEANINGS if not re.search(rf"^\| {value} \|", readme, re.MULTILINE)] == []
