"""What an administrator does to a queue in Queue Viewer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from mailflow.organization.model import Organization
from mailflow.simulation.errors import ScenarioError
from mailflow.simulation.verbs.base import Verb, server_or_only, verb
from mailflow.simulation.verbs.later import actions
from mailflow.transport import places

if TYPE_CHECKING:
    from mailflow.simulation.world import World
    from mailflow.simulation.writing import Writer
    from mailflow.transport.node import LinkQueue, Node


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


class _Freezing(_Queue):
    frozen: ClassVar[bool]

    @classmethod
    def allows(cls, system_queue: str) -> bool:
        return places.freezable(system_queue) is not None

    def perform(self, world: World) -> None:
        if (place := places.freezable(self.queue)) is None:
            super().perform(world)
        else:
            actions.freeze_system_queue(world.nodes[self.server], self.word, place, self.frozen)

    @classmethod
    def treat(cls, node: Node, link: LinkQueue) -> None:
        link.frozen = cls.frozen


@verb
class Freeze(_Freezing):
    """A link queue, or one of four system queues, takes mail in and lets none out (Source: K49, T175, T176)."""

    word = method = "freeze"
    frozen = True


@verb
class Unfreeze(_Freezing):
    """A frozen queue goes on (Source: K49, T176, T177)."""

    word = method = "unfreeze"
    frozen = False


@verb
class ForceConnection(_Queue):
    """A queue is tried now: to be looked at again is all that this takes (Source: T176)."""

    word = "force connection"
    method = "force_connection"


@verb
class Delete(_Queue):
    """All messages of a queue are deleted, with a report to each sender (Source: T115, T177)."""

    word = "delete (NDR)"
    method = "delete"
    with_report: ClassVar[bool] = True

    @classmethod
    def treat(cls, node: Node, link: LinkQueue) -> None:
        actions.delete_all(node, link, cls.with_report)


@verb
class DeleteSilently(Delete):
    """All messages of a queue are deleted, and nobody is told (Source: T115, T177)."""

    word = "delete (no NDR)"
    with_report = False

    def arguments(self, writer: Writer) -> list[str]:
        return [*super().arguments(writer), "ndr=False"]
