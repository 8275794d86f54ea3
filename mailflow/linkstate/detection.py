"""How routing engines notice that something fails or works again, and what happens to the master's role.

Source: R12, R13, R14, R15, R63, R80, R86, R89, R90, R97.
"""

from __future__ import annotations

from dataclasses import replace

from mailflow.facts import rule
from mailflow.linkstate import tellings as told
from mailflow.linkstate.engines import Engine, LinkState
from mailflow.names import NO_MAIL, USUAL, ConnectorName, GroupName, RuleName, ServerName, rule_of
from mailflow.routing.choice import Map
from mailflow.routing.entries import Member, Version, far_ends, targets
from mailflow.routing.master import Change
from mailflow.routing.table import Table, from_directory, stays_up
from mailflow.trace import Telling, step_of
from mailflow.trace.effects import Deleted, NetworkState, TableState
from mailflow.transport.node import INFORMATION_STORE, MTA_STACKS, ROUTING_ENGINE, SMTP, Node
from mailflow.transport.work import Steps

SEEN = {SMTP: "", INFORMATION_STORE: "information store", MTA_STACKS: "MTA"}
"""The services of Exchange of which the master is told, and what they are called there. Which ones the documents mean by "services" is
inferred; of the SMTP service alone a table says more than that (Source: R48, R52).
"""


