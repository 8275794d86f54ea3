"""A scenario: an organization and a script of timed actions. Running it is a pure function that yields a trace."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from email.message import Message as StandardMessage
from functools import partial
from math import inf
from typing import Any, Literal, Self

from mailflow.messages import Message
from mailflow.organization.check import faults
from mailflow.organization.model import AddressSpace, AnyConnector, Mailbox, Organization, Server
from mailflow.routing.recorded import connector_data
from mailflow.simulation.actions import ADMINISTRATOR, changed_connector, perform
from mailflow.simulation.world import Outsider, World, client_keeps
from mailflow.trace import Trace
from mailflow.transport import places
from mailflow.transport.dialogue import Dialogue
from mailflow.transport.directory import domain_of
from mailflow.transport.mail import IN_QUEUE_FOLDER, IN_STORE, Letter, Mail, MailRecipient
from mailflow.transport.node import SERVICES
from mailflow.transport.parameters import Parameters
from mailflow.transport.smtp import Client
from mailflow.transport.submission import submit_by_mapi, submit_by_pickup
from mailflow.transport.work import Steps

Way = Literal["mapi", "smtp", "pickup"]
Source = Message | StandardMessage | bytes | str | os.PathLike[str]


LATEST = 1e9
"""The latest time of an action, in seconds: thirty years after the start, well before calendars end."""


class ScenarioError(ValueError):
    """An action that this organization does not allow. Names the action, what is wrong, and what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One timed action of a script: ``at`` in seconds, the verb, and its arguments as plain data."""

    at: float
    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """The action as plain JSON data."""
        return {"at": self.at, "verb": self.verb, **self.arguments}


class Scenario:
    """An organization, a seed, and a script that you write with `send`, `stop`, `start`, `fail`, `restore` and the
    administrator's verbs.

    Every method returns the scenario itself, so that calls can be chained. `run` may be called as often as you like: it
    starts from the beginning each time and gives the same trace each time.

    Args:
        organization: from `mailflow.load`.
        seed: of the one random generator (choice among equal MX records and bridgeheads).
        parameters: settings of the model, see `Parameters`.
    """

    def __init__(self, organization: Organization, *, seed: int = 0, parameters: Parameters | None = None) -> None:
        self.organization = organization
        self.seed = seed
        self.parameters = parameters or Parameters()
        self._script: list[tuple[Action, Message | None]] = []
        self._read: dict[int, tuple[StandardMessage, Message]] = {}

    def __repr__(self) -> str:
        return f"Scenario in {self.organization.name!r} with {len(self._script)} actions"

    @property
    def script(self) -> tuple[Action, ...]:
        """The actions so far, in the order in which they happen."""
        return tuple(action for action, _ in self.actions())

    def actions(self) -> list[tuple[Action, Message | None]]:
        """The actions as in `script`, each with its message if it sends one."""
        return sorted(self._script, key=lambda item: item[0].at)

    def send(
        self,
        message: Source,
        *,
        at: float = 0.0,
        sender: str | None = None,
        to: str | Sequence[str] | None = None,
        by: Way | None = None,
        server: str | None = None,
        client: str = "",
        account: str = "",
        tls: bool = False,
    ) -> Self:
        """Send a message: a `Message`, a standard ``EmailMessage``, bytes, or the path of an ``.eml`` file.

        Args:
            at: seconds after the start.
            sender, to: the envelope (P1), if it is to differ from the header fields (P2) (Source: T161).
            by: "mapi" (Outlook, the default for a sender with a mailbox), "smtp" (the default for everybody else) or
            "pickup".
            server: where it enters; by default the sender's own server, or for SMTP the host that the recipient's MX
            record names.
            client: for "smtp", the name or IP address of the sending computer; an external host of the organization
            file is known by name.
            account: for "smtp", the account the client logs on with; empty means anonymous.
            tls: for "smtp", whether the client has encrypted the channel; STARTTLS itself is not shown.

        Raises:
            ScenarioError: no such server or mailbox, or a way that does not fit the sender.
            MessageError: the message cannot be read, or has no recipients.
        """
        letter = self._message(message, sender, to)
        entry = self.organization.by_address.get(letter.sender.lower())
        way: Way = by or ("mapi" if isinstance(entry, Mailbox) else "smtp")
        if way not in ("mapi", "smtp", "pickup"):
            raise ScenarioError(f'send(by={way!r}): a message enters by "mapi", "smtp" or "pickup"')
        if way == "mapi":
            if not isinstance(entry, Mailbox):
                raise ScenarioError(
                    f'send(by="mapi"): {letter.sender or "<>"} has no mailbox in {self.organization.name}; '
                    f'use by="smtp" or one of {", ".join(self._some_mailboxes())}'
                )
            server = entry.server
        elif server is not None or way == "pickup":
            server = self._server(server, "send").name
        arguments = {
            "sender": letter.sender,
            "to": list(letter.recipients),
            "subject": letter.subject,
            "by": way,
            "server": server,
            "client": client,
            "account": account,
            **({"tls": True} if tls else {}),
        }
        return self._add(
            at, "send", {key: value for key, value in arguments.items() if value not in ("", None)}, letter
        )

    def stop(self, service: str, server: str | None = None, *, at: float = 0.0) -> Self:
        """Stop a service of a server, dismount a mailbox store by its name, or let the "antivirus" sink hang.

        Raises:
            ScenarioError: no such service, store or server.
        """
        return self._service("stop", service, server, at)

    def start(self, service: str, server: str | None = None, *, at: float = 0.0) -> Self:
        """Start again what `stop` stopped.

        Raises:
            ScenarioError: no such service, store or server.
        """
        return self._service("start", service, server, at)

    def fail(self, name: str, *, at: float = 0.0) -> Self:
        """Break the network of a connector, a server, an external host, "DNS", or an external DNS server by its address.

        A DNS zone that fails answers SERVFAIL.

        Raises:
            ScenarioError: nothing of that name.
        """
        return self._add(at, "fail", {"name": self._breakable("fail", name)})

    def restore(self, name: str, *, at: float = 0.0) -> Self:
        """Repair what `fail` broke.

        Raises:
            ScenarioError: nothing of that name.
        """
        return self._add(at, "restore", {"name": self._breakable("restore", name)})

    def freeze(self, queue: str, server: str | None = None, *, at: float = 0.0) -> Self:
        """Freeze a link queue: it takes mail in and sends none (Source: T175, T176)."""
        return self._queue("freeze", queue, server, at)

    def unfreeze(self, queue: str, server: str | None = None, *, at: float = 0.0) -> Self:
        """Let a frozen link queue send again (Source: T176, T177)."""
        return self._queue("unfreeze", queue, server, at)

    def force_connection(self, queue: str, server: str | None = None, *, at: float = 0.0) -> Self:
        """Try a link queue now, as if its retry interval had passed (Source: T176)."""
        return self._queue("force connection", queue, server, at)

    def disable_outbound_mail(self, server: str | None = None, *, at: float = 0.0) -> Self:
        """Press Disable Outbound Mail: every link queue stops, system queues go on (Source: T174)."""
        return self._add(at, "disable outbound mail", {"server": self._server(server, "disable_outbound_mail").name})

    def enable_outbound_mail(self, server: str | None = None, *, at: float = 0.0) -> Self:
        """Undo `disable_outbound_mail` (Source: T174)."""
        return self._add(at, "enable outbound mail", {"server": self._server(server, "enable_outbound_mail").name})

    def delete(self, queue: str, server: str | None = None, *, ndr: bool = True, at: float = 0.0) -> Self:
        """Delete all messages of a link queue, with or without a non-delivery report (Source: T115, T177)."""
        return self._queue("delete (NDR)" if ndr else "delete (no NDR)", queue, server, at)

    def set_master(self, group: str, server: str, *, replication_lag: float = 0.0, at: float = 0.0) -> Self:
        """Make another server the master of its routing group (Source: R12).

        Args:
            replication_lag: seconds that the directory needs to tell the others; until then there are two masters
            (unconfirmed, Source: R15).

        Raises:
            ScenarioError: no such routing group, or the server is not in it.
        """
        if group not in self.organization.routing_group:
            raise ScenarioError(
                f"set_master: no routing group {group!r}{_meant(group, self.organization.routing_group)}"
            )
        members = [item.name for item in self.organization.members_of(group)]
        if server not in members:
            raise ScenarioError(f"set_master: {server!r} is not in {group}{_meant(server, members)}")
        if not replication_lag >= 0:
            raise ScenarioError(f"set_master(replication_lag={replication_lag!r}): seconds, 0 or more")
        return self._add(at, "set master", {"group": group, "server": server, "lag": float(replication_lag)})

    def delete_server(self, server: str, *, at: float = 0.0) -> Self:
        """Delete a server from the directory and switch it off (Source: R14, R57).

        Raises:
            ScenarioError: no such server.
        """
        return self._add(at, "delete server", {"server": self._server(server, "delete_server").name})

    def change(self, connector: str, *, at: float = 0.0, **settings: Any) -> Self:
        """Change settings of a connector in the directory, for instance its cost (Source: R9, R48).

        Raises:
            ScenarioError: no such connector or setting, or a value that the organization does not allow.
        """
        known = self._connector("change", connector)
        names = [item.name for item in fields(known) if item.name not in ("name", "routing_group")]
        for name in settings:
            if name not in names:
                raise ScenarioError(
                    f"change({connector!r}): a {known.kind} connector has no setting {name!r}{_meant(name, names)}"
                )
        plain = {key: _plain_setting(value) for key, value in settings.items()}
        return self._configure(at, "change connector", {"name": connector, "settings": plain})

    def add(self, connector: AnyConnector, *, at: float = 0.0) -> Self:
        """Add a connector to the directory (Source: R9, R48).

        Raises:
            ScenarioError: the organization does not allow it, for instance because of its name or bridgeheads.
        """
        return self._configure(at, "add connector", {"connector": connector_data(connector)})

    def remove(self, connector: str, *, at: float = 0.0) -> Self:
        """Remove a connector from the directory (Source: R9, R48).

        Raises:
            ScenarioError: no such connector.
        """
        self._connector("remove", connector)
        return self._configure(at, "remove connector", {"name": connector})

    def code(self) -> str:
        """The script as Python, to copy into a cell. A message is written anew from its envelope and subject."""
        lines = ["scenario = mailflow.Scenario(organization" + (f", seed={self.seed}" if self.seed else "") + ")"]
        lines += [f"scenario.{_call(action, letter)}" for action, letter in self.actions()]
        return "\n".join(lines)

    def copy(self) -> Scenario:
        """An independent copy, for another ending."""
        made = Scenario(self.organization, seed=self.seed, parameters=self.parameters)
        made._script = list(self._script)
        return made

    def run(self, until: float | None = None, *, progress: Callable[[float], object] | None = None) -> Trace:
        """Run the script from the start.

        Args:
            until: stop the clock here, in seconds; without it the run goes on until nothing can happen any more.
            progress: called with the fraction of actions started, for long runs.

        Returns:
            The trace. Equal organization, script, seed and parameters give an equal trace, byte for byte.

        Raises:
            ScenarioError: ``until`` is negative.
        """
        if until is not None and not until >= 0:
            raise ScenarioError(f"run(until={until!r}): time is in seconds from the start, 0 or more")
        world = World(self.organization, self.parameters, self.seed)
        world.env.start(self._drive(world, progress))
        with _no_collection():
            world.env.run_before(inf if until is None else until)
        made = Trace(
            world.records,
            organization=map_data(self.organization),
            messages=partial(_messages_data, world.letters, world.vias),
            script=[action.as_data() for action in self.script],
            seed=self.seed,
            letters={key: letter.message for key, letter in world.letters.items()},
            archives={key: letter.archived for key, letter in world.letters.items() if letter.archived},
            link_state=world.link_state.register.data(),
            recipe=partial(_recipe, self.copy(), until),
        )
        world.close()
        return made

    def _drive(self, world: World, progress: Callable[[float], object] | None) -> Steps:
        ordered = self.actions()
        for number, (action, letter) in enumerate(ordered):
            if action.at > world.env.now:
                yield action.at - world.env.now
            if letter is not None:
                world.env.start(_enter(world, letter, action.arguments))
            else:
                perform(world, action.verb, action.arguments)
            if progress is not None:
                progress((number + 1) / len(ordered))

    # -- checks -----------------------------------------------------------------------------------------------------

    def _add(self, at: float, verb: str, arguments: Mapping[str, Any], letter: Message | None = None) -> Self:
        if not 0 <= at <= LATEST:
            raise ScenarioError(f"{verb}(at={at!r}): time is in seconds from the start, 0 or more, at most {LATEST:g}")
        self._script.append((Action(at=float(at), verb=verb, arguments=arguments), letter))
        return self

    def _message(self, message: Source, sender: str | None, to: str | Sequence[str] | None) -> Message:
        recipients = [to] if isinstance(to, str) else to
        if isinstance(message, Message) and sender is None and recipients is None:
            return message
        if isinstance(message, Message):
            return Message.read(
                message.content,
                sender=message.sender if sender is None else sender,
                to=recipients or message.recipients,
            )
        if isinstance(message, StandardMessage) and sender is None and recipients is None:
            known = self._read.get(id(message))
            if known is None:
                known = self._read[id(message)] = (message, Message.read(message))
            return known[1]
        return Message.read(message, sender=sender, to=recipients)

    def _some_mailboxes(self) -> list[str]:
        return [item.primary for item in self.organization.recipients if isinstance(item, Mailbox)][:4]

    def _server(self, name: str | None, verb: str) -> Server:
        servers = self.organization.server
        if name is None:
            if len(servers) == 1:
                return next(iter(servers.values()))
            raise ScenarioError(f"{verb}: say on which server, for instance server={next(iter(servers))!r}")
        if name not in servers:
            raise ScenarioError(f"{verb}: no server {name!r}{_meant(name, servers)}")
        return servers[name]

    def _service(self, verb: str, service: str, server: str | None, at: float) -> Self:
        found = self._server(server, f"{verb}({service!r})")
        known = [*SERVICES, *(store.name for store in found.mailbox_stores)]
        if service not in known:
            raise ScenarioError(f"{verb}: {found.name} has no service or store {service!r}{_meant(service, known)}")
        return self._add(at, verb, {"service": service, "server": found.name})

    def _breakable(self, verb: str, name: str) -> str:
        organization = self.organization
        known = [*organization.connector, *organization.server, *organization.external_host, "DNS"]
        known += [zone.name for zone in organization.zones]
        known += [ip for server in organization.servers for item in server.virtual_servers for ip in item.external_dns]
        if name not in known:
            raise ScenarioError(f"{verb}: nothing is called {name!r}{_meant(name, known)}")
        return name

    def _connector(self, verb: str, name: str) -> AnyConnector:
        known = self._configuration().connector
        if name not in known:
            raise ScenarioError(f"{verb}: no connector {name!r}{_meant(name, known)}")
        return known[name]

    def _configuration(self, *more: Action) -> Organization:
        """The organization as the actions so far, and ``more``, leave it when each happens at its time."""
        made = self.organization
        for action in sorted([*self.script, *more], key=lambda item: item.at):
            if action.verb.endswith(" connector"):
                _possible(made, action)
                made = changed_connector(made, action.verb, action.arguments)[0]
        return made

    def _configure(self, at: float, verb: str, arguments: Mapping[str, Any]) -> Self:
        made, _, what = changed_connector(self._configuration(), verb, arguments)
        if found := faults(made):
            raise ScenarioError("\n".join([f"{what} is not possible:", *(f"  {line}" for line in found)]))
        self._configuration(Action(at=float(at), verb=verb, arguments=arguments))
        return self._add(at, verb, arguments)

    def _queue(self, verb: str, queue: str, server: str | None, at: float) -> Self:
        found = self._server(server, verb)
        if queue in places.SYSTEM_QUEUES or f"queue/{queue}" in places.SYSTEM_QUEUES:
            raise ScenarioError(
                f"{verb}: {queue!r} is a system queue; this works on link queues, which are named after the next hop"
            )
        return self._add(at, verb, {"queue": queue, "server": found.name})


def method_of(verb: str) -> str:
    """The name of the scenario's method that adds an action with this verb."""
    bare = verb.removesuffix(" (NDR)").removesuffix(" (no NDR)").removesuffix(" connector")
    return bare.replace(" ", "_")


