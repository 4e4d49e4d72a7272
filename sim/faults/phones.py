"""Faults of phones: offline, flapping, dozing, app killed, battery dead, reinstalled."""

from __future__ import annotations

from typing import Any, Final

from ..vocabulary.kinds import DownReason
from ..world.installations import link, reinstall, unlink
from .kind import FaultKind, Running

WINDOW_US: Final = 10_000_000
"""How long a dozing phone is awake in between."""
BETWEEN_WINDOWS_US: Final = 15 * 60_000_000
"""How long it sleeps at a time when a schedule does not say."""


def _begin_offline(world: Any, running: Running, hosts: list[Any]) -> None:
    """No packet gets through, and the servers are not told. Without ``for`` the phone stays away to the end."""
    for phone in hosts:
        running.touched += 1
        phone.lose_network()
        if not running.fault.for_us:
            phone.handset.stays_away = True
        running.kept.append(phone)


def _end_offline(world: Any, running: Running, hosts: list[Any]) -> None:
    for phone in running.kept:
        phone.regain_network()
    running.kept.clear()


def _begin_flapping(world: Any, running: Running, hosts: list[Any]) -> None:
    """The network comes and goes, each half-cycle up to ``by`` long, until the fault ends."""
    for phone in hosts:
        running.touched += 1
        _flap(world, running, phone, 0)


def _flap(world: Any, running: Running, phone: Any, turn: int) -> None:
    if running.ended_us >= 0:
        return
    phone.lose_network()
    running.kept.append(phone)
    longest = running.fault.amount_us or 4_000_000
    away = 1 + world.dice.below(longest, "flap away", running.number, phone.user, turn)
    there = 1 + world.dice.below(longest, "flap there", running.number, phone.user, turn)
    environment = world.environment

    def back(_: None) -> None:
        if phone in running.kept:
            running.kept.remove(phone)
            phone.regain_network()
            environment.call_after(there, lambda _: _flap(world, running, phone, turn + 1), None)

    environment.call_after(away, back, None)


def _begin_doze(world: Any, running: Running, hosts: list[Any]) -> None:
    """The phone sleeps: its app has no network but for a short window every ``by``. No connection outlives the time
    between two windows, which is longer than any server's patience; so each window begins with a hello. Pushes still
    come, and may wake it for a while (PHONE-9)."""
    for phone in hosts:
        running.touched += int(phone.told_up)
        phone.handset.dozes += 1
        phone.handset.present.fall_asleep()
        running.kept.append(phone)
        _sleep(world, running, phone)


def _sleep(world: Any, running: Running, phone: Any) -> None:
    world.environment.call_after(
        running.fault.amount_us or BETWEEN_WINDOWS_US, lambda _: _open_window(world, running, phone), None
    )


def _open_window(world: Any, running: Running, phone: Any) -> None:
    if running.ended_us < 0:
        phone.handset.present.wake_up()
        world.environment.call_after(WINDOW_US, lambda _: _close_window(world, running, phone), None)


def _close_window(world: Any, running: Running, phone: Any) -> None:
    if running.ended_us < 0:
        phone.handset.present.fall_asleep()
        _sleep(world, running, phone)


def _end_doze(world: Any, running: Running, hosts: list[Any]) -> None:
    for phone in running.kept:
        phone.handset.dozes -= 1
        if not phone.handset.dozes:
            phone.handset.present.wake_up()
    running.kept.clear()


def _begin_killed(world: Any, running: Running, hosts: list[Any]) -> None:
    """The app is gone between two effects; it starts again after ``for``."""
    for phone in hosts:
        if phone.gone:
            continue
        running.touched += int(phone.app_runs)
        phone.kill_app(DownReason.APP_KILLED)
        running.kept.append(phone)


def _end_killed(world: Any, running: Running, hosts: list[Any]) -> None:
    for phone in running.kept:
        phone.start_app()
    running.kept.clear()


def _begin_battery(world: Any, running: Running, hosts: list[Any]) -> None:
    """App and network go together."""
    for phone in hosts:
        if phone.gone:
            continue
        running.touched += int(phone.app_runs)
        phone.kill_app(DownReason.APP_KILLED)
        phone.lose_network()
        running.kept.append(phone)


def _end_battery(world: Any, running: Running, hosts: list[Any]) -> None:
    for phone in running.kept:
        phone.regain_network()
        phone.start_app()
    running.kept.clear()


def _begin_reinstalled(world: Any, running: Running, hosts: list[Any]) -> None:
    """PHONE-10: a new device with an empty database takes the old one's place, on a phone that is on."""
    for phone in hosts:
        if phone.app_runs:
            running.touched += 1
            reinstall(world, phone)


def _begin_linked(world: Any, running: Running, hosts: list[Any]) -> None:
    """PHONE-10: each person links one more device."""
    for phone in hosts:
        if phone.app_runs and link(world, phone.user) is not None:
            running.touched += 1


def _begin_unlinked(world: Any, running: Running, hosts: list[Any]) -> None:
    """PHONE-10: each person takes one of their linked devices off, the newest."""
    for phone in hosts:
        devices = world.phones_of(phone.user)
        if len(devices) > 1 and unlink(world, devices[-1]):
            running.touched += 1


KINDS: Final = (
    FaultKind(
        "offline",
        "the phone has no network for this long; left out: to the end of the run",
        ("phone",),
        ("for", "target"),
        _begin_offline,
        _end_offline,
        weight=6,
    ),
    FaultKind(
        "flapping",
        "the phone's network comes and goes, up to 'by' each way",
        ("phone",),
        ("for", "target", "by"),
        _begin_flapping,
        _end_offline,
    ),
    FaultKind(
        "doze",
        "the phone sleeps and has no network, but for ten seconds every 'by' (15m), or when a nudge wakes it",
        ("phone",),
        ("for", "target", "by"),
        _begin_doze,
        _end_doze,
        weight=2,
    ),
    FaultKind(
        "app_killed",
        "the app is killed between two effects and starts again after 'for'",
        ("phone",),
        ("for", "target"),
        _begin_killed,
        _end_killed,
        weight=6,
    ),
    FaultKind(
        "battery_dead",
        "the phone is off, network and all, for this long",
        ("phone",),
        ("for", "target"),
        _begin_battery,
        _end_battery,
        weight=2,
    ),
    FaultKind(
        "reinstalled",
        "the app is installed anew: a new device, and the old one is gone with all it held",
        ("phone",),
        ("target",),
        _begin_reinstalled,
        lasts=False,
        weight=2,
    ),
    FaultKind(
        "linked",
        "the person links one more device (up to four beside the phone), which begins at the present end",
        ("phone",),
        ("target",),
        _begin_linked,
        lasts=False,
        weight=2,
    ),
    FaultKind(
        "unlinked",
        "the person takes a linked device off, and it is gone with all it held",
        ("phone",),
        ("target",),
        _begin_unlinked,
        lasts=False,
        weight=1,
    ),
)
