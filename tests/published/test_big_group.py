"""A message to 30,000 members is played at full size, as ``big_group`` ships it, in batches (FAN-1 to FAN-6).

Inputs: one group of 30,000 who are all online, 20 connection servers, 70 us a hand-off; two messages.
Outcome: every check passes, and each message is shown once to each of the other 29,999.
Tolerance: none. (What it costs is measured elsewhere, by ``python -m benchmarks.large_group``.)
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import run
from sim.scenario.loading import load
from sim.vocabulary import kinds

MEMBERS = 30_000
MESSAGES = 2


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_message_to_30_000_members_is_shown_to_all_of_them() -> None:
    shown: list[NDArray[np.int64]] = []
    result = run(
        load("big_group", sets=(f"workload.messages={MESSAGES}",)),
        history_sink=lambda chunk: shown.append(chunk[chunk[:, 1] == kinds.SHOWN]),
    )
    assert result.outcome() == 0, [verdict.story for verdict in result.verdicts if verdict.fails]
    assert not [verdict.check for verdict in result.verdicts if verdict.outcome == "invalid"]
    assert result.counts["composed"] == MESSAGES
    assert result.counts["owed"] == MESSAGES * (MEMBERS - 1)
    rows = np.concatenate(shown)
    times = Counter(zip(rows[:, 2].tolist(), rows[:, 5].tolist(), strict=True))
    assert set(times.values()) == {1}
    assert Counter(message for _, message in times) == dict.fromkeys(range(MESSAGES), MEMBERS - 1)
