"""Link state over the clock: each server's table, the masters, TCP port 691 inside a routing group.

What crosses port 25 between routing groups stands above in `mailflow.linkstate.exchange`, how a failure is noticed in
`mailflow.linkstate.detection`. This file knows neither: what leaves a routing group goes through `Surroundings`.

Source: R9, R13, R40, R60, R62, R71, R72.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from mailflow.facts import rule
from mailflow.linkstate import tellings as told
from mailflow.names import NO_MAIL, USUAL, ConnectorName, GroupName, RuleName, ServerName
from mailflow.organization.model import Organization
from mailflow.routing.entries import ConnectorEntry, bridgeheads, targets
from mailflow.routing.master import RAISES, Change, joined, rule_behind, written
from mailflow.routing.recorded import Register
from mailflow.routing.table import (
    UNANNOUNCED,
    WITHOUT_LINK_STATE,
    GroupEntry,
    Table,
    flipped,
    from_directory,
    master_of,
)
from mailflow.trace import Telling
from mailflow.trace.effects import Effects, Marked, TableState
from mailflow.transport.node import ROUTING_ENGINE, Network
from mailflow.transport.work import Steps

if TYPE_CHECKING:
    from mailflow.routing.choice import Map


class Engine:
    """The routing engine (RESvc) of one server: its table, its master, and the reports that still wait for it.

    Source: R40, R61.
    """

    # Tables are compared by identity here and wherever engines meet: `LinkState.take` lets nothing in that `Register` has not
    # interned, so equal tables are one object. A digest would cost the text of the whole table each time.
    __slots__ = ("_known", "_told", "frozen", "group", "master", "pending", "server", "static", "table")

    def __init__(self, server: ServerName, group: GroupName, table: Table, master: ServerName, *, static: bool) -> None:
        self.server = server
        self.group = group
        self.table = table
        self.master = master
        self.static = static
        self.pending: list[Change] = []
        self.frozen = False
        self._told: dict[str, Table | None] = {}
        self._known: Table | None = table

    def told(self, group: GroupName) -> Table | None:
        """The table that a neighbouring routing group is known to hold; None when nothing is known of it."""
        return self._told.get(group, self._known)

    def tell(self, group: GroupName, table: Table | None) -> None:
        """Remember what a neighbouring routing group holds."""
        self._told[group] = table

    def forget(self) -> None:
        """Know nothing of any neighbour."""
        self._told.clear()
        self._known = None


class Surroundings(Network, Protocol):
    """What routing engines can ask of the world around them. `mailflow.simulation` provides it."""

    broken: set[str]

    def host_named(self, host: str) -> ServerName:
        """The organization's name for a host given by name, FQDN or IP address."""
        ...

    def table_changed(self, server: str) -> None:
        """A server's link state table changed."""
        ...

    def pass_on(self, connector: ConnectorName, target: GroupName) -> None:
        """Let a neighbouring routing group know what is new, over this connector."""
        ...


