"""Link state between routing groups: X-LINK2STATE on port 25, and the MTA over X.400.

Source: R70, R71, R73, R76, R77, R78.
"""

from __future__ import annotations

from typing import NamedTuple

from mailflow.facts import rule
from mailflow.linkstate import tellings as told
from mailflow.linkstate.engines import LinkState
from mailflow.names import NO_MAIL, USUAL, ConnectorName, GroupName, RuleName, ServerName, rule_of
from mailflow.organization.model import SmtpConnector, X400Connector, bridgehead_virtual_server
from mailflow.routing.chunks import CHUNK
from mailflow.routing.entries import ConnectorEntry, bridgeheads, far_ends
from mailflow.routing.table import Table
from mailflow.trace.effects import TableState
from mailflow.transport.dialogue import Dialogue
from mailflow.transport.wire import client_of, filter_commands
from mailflow.transport.work import Steps

DIGEST = RuleName("digest")


class Call(NamedTuple):
    """Who tells whom over which connector."""

    connector: ConnectorEntry
    speaker: ServerName
    listener: ServerName


class Exchange:
    """What bridgeheads of different routing groups tell each other."""

    def __init__(self, state: LinkState) -> None:
        self.state = state
        self.world = state.world
        self._passing: set[tuple[ConnectorName, GroupName]] = set()

    def pass_on(self, connector: ConnectorName, target: GroupName) -> None:
        """Let the neighbouring routing group know, unless somebody is at it already."""
        key = (connector, target)
        if self.state.parameters.link_state_without_mail and key not in self._passing and self._call(*key):
            self._passing.add(key)
            self.state.env.start(self._pass_on(key))

    def _pass_on(self, key: tuple[ConnectorName, GroupName]) -> Steps:
        """Go on until the neighbour knows what this side knows; news may come while a session stands."""
        while call := self._call(*key):
            before = self.state.engines[call.speaker].table
            if isinstance(call.connector.connector, X400Connector):
                yield from self.by_mta(call)
            else:
                yield from self._session(call)
            if self.state.engines[call.speaker].table is before:
                break
        self._passing.discard(key)

    def _call(self, connector: ConnectorName, target: GroupName) -> Call | None:
        """The first bridgehead that can speak, the first one that can listen; None when there is nothing to tell."""
        item = self.state.directory.connector.get(connector)
        named = bridgeheads(item) or self.state.members[item.routing_group] if item else ()
        speaker = next((ServerName(name) for name in named if self._takes_part(name)), None)
        if item is None or speaker is None:
            return None
        engine = self.state.engines[speaker]
        entry = engine.table.connectors.get(connector)
        if entry is None or not entry.up or engine.told(target) is engine.table:
            return None
        for host in far_ends(item) or self._by_dns(item, target):
            name = self.world.host_named(host)
            known = self.state.engines.get(name)
            if (
                known
                and known.group == target
                and self._takes_part(name)
                and not self.world.reachable(speaker, name, connector)
            ):
                return Call(entry, speaker, name)
        return None

    def _by_dns(self, item: object, target: GroupName) -> list[ServerName]:
        """A connector that delivers by DNS finds the servers of a connected routing group by their own names."""
        return self.state.members[target] if isinstance(item, SmtpConnector) else []

    @rule
    def _takes_part(self, server: str) -> bool:
        """Both bridgeheads must be Exchange 2000 or 2003, and in touch with their master; otherwise no link state passes.

        Source: R14, R73, R132, R134.
        """
        return self.state.attached(server)

    def _session(self, call: Call) -> Steps:
        """A session of its own, without mail: a new version makes the bridgehead connect (unconfirmed, Source: R76)."""
        node = self.world.nodes[call.speaker]
        sends = node.server.virtual_server(bridgehead_virtual_server(call.connector.connector, node.name))
        dialogue = Dialogue(node, self.world.receiver(client_of(node, sends), call.listener), exchange=True)
        if (yield from dialogue.open_session(NO_MAIL)):
            yield from self.compare(call.speaker, call.listener)
            yield from dialogue.close_session(NO_MAIL)

    def in_session(self, speaker: ServerName, listener: ServerName) -> Steps:
        """In a session that carries mail, link state comes first (unconfirmed, Source: R76)."""
        mine, other = self.state.engines[speaker], self.state.engines.get(listener)
        if not self.state.parameters.link_state_before_mail:
            return
        if other is not None and mine.group != other.group and self._takes_part(speaker) and self._takes_part(listener):
            yield from self.compare(speaker, listener)

    @rule
    def compare(self, speaker: ServerName, listener: ServerName) -> Steps:
        """Two bridgeheads compare the digests of their tables; only when they differ does anything more travel.

        Source: R46, R70, R71, O21.
        """
        mine, other = self.state.engines[speaker], self.state.engines[listener]
        known = self.state.directory.server
        if filter_commands(self.state.directory, known[listener].fqdn, known[speaker].fqdn):
            return
        yield self.state.parameters.durations.round_trip
        equal = mine.table is other.table
        command = f"X-LINK2STATE FIRST LAST CHUNK={{DIGEST_QUERY}} {mine.table.digest[:8]}…"
        answer = "has the same one, so nothing more is sent" if equal else f"has another one, {other.table.digest[:8]}…"
        self.state.note(
            speaker,
            told.DigestsCompared(peer=listener, command=command, reply=f"{listener} {answer}."),
            (),
            DIGEST if equal else USUAL,
        )
        if not equal:
            yield from self._both_ways(speaker, listener)
        self._remember(speaker, listener)

    def _remember(self, speaker: ServerName, listener: ServerName) -> None:
        mine, other = self.state.engines[speaker], self.state.engines[listener]
        mine.tell(other.group, other.table)
        other.tell(mine.group, mine.table)

    def _both_ways(self, speaker: ServerName, listener: ServerName) -> Steps:
        first, second = self.state.engines[speaker].table, self.state.engines[listener].table
        yield self.state.parameters.durations.round_trip
        for sender, receiver, table in ((speaker, listener, first), (listener, speaker, second)):
            self.send_table(sender, receiver, table)
        self.state.heard(listener, second)
        self.state.heard(speaker, first)

    @rule
    def send_table(self, sender: ServerName, receiver: ServerName, table: Table) -> None:
        """The whole table is sent, however little of it is new.

        Source: R44, R46, R74, R77.
        Sure: documented.
        """
        effects, news = self.state.teach(receiver, table)
        chunks = -(-table.size // CHUNK)
        command = f"X-LINK2STATE FIRST CHUNK={{{table.size:08x}}}"
        telling = told.TableSent(peer=receiver, command=command, size=table.size, chunks=chunks, news=news)
        new = any(effect.entries for effect in effects if isinstance(effect, TableState))
        self.state.note(sender, telling, effects, rule_of(Table.merged) if new else USUAL)

    @rule
    def by_mta(self, call: Call) -> Steps:
        """Over an X.400 connector the same table travels through the MTA.

        Source: R78.
        Sure: documented twice.
        """
        yield self.state.parameters.durations.mta
        if self.world.reachable(call.speaker, call.listener, call.connector.name) or not self._takes_part(
            call.listener
        ):
            return
        mine, other = self.state.engines[call.speaker], self.state.engines[call.listener]
        before, table = other.table, mine.table
        effects, news = self.state.teach(call.listener, table)
        telling = told.TableCarried(
            peer=call.listener, connector=ConnectorName(call.connector.name), size=table.size, news=news
        )
        self.state.note(call.speaker, telling, effects)
        mine.tell(other.group, other.table)
        self.state.heard(call.listener, before)
