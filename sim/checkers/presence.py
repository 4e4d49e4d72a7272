"""What phones show of other people (PRES-1..2).

PRES-1: "online" is never shown beyond one life and the stated lag after the last sign of life, and "last seen" is never
later than it, within what the clocks that measure it may drift.
PRES-2: after settling a phone with a chat open shows the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..scenario.model import Scenario
from ..scenario.presence import settles_within_us, told_within_us
from ..vocabulary import kinds
from ..vocabulary.ids import other_member, user_of
from ..vocabulary.kinds import Phase
from ..vocabulary.presence import Shown
from ..vocabulary.units import format_duration
from .evidence import Evidence
from .scope import Scope
from .signs import NEVER, Life, Signs
from .verdict import HistoryRow, Take, Verdict
from .words import phone, when

DECLARED_DRIFT_PPM: Final = 200
"""No monotonic clock drifts faster (CLOCK-1), unless the scenario writes a fault that says so."""
ROUNDING_US: Final = 1_000
_IN_WORDS: Final = {
    Shown.NOTHING: "nothing",
    Shown.ONLINE: "'online'",
    Shown.LAST_SEEN: "'last seen'",
    Shown.UNKNOWN: "that nobody knows",
}


class Seen:
    """What one phone shows of one contact, and since when."""

    __slots__ = ("seen_us", "shown", "since_us")

    def __init__(self, shown: int, since_us: int, seen_us: int) -> None:
        self.shown = shown
        self.since_us = since_us
        self.seen_us = seen_us


class ContactScreens:
    """PRES-1 and PRES-2."""

    __slots__ = (
        "_drift_ppm",
        "_evidence",
        "_life_us",
        "_looks",
        "_online",
        "_scope",
        "_screens",
        "_settles_us",
        "_signs",
        "_told_us",
        "_truth",
        "_while_shown",
    )

    def __init__(self, evidence: Evidence, scope: Scope, signs: Signs) -> None:
        self._evidence = evidence
        self._scope = scope
        self._signs = signs
        self._while_shown = evidence.docket("PRES-1")
        self._truth = evidence.docket("PRES-2")
        self._screens: dict[int, dict[int, Seen]] = {}
        """Device -> contact -> what it shows of them."""
        self._online: dict[int, dict[int, None]] = {}
        """Contact -> the devices that show them as online."""
        self._looks: dict[int, tuple[int, int]] = {}
        """Device -> the chat that is on its screen, and since when."""
        self._life_us = self._settles_us = self._told_us = 0
        self._drift_ppm = DECLARED_DRIFT_PPM
        signs.before_sign = self._before_sign

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        self._life_us = scenario.presence.life_us
        self._settles_us = settles_within_us(scenario)
        self._told_us = told_within_us(scenario)
        written = [abs(round(fault.factor)) for fault in scenario.faults if fault.kind == "clock_drift"]
        self._drift_ppm = max([DECLARED_DRIFT_PPM, *written])
        return {
            kinds.CONTACT_SHOWN: self._take_shown,
            kinds.CHAT_ON_SCREEN: self._take_look,
            kinds.SCREEN_CLEARED: self._take_cleared,
            kinds.PHASE: self._take_phase,
        }

    def end(self) -> tuple[Verdict, ...]:
        """Judge."""
        return self._evidence.verdicts("PRES-1", "PRES-2")

    def _drift_us(self, span_us: int) -> int:
        """By how much two clocks may differ on a span."""
        return 2 * self._drift_ppm * span_us // 1_000_000 + ROUNDING_US

    @property
    def _online_for_us(self) -> int:
        """A life and the stated lag: the clocks' drift over the life and over what the registry counts in with it."""
        return self._life_us + self._drift_us(3 * self._life_us)

    # -- rows ---------------------------------------------------------------------------------------------------

    def _take_shown(self, row: HistoryRow) -> None:
        time_us, _, device, _, contact, _, shown, ago_us = row
        screen = self._screens.setdefault(device, {})
        self._judge_online(device, contact, time_us)
        seen = Seen(shown, time_us, time_us - ago_us if shown == Shown.LAST_SEEN else NEVER)
        screen[contact] = seen
        viewers = self._online.setdefault(contact, {})
        viewers.pop(device, None)
        if shown == Shown.ONLINE:
            viewers[device] = None
            self._judge_online(device, contact, time_us)
        elif shown == Shown.LAST_SEEN:
            self._judge_last_seen(device, contact, seen)

    def _take_look(self, row: HistoryRow) -> None:
        time_us, _, device, chat, _, _, opened, _ = row
        if opened:
            self._looks[device] = (chat, time_us)
        else:
            self._looks.pop(device, None)

    def _take_cleared(self, row: HistoryRow) -> None:
        time_us, _, device, *_ = row
        self._looks.pop(device, None)
        for contact in self._screens.get(device, {}):
            self._judge_online(device, contact, time_us)
            self._online[contact].pop(device, None)
        self._screens.pop(device, None)

    def _before_sign(self, row: HistoryRow) -> None:
        """Somebody's silence ends: until now is the longest that anybody may have shown them as online."""
        user = user_of(row[2])
        for device in self._online.get(user, ()):
            self._judge_online(device, user, row[0])

    def _take_phase(self, row: HistoryRow) -> None:
        time_us, _, _, _, phase, *_ = row
        if phase in (Phase.SETTLED, Phase.END):
            for contact, viewers in self._online.items():
                for device in viewers:
                    self._judge_online(device, contact, time_us)
        if phase == Phase.SETTLED and self._scope.heal_us != NEVER:
            self._judge_settled(time_us)

    # -- PRES-1 -------------------------------------------------------------------------------------------------

    def _judge_online(self, device: int, contact: int, now_us: int) -> None:
        """A phone has shown somebody as online until now."""
        seen = self._screens.get(device, {}).get(contact)
        if seen is None or seen.shown != Shown.ONLINE:
            return
        self._while_shown.exercised += 1
        life = self._signs.life(contact)
        silent_from_us, silent_to_us = life.gap
        moments = [(life.last_us(now_us), now_us)]
        if seen.since_us < silent_to_us <= now_us:
            moments.append((silent_from_us, silent_to_us))
        for heard_us, at_us in moments:
            if heard_us == NEVER or at_us - heard_us > self._online_for_us:
                self._charge_online(device, contact, seen.since_us, heard_us, at_us)
                return

    def _charge_online(self, device: int, contact: int, since_us: int, heard_us: int, at_us: int) -> None:
        last = "nobody had ever heard of them" if heard_us == NEVER else f"the last sign of life came {when(heard_us)}"
        self._while_shown.charge(
            at_us,
            (),
            lambda: (
                f"the {phone(device)} showed person {contact} as online from {format_duration(since_us)} on",
                f"{when(at_us)} it still did",
                f"but {last}",
                f"'online' may be shown for {format_duration(self._online_for_us)} (life and lag)",
            ),
        )

    def _judge_last_seen(self, device: int, contact: int, seen: Seen) -> None:
        self._while_shown.exercised += 1
        heard_us = self._signs.life(contact).last_us(seen.since_us)
        if heard_us != NEVER and seen.seen_us <= heard_us + self._drift_us(seen.since_us - seen.seen_us):
            return
        last = "nobody had ever heard of them" if heard_us == NEVER else f"the last sign of life came {when(heard_us)}"
        self._while_shown.charge(
            seen.since_us,
            (),
            lambda: (
                f"{when(seen.since_us)} the {phone(device)} said that person {contact} was last seen"
                f" {when(seen.seen_us)}",
                f"but {last}",
            ),
        )

    # -- PRES-2 -------------------------------------------------------------------------------------------------

    def _judge_settled(self, now_us: int) -> None:
        """Everybody who has looked at a chat for long enough, over a connection that has held for as long."""
        steady_us = now_us - self._settles_us
        if self._scope.heal_us > steady_us:
            return
        for device, (chat, since_us) in self._looks.items():
            own_us = self._signs.life(user_of(device)).steady_since_us(device)
            if since_us > steady_us or own_us is None or own_us > steady_us or not self._scope.holds(device):
                continue
            contact = other_member(chat, user_of(device))
            seen = self._screens.get(device, {}).get(contact, Seen(Shown.NOTHING, now_us, NEVER))
            self._judge_truth(device, contact, seen, now_us)

    def _judge_truth(self, device: int, contact: int, seen: Seen, now_us: int) -> None:
        """Only where the contact has not just come or gone."""
        life = self._signs.life(contact)
        steady_us = now_us - self._settles_us
        since_us = life.steady_since_us()
        if since_us is not None and since_us <= steady_us:
            self._truth.exercised += 1
            if seen.shown != Shown.ONLINE:
                truth = f"it has heard of them with every heartbeat since {format_duration(since_us)}"
                self._charge_truth(device, contact, seen, now_us, f"a server holds a connection of theirs: {truth}")
        elif life.last_us(now_us) <= steady_us:
            self._truth.exercised += 1
            wrong = self._wrong_about_absent(life, seen, now_us)
            if wrong:
                self._charge_truth(device, contact, seen, now_us, wrong)

    def _wrong_about_absent(self, life: Life, seen: Seen, now_us: int) -> str:
        """What is wrong with what is shown of somebody who is away (an empty text: nothing)."""
        heard_us = life.heard_us
        if heard_us == NEVER:
            return "" if seen.shown == Shown.UNKNOWN else "nobody had ever heard of them"
        last = f"the last sign of life came {when(heard_us)}"
        if seen.shown not in (Shown.LAST_SEEN, Shown.UNKNOWN):
            return last
        if life.known_from_us is None or self._signs.emptied_us >= life.known_from_us:
            return ""
        if seen.shown == Shown.UNKNOWN:
            return f"{last}, and the registry had lost nothing since then"
        late_us = heard_us - seen.seen_us
        if late_us > self._told_us + self._drift_us(now_us - heard_us):
            return f"{last}, {format_duration(late_us)} after what is shown"
        return ""

    def _charge_truth(self, device: int, contact: int, seen: Seen, now_us: int, truth: str) -> None:
        said = _IN_WORDS.get(seen.shown, f"state {seen.shown}")
        if seen.shown == Shown.LAST_SEEN:
            said += f" {when(seen.seen_us)}"
        self._truth.charge(
            now_us,
            (),
            lambda: (
                f"{when(now_us)}, after settling, the {phone(device)} shows {said} of person {contact}"
                f" (since {format_duration(seen.since_us)})",
                truth,
            ),
        )
