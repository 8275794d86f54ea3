"""What an administrator does to a queue in Queue Viewer, or to a message in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final, Self

from mailflow.organization.model import Organization
from mailflow.simulation.errors import ScenarioError
from mailflow.simulation.verbs.base import Verb, server_or_only, verb
from mailflow.simulation.verbs.later import actions
from mailflow.transport import places

if TYPE_CHECKING:
    from mailflow.simulation.world import World
    from mailflow.simulation.writing import Writer
    from mailflow.transport.node import LinkQueue, Node

_NAME: Final = re.compile(r"m[1-9][0-9]*(\.[1-9][0-9]*)?")


@dataclass(frozen=True, repr=False, eq=False)
class _Queue(Verb):
    queue: str
    server: str = ""

    def checked(self, organization: Organization) -> Self:
        found = server_or_only(organization, self.server, self.method)
        if not self.queue.strip():
            raise ScenarioError(f"{self.method}: the queue has no name; link queues are named after the next hop")
        if f"queue/{self.queue.removeprefix('queue/')}" in places.SYSTEM_QUEUES and not self.allows(self.queue):
            raise ScenarioError(
                f"{self.method}: {self.queue!r} is a system queue; this works on link queues, which are named after the next hop"
            )
        return replace(self, server=found.name)

    @classmethod
    def allows(cls, system_queue: str) -> bool:
        """Whether this can be done to that system queue."""
        return False

    def perform(self, world: World) -> None:
        actions.change_queue(world.nodes[self.server], self.word, self.queue, self.treat)

    @staticmethod
    def treat(node: Node, link: LinkQueue) -> None:
        """Change the queue if it is there. Whatever is done, it is looked at again afterwards."""


@dataclass(frozen=True, repr=False, eq=False)
class _QueueOrMessage(_Queue):
    """What can be done to a queue, or to one ``message`` in it, which is named as in the trace: "m1", or "m1.2" for one MailMsg of it."""

    message: str = ""

    def checked(self, organization: Organization) -> Self:
        checked = super().checked(organization)
        if not self.message:
            return checked
        if not _NAME.fullmatch(self.message):
            raise ScenarioError(
                f"{self.method}(message={self.message!r}): messages are called m1, m2, … in the order in which they are sent"
            )
        if f"queue/{self.queue}" in places.SYSTEM_QUEUES:
            raise ScenarioError(
                f"{self.method}(message={self.message!r}): {self.queue!r} is a system queue; single messages can be treated in link queues"
            )
        return checked

    def arguments(self, writer: Writer) -> list[str]:
        queue, server, message = super().arguments(writer)
        return [queue, server, *([f"message={message}"] if self.message else [])]

    def as_data(self) -> dict[str, object]:
        data = super().as_data()
        return data if self.message else {"queue": data["queue"], "server": data["server"]}


class _Freezing(_QueueOrMessage):
    frozen: ClassVar[bool]

    @classmethod
    def allows(cls, system_queue: str) -> bool:
        return places.freezable(system_queue) is not None

    def perform(self, world: World) -> None:
        if self.message:
            actions.freeze_message(world.nodes[self.server], self.word, self.queue, self.message, self.frozen)
        elif (place := places.freezable(self.queue)) is None:
            super().perform(world)
        else:
            actions.freeze_system_queue(world.nodes[self.server], self.word, place, self.frozen)

    @classmethod
    def treat(cls, node: Node, link: LinkQueue) -> None:
        link.frozen = cls.frozen


@verb
class Freeze(_Freezing):
    """A link queue, or one of four system queues, takes mail in and lets none out; or one message stays in its queue (Source: K49, T175,
    T176, T177).
    """

    word = method = "freeze"
    frozen = True


@verb
class Unfreeze(_Freezing):
    """A frozen queue, or a frozen message, goes on (Source: K49, T176, T177)."""

    word = method = "unfreeze"
    frozen = False


@verb
class ForceConnection(_Queue):
    """A queue is tried now: to be looked at again is all that this takes (Source: T176)."""

    word = "force connection"
    method = "force_connection"


@verb
class Delete(_QueueOrMessage):
    """All messages of a queue, or one of them, are deleted, with a report to each sender (Source: T115, T177)."""

    word = "delete (NDR)"
    method = "delete"
    with_report: ClassVar[bool] = True

    def perform(self, world: World) -> None:
        if self.message:
            actions.delete_message(world.nodes[self.server], self.word, self.queue, self.message, self.with_report)
        else:
            super().perform(world)

    @classmethod
    def treat(cls, node: Node, link: LinkQueue) -> None:
        actions.delete(node, link, link.there(), cls.with_report)


@verb
class DeleteSilently(Delete):
    """All messages of a queue, or one of them, are deleted, and nobody is told (Source: T115, T177)."""

    word = "delete (no NDR)"
    with_report = False

    def arguments(self, writer: Writer) -> list[str]:
        return [*super().arguments(writer), "ndr=False"]