def _call(action: Action, letter: Message | None) -> str:
    """One action as the call that makes it."""
    given = dict(action.arguments)
    at = [f"at={action.at:g}"] if action.at else []
    if letter is not None:
        to = letter.recipients[0] if len(letter.recipients) == 1 else list(letter.recipients)
        written = f"mailflow.Message.write({letter.sender!r}, {to!r}, subject={letter.subject!r})"
        more = [f"{key}={given[key]!r}" for key in ("by", "server", "client", "account", "tls") if _matters(key, given)]
        return f"send({', '.join([written, *more, *at])})"
    if action.verb == "add connector":
        return f"add(organization.connector[{given['connector']['name']!r}]{', ' if at else ''}{''.join(at)})"
    if action.verb == "change connector":
        arguments = [repr(given["name"]), *(f"{key}={value!r}" for key, value in given["settings"].items())]
        return f"change({', '.join([*arguments, *at])})"
    if action.verb == "set master":
        lag = [f"replication_lag={given['lag']:g}"] if given["lag"] else []
        return f"set_master({', '.join([repr(given['group']), repr(given['server']), *lag, *at])})"
    return f"{method_of(action.verb)}({', '.join([*map(repr, given.values()), *at])}{', ndr=False' if '(no' in action.verb else ''})"