class LinkState:
    """The routing engines of all servers, and how they hear of each other.

    ``down`` are the connectors that bridgeheads gave up, as (connector, bridgehead), each with the second of its report.
    """

    def __init__(self, world: Surroundings) -> None:
        self.world = world
        self.env = world.env
        self.parameters = world.parameters
        self.directory = world.organization
        self.register = Register(world.organization)
        first = self.register.intern(from_directory(world.organization))
        self.register.begin(first)
        self.engines = {
            server.name: Engine(
                ServerName(server.name),
                GroupName(server.routing_group),
                first,
                ServerName(first.groups[server.routing_group].master),
                static=server.product in WITHOUT_LINK_STATE,
            )
            for server in world.organization.servers
        }
        organization = world.organization
        self.members = {
            name: [ServerName(item.name) for item in organization.members_of(name)]
            for name in organization.routing_group
        }
        self.heads: dict[str, list[tuple[ConnectorName, GroupName]]] = {}
        self._maps: dict[str, Map] = {}
        self._pushing: dict[str, bool] = {}
        self._held: dict[str, list[Change]] = {}
        self._history: dict[str, list[tuple[float, str]]] = {}
        self.down: dict[tuple[ConnectorName, ServerName], float] = {}
        self._note_heads()

    def _note_heads(self) -> None:
        self.heads = {}
        for item in self.directory.connectors:
            for target in targets(item):
                for name in bridgeheads(item) or self.members.get(item.routing_group, ()):
                    self.heads.setdefault(name, []).append((ConnectorName(item.name), GroupName(target)))

    # -- what one server knows --------------------------------------------------------------------------------------

    def map_of(self, server: str) -> Map:
        """The map that a server works out its routes from: its own table (Source: R101)."""
        table = self.engines[server].table
        found = self._maps.get(table.digest)
        if found is None:
            # Mail that stays on its server needs no map.
            from mailflow.routing.choice import Map

            found = self._maps[table.digest] = Map(table)
        return found

    def entry(self, server: str, connector: str) -> ConnectorEntry | None:
        """A connector as a server's table has it."""
        return self.engines[server].table.connectors.get(connector)

    # -- who can talk to whom ---------------------------------------------------------------------------------------

    def runs(self, server: str) -> bool:
        """Whether the routing engine of a server runs and has a network."""
        node = self.world.nodes.get(server)
        return node is not None and node.gates[ROUTING_ENGINE].open and server not in self.world.broken

    def attached(self, server: str) -> bool:
        """Whether a server is in touch with its routing group master over TCP port 691 (Source: R60)."""
        engine = self.engines[server]
        return bool(engine.master) and not engine.static and self.runs(server) and self.runs(engine.master)

    # -- changes ----------------------------------------------------------------------------------------------------

    def note(self, server: ServerName, telling: Telling, effects: Effects = (), rule: RuleName = USUAL) -> None:
        """Record one event of a routing engine."""
        self.world.nodes[server].note(telling, NO_MAIL, None, effects, rule)

    def take(self, server: ServerName, table: Table) -> Effects:
        """Give a server another table; the effect tells views which entries changed."""
        engine = self.engines[server]
        before, engine.table = engine.table, self.register.intern(table)
        return (TableState(server, self.register.difference(before, engine.table)),)

    @rule
    def report(self, server: ServerName, change: Change) -> None:
        """A member that sees a change tells its master at once, and never its colleagues.

        Source: R62, R84, O20.
        """
        engine = self.engines[server]
        if server == engine.master:
            self.tell_master(server, [change])
        elif self.attached(server):
            changes, engine.pending = joined(engine.pending, change), []
            self.env.start(self._reporting(server, engine.master, changes))
        else:
            self._keep(engine, change)

    def _keep(self, engine: Engine, change: Change) -> None:
        engine.pending = joined(engine.pending, change)
        self.note(engine.server, told.ReportKept(what=str(change), master=engine.master or "no server at all"))

    def _reporting(self, server: ServerName, master: ServerName, changes: list[Change]) -> Steps:
        yield self.parameters.durations.link_state
        for change in changes:
            if self.attached(server):
                self.note(server, told.Reported(peer=master, what=str(change)))
            else:
                self._keep(self.engines[server], change)
        if self.attached(server):
            self.tell_master(self.engines[server].master, changes)

    def tell_master(self, master: ServerName, changes: Iterable[Change]) -> None:
        """The master takes in changes of its own routing group and pushes the result."""
        taken = False
        for change in changes:
            if RAISES[change.kind] == "minor":
                if self.parameters.hold_back_seconds:
                    self._hold_back(master, change)
                    continue
                if self._oscillates(master, change):
                    continue
            taken = self.write(master, change) or taken
        if taken:
            self.changed(master)

    @rule
    def _hold_back(self, master: ServerName, change: Change) -> None:
        """A master may hold changes of connectors back and drop a DOWN when the UP of the same connector follows.

        One book gives ten minutes; other documents say that a member reports at once, and that the master tells everybody. Off unless
        you set it.

        Source: R87, R88.
        """
        before = self._held.get(master)
        now = self._held[master] = joined(before or (), change)
        cancelled = "; the two cancel each other" if before and len(now) < len(before) else ""
        seconds = self.parameters.hold_back_seconds
        self.note(master, told.ChangeHeldBack(what=str(change), seconds=seconds, cancelled=cancelled))
        if before is None:
            self.env.start(self._release(master))

    def _release(self, master: ServerName) -> Steps:
        yield self.parameters.hold_back_seconds
        waiting = self._held.pop(master, [])
        if self.runs(master) and sum(self.write(master, change) for change in waiting):
            self.changed(master)

    @rule
    def _oscillates(self, master: ServerName, change: Change) -> bool:
        """Exchange 2003 leaves a connector up that changes its state again and again within the interval (unconfirmed).

        Source: R89.
        """
        if not self.parameters.oscillation_changes:
            return False
        since = self.env.now - self.parameters.oscillation_seconds
        history = [item for item in self._history.get(change.connector, []) if item[0] >= since]
        self._history[change.connector] = [*history, (self.env.now, change.kind)]
        if change.kind == "down" and len(history) >= self.parameters.oscillation_changes:
            telling = told.Oscillates(
                number=len(history) + 1,
                connector=ConnectorName(change.connector),
                seconds=self.parameters.oscillation_seconds,
            )
            self.note(master, telling)
            self.down.pop(
                (ConnectorName(change.connector), ServerName(change.server)), None
            )  # came to nothing: the bridgehead may report again
            return True
        return False

    def write(self, master: ServerName, change: Change) -> bool:
        """Write one change into the master's own entry; False when it changes nothing."""
        table = self.engines[master].table
        entry = table.groups[self.engines[master].group]
        made = written(entry, change, self.directory)
        if made is entry:
            return False
        effects = self.take(master, table.with_group(made)) + _flips(entry, made)
        telling = told.VersionRaised(
            group=GroupName(made.name),
            what=str(change),
            part=RAISES[change.kind],
            old=str(entry.version),
            new=str(made.version),
        )
        self.note(master, telling, effects, rule_behind(change))
        return True

    # -- spreading inside a routing group ---------------------------------------------------------------------------

    def changed(self, server: ServerName) -> None:
        """A server's table changed: reset its routes, tell its master or its members, and the neighbours."""
        self.world.table_changed(server)
        engine = self.engines[server]
        if server == engine.master:
            self.push(server)
        for connector, target in self.heads.get(server, ()):
            self.world.pass_on(connector, target)

    def push(self, master: ServerName) -> None:
        """Push the master's table to all members; news that comes meanwhile goes out in a second round."""
        if master in self._pushing:
            self._pushing[master] = True
            return
        self._pushing[master] = False
        self.env.start(self._push(master))

    @rule
    def _push(self, master: ServerName) -> Steps:
        """The master pushes the whole table to every member over the connection that the member keeps to port 691.

        Source: R9, R60, R62, R77.
        Sure: documented.
        """
        while True:
            yield self.parameters.durations.link_state
            table = self.engines[master].table
            for name in self.members[self.engines[master].group]:
                engine = self.engines[name]
                if name != master and engine.master == master and engine.table is not table and self.attached(name):
                    self._receive(engine, table)
            if not self._pushing[master]:
                break
            self._pushing[master] = False
        del self._pushing[master]

    def _receive(self, engine: Engine, table: Table) -> None:
        before = engine.table
        made = self.register.merged(before, table)
        own = table.groups[engine.group]
        if made.groups[engine.group] is not own:
            made = made.with_group(own)
        effects = self.take(engine.server, made)
        if engine.table is not before:
            news = self.register.news(before, engine.table)
            self.note(engine.server, told.TablePushed(peer=engine.master, size=table.size, news=news), effects)
            self.changed(engine.server)

    # -- learning from outside --------------------------------------------------------------------------------------

    @rule
    def learned(self, server: ServerName, table: Table) -> Table:
        """A master is the only authority for its own group: it answers an entry with a higher version by one of its own.

        A server that is named master by another one rejects what the other says.

        Source: R11, R15, R49.
        """
        engine = self.engines[server]
        made = self.register.merged(engine.table, table)
        own, mine = made.groups[engine.group], engine.table.groups[engine.group]
        if engine.master != server or own is mine:
            return made
        if own.master != server:
            self.note(server, told.TwoMasters(group=engine.group, other=own.master or "nobody"))
            return made.with_group(mine)
        return made.with_group(replace(mine, version=own.version.raised("user")))

    @rule
    def give_to_master(self, server: ServerName) -> None:
        """A bridgehead that learned something hands it to its own master.

        Source: R72.
        """
        if server != self.engines[server].master:
            self.env.start(self._giving(server))

    def _giving(self, server: ServerName) -> Steps:
        yield self.parameters.durations.link_state
        if self.attached(server):
            master = self.engines[self.engines[server].master]
            before = master.table
            effects, news = self.teach(master.server, self.engines[server].table)
            if master.table is not before:
                telling = told.TableGiven(peer=master.server, size=master.table.size, news=news)
                self.note(server, telling, effects)
                self.changed(master.server)

    def teach(self, server: ServerName, table: Table) -> tuple[Effects, str]:
        """Let a server learn from a table; the effects, and in words what is new for it."""
        before = self.engines[server].table
        effects = self.take(server, self.learned(server, table))
        return effects, self.register.news(before, self.engines[server].table)

    def heard(self, server: ServerName, before: Table) -> None:
        """A server may have learned something from outside: if it did, its master and its neighbours hear of it."""
        if self.engines[server].table is not before:
            self.changed(server)
            self.give_to_master(server)

    def rebuild(self, server: ServerName, table: Table) -> Effects:
        """Give a server that forgot its table a new one; the effect names all that is not as at the start."""
        self.take(server, table)
        return (TableState(server, self.register.since_start(table)),)

    # -- the directory ----------------------------------------------------------------------------------------------

    def directory_changed(self, directory: Organization, groups: Iterable[str]) -> None:
        """The directory has other connectors in these routing groups, or other servers; their masters are told."""
        self.directory = replace(self.directory, connectors=directory.connectors)
        self._note_heads()
        for group in sorted(set(groups)):
            self.env.start(self._reading(GroupName(group)))

    @rule
    def _reading(self, group: GroupName) -> Steps:
        """The domain controller tells the master of the group; a group without one is read by every server itself.

        Source: R9, R49.
        """
        yield self.parameters.durations.directory
        masters = {self.engines[name].master: None for name in self.members[group]}
        if all(self.engines[name].static for name in self.members[group]):
            entry = from_directory(self.directory).groups[group]
            for engine in self.engines.values():
                known = engine.table.groups[group]
                if not engine.static:
                    made = replace(entry, version=known.version.raised("major"))
                    effects = self.take(engine.server, engine.table.with_group(made))
                    self.note(engine.server, told.DirectoryRead(group=group), effects)
                    self.world.table_changed(engine.server)
            return
        for master in masters:
            if self.runs(master):
                self.tell_master(master, [Change("configuration", master)])

    # -- restart, loss and return -----------------------------------------------------------------------------------

    def initial(self) -> Table:
        """What the directory says, for a server that starts (Source: R41)."""
        return self.register.intern(from_directory(self.directory, UNANNOUNCED))

    def master_name(self, group: GroupName) -> ServerName:
        """The master by the directory; "" when the object it points to is gone (Source: R8, R14)."""
        return ServerName(master_of(self.directory, group))


def _flips(before: GroupEntry, after: GroupEntry) -> Effects:
    """The connectors whose state changed, for the map of a view."""
    return tuple(Marked(ConnectorName(item.name), item.up) for item in flipped(before, after))
