"""People: they write what the workload says, read what is shown, and come and go with their phones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..scenario.model import Scenario
from ..vocabulary.encryption import OFF
from ..vocabulary.ids import channel_numbered, conversation_between, group_numbered, seat_of, slot_of, user_of
from ..world.hosts import NEVER_US
from ..world.phones import PhoneHost
from ..world.world import World
from .channel_readers import ChannelReaders
from .looking import Looking
from .media import MediaHabits
from .operations import Operation
from .population import DrawnPopulation
from .reading import ReadingHabits
from .stream import WorkloadStream
from .visits import plan_visits

LOOKS_AGAIN_US: Final = 1_000_000
"""A person whose app died while they read opens the chat again after this time."""
VISITOR_BITS: Final = 40
"""Users stay below this power of two, so that habits of linked devices can be told from theirs."""


class People:
    """The people of one run."""

    def __init__(self, world: World, stream: WorkloadStream, scenario: Scenario, seed: int) -> None:
        self.world = world
        self.stream = stream
        self.habits = ReadingHabits(scenario.workload.reading, seed)
        self.looking = Looking(world) if world.signs is not None else None
        """Which chats are on the screen, if somebody wants to know."""
        self.media = None if world.media is None else MediaHabits(world, scenario, seed)
        population = world.population
        self.channels: ChannelReaders | None = None
        if world.has_channels and isinstance(population, DrawnPopulation):
            self.channels = ChannelReaders(world, scenario.workload.channels, population)
        self.visits = plan_visits(scenario.workload.visits, seed)
        self.arrival_us = scenario.workload.visits.arrival_us
        self.after_writing_us = scenario.workload.visits.after_writing_us
        self.linked_share = scenario.workload.linked_use_share
        self.history_reads = scenario.workload.history_reads and scenario.encryption.kind == OFF
        self.operations: Iterator[Operation] = iter(())
        self.upcoming: Operation | None = None
        self.seen: dict[tuple[int, int], bool] = {}
        """(device, operation) shown there: what can be answered."""
        self.written = 0
        self.expected: dict[int, bool] = {}
        """Seats whose next visit stands in the event queue."""

    def begin(self) -> None:
        """Let them come and write."""
        world = self.world
        world.on_shown = self.saw
        world.on_copy = self.saw_copy
        world.address_book = self.stream.contacts
        world.on_waiting = self.something_waits
        world.on_left = self.left
        world.on_restarted = self.looks_again
        if world.always_connected:
            for user in self.stream.present():
                world.environment.call_at(world.dice.below(self.arrival_us, "arrival", user), self.arrive, user)
        if self.channels is not None:
            world.rush_to_channel = self.channels.rush
            self.channels.begin()
        self.operations = self.stream.operations()
        self.wait_for_next()

    def arrive(self, user: int) -> None:
        """The devices of somebody who is always connected come up."""
        for phone in self.world.phones_of(user):
            phone.update()

    # -- writing ------------------------------------------------------------------------------------------------

    def wait_for_next(self) -> None:
        """Only the next operation stands in the event queue."""
        upcoming = next(self.operations, None)
        if upcoming is not None:
            self.world.environment.call_at(upcoming.at_us, self.act, upcoming)

    def act(self, operation: Operation) -> None:
        """A person does what the workload says."""
        phone = self.written_on(operation)
        conversation = conversation_of(operation)
        phone.want(self.world.environment._now + self.after_writing_us)
        phone.update()
        if self.looking is not None:
            self.looking.look(phone, conversation)
        if operation.opens:
            self.open_chat(phone, conversation)
        else:
            self.written += 1
            self.world.texts[operation.operation] = operation.text
            if self.media is not None and operation.change is None:
                self.media.attach(phone.device, operation)
            phone.compose(conversation, operation.operation, self.answered(phone, operation), operation.change)
            self.seen[(phone.device, operation.operation)] = True
        self.wait_for_next()

    def written_on(self, operation: Operation) -> PhoneHost:
        """The device in the person's hands: mostly the phone, now and then a linked one."""
        phone = self.world.phone(operation.sender)
        if len(self.world.population.devices(operation.sender)) == 1 and not self.world.linked:
            return phone
        dice = self.world.dice
        share = self.linked_share
        if not dice.chance(share, "on a linked device", operation.sender, operation.operation):
            return phone
        devices = self.world.phones_of(operation.sender)
        return devices[dice.below(len(devices), "on which device", operation.sender, operation.operation)]

    def answered(self, phone: PhoneHost, operation: Operation) -> int:
        """What it answers: only what the person can see by now, or has written."""
        reply_to = operation.reply_to
        if reply_to < 0 or (phone.device, reply_to) in self.seen:
            return reply_to
        return -1

    # -- reading ------------------------------------------------------------------------------------------------

    def saw(self, phone: PhoneHost, conversation: int, body: int) -> None:
        """Something new is on the screen: the person may open the chat in a while."""
        self.seen[(phone.device, body)] = True
        if self.media is not None:
            self.media.saw(phone.device, conversation, body)
        if conversation in phone.opens_due:
            return
        after_us = self.habits.opens_after(body, phone.device)
        if after_us is not None:
            phone.opens_due[conversation] = True
            self.world.environment.call_after(after_us, self.open, (phone, conversation))

    def saw_copy(self, phone: PhoneHost, body: int) -> None:
        """What the person wrote on another device stands here too: it can be answered, and is no news."""
        self.seen[(phone.device, body)] = True

    def open(self, due: tuple[PhoneHost, int]) -> None:
        """The person opens the chat."""
        phone, conversation = due
        phone.opens_due.pop(conversation, None)
        if phone.app_runs and not phone.stays_away:
            phone.want(self.world.environment._now + self.after_writing_us)
            if self.looking is not None:
                self.looking.look(phone, conversation)
            self.open_chat(phone, conversation)

    def open_chat(self, phone: PhoneHost, conversation: int) -> None:
        """The person reads what is on the screen, and, where that is so, the newest page of the log."""
        phone.open_chat(conversation)
        if self.history_reads:
            phone.look_into(conversation)
        if self.media is not None:
            self.media.opened(phone, conversation)

    def looks_again(self, phone: PhoneHost) -> None:
        """The app died under somebody who was reading: they open the same chats again."""
        if self.media is not None:
            self.media.media.ask_again(phone)
        if self.channels is not None:
            self.channels.restarted(phone)
        for conversation in list(phone.unmarked):
            if conversation not in phone.opens_due:
                phone.opens_due[conversation] = True
                self.world.environment.call_after(LOOKS_AGAIN_US, self.open, (phone, conversation))

    # -- coming and going ---------------------------------------------------------------------------------------

    def something_waits(self, seat: int) -> None:
        """A message waits for a device that is not connected: its person's next visit fetches it."""
        if self.world.always_connected or seat in self.expected:
            return
        now = self.world.environment._now
        self.expected[seat] = True
        starts = now if self.world.healed else max(now, self.visits.next_visit(visitor(seat), now)[0])
        self.world.environment.call_at(starts, self.come, seat)

    def come(self, seat: int) -> None:
        """The visit begins."""
        self.expected.pop(seat, None)
        if seat in self.world.unlinked:
            return
        now = self.world.environment._now
        until = NEVER_US if self.world.healed else self.visits.next_visit(visitor(seat), now)[1]
        phone = self.world.seated(seat)
        phone.want(max(until, now + 1_000_000))
        phone.update()

    def left(self, phone: PhoneHost) -> None:
        """The visit is over; what is unfinished brings the person back another time."""
        if self.looking is not None:
            self.looking.left(phone)
        if self.channels is not None:
            self.channels.left(phone)
        if self.is_unfinished(phone) and not phone.gone:
            self.something_waits(seat_of(phone.device))

    def is_unfinished(self, phone: PhoneHost) -> bool:
        """Whether something waits to be sent or fetched."""
        state: Any = phone.state
        if not state.registered or state.unsettled_chats():
            return True
        if state.unlinking:
            return True
        inbox = self.world.inbox_of_device(phone.device)
        return inbox is not None and inbox.head > inbox.cursor

    def heal(self) -> None:
        """People stop writing; whoever has something unfinished comes and stays."""
        self.operations = iter(())
        self.expected.clear()
        for seat in self.world.seats_waited_for():
            self.something_waits(seat)
        for phone in list(self.world.phones.values()):
            # Who is there stays, so that no lease is left behind by somebody who goes while the world comes to rest.
            if phone.told_up or self.is_unfinished(phone):
                phone.want(NEVER_US)
                phone.update()
        if self.looking is not None:
            self.looking.heal()
        if self.channels is not None:
            self.channels.heal()

    def everybody_comes(self) -> None:
        """For the final sync: every phone that can be reached is there."""
        for phone in list(self.world.phones.values()):
            phone.want(NEVER_US)
            phone.update()


def conversation_of(operation: Operation) -> int:
    """The conversation in which an operation happens."""
    if operation.channel >= 0:
        return channel_numbered(operation.channel)
    if operation.group >= 0:
        return group_numbered(operation.group)
    return conversation_between(operation.sender, operation.recipient)


def visitor(seat: int) -> int:
    """Whose habits a device follows: the phone its person's, a linked device habits of its own."""
    slot = slot_of(seat)
    return user_of(seat) if not slot else slot << VISITOR_BITS | user_of(seat)
