"""Devices come and go: an app is installed anew, a device is linked, a linked one is taken off (PHONE-10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..vocabulary import kinds
from ..vocabulary.ids import LINKED_MOST, device_of, reinstalled, seat_of
from .phones import PhoneHost

if TYPE_CHECKING:
    from .world import World


def reinstall(world: World, phone: PhoneHost) -> PhoneHost:
    """PHONE-10: a new installation, on the same handset, takes the place of the old one."""
    _let_go(world, phone)
    fresh = PhoneHost(world, phone.user, reinstalled(phone.device), phone)
    fresh.to_write = [*phone.writing.values(), *phone.to_write]
    world.facts.phone_lost(phone.device, fresh.device, phone.user)
    world.phones[seat_of(phone.device)] = fresh
    _hold(world, fresh, phone.wanted_until_us)
    fresh.write_what_waited()
    return fresh


def link(world: World, user: int) -> PhoneHost | None:
    """PHONE-10: one more device of a user's, in the first slot that is free; ``None`` if there is none."""
    first_day = world.population.devices(user)
    for slot in range(1, LINKED_MOST + 1):
        seat = device_of(user, slot)
        if seat in world.phones or world.is_first_day(seat, first_day):
            continue
        world.linked = True
        before = world.unlinked.pop(seat, None)
        device = seat if before is None else reinstalled(before)
        phone = world.phones[seat] = PhoneHost(world, user, device, known=False)
        if world.healed:
            world.facts.row(kinds.REACHABLE, phone.device)
        _hold(world, phone, world.phone(user).wanted_until_us)
        return phone
    return None


def unlink(world: World, phone: PhoneHost) -> bool:
    """PHONE-10: a linked device is one no longer: its data is gone, and the user's phone says so. False: it is the
    phone itself, or the phone's app does not run."""
    owner = world.phone(phone.user)
    if phone is owner or phone.gone or not owner.app_runs:
        return False
    _let_go(world, phone)
    seat = seat_of(phone.device)
    del world.phones[seat]
    world.unlinked[seat] = phone.device
    world.facts.phone_lost(phone.device, kinds.NONE, phone.user)
    owner.guard(owner.machine.on_unlink, phone.device)
    return True


def _hold(world: World, phone: PhoneHost, until_us: int) -> None:
    """Who installs an app has the device in their hands, though their visit to the old one may be long over."""
    there_us = int(world.environment._now) + world.scenario.workload.visits.after_writing_us
    phone.want(max(until_us, there_us))
    phone.update()


def _let_go(world: World, phone: PhoneHost) -> None:
    """An installation is gone for good."""
    if phone.app_runs:
        phone.kill_app(kinds.DownReason.RETIRED)
    phone.gone = True
    world.retired.append(phone)
