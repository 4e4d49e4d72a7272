"""Phones as hosts: power, network, an app that runs or not, and a person who wants a connection or not.

A phone is made at its first activity. It is *available* when its app runs, its network is there, and somebody wants a
connection; its machine is told of changes of that and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..protocol.phone_state import PhoneState
from ..protocol.port import Crashed
from ..vocabulary import kinds
from ..vocabulary.ids import slot_of
from ..vocabulary.kinds import NONE, DownReason
from ..vocabulary.messages import Change
from ..vocabulary.pushes import NudgeFate
from .connections import Connection
from .disks import LocalDisk
from .hosts import NEVER_US, Clock, Life

if TYPE_CHECKING:
    from .world import World


Writing = tuple[int, int, int, Change | None]
"""What a person writes: conversation, operation, the operation that it answers (-1: none), a change of membership."""


class Handset:
    """The thing in somebody's pocket: its network outlives an installation of the app."""

    __slots__ = ("dozes", "dozing", "network_losses", "present", "stays_away")

    def __init__(self, present: PhoneHost) -> None:
        self.present = present
        """The installation that runs on it now."""
        self.network_losses = 0
        """Reasons for the network not to be there."""
        self.dozes = 0
        """Reasons for its system to keep the app from the network."""
        self.dozing = False
        """Its system keeps the app from the network; a nudge may wake it."""
        self.stays_away = False
        """A fault keeps it away to the end."""


