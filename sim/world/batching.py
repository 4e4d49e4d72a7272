"""FAN-4: batches as a layer between the machines and the world, where groups are fanned out in batches.

A machine sends, writes and sets timers one by one, and knows of no batch. A host with this layer keeps what one step
of its machines says until the step is over: messages to the same host become one message, writes become one write,
timers of equal length become one timer. Acknowledgements may wait a moment longer to travel together; the first after
a lull goes at once. Without the layer (``fan_out: naive``) every effect stands by itself; the rules are the same.

A crash in the middle of a step takes all of it: nothing of a step is out before it is over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..protocol.port import Crashed
from ..vocabulary.batches import BATCH_OF, BATCHES
from ..vocabulary.records import Together
from .hosts import Life, ServerHost
from .ports import ServerPort

Then = Callable[[Any], None]
Due = tuple[Callable[[Any], None], Any]


class Batching(ServerPort):
    """Put before the class of a server's port: it collects what that class then carries out."""

    def __init__(self, host: ServerHost) -> None:
        super().__init__(host)
        self.send_now = super().send
        self.persist_now = super().persist
        self.set_timer_now = super().set_timer
        """What the class below does, at once."""
        self.collecting = False
        self.outgoing: dict[tuple[Any, type], list[Any]] = {}
        self.writes: list[tuple[Any, Then]] = []
        self.timers: dict[int, list[Due]] = {}
        self.gather_us = host.world.scenario.protocol.gather_us
        self.soon: dict[Any, list[Any]] = {}
        """Host to what waits a moment to travel together."""
        self.clear_at_us: dict[Any, int] = {}
        """Host to the time from which a message may go at once again."""

    # -- a step -------------------------------------------------------------------------------------------------

    def step(self, function: Callable[..., None], *arguments: Any) -> None:
        """Let a machine do one step, then carry out what it said. Raises ``Crashed`` when the host died in it."""
        if self.collecting:
            function(*arguments)
            return
        self.collecting = True
        try:
            function(*arguments)
        except Crashed:
            self.forget_step()
            raise
        self.finish_step()

    def forget_step(self) -> None:
        """The host died in the middle of a step: nothing of it goes out."""
        self.outgoing, self.writes, self.timers = {}, [], {}
        self.collecting = False

    def finish_step(self) -> None:
        """A step is over: carry out what it said."""
        self.collecting = False
        if self.outgoing:
            self.flush_outgoing()
        if self.writes:
            self.flush_writes()
        if self.timers:
            self.flush_timers()

    def flush_outgoing(self) -> None:
        """One message for each host and sort of message."""
        outgoing, self.outgoing = self.outgoing, {}
        for (to, sort), messages in outgoing.items():
            if len(messages) == 1:
                self.send_now(to, messages[0])
            else:
                self.send_now(to, BATCH_OF[sort](tuple(messages), messages[0].trace))

    def flush_writes(self) -> None:
        """One write."""
        writes, self.writes = self.writes, []
        if len(writes) == 1:
            record, then = writes[0]
            self.persist_now(record, StepThen(self, then))
            return
        records, thens = zip(*writes, strict=True)
        self.persist_now(Together(records, records[0].trace), TogetherThen(self, thens))

    def flush_timers(self) -> None:
        """One timer for each length."""
        timers, self.timers = self.timers, {}
        for delay_us, due in timers.items():
            if len(due) == 1:
                self.set_timer_now(delay_us, *due[0])
            else:
                self.set_timer_now(delay_us, fire_all, due)

    # -- what machines call ---------------------------------------------------------------------------------------

    def send(self, to: Any, message: Any) -> None:
        """Call another server, when the step is over."""
        key = to, message.__class__
        messages = self.outgoing.get(key)
        if messages is not None:
            messages.append(message)
        elif self.collecting and message.__class__ in BATCH_OF:
            self.outgoing[key] = [message]
        else:
            self.send_now(to, message)

    def send_soon(self, to: Any, message: Any) -> None:
        """Call another server now after a lull, else together with what follows within the gathering time."""
        waiting = self.soon.get(to)
        if waiting is not None:
            waiting.append(message)
            return
        now = self.environment._now
        clear_at = self.clear_at_us.get(to, 0)
        if clear_at <= now:
            self.clear_at_us[to] = now + self.gather_us
            self.send(to, message)
        else:
            self.soon[to] = [message]
            self.environment.call_at(clear_at, self.flush_soon, to)

    def flush_soon(self, to: Any) -> None:
        """The gathering time is over."""
        if not self.life.alive:
            return
        host = self.host
        if host.paused_until_us > self.environment._now:
            self.environment.call_at(host.paused_until_us, self.flush_soon, to)
            return
        self.clear_at_us[to] = self.environment._now + self.gather_us
        host.guard(self.send_all, to, self.soon.pop(to))

    def send_all(self, to: Any, messages: list[Any]) -> None:
        """In one step."""
        for message in messages:
            self.send(to, message)

    def persist(self, record: Any, then: Then) -> None:
        """Write to the shard's log, when the step is over."""
        if self.collecting:
            self.writes.append((record, then))
        else:
            self.persist_now(record, StepThen(self, then))

    def set_timer(self, delay_us: int, callback: Callable[[Any], None], argument: Any) -> None:
        """A timer of this incarnation."""
        due = self.timers.get(delay_us)
        if due is not None:
            due.append((callback, argument))
        elif self.collecting:
            self.timers[delay_us] = [(callback, argument)]
        else:
            self.set_timer_now(delay_us, callback, argument)


