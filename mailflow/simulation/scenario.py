"""A scenario: an organization and a script of timed actions. Running it is a pure function that yields a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Self

from mailflow.facts.kinds import misfit
from mailflow.facts.words import a, counted
from mailflow.organization.model import AnyConnector, Organization
from mailflow.simulation.directory import Directory
from mailflow.simulation.errors import ScenarioError, seconds
from mailflow.simulation.plan import Action, Plan
from mailflow.simulation.run import run
from mailflow.simulation.sources import Source, Sources
from mailflow.simulation.verbs import (
    AddConnector,
    ChangeConnector,
    Delete,
    DeleteMailbox,
    DeleteServer,
    DeleteSilently,
    DisableOutboundMail,
    EnableOutboundMail,
    Fail,
    ForceConnection,
    Freeze,
    MoveMailbox,
    Pause,
    Read,
    RemoveConnector,
    Restore,
    Resume,
    Send,
    SetMaster,
    Start,
    Stop,
    Unfreeze,
    Verb,
    verbs,
)
from mailflow.simulation.verbs.read import Reader
from mailflow.trace import Trace
from mailflow.transport.parameters import Parameters

Way = Literal["mapi", "smtp", "pickup"]


class Scenario:
    """An organization, a seed, and a script that you write with `send`, `stop`, `start`, `fail`, `restore` and the
    administrator's verbs.

    Every method returns the scenario itself, so that calls can be chained. `run` may be called as often as you like: it
    starts from the beginning each time and gives the same trace each time.

    Example:
        >>> import mailflow
        >>> scenario = mailflow.Scenario(mailflow.load("two sites")).fail("London-Paris").restore("London-Paris", at=600)
        >>> scenario.send(mailflow.Message.write("anna@contoso.com", "pierre@contoso.com"), at=1).run().status()
        {'m1': [('pierre@contoso.com', 'delivered', 'PAR02, Mailbox Store')]}

    Args:
        organization: from `mailflow.load`.
        seed: of the one random generator (choice among equal MX records and bridgeheads).
        parameters: settings of the model, see `Parameters`.
    """

    def __init__(self, organization: Organization, *, seed: int = 0, parameters: Parameters | None = None) -> None:
        if not isinstance(organization, Organization):
            given = f"mailflow.load({organization!r})" if isinstance(organization, str) else "mailflow.load(...)"
            kind = type(organization).__name__
            raise ScenarioError(f"Scenario: {a(kind)} is no organization; write Scenario({given})")
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise ScenarioError(misfit("Scenario(seed)", seed, "whole number", "write, for example, seed=3"))
        if not isinstance(parameters, (Parameters, type(None))):
            remedy = "write, for example, parameters=mailflow.Parameters(glitch_retries=2)"
            raise ScenarioError(misfit("Scenario(parameters)", parameters, "Parameters", remedy))
        self.organization = organization
        self.seed = seed
        self.parameters = parameters or Parameters()
        self._script: list[Action] = []
        self._directory = Directory(organization)
        self._sources = Sources()

    def __repr__(self) -> str:
        return f"Scenario in {self.organization.name!r} with {counted(len(self._script), 'action')}"

    @property
    def script(self) -> tuple[Action, ...]:
        """The actions so far, in the order in which they happen."""
        return tuple(sorted(self._script, key=lambda action: action.at))

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
        virtual_server: str = "",
        hello: str = "",
        data: bool = False,
        helo: bool = False,
        ret: str = "",
        envid: str = "",
        notify: str | Mapping[str, str] = "",
        orcpt: Mapping[str, str] | None = None,
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
            virtual_server: for "smtp" and "pickup", the virtual server of ``server``, if it is not the default one.
            hello: for "smtp", the name that the client says after EHLO, if not its own.
            data: for "smtp", whether the client sends the content by DATA, though it might use BDAT.
            helo: for "smtp", whether the client says HELO, not EHLO: then it uses no extension.
            ret, envid: for "smtp", what the client asks of reports with MAIL FROM: RET ("FULL" or "HDRS") and ENVID.
            notify, orcpt: the same with RCPT TO: NOTIFY, such as "NEVER" or "FAILURE,DELAY", for all recipients or by address, and
            ORCPT by address. Reports of success are not modelled.

        Raises:
            ScenarioError: no such server, virtual server or mailbox, a way that does not fit the sender, or a malformed parameter.
            MessageError: the message cannot be read, or has no recipients.
        """
        letter = self._sources.message(message, sender, to)
        each = letter.recipients if isinstance(notify, str) and notify else ()
        asked: dict[str, str] = (
            dict(notify) if not isinstance(notify, str) else {str(address): notify for address in each}
        )
        sending = Send(
            letter,
            by=by or "",
            server=server or "",
            client=client,
            account=account,
            tls=tls,
            virtual_server=virtual_server,
            hello=hello,
            data=data,
            helo=helo,
            ret=ret,
            envid=envid,
            notify=asked,
            orcpt=dict(orcpt or {}),
        )
        return self.act(sending, at=at)

    def read(
        self, mailbox: str, *, by: Reader = "mapi", server: str | None = None, tls: bool = False, at: float = 0.0
    ) -> Self:
        """Let somebody look at the mail in a mailbox, by Outlook or by one of the Internet protocols (Source: T1, T27).

        Args:
            mailbox: its name or one of its addresses.
            by: "mapi" (Outlook, which asks the store itself), "http" (Outlook Web Access), "pop3" or "imap4". Setup leaves POP3 and IMAP4
            disabled, so `start` them first (Source: T26).
            server: which server the client asks: a front-end server, or, by default, the server with the mailbox.
            tls: whether the client uses the port with TLS; not for "mapi".

        Raises:
            ScenarioError: no such mailbox, server or way, or a server that is neither a front-end server nor home of the mailbox.
        """
        return self.act(Read(mailbox, by, server or "", tls), at=at)

    def stop(self, service: str, server: str | None = None, *, at: float = 0.0) -> Self:
        """Stop a service of a server, one of its SMTP virtual servers by its name, dismount a mailbox store by its name, or
        let the "antivirus" sink hang. With "IIS Admin" all services stop that live in IIS.

        Raises:
            ScenarioError: no such service, virtual server, store or server, or a server without a virus scanner.
        """
        return self.act(Stop(service, server or ""), at=at)

    def start(self, service: str, server: str | None = None, *, at: float = 0.0) -> Self:
        """Start again what `stop` stopped, or the "POP3" or "IMAP4" service, which setup leaves disabled (Source: T26).

        Raises:
            ScenarioError: no such service, virtual server, store or server, or a server without a virus scanner.
        """
        return self.act(Start(service, server or ""), at=at)

    def pause(self, virtual_server: str = "", server: str | None = None, *, at: float = 0.0) -> Self:
        """Pause an SMTP virtual server, by default the default one: it goes on delivering and takes no new connections (Source: K58).

        Raises:
            ScenarioError: no such virtual server or server.
        """
        return self.act(Pause(virtual_server, server or ""), at=at)

    def resume(self, virtual_server: str = "", server: str | None = None, *, at: float = 0.0) -> Self:
        """Let a paused virtual server take new connections again (Source: K58).

        Raises:
            ScenarioError: no such virtual server or server.
        """
        return self.act(Resume(virtual_server, server or ""), at=at)

    def fail(self, name: str, *, at: float = 0.0) -> Self:
        """Break the network of a connector, a server, an external host, "DNS", or an external DNS server by its address.

        A DNS zone that fails answers SERVFAIL.

        Raises:
            ScenarioError: nothing of that name.
        """
        return self.act(Fail(name), at=at)

    def restore(self, name: str, *, at: float = 0.0) -> Self:
        """Repair what `fail` broke.

        Raises:
            ScenarioError: nothing of that name.
        """
        return self.act(Restore(name), at=at)

    def freeze(self, queue: str, server: str | None = None, *, message: str = "", at: float = 0.0) -> Self:
        """Freeze a link queue, or a system queue in front of a part of the server: it takes mail in and lets none out. Or freeze one message
        of a link queue: it stays there, and the others go past it (Source: K49, T175, T176, T177).

        Example:
            >>> import mailflow
            >>> scenario = mailflow.Scenario(mailflow.load("two servers")).fail("LON02")
            >>> for text in ("A large one", "A small one"):
            ...     _ = scenario.send(mailflow.Message.write("anna@contoso.com", "carla@contoso.com", text))
            >>> trace = scenario.freeze("lon02.contoso.com", "LON01", message="m1", at=10).restore("LON02", at=20).run(until=600)
            >>> {message: people[0][1] for message, people in trace.status().items()}
            {'m1': 'waiting', 'm2': 'delivered'}

        Args:
            message: its name in the trace: "m1" is the first that was sent. Without it, the whole queue is frozen.

        Raises:
            ScenarioError: no such server, a queue that cannot be frozen, or no name of a message.
        """
        return self.act(Freeze(queue, server or "", message), at=at)

    def unfreeze(self, queue: str, server: str | None = None, *, message: str = "", at: float = 0.0) -> Self:
        """Let a frozen queue go on, or a frozen message of it (Source: K49, T176, T177).

        Raises:
            ScenarioError: no such server, a queue that cannot be frozen, or no name of a message.
        """
        return self.act(Unfreeze(queue, server or "", message), at=at)

    def force_connection(self, queue: str, server: str | None = None, *, at: float = 0.0) -> Self:
        """Try a link queue now, as if its retry interval had passed (Source: T176)."""
        return self.act(ForceConnection(queue, server or ""), at=at)

    def disable_outbound_mail(self, server: str | None = None, *, at: float = 0.0) -> Self:
        """Press Disable Outbound Mail: every link queue stops, system queues go on (Source: T174)."""
        return self.act(DisableOutboundMail(server or ""), at=at)

    def enable_outbound_mail(self, server: str | None = None, *, at: float = 0.0) -> Self:
        """Undo `disable_outbound_mail` (Source: T174)."""
        return self.act(EnableOutboundMail(server or ""), at=at)

    def delete(
        self, queue: str, server: str | None = None, *, message: str = "", ndr: bool = True, at: float = 0.0
    ) -> Self:
        """Delete all messages of a link queue, or one of them, with or without a non-delivery report (Source: T115, T177).

        Raises:
            ScenarioError: no such server, a system queue, or no name of a message.
        """
        if not isinstance(ndr, bool):
            raise ScenarioError(misfit("delete(ndr)", ndr, "truth value", "write ndr=True or ndr=False"))
        kind = Delete if ndr else DeleteSilently
        return self.act(kind(queue, server or "", message), at=at)

    def set_master(self, group: str, server: str, *, replication_lag: float = 0.0, at: float = 0.0) -> Self:
        """Make another server the master of its routing group (Source: R12).

        Args:
            replication_lag: seconds that the directory needs to tell the others; until then there are two masters
            (unconfirmed, Source: R15).

        Raises:
            ScenarioError: no such routing group, or the server is not in it.
        """
        return self.act(SetMaster(group, server, replication_lag), at=at)

    def delete_server(self, server: str, *, at: float = 0.0) -> Self:
        """Delete a server from the directory and switch it off (Source: R14, R57).

        Raises:
            ScenarioError: no such server.
        """
        return self.act(DeleteServer(server), at=at)

    def move_mailbox(self, mailbox: str, server: str, *, lasts: float = 600.0, at: float = 0.0) -> Self:
        """Move a mailbox to another server. Until that is done, mail for it waits in the queue for deferred delivery (Source: K51).

        Args:
            mailbox: its name or one of its addresses.
            lasts: seconds that it takes; the default is a choice of this model.

        Raises:
            ScenarioError: no such mailbox or server, or the mailbox is there already.
        """
        return self.act(MoveMailbox(mailbox, server, lasts), at=at)

    def delete_mailbox(self, mailbox: str, *, at: float = 0.0) -> Self:
        """Delete a mailbox from the directory and its groups. A store that archives into it still names it (Source: K52).

        Raises:
            ScenarioError: no such mailbox, or a forwarding or a list of senders names it.
        """
        return self.act(DeleteMailbox(mailbox), at=at)

    def change(self, connector: str, *, at: float = 0.0, **settings: object) -> Self:
        """Change settings of a connector in the directory, for instance its cost (Source: R9, R48).

        Raises:
            ScenarioError: no such connector or setting, or a value that the organization does not allow.
        """
        return self.act(ChangeConnector(connector, settings), at=at)

    def add(self, connector: AnyConnector, *, at: float = 0.0) -> Self:
        """Add a connector to the directory (Source: R9, R48).

        Raises:
            ScenarioError: the organization does not allow it, for instance because of its name or bridgeheads.
        """
        return self.act(AddConnector(connector), at=at)

    def remove(self, connector: str, *, at: float = 0.0) -> Self:
        """Remove a connector from the directory (Source: R9, R48).

        Raises:
            ScenarioError: no such connector.
        """
        return self.act(RemoveConnector(connector), at=at)

    def act(self, verb: Verb, *, at: float = 0.0) -> Self:
        """Add any verb, also one of your own: a class with the decorator `mailflow.simulation.verb`.

        Args:
            at: seconds after the start.

        Raises:
            ScenarioError: the organization does not allow it, or its class is no registered verb.
        """
        if verbs().get(getattr(verb, "word", "")) is not type(verb):
            raise ScenarioError(
                f"act: {verb!r} is no verb of a script; decorate its class with mailflow.simulation.verb"
            )
        verb.need_kinds()
        checked = verb.checked(self.organization)
        moment = seconds(f"{verb.method or verb.word}(at=%)", at)
        checked.plan(self._directory, moment)
        self._script.append(Action(at=moment, verb=checked))
        return self

    def plan(self) -> Plan:
        """Everything that a run depends on, as it is now."""
        return Plan(organization=self.organization, script=self.script, seed=self.seed, parameters=self.parameters)

    def code(self, until: float | None = None) -> str:
        """The scenario as Python that makes the same trace again, byte for byte, also in a fresh interpreter.

        Args:
            until: where the run stops the clock, in seconds.
        """
        from mailflow.simulation.code import code  # for who asks for it alone

        return code(self.plan(), None if until is None else seconds("code(until=%)", until))

    def copy(self) -> Scenario:
        """An independent copy, for another ending."""
        made = Scenario(self.organization, seed=self.seed, parameters=self.parameters)
        made._script = list(self._script)
        made._directory = self._directory.copy()
        return made

    def run(self, until: float | None = None, *, progress: Callable[[float], object] | None = None) -> Trace:
        """Run the script from the start.

        Args:
            until: stop the clock here, in seconds; without it the run goes on until nothing can happen any more.
            progress: called with the fraction of actions started, for long runs.

        Returns:
            The trace. Equal organization, script, seed and parameters give an equal trace, byte for byte.

        Raises:
            ScenarioError: ``until`` is no time from 0 on.
        """
        if until is not None:
            seconds("run(until=%)", until)
        if progress is not None and not callable(progress):
            raise ScenarioError(
                misfit("run(progress)", progress, "function", "give one that takes a fraction, such as print")
            )
        return run(self.plan(), until, progress)


__all__ = ["Scenario"]
