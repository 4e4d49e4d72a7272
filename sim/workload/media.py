"""What people attach, what they send on, and what they want to see in full."""

from __future__ import annotations

from typing import Any, Final

from ..scenario.model import Operation as Step
from ..scenario.model import Scenario
from ..vocabulary.media import Attachment
from ..world.dice import Dice, lognormal_table
from .operations import Operation

REMEMBERS_MOST: Final = 32
"""So many media of the latest a person would send on from one phone."""


class MediaHabits:
    """Drawn by the message alone (or by message and device), so that nothing else moves a draw."""

    def __init__(self, world: Any, scenario: Scenario, seed: int) -> None:
        self.media = world.media
        self.section = scenario.media
        self.dice = Dice(seed)
        self.sizes = lognormal_table(self.section.size_bytes, self.section.size_sigma)
        self.script = written_steps(scenario)
        """Number of an operation to its step, for those of a script that say what they carry."""
        self.on_phone: dict[int, dict[int, tuple[int, int, int]]] = {}
        """Device to the blobs that its person has there, oldest first, each with the message, the blob and its size."""
        self.unopened: dict[tuple[int, int], list[int]] = {}
        """(device, chat) to the messages shown there since the chat was opened last."""
        self.media.on_file = self.has_file

    def has_file(self, device: int, operation: int, blob: int, size_bytes: int) -> None:
        """Somebody has it in full on this phone."""
        known = self.on_phone.setdefault(device, {})
        known.pop(blob, None)
        known[blob] = (operation, blob, size_bytes)
        if len(known) > REMEMBERS_MOST:
            del known[next(iter(known))]

    # -- writing ------------------------------------------------------------------------------------------------

    def attach(self, device: int, operation: Operation) -> None:
        """What the writer attaches to this message, if anything."""
        number = operation.operation
        step = self.script.get(number)
        attachment = self.drawn(device, number) if step is None else self.scripted(device, step)
        if attachment is not None:
            self.media.attached[number] = attachment
            self.media.world.tally["media_messages"] += 1

    def scripted(self, device: int, step: Step) -> Attachment | None:
        """What the script says."""
        if step.forwards is not None:
            for operation, blob, size_bytes in self.on_phone.get(device, {}).values():
                if operation == step.forwards:
                    return Attachment(blob, size_bytes)
        return Attachment(-1, step.media_bytes) if step.media_bytes else None

    def drawn(self, device: int, number: int) -> Attachment | None:
        """A share of messages carries media; most of these are sent on from another chat."""
        dice = self.dice
        if not dice.chance(self.section.share, "carries media", 0, number):
            return None
        known = list(self.on_phone.get(device, {}).values())
        if known and dice.chance(self.section.forward_share, "forwards", 0, number):
            _, blob, size_bytes = known[dice.below(len(known), "which is forwarded", 0, number)]
            return Attachment(blob, size_bytes)
        return Attachment(-1, self.sizes[dice.bits("media size", 0, number) >> 54])

    # -- reading ------------------------------------------------------------------------------------------------

    def saw(self, device: int, chat: int, operation: int) -> None:
        """Something with media, or without, is new on a screen."""
        if operation in self.media.attached:
            self.unopened.setdefault((device, chat), []).append(operation)

    def opened(self, phone: Any, chat: int) -> None:
        """The person reads a chat, and wants to see some of the pictures in full."""
        for operation in self.unopened.pop((phone.device, chat), ()):
            if self.dice.chance(self.section.open_share, "opens media", phone.device, operation):
                self.media.ask(phone, chat, operation)


def written_steps(scenario: Scenario) -> dict[int, Step]:
    """The steps of a script that say what they carry, by the number of their operation; of the others the share is
    drawn, as in a run that was written out."""
    written = scenario.workload.operations if scenario.workload.kind == "script" else ()
    in_time = sorted(written, key=lambda step: step.at_us)
    return {
        place if step.number is None else step.number: step
        for place, step in enumerate(in_time)
        if step.media_bytes or step.forwards is not None
    }