def fire_all(due: list[Due]) -> None:
    """Timers that were set in one step."""
    for callback, argument in due:
        callback(argument)


class StepThen:
    """What follows a write, as a step of its own."""

    __slots__ = ("port", "then")

    def __init__(self, port: Batching, then: Then) -> None:
        self.port = port
        self.then = then

    @property
    def __self__(self) -> StepThen:
        """Whom to tell of a refusal (``disks.refused_by``)."""
        return self

    def __call__(self, record: Any) -> None:
        self.port.step(self.then, record)

    def on_write_refused(self, record: Any) -> None:
        """The machine that wrote it is told."""
        self.port.step(self.then.__self__.on_write_refused, record)  # type: ignore[attr-defined]


class TogetherThen:
    """What follows a write of several records, as one step."""

    __slots__ = ("port", "thens")

    def __init__(self, port: Batching, thens: tuple[Then, ...]) -> None:
        self.port = port
        self.thens = thens

    @property
    def __self__(self) -> TogetherThen:
        """Whom to tell of a refusal (``disks.refused_by``)."""
        return self

    def __call__(self, together: Together) -> None:
        self.port.step(self.tell, together)

    def tell(self, together: Together) -> None:
        """Each in turn."""
        for record, then in zip(together.records, self.thens, strict=True):
            then(record)

    def on_write_refused(self, together: Together) -> None:
        """Each machine is told of its own."""
        self.port.step(self.tell_refused, together)

    def tell_refused(self, together: Together) -> None:
        """Each in turn."""
        for record, then in zip(together.records, self.thens, strict=True):
            then.__self__.on_write_refused(record)  # type: ignore[attr-defined]


class BatchingHost(ServerHost):
    """A server whose machines' steps are collected, and which takes batches apart."""

    __slots__ = ()

    def deliver(self, item: tuple[Any, Any]) -> None:
        """A message arrives; a batch takes the processor longer than one message, and less than all of them."""
        now = self.environment._now
        if self.busy_until_us > now:
            self.wait_for_turn(item)
            return
        source, message = item
        sort = message.__class__
        if sort in BATCHES:
            self.busy_until_us = now + self.service_of(message)
            if self.up:
                self.guard(self.take, item)
            return
        self.busy_until_us = now + self.service_us
        if self.up:
            # A step as in ``Batching.step``: most of them begin here.
            port = self.port
            port.collecting = True
            try:
                self.handlers[sort](source, message)
                port.finish_step()
            except Crashed:
                port.forget_step()

    def service_of(self, message: Any) -> int:
        """Processor time: a message's for the batch, and a part of it for each message in it."""
        if message.__class__ not in BATCHES:
            return self.service_us
        each_us = self.world.scenario.network.batched_service_us
        return self.service_us + len(message.messages) * each_us

    def wait_for_turn(self, item: tuple[Any, Any]) -> None:
        """The processor is busy: after all that waits already."""
        if self.up:
            turn = self.busy_until_us
            self.busy_until_us = turn + self.service_of(item[1])
            self.environment.call_at(turn, self.take_turn, (item, self.life))

    def take_turn(self, queued: tuple[tuple[Any, Any], Life]) -> None:
        """The processor has come to a message that waited."""
        item, life = queued
        if not life.alive:
            return
        if self.paused_until_us > self.environment._now:
            self.environment.call_at(self.paused_until_us, self.take_turn, queued)
            return
        self.guard(self.take, item)

    def take(self, item: tuple[Any, Any]) -> None:
        """Hand a message to its machine, a batch message by message."""
        source, message = item
        if message.__class__ in BATCHES:
            handle = self.handlers[message.messages[0].__class__]
            for each in message.messages:
                handle(source, each)
        else:
            self.handlers[message.__class__](source, message)

    def fire(self, timer: tuple[Life, Callable[[Any], None], Any]) -> None:
        """A timer of this host is due."""
        life, callback, argument = timer
        if not life.alive:
            return
        if self.paused_until_us > self.environment._now:
            self.environment.call_at(self.paused_until_us, self.fire, timer)
            return
        try:
            self.port.step(callback, argument)
        except Crashed:
            return

    def guard(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call into a machine as one step; a crash in the middle ends it and nothing else."""
        try:
            self.port.step(function, *arguments)
        except Crashed:
            return
