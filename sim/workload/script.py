"""A workload that is written out step by step in the scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ..scenario.model import Operation as WrittenOperation
from ..scenario.model import Workload
from ..vocabulary.messages import Change
from .errors import WorkloadError
from .friends import Friends
from .operations import Operation

MOST_USERS: Final = 50_000_000


class ScriptStream:
    """The written operations in time order; see ``stream.WorkloadStream`` for the public names.

    ``reply_to`` of a written step is a place in the written list, from 0. Steps that share a text, also the empty
    one, share its number. A step that gives its ``number`` keeps it, whatever stands before it: every draw about the
    message hangs on that, so that the others can be taken away. Such a step, which comes from a run, may also answer
    a message of another chat ("reply in private"), as drawn people do.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, workload: Workload, source: str = "", seed: int = 0) -> None:
        written = workload.operations
        order = sorted(range(len(written)), key=lambda place: written[place].at_us)  # a stable sort: ties keep order
        number_of = [0] * len(written)
        for number, place in enumerate(order):
            given = written[place].number
            number_of[place] = number if given is None else given
        if len(dict.fromkeys(number_of)) < len(number_of):
            raise WorkloadError("two operations have the same number", file=source, column="workload.operations")
        texts: dict[str, int] = {}
        operations: list[Operation] = []
        for place in order:
            number, step = number_of[place], written[place]
            answers = -1
            trouble = _trouble(step)
            if not trouble and step.reply_to is not None:
                answers, trouble = _answered(written, place, number_of)
            if trouble:
                raise WorkloadError(trouble, file=source, column=f"workload.operations[{place}]")
            text = -1 if step.opens else texts.setdefault(step.text, len(texts))
            recipient = -1 if step.recipient is None else step.recipient
            group = -1 if step.group is None else step.group
            change = _change(step)
            operations.append(
                Operation(
                    step.at_us,
                    number,
                    step.sender,
                    recipient,
                    text,
                    answers,
                    step.opens,
                    group,
                    change,
                    -1 if step.channel is None else step.channel,
                )
            )
        self._operations = tuple(operations)
        named = 1 + max((user for step in written for user in _people(step)), default=1)
        self.users = named if workload.people == "named" else workload.users
        self.total = sum(not step.opens for step in operations)
        last_us = operations[-1].at_us if operations else 0
        self.duration_us = last_us if workload.lasts_us is None else workload.lasts_us
        self._present = workload.present
        drawn = workload.people == "drawn"
        self._friends = Friends(self.users, workload.partners, seed) if drawn else None

    def name_of(self, user: int) -> str:
        return f"person {user}"

    def contacts(self, user: int) -> tuple[int, ...]:
        """Nobody is known before the first message, unless the people are drawn."""
        return () if self._friends is None else self._friends.of(user)

    def present(self) -> Sequence[int]:
        """Who comes up at the start, where everybody is always connected."""
        return self._present or range(self.users)

    def operations(self) -> Iterator[Operation]:
        return iter(self._operations)


def _trouble(step: WrittenOperation) -> str:
    """What is wrong with one step by itself; empty when nothing is."""
    if step.at_us < 0:
        return "a time before the start"
    if sum(each is not None for each in (step.recipient, step.group, step.channel)) != 1:
        return "it names neither a recipient nor a group nor a channel, or several of them"
    if step.group is None and (step.adds is not None or step.removes is not None):
        return "only a group has members that come and go"
    for user in _people(step):
        if not 0 <= user < MOST_USERS:
            return f"{user} is no user (0 to {MOST_USERS - 1})"
    if step.sender == step.recipient:
        return f"person {step.sender} writes to themself"
    if step.opens and step.reply_to is not None:
        return "a step that opens a chat answers nothing"
    return ""


def _answered(written: Sequence[WrittenOperation], place: int, number_of: list[int]) -> tuple[int, str]:
    """The number of the operation that a step answers, or what is wrong with its ``reply_to``."""
    step, target = written[place], written[place].reply_to
    if target is None or not 0 <= target < len(written):
        return -1, f"reply_to {target}: there is no such operation (0 to {len(written) - 1})"
    answered = written[target]
    if answered.opens:
        return -1, f"reply_to {target}: that step opens a chat and writes nothing"
    if step.number is None and _chat(answered) != _chat(step):
        return -1, f"reply_to {target}: that message is in another chat"
    if (answered.at_us, target) >= (step.at_us, place):
        return -1, f"reply_to {target}: that message is not earlier"
    return number_of[target], ""


def _people(step: WrittenOperation) -> tuple[int, ...]:
    """Everybody whom a step names."""
    named = (step.sender, step.recipient, step.adds, step.removes)
    return tuple(user for user in named if user is not None)


def _chat(step: WrittenOperation) -> tuple[int, ...]:
    """What two steps in the same conversation have in common."""
    if step.recipient is None:
        if step.channel is not None:
            return (-2, step.channel)
        return (-1, -1 if step.group is None else step.group)
    return tuple(sorted((step.sender, step.recipient)))


def _change(step: WrittenOperation) -> Change | None:
    """Who comes and goes by a step."""
    if step.adds is None and step.removes is None:
        return None
    added = () if step.adds is None else (step.adds,)
    return Change(added, () if step.removes is None else (step.removes,))
