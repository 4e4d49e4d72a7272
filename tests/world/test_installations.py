"""Devices come and go in a world where people visit: nobody need be connected when it happens (PHONE-10)."""

from __future__ import annotations

import pytest

from sim.faults.schedule import Fault
from sim.runner import Result, run
from sim.scenario.model import Operation, Scenario, Time, Visits, Workload
from sim.vocabulary import kinds

SECOND, HOUR = 1_000_000, 3_600_000_000
DAY = 24 * HOUR


def hours_later(kind: str) -> Result:
    """Person 0 writes; hours after the visit is over they install something; person 1 answers the next day."""
    script = (Operation(SECOND, 0, 1, "hello"), Operation(DAY, 1, 0, "hello yourself"))
    scenario = Scenario(
        time=Time(chaos_us=DAY + HOUR),
        workload=Workload(kind="script", operations=script, visits=Visits(kind="daily")),
        faults=(Fault(kind, at_us=10 * HOUR, target="phone 0"),),
    )
    return run(scenario, 1, keep_history=True)


@pytest.mark.parametrize("kind", ["linked", "reinstalled"])
def test_phone_10_an_app_is_installed_long_after_the_last_visit(kind: str) -> None:
    result = hours_later(kind)
    assert result.outcome() == 0 and result.injected[0].touched == 1
    assert result.history is not None
    (listed,) = result.history.of_kinds(kinds.LIST_CHANGE_BEGUN)["who"].tolist()
    shown_on = [row[2] for row in result.history if row[1] == kinds.SHOWN and row[5] == 1]
    assert listed in shown_on, "the new device was known in time for the answer"