def _matters(key: str, given: Mapping[str, Any]) -> bool:
    """Whether an argument says more than the defaults would: Outlook enters on the sender's own server."""
    return bool(given.get(key)) and not (given["by"] == "mapi" and key in ("by", "server"))


def _possible(organization: Organization, action: Action) -> None:
    """Whether a connector is there when it is changed or removed, and is not when it is added."""
    adds = action.verb == "add connector"
    name = action.arguments["connector"]["name"] if adds else action.arguments["name"]
    if (name in organization.connector) == adds:
        there = "there is already a connector" if adds else "there is no connector"
        raise ScenarioError(f"{action.verb} at {action.at:g} seconds: {there} {name!r} at that time")


def _plain_setting(value: Any) -> Any:
    if isinstance(value, AddressSpace):
        return {"pattern": value.pattern, "cost": value.cost, "type": value.type}
    return [_plain_setting(item) for item in value] if isinstance(value, (list, tuple)) else value


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from looking at what a run makes, which then counts as old at once.

    It lives as long as its trace and holds no circles (see `World.close`), so that looking costs and finds nothing.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            # Both act on the whole process. Together they only make everything that exists now count as old, so that the
            # next quick collections pass it by; a full one still sees it. To thaw what somebody else froze (a server that
            # forks, say) would be none of our business.
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _meant(name: str, known: Any) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there is {', '.join(map(repr, list(known)[:8]))}"


