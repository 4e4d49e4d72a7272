"""What stock SimPy passes of its own test suite, our environment passes too."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from . import compare


@pytest.mark.long
@pytest.mark.timeout(300)
def test_all_that_stock_simpy_passes_of_its_suite_passes_on_ours() -> None:
    try:
        comparison = compare.compare()
    except compare.NetworkMissing as missing:
        pytest.skip(f"SimPy's suite was NOT run: {missing}")
    print(comparison.table())
    assert comparison.stock.keys() == comparison.ours.keys()
    assert not comparison.lost, comparison.table()
    # That the suite ran at all, and ran on environments of ours, must not be taken for granted.
    assert sum(outcome.outcome == "passed" for outcome in comparison.stock.values()) >= 140
    assert sum(outcome.environments > 0 for outcome in comparison.ours.values()) >= 140


def outcome(name: str) -> compare.Outcome:
    """An outcome by its name."""
    return compare.Outcome(name, "", 1)


def test_a_test_that_fails_or_is_gone_on_ours_is_lost() -> None:
    stock = {name: outcome("passed") for name in ("kept", "failed", "skipped", "gone")} | {"never": outcome("failed")}
    ours = {"kept": outcome("passed"), "failed": outcome("failed"), "skipped": outcome("skipped")}
    comparison = compare.Comparison("4.1.2", stock, ours | {"never": outcome("failed")})
    assert comparison.lost == ["failed", "skipped", "gone"]
    assert "passes on stock, not on ours: gone" in comparison.table()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError(...)'", compare.NetworkMissing),
        ("ERROR: No matching distribution found for simpy==0.0.0", RuntimeError),
    ],
)
def test_only_a_missing_network_is_an_excuse(
    said: str, kind: type[Exception], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Refused:
        returncode = 1
        stdout = ""
        stderr = said

    monkeypatch.setattr(subprocess, "run", lambda *_, **__: Refused())
    with pytest.raises(kind):
        compare.fetch(tmp_path)
