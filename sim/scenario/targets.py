"""Who a fault hits: the grammar of ``target`` and ``peer``.

``connection_server 1``, ``store any``, ``phones``, ``phones 10%``, ``phone 3`` (that of person 3), ``phone 3/1`` (the
first device linked to it), ``registry`` (there is one), ``servers`` (all of every role), and everything in a place:
``region frankfurt``, ``region any``, ``zone frankfurt/0``, ``zone any``. A ``long_term_store`` is where messages are
kept for good: in the architecture ``store_then_inbox`` that is the store itself, so one schedule says "the disk of the
long-term store stalls" in both architectures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..vocabulary.ids import LINKED_MOST
from ..vocabulary.units import parse_share
from .errors import did_you_mean, one_of, shortened
from .quantities import QuantityError

_ALWAYS: Final = ("connection_server", "store", "inbox", "registry")
SERVER_ROLES: Final = (*_ALWAYS, "long_term_store", "push_gateway", "data_service", "object_store")
ROLES: Final = (*SERVER_ROLES, "phone", "push_provider")
PUSH_ROLES: Final = ("push_gateway", "push_provider")
"""Roles that are there only while nudges are on."""
PLACES: Final = ("zone", "region")
"""Words for all that stands in a place."""
PLURALS: Final = {
    "connection_servers": "connection_server",
    "stores": "store",
    "inboxes": "inbox",
    "long_term_stores": "long_term_store",
    "object_stores": "object_store",
    "phones": "phone",
    "push_gateways": "push_gateway",
    "push_providers": "push_provider",
    "data_services": "data_service",
    "servers": "servers",
}
"""Words for all of a role; ``servers`` are all servers of every role."""
_LINKED: Final = re.compile(f"([0-9]{{1,12}})/([1-{LINKED_MOST}])")
_FORMS: Final = "write 'store 0', 'store any', 'stores', 'phones 10%', 'registry' or 'servers'"


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed selector. With neither ``index`` nor ``share``: all of the role, or any one of it if ``drawn``."""

    role: str
    """One of ``ROLES`` or ``PLACES``, or ``servers``."""
    index: int | None = None
    share: float | None = None
    drawn: bool = False
    slot: int = 0
    """Of a phone: which of the person's devices, the phone itself (0) or a linked one."""
    region: str = ""
    """Of a place: the region's name; ``index`` is then the zone, None for all of the region."""


def parse_target(text: str) -> Target:
    """Read a selector; ``QuantityError`` with a hint when it names nobody."""
    words = text.split()
    if len(words) == 1:
        return _alone(words[0])
    if len(words) != 2:
        raise QuantityError(f"{shortened(text)} names nobody", _FORMS)
    role, which = words
    if role in PLACES:
        return _place(role, which)
    if role in PLURALS:
        return _part_of(role, which)
    _known_role(role)
    if role == "registry":
        raise QuantityError("there is one registry", "write 'registry'")
    if which == "any":
        return Target(role, drawn=True)
    if which.isdecimal() and which.isascii() and len(which) <= 12:
        return Target(role, index=int(which))
    if role == "phone" and (linked := _LINKED.fullmatch(which)):
        return Target(role, index=int(linked[1]), slot=int(linked[2]))
    plural = next(word for word, singular in PLURALS.items() if singular == role)
    hint = f"write '{plural} {which}'" if which.endswith("%") else f"write '{role} 0' or '{role} any'"
    raise QuantityError(f"{shortened(which)} is no place among the {plural}", hint)


def _alone(word: str) -> Target:
    if word in PLURALS:
        return Target(PLURALS[word])
    if word in PLACES:
        raise QuantityError(f"which {word}?", f"write '{word} frankfurt{'/0' * (word == 'zone')}' or '{word} any'")
    _known_role(word)
    if word == "registry":
        return Target("registry", index=0)
    plural = next(plural for plural, singular in PLURALS.items() if singular == word)
    raise QuantityError(f"which {word}?", f"write '{word} 0', '{word} any' or '{plural}'")


def _place(role: str, which: str) -> Target:
    if which == "any":
        return Target(role, drawn=True)
    region, slash, zone = which.partition("/")
    if role == "region" and not slash:
        return Target(role, region=region)
    if role == "zone" and zone.isdecimal() and zone.isascii() and len(zone) <= 3:
        return Target(role, region=region, index=int(zone))
    hint = "write 'region frankfurt'" if role == "region" else "write 'zone frankfurt/0' or 'zone any'"
    raise QuantityError(f"{shortened(which)} is no {role}", hint)


def _part_of(plural: str, which: str) -> Target:
    singular = PLURALS[plural]
    if which.isdecimal():
        raise QuantityError(f"{shortened(f'{plural} {which}')} names nobody", f"write '{singular} {which}'")
    try:
        share = parse_share(which) if which.endswith("%") else -1.0
    except ValueError:
        share = -1.0
    if not 0.0 < share <= 1.0:
        raise QuantityError(f"{shortened(which)} is no part of the {plural}", f"write '{plural} 10%'")
    return Target(singular, share=share)


def _known_role(word: str) -> None:
    if word not in ROLES:
        hint = did_you_mean(word, (*ROLES, *PLURALS, *PLACES)) or f"roles are: {one_of(ROLES)}"
        raise QuantityError(f"there is no role {shortened(word)}", hint)