def _recipe(scenario: Scenario, until: float | None) -> str:
    """The scenario as a text, made when somebody asks: what writes it reads scenarios, too, and needs this module."""
    from mailflow.simulation.sharing import recipe  # it reads scenarios, too, and needs this module

    return recipe(scenario, until)


def _enter(world: World, message: Message, arguments: Mapping[str, Any]) -> Steps:
    """Let one message of the script enter the world."""
    letter = world.new_letter("message", message, arguments["by"])
    recipients = [MailRecipient(letter.recipient_index(), address) for address in message.recipients]
    mail = Mail(letter.mail_id(), letter, message.sender, recipients, IN_STORE, hops=message.received)
    node = world.nodes.get(arguments.get("server") or "")
    created = ("message", letter.id, mail.id, message.recipients)
    if arguments["by"] == "smtp":
        mail.content_in = IN_QUEUE_FOLDER
        return _by_smtp(world, mail, created, arguments)
    assert node is not None
    if arguments["by"] == "pickup":
        mail.content_in = IN_QUEUE_FOLDER
        node.note(ADMINISTRATOR["drop"], mail.id, places.PICKUP, (message.subject,), (created,))
        return submit_by_pickup(node, mail)
    mail.authenticated = True
    node.note(
        ADMINISTRATOR["compose"],
        mail.id,
        places.OUTBOX,
        (message.sender, message.subject, tuple(message.recipients[:6])),
        (created,),
    )
    return submit_by_mapi(node, mail)