class Detection:
    """Failures of connectors, services and masters, as the servers come to know them."""

    def __init__(self, state: LinkState) -> None:
        self.state = state
        self.world = state.world
        self.parameters = state.parameters
        self._said: set[tuple[str, ServerName, ConnectorName]] = set()
        self._probing: set[tuple[ConnectorName, ServerName]] = set()

    # -- connectors -------------------------------------------------------------------------------------------------

    @rule
    def connection_failed(self, node: Node, connector: ConnectorName) -> None:
        """The bridgehead whose glitch retries are used up reports the connector to its master, and tries it from then on.

        Source: R80, R84, R86, O23.
        """
        entry = self.state.entry(node.name, connector)
        if entry is None or (connector, node.name) in self.state.down or self.state.engines[node.name].static:
            return
        if node.server.suppress_state_changes:
            self.suppress(node, connector)
        elif self.parameters.some_stay_up and (why := stays_up(entry.connector, self.state.directory)):
            self._once(node, told.NeverDown(connector=connector, why=why), connector)
        elif self.parameters.keep_up_without_alternative and self._stays_up(node.name, connector):
            self.leave_up_without_alternative(node, connector)
        else:
            self.state.down[connector, node.name] = self.state.env.now
            node.note(told.GivenUp(connector=connector, seconds=self.parameters.probe_seconds), NO_MAIL)
            self.state.report(node.name, Change("down", node.name, connector))

    @rule
    def suppress(self, node: Node, connector: ConnectorName) -> None:
        """With SuppressStateChanges a server reports no failure of a connector; an administrator's changes still travel.

        Source: R97, O25.
        """
        self._once(node, told.ChangeSuppressed(connector=connector), connector)

    @rule
    def leave_up_without_alternative(self, node: Node, connector: ConnectorName) -> None:
        """Exchange 2003 leaves a connector up that leads to or from a leaf, a routing group with one neighbour: its mail
        simply waits (event 994). That one which leads out stays up when no other does so is unconfirmed.

        Source: R89.
        """
        self._once(node, told.LeftUp(connector=connector), connector)

    def _once(self, node: Node, telling: Telling, connector: ConnectorName) -> None:
        """Say what a routing engine decides, once for each failure and not with each retry."""
        key = (step_of(telling).key, node.name, connector)
        if key not in self._said:
            self._said.add(key)
            node.note(telling, NO_MAIL)

    def _stays_up(self, server: ServerName, name: str) -> bool:
        table = self.state.map_of(server).table
        connector = table.connectors[name].connector
        ends = targets(connector)
        leaf = not ends or any(len(_neighbours(table, group)) < 2 for group in (connector.routing_group, *ends))
        return leaf and not self._has_alternative(server, name)

    def _has_alternative(self, server: ServerName, name: str) -> bool:
        map_: Map = self.state.map_of(server)
        table = map_.table
        entry = table.connectors[name]
        if len(entry.available()) > 1:
            return True
        connector = entry.connector
        if ends := targets(connector):
            excluded = table.down | {name}
            return any(map_.way(connector.routing_group, end, excluded) is not None for end in ends)
        patterns = {space.pattern for space in getattr(connector, "address_spaces", ())}
        return any(
            space.pattern in patterns and other.name != name and other.name not in table.down
            for other, space in map_.spaces("SMTP")
        )

    def repaired(self) -> None:
        """Something works again: bridgeheads that gave a connector up find out at their next try (Source: R86)."""
        self._said.clear()
        for key, since in self.state.down.items():
            if key not in self._probing:
                every = self.parameters.probe_seconds
                self._probing.add(key)
                self.state.env.start(self.probe(*key, every - (self.state.env.now - since) % every))

    @rule
    def probe(self, connector: ConnectorName, server: ServerName, wait: float) -> Steps:
        """The bridgehead of a connector that is down tries every 60 seconds, with or without mail, and reports success.

        Source: R86, O24.
        """
        yield wait
        self._probing.discard((connector, server))
        item = self.state.directory.connector.get(connector)
        if item is None or not self.state.runs(server) or (connector, server) not in self.state.down:
            return
        if any(not self.world.reachable(server, host, connector) for host in far_ends(item)):
            del self.state.down[connector, server]
            self.state.note(server, told.Reached(connector=connector, seconds=self.parameters.probe_seconds))
            self.state.report(server, Change("up", server, connector))
            for link in self.world.nodes[server].links.values():
                if link.hop.connector == connector:
                    link.wake()

    # -- services and servers ---------------------------------------------------------------------------------------

    def service_changed(self, server: ServerName, service: str, up: bool) -> None:
        """A service of a server stopped or started."""
        engine = self.state.engines[server]
        if engine.static:
            return
        if service in SEEN and self.state.runs(server):
            self.state.report(server, Change("started" if up else "stopped", server, service=SEEN[service]))
        if service == SMTP:
            if up:
                self.repaired()
                self._tell_neighbours()
        elif service == ROUTING_ENGINE and up:
            self.start_engine(server)
        elif service == ROUTING_ENGINE:
            self.forget_table(engine)
            self._gone(engine)

    def network_changed(self, name: str, up: bool) -> None:
        """The network of a connector or server broke or works again."""
        engine = self.state.engines.get(name)
        if up:
            self.repaired()
        if engine is not None and not engine.static:
            self.state.env.start(self._returns(engine.server) if up else self._polled(engine.server))
        elif up:
            self._tell_neighbours()

    def reachable_again(self) -> None:
        """Something takes connections again that took none."""
        self.repaired()
        self._tell_neighbours()

    def _tell_neighbours(self) -> None:
        for heads in self.state.heads.values():
            for connector, target in heads:
                self.world.pass_on(connector, target)

    @rule
    def forget_table(self, engine: Engine) -> None:
        """The table is in memory only: a routing engine that stops forgets it.

        Source: R40.
        """
        engine.forget()
        self.state.note(engine.server, told.TableForgotten(), (TableState(engine.server, None),))

    @rule
    def _polled(self, name: ServerName) -> Steps:
        """Members and master notice at the next poll that the other side is gone; the default interval is inferred.

        Source: R60, R63.
        """
        every = self.parameters.polling_seconds
        yield every - self.state.env.now % every
        if name in self.world.broken:
            self._gone(self.state.engines[name], rule_of(Detection._polled))

    def _gone(self, engine: Engine, rule: RuleName = USUAL) -> None:
        if engine.server == engine.master:
            for name in self.state.members[engine.group]:
                if name != engine.server:
                    self.lose_master(self.state.engines[name], rule)
        elif self.state.runs(engine.master):
            self.state.tell_master(engine.master, [Change("lost", engine.server)])

    @rule
    def lose_master(self, engine: Engine, fired: RuleName) -> None:
        """Members without a master go on with the table they have; mail flows, and no other server takes the role.

        Source: R12, R13, O22.
        """
        if self.state.runs(engine.server) and not engine.frozen:
            engine.frozen = True
            self.state.note(engine.server, told.MasterLost(peer=engine.master), (), fired)

    @rule
    def _returns(self, name: ServerName) -> Steps:
        """A server whose network is back connects to its master at its next retry.

        Source: R63.
        """
        yield self.parameters.client_connect_retry_seconds
        if name in self.world.broken or not self.state.runs(name):
            return
        engine = self.state.engines[name]
        if engine.master == name:
            self._master_reached(engine)
        elif self.state.attached(name) and self._was_missed(engine):
            self.state.note(name, told.Attached(peer=engine.master))
            self._attach(engine)
        self._tell_neighbours()

    def _was_missed(self, engine: Engine) -> bool:
        master = self.state.engines[engine.master]
        missed = Member(engine.server, False) in master.table.groups[engine.group].members
        return missed or self._out_of_step(engine, master)

    def _out_of_step(self, engine: Engine, master: Engine) -> bool:
        return bool(engine.frozen or engine.pending or engine.table is not master.table)

    def _master_reached(self, engine: Engine) -> None:
        """A break that nobody noticed ends without a word."""
        members = [self.state.engines[name] for name in self.state.members[engine.group]]
        named = engine.table.groups[engine.group].master == engine.server
        if not named or any(self._out_of_step(item, engine) for item in members if not item.static):
            self.master_returns(engine.server)

    @rule
    def start_engine(self, server: ServerName) -> None:
        """A routing engine that starts reads the directory, connects to its master, and asks for the current states.

        Source: R40, R41, R61.
        Sure: documented.
        """
        engine = self.state.engines[server]
        engine.master = engine.master and self.state.master_name(engine.group)
        # A neighbour cannot know that this table is new; here it looks again at once, not only in its next session.
        for other in self.state.engines.values():
            other.tell(engine.group, None)
        first = self.state.initial()
        if engine.master == server:
            self.state.take(server, first)
            self.master_returns(server)
            return
        attached = self.state.attached(server)
        table = self.state.register.merged(first, self.state.engines[engine.master].table) if attached else first
        news = self.state.register.news_since_start(table)
        effects = self.state.rebuild(server, table)
        self.state.note(
            server,
            told.TableRebuilt(contact=_contact(engine.master, attached), news=news),
            effects,
            USUAL if attached else rule_of(from_directory),
        )
        self.world.table_changed(server)
        if attached:
            self._attach(engine)

    def _attach(self, engine: Engine) -> None:
        """A member is in touch with its master again: it hands over what it kept."""
        engine.frozen = False
        kept, engine.pending = engine.pending, []
        self.state.tell_master(engine.master, [Change("back", engine.server), *kept])
        self.state.push(engine.master)

    @rule
    def master_returns(self, server: ServerName) -> None:
        """A master that is back asks the others, rebuilds the table, works off its State Change Queue, and updates them.

        Source: R13, O22.
        """
        engine = self.state.engines[server]
        table = engine.table
        queue = list(engine.pending)
        engine.pending = []
        for name in self.state.members[engine.group]:
            member = self.state.engines[name]
            if name != server and member.master == server and self.state.runs(name) and not member.static:
                table = self.state.register.merged(table, member.table)
                queue += member.pending
                member.pending, member.frozen = [], False
        effects = self.state.rebuild(server, table)
        self.state.note(server, told.MasterReturned(group=engine.group, number=len(queue)), effects)
        named = engine.table.groups[engine.group].master == server
        changes = [Change("restarted" if named else "master", server), *self._lost_members(engine), *queue]
        self.state.tell_master(server, changes)

    def _lost_members(self, engine: Engine) -> list[Change]:
        """What the master finds out about its members when it examines them."""
        entry = engine.table.groups[engine.group]
        runs = self.state.runs
        return [
            Change("back" if runs(item.server) else "lost", item.server)
            for item in entry.members
            if item.server in self.state.engines
            and not self.state.engines[item.server].static
            and runs(item.server) != item.connected
        ]

    # -- the role ---------------------------------------------------------------------------------------------------

    @rule
    def move_master(self, group: GroupName, server: ServerName, lag: float) -> Steps:
        """The role moves by hand only; until the directory has reached everybody, two servers hold themselves for master.

        What two masters do to each other is unconfirmed: here each rejects the other, and of one that stands down its successor
        learns how far it had come, so that nobody takes the old entry for the newer one.

        Source: R12, R15, R48.
        """
        directory = self.state.directory
        groups = tuple(
            replace(item, master=server) if item.name == group else item for item in directory.routing_groups
        )
        old = self.state.master_name(group) or "nobody"
        self.state.directory = replace(directory, routing_groups=groups)
        lagging = f" The directory needs {lag:g} seconds to reach the other servers." if lag else ""
        self.state.note(server, told.MasterMoved(name=server, group=group, old=old, lag=lagging))
        engine = self.state.engines[server]
        engine.master, engine.frozen = server, False
        if not lag:
            self._follow(group, server)
        if self.state.runs(server):
            self.state.tell_master(server, [Change("master", server), *self._lost_members(engine)])
        if lag:
            yield lag
            if self.state.master_name(group) == server:
                self._follow(group, server)
                if self.state.runs(server):
                    self.master_returns(server)

    def _follow(self, group: GroupName, server: ServerName) -> None:
        for name in self.state.members[group]:
            engine = self.state.engines[name]
            if name != server and not engine.static:
                if engine.master == name:
                    self.state.note(name, told.StoodDown(peer=server, group=group))
                    self._surpass(self.state.engines[server], engine.table.groups[group].version)
                engine.master, engine.frozen = server, False
                self.state.engines[server].pending += engine.pending
                engine.pending = []

    def _surpass(self, master: Engine, version: Version) -> None:
        """Go on from the version of a master that stood down."""
        own = master.table.groups[master.group]
        if version > own.version:
            master.table = self.state.register.intern(master.table.with_group(replace(own, version=version)))

    @rule
    def delete_server(self, server: ServerName) -> None:
        """A server that is deleted stays in the tables until a master reads the directory; a master leaves its group without.

        Source: R12, R14, R57.
        """
        directory, engine = self.state.directory, self.state.engines[server]
        group = engine.group
        named = tuple(
            replace(item, master=engine.master or item.master) if item.name == group else item
            for item in directory.routing_groups
        )
        servers = tuple(item for item in directory.servers if item.name != server)
        self.state.directory = replace(directory, servers=servers, routing_groups=named)
        self.world.broken.add(server)
        what = "It was the master of its routing group." if engine.master == server else ""
        effects = (NetworkState(server, False), Deleted(server))
        self.state.note(server, told.ServerDeleted(name=server, master=what), effects)
        if engine.master == server:
            for name in self.state.members[group]:
                self.miss_master(self.state.engines[name])
        else:
            self._gone(engine)
            self.state.directory_changed(self.state.directory, [group])

    @rule
    def miss_master(self, engine: Engine) -> None:
        """Where the master is an object that no longer exists, event 958 is logged and link state stands still.

        Source: R14.
        """
        engine.master = ServerName("")
        if self.state.runs(engine.server) and not engine.static:
            engine.frozen = True
            self.state.note(engine.server, told.NoMaster(group=engine.group))


def _contact(master: str, attached: bool) -> str:
    """How a member that starts gets in touch with its master, as the end of a sentence."""
    if attached:
        return f", connects to {master} on TCP port 691 and asks for the current states"
    return (
        f", but no routing engine answers it at {master} on TCP port 691" if master else " and knows no master to ask"
    )


def _neighbours(table: Table, group: str) -> set[str]:
    """The routing groups that connectors join with this one, whichever way they lead."""
    joined = [
        (item.connector.routing_group, end) for item in table.connectors.values() for end in targets(item.connector)
    ]
    return {end for pair in joined for end in pair if group in pair} - {group}
