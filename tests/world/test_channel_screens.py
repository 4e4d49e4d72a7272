"""What is on the screen of an app that dies while the person goes from one channel to another (CHAN-1)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sim.vocabulary.kinds import NONE
from sim.world.phones import PhoneHost


@pytest.mark.parametrize(("dies", "on_screen"), [(True, NONE), (False, 12)])
def test_chan_1_an_app_that_dies_while_a_channel_closes_opens_no_other(dies: bool, on_screen: int) -> None:
    rows: list[int] = []
    phone: Any = SimpleNamespace(
        app_runs=True,
        channel=11,
        device=0,
        world=SimpleNamespace(facts=SimpleNamespace(row=lambda *row, **more: rows.append(more["chat"]))),
        machine=SimpleNamespace(channels=SimpleNamespace(on_open=None)),
        guard=lambda *call: None,
    )

    def close_channel() -> None:
        phone.channel = NONE
        phone.app_runs = not dies

    phone.close_channel = close_channel
    PhoneHost.open_channel(phone, 12)
    assert phone.channel == on_screen and rows == [12] * (not dies)