def _by_smtp(world: World, mail: Mail, created: tuple[Any, ...], arguments: Mapping[str, Any]) -> Steps:
    client = _client(world, mail, arguments)
    outsider = Outsider(world, client)
    message = mail.letter.message
    values = (mail.sender or "<>", message.subject, tuple(message.recipients[:6]))
    outsider.note(ADMINISTRATOR["compose"], mail.id, places.OUTBOX, values, (created,))
    for host, items in _hosts(world, mail, arguments):
        part = mail
        if len(items) < len(mail.recipients):
            part = mail.split(items)
            outsider.note(
                ADMINISTRATOR["copy"],
                part.id,
                places.OUTBOX,
                (host,),
                (("mail", part.id, mail.id, Mail.indexes(items)),),
            )
        yield from _talk(world, outsider, part, host, arguments.get("account", ""), arguments.get("tls", False))


def _talk(world: World, outsider: Outsider, mail: Mail, host: str, account: str, tls: bool) -> Steps:
    why = world.reachable(outsider.name, host, "")
    if why:
        client_keeps(outsider, mail, why)
        return
    client = outsider.client._replace(account=account, tls=tls)
    receiver = world.receiver(client, host)
    dialogue = Dialogue(outsider, receiver, exchange=False, account=account)
    name = mail.id
    if not (yield from dialogue.open_session(name)):
        client_keeps(outsider, mail, "the server does not accept the connection")
        return
    yield from dialogue.send(mail)
    yield from dialogue.close_session(name)
    if mail.recipients:
        client_keeps(outsider, mail, "the server asked to try again later")