class PhoneHost:
    """One installation of one user, and the handset that it runs on."""

    __slots__ = (
        "app_stops",
        "channel",
        "clock",
        "connections",
        "device",
        "disk",
        "gone",
        "handset",
        "left_by_us",
        "life",
        "looks",
        "looks_at",
        "machine",
        "opens_due",
        "port",
        "state",
        "to_write",
        "told_up",
        "unmarked",
        "user",
        "wanted_until_us",
        "was_killed",
        "world",
        "writing",
    )

    def __init__(
        self, world: World, user: int, device: int, before: PhoneHost | None = None, *, known: bool = True
    ) -> None:
        self.world: World = world
        self.handset: Handset = Handset(self) if before is None else before.handset
        self.handset.present = self
        replaces = -1 if before is None else before.device
        self.user: int = user
        self.device: int = device
        self.state: PhoneState = world.make_phone_state(device, user, replaces, known)
        self.disk: LocalDisk = LocalDisk(world, self.state)
        self.clock = Clock()
        self.life: Life = Life()
        self.machine: Any = None
        self.port: Any = None
        self.connections: list[Connection] = []
        """Connections whose phone end is open."""
        self.app_stops = 0
        """Reasons for the app not to run."""
        self.wanted_until_us = NEVER_US if world.always_connected else 0
        """How long somebody wants a connection; a visit of the person's."""
        self.told_up = False
        """Whether the machine was told that the network is there."""
        self.gone = False
        """Replaced by a reinstall."""
        self.to_write: list[Writing] = []
        """What the person could not write while the app did not run."""
        self.writing: dict[int, Writing] = {}
        """What the person wrote and no disk has yet: an app that dies now makes them write it again."""
        self.opens_due: dict[int, bool] = {}
        """Chats that the person is about to open."""
        self.unmarked: dict[int, bool] = {}
        """Chats that were opened and whose read watermark is not known to be durable."""
        self.looks = 0
        """How often the person has turned to a chat or away, so that an earlier end is known as such."""
        self.looks_at = NONE
        """The chat that is on the screen."""
        self.channel = NONE
        """The channel that is on the screen."""
        self.left_by_us = 0
        """When the end of the visit will be looked at."""
        self.was_killed = False
        """Whether the app has been restarted, so that its screen is a redraw."""
        self.begin_life()

    def __repr__(self) -> str:
        slot = slot_of(self.device)
        return f"linked device {slot} of person {self.user}" if slot else f"phone {self.user}"

    @property
    def place(self) -> int:
        """Its home region, below zero: a phone stands in no zone."""
        geography = self.world.geography
        return -1 if geography is None else -1 - geography.home_of(self.user)

    @property
    def network_up(self) -> bool:
        """Whether packets get through to the phone at all."""
        return self.handset.network_losses == 0

    @property
    def stays_away(self) -> bool:
        """Whether a fault keeps it away to the end."""
        return self.handset.stays_away

    @property
    def app_runs(self) -> bool:
        """Whether the app's process is there."""
        return self.app_stops == 0 and not self.gone

    # -- the app --------------------------------------------------------------------------------------------

    def begin_life(self) -> None:
        """The app starts, with nothing but its database."""
        self.life = Life()
        self.port = self.world.make_phone_port(self)
        self.machine = self.world.make_phone_machine(self.port)
        self.guard(self.machine.on_start)

    def guard(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call into the machine; a crash in the middle ends the call and nothing else."""
        try:
            function(*arguments)
        except Crashed:
            return

    def kill_app(self, reason: int = DownReason.APP_KILLED) -> None:
        """The app is gone between two effects: screen, memory and unsynced writes with it."""
        if self.app_stops == 0 and not self.gone:
            self.life.alive = False
            self.was_killed = True
            self.disk.lose_unsynced()
            facts = self.world.facts
            facts.row(kinds.SCREEN_CLEARED, self.device)
            self.looks_at = self.channel = NONE
            if self.told_up:
                self.told_up = False
                facts.row(kinds.PHONE_DOWN, self.device, value=reason)
            self.end_connections()
        self.app_stops += 1

    def start_app(self) -> None:
        """One reason less for the app not to run; with the last one gone, it starts."""
        self.app_stops -= 1
        if self.app_stops == 0 and not self.gone:
            self.begin_life()
            self.update()
            self.write_what_waited()
            self.world.on_restarted(self)

    def end_connections(self) -> None:
        """The operating system closes what the app had open."""
        for connection in list(self.connections):
            connection.hang_up()

    def fire(self, timer: tuple[Life, Callable[[Any], None], Any]) -> None:
        """A timer of the app is due."""
        life, callback, argument = timer
        if life.alive:
            try:
                callback(argument)
            except Crashed:
                return

    # -- network and wishes -----------------------------------------------------------------------------------

    def is_available(self) -> bool:
        """Whether the machine may connect."""
        return (
            self.app_stops == 0
            and not self.gone
            and self.handset.network_losses == 0
            and not self.handset.stays_away
            and self.wanted_until_us > self.world.environment._now
        )

    def update(self, reason: int = DownReason.OFFLINE) -> None:
        """Tell the machine if its situation has changed."""
        available = self.is_available()
        if available == self.told_up:
            return
        self.told_up = available
        facts = self.world.facts
        if available:
            facts.row(kinds.PHONE_UP, self.device)
            self.guard(self.machine.on_network_up)
        else:
            facts.row(kinds.PHONE_DOWN, self.device, value=reason)
            if self.app_stops == 0:
                self.guard(self.machine.on_network_down)

    def lose_network(self) -> None:
        """No packet gets through to the handset any more; the servers are not told."""
        self.handset.network_losses += 1
        if self.handset.network_losses == 1:
            present = self.handset.present
            for connection in list(present.connections):
                connection.go_dead()
            present.update()

    def regain_network(self) -> None:
        """One reason less for the network to be gone."""
        self.handset.network_losses -= 1
        if self.handset.network_losses == 0:
            self.handset.present.update()
        push = self.world.push
        if push is not None and self.handset.present.takes_pushes():
            push.handset_back(self.handset.present)

    # -- nudges -----------------------------------------------------------------------------------------------

    def takes_pushes(self) -> bool:
        """Whether pushes get through to the handset: a doze keeps only the app from the network."""
        return self.handset.network_losses == int(self.handset.dozing) and not self.handset.stays_away

    def fall_asleep(self, _: None = None) -> None:
        """The handset's system keeps the app from the network, if it has a reason to."""
        if self.handset.dozes and not self.handset.dozing:
            self.handset.dozing = True
            self.handset.present.lose_network()

    def wake_up(self) -> None:
        """It does not for now."""
        if self.handset.dozing:
            self.handset.dozing = False
            self.handset.present.regain_network()

    def nudged(self, push: Any) -> int:
        """PHONE-9: a nudge is here: a connected phone syncs; another one is woken and connects, or sleeps on. Returns
        its fate."""
        service = self.world.push
        if service is None or not self.app_runs:
            return NudgeFate.NOT_WOKEN
        if self.told_up:
            self.guard(self.machine.on_nudge, push)
            return NudgeFate.SYNCED
        if not service.wakes(push):
            return NudgeFate.NOT_WOKEN
        awake_us = self.world.scenario.push.awake_us
        self.want(self.world.environment._now + awake_us)
        if self.handset.dozing:
            self.wake_up()
            self.world.environment.call_after(awake_us, self.fall_asleep, None)
        return NudgeFate.WOKEN if self.told_up else NudgeFate.NOT_WOKEN

    def want(self, until_us: int) -> None:
        """The person is there until then."""
        if until_us <= self.wanted_until_us:
            return
        self.wanted_until_us = until_us
        if until_us < NEVER_US and until_us > self.left_by_us:
            if self.left_by_us <= self.world.environment._now:
                self.world.environment.call_at(until_us, self.maybe_leave, None)
            self.left_by_us = until_us
        self.update()

    def maybe_leave(self, _: None) -> None:
        """The visit may be over, unless it was extended meanwhile."""
        now = self.world.environment._now
        if self.wanted_until_us > now:
            if self.wanted_until_us < NEVER_US:
                self.left_by_us = self.wanted_until_us
                self.world.environment.call_at(self.wanted_until_us, self.maybe_leave, None)
            return
        if self.told_up:
            self.leave()

    def leave(self) -> None:
        """The person puts the phone away; some goodbyes do not reach the server."""
        world = self.world
        share = world.scenario.network.silent_connections
        if world.dice.chance(share, "leaves without a word", self.device, self.state.epoch):
            for connection in list(self.connections):
                connection.go_dead()
        self.update(DownReason.AWAY)
        world.on_left(self)

    # -- connections ------------------------------------------------------------------------------------------

    def forget(self, connection: Connection) -> None:
        """This end of it is closed."""
        if connection in self.connections:
            self.connections.remove(connection)
            self.world.watch.count_beats(connection)

    # -- the person -------------------------------------------------------------------------------------------

    def compose(self, conversation: int, operation: int, reply_to: int, change: Change | None = None) -> None:
        """The person writes; if the app does not run, as soon as it does."""
        writing = (conversation, operation, reply_to, change)
        if not self.app_runs:
            self.to_write.append(writing)
            return
        self.writing[operation] = writing
        media = self.world.media
        attached = () if media is None or operation not in media.attached else (media.attached[operation],)
        self.guard(self.machine.on_compose, *writing, *attached)

    def write_what_waited(self) -> None:
        """What could not be written is written now, in order."""
        waiting, self.to_write = [*self.writing.values(), *self.to_write], []
        self.writing.clear()
        for place, writing in enumerate(waiting):
            if not self.app_runs:
                self.to_write = waiting[place:]
                return
            self.compose(*writing)

    def open_chat(self, conversation: int) -> None:
        """The person opens a chat and reads what is there."""
        if self.app_runs:
            self.unmarked[conversation] = True
            self.world.facts.row(kinds.OPENED, self.device, chat=conversation)
            self.guard(self.machine.on_open, conversation)

    def look_at(self, conversation: int, contact: int) -> None:
        """The person has this chat on the screen now, with what is known of the other one (PRES-B)."""
        if self.app_runs and self.looks_at != conversation:
            self.looks_at = conversation
            self.world.facts.row(kinds.CHAT_ON_SCREEN, self.device, chat=conversation, value=1)
            self.guard(self.machine.contacts.on_look, contact)

    def look_away(self) -> None:
        """No chat is on the screen any more."""
        if self.looks_at != NONE:
            self.world.facts.row(kinds.CHAT_ON_SCREEN, self.device, chat=self.looks_at, value=0)
            self.looks_at = NONE
            self.guard(self.machine.contacts.on_look_away)

    def look_into(self, conversation: int) -> None:
        """The person looks at what the log holds, and not only at what the phone does (STORE-5)."""
        if self.app_runs:
            self.guard(self.machine.on_look, conversation)

    def open_channel(self, conversation: int) -> None:
        """The person has this channel on the screen now (CHAN-1)."""
        if self.app_runs and self.channel != conversation:
            self.close_channel()
            if not self.app_runs:
                return  # it died at that: nothing new is on its screen
            self.channel = conversation
            self.world.facts.row(kinds.CHANNEL_ON_SCREEN, self.device, chat=conversation, value=1)
            self.guard(self.machine.channels.on_open, conversation)

    def close_channel(self) -> None:
        """No channel is on the screen any more."""
        if self.channel != NONE:
            self.world.facts.row(kinds.CHANNEL_ON_SCREEN, self.device, chat=self.channel, value=0)
            self.channel = NONE
            self.guard(self.machine.channels.on_close)
