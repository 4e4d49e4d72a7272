"""The notebooks run from top to bottom, import only public names, and are what their text form says.

``DOUBLETICK_REWRITE=1 pytest -n 0 -m long tests/notebooks`` writes the ``.ipynb`` files again, with their output.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import pytest

import sim
import sim.planning

jupytext = pytest.importorskip("jupytext", reason="needs the extra 'notebook'")

ROOT = Path(__file__).parents[2]
NOTEBOOKS = tuple(path.stem for path in sorted((ROOT / "notebooks").glob("*.py")))
MOST_BYTES = 200_000


def sources(book: Any) -> list[tuple[str, str]]:
    """Kind and text of every cell."""
    return [(cell.cell_type, cell.source.strip()) for cell in book.cells]


def test_there_are_the_three_that_the_documentation_names() -> None:
    assert {"capacity_plan", "server_death", "fan_out"} <= {*NOTEBOOKS}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_both_forms_say_the_same_and_the_output_is_small(name: str) -> None:
    text = jupytext.read(ROOT / "notebooks" / f"{name}.py")
    path = ROOT / "notebooks" / f"{name}.ipynb"
    book = jupytext.read(path)
    assert sources(text) == sources(book), "write it again: DOUBLETICK_REWRITE=1 pytest -m long tests/notebooks"
    assert path.stat().st_size <= MOST_BYTES
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert any(cell.outputs for cell in code)
    assert not [out for cell in code for out in cell.outputs if out.output_type == "error"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_only_public_names_are_imported_and_nothing_is_defined(name: str) -> None:
    """Logic that is worth testing belongs into the package."""
    tree = ast.parse((ROOT / "notebooks" / f"{name}.py").read_text(encoding="utf-8"))
    public = {"sim": {*sim.__all__}, "sim.planning": {*sim.planning.__all__, "published"}}
    for node in ast.walk(tree):
        assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda), ast.unparse(node)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("sim"):
            assert {each.name for each in node.names} <= public[str(node.module)]
        if isinstance(node, ast.Import):
            assert not [each.name for each in node.names if each.name.startswith("sim")]


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    book = jupytext.read(ROOT / "notebooks" / f"{name}.py")
    nbclient.NotebookClient(
        book, timeout=500, kernel_name="python3", record_timing=False, resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    assert not [out for cell in book.cells for out in cell.get("outputs", []) if out.output_type == "error"]
    if os.environ.get("DOUBLETICK_REWRITE"):
        for place, cell in enumerate(book.cells):
            cell["id"] = f"cell-{place}"
        book.metadata.pop("language_info", None)
        jupytext.write(book, ROOT / "notebooks" / f"{name}.ipynb", fmt="ipynb")