def _client(world: World, mail: Mail, arguments: Mapping[str, Any]) -> Client:
    """Who connects: an external host by name, an IP address, or any name; by default the host that takes mail for the
    sender's domain.
    """
    given = arguments.get("client", "")
    hosts = world.organization.external_hosts
    if not given:
        domain = domain_of(mail.sender)
        found = next((host for host in hosts if domain in host.accepts), None)
        return Client(name=found.name, ip=found.ip) if found else Client(name="client", ip="203.0.113.99")
    known = next((host for host in hosts if given in (host.name, host.ip)), None)
    if known:
        return Client(name=known.name, ip=known.ip)
    return Client(name=given, ip=given if given.replace(".", "").isdigit() or ":" in given else "203.0.113.99")


def _hosts(world: World, mail: Mail, arguments: Mapping[str, Any]) -> list[tuple[str, list[MailRecipient]]]:
    """The server to talk to for each recipient: the one given, or what MX records say."""
    if arguments.get("server"):
        return [(arguments["server"], list(mail.recipients))]
    groups: dict[str, list[MailRecipient]] = {}
    for item in mail.recipients:
        answer = world.ask_mx(domain_of(item.address), None)
        groups.setdefault(answer.hosts[0] if answer.hosts else f"({answer.why})", []).append(item)
    return list(groups.items())


def _messages_data(letters: Mapping[str, Letter], vias: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return {key: _message_data(letter.message, letter.kind, vias[key]) for key, letter in letters.items()}


def _message_data(message: Message, kind: str, via: str) -> dict[str, Any]:
    """What a view shows of a message: its envelope, structure and the start of its source."""
    return {
        "kind": kind,
        "via": via,
        "sender": message.sender,
        "recipients": list(message.recipients),
        "subject": message.subject,
        "size": message.size,
        "priority": message.priority,
        "format": message.format,
        "structure": message.outline(),
        "defects": list(message.defects),
        "preview": message.content[:PREVIEW].decode("ascii", "replace"),
    }


PREVIEW = 2000
"""Bytes of a message that a trace shows."""


def map_data(organization: Organization) -> dict[str, Any]:
    """The part of an organization that a map of it needs, as plain JSON data."""
    return {
        "name": organization.name,
        "title": organization.title,
        "domain": organization.domain,
        "routing_groups": [{"name": item.name, "master": item.master} for item in organization.routing_groups],
        "servers": [
            {
                "name": item.name,
                "fqdn": item.fqdn,
                "ip": item.ip,
                "routing_group": item.routing_group,
                "role": item.role,
                "stores": [store.name for store in item.mailbox_stores],
                **({"product": item.product} if item.product != "2003" else {}),
            }
            for item in organization.servers
        ],
        "connectors": [connector_data(item) for item in organization.connectors],
        "homes": {item.primary: item.server for item in organization.recipients if isinstance(item, Mailbox)},
        "external_hosts": [
            {"name": item.name, "ip": item.ip, "accepts": list(item.accepts)} for item in organization.external_hosts
        ],
    }


__all__ = ["Action", "Scenario", "ScenarioError", "map_data"]
