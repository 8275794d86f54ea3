"""Who may relay, for every combination of settings, clients and recipients: the table behind the relay lab.

Every cell is an answer of `mailflow.transport.relay.decide`; nothing is written down here but the combinations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import NamedTuple, TypedDict

from mailflow.facts import rule_named
from mailflow.organization import reconfigure
from mailflow.organization.model import AddressSpace, Mailbox, Organization, SmtpConnector, VirtualServer
from mailflow.transport.examples import FOREIGN_DOMAIN, PARTNER_DOMAIN, PRINTER, STRANGER
from mailflow.transport.relay import RULES, Attempt, Look, OpenRelay, Verdict, decide, open_relay, strangers


class Where(NamedTuple):
    """The virtual server that the relay lab is about; without a name the default one of the server."""

    server: str
    virtual_server: str = ""

    def settings(self, organization: Organization) -> VirtualServer:
        """What it has now."""
        return organization.server[self.server].virtual_server(self.virtual_server)


Change = Callable[[Organization, Where], Organization]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a setting: its value, what a person reads, and what it makes of an organization.

    The same as Python: ``argument`` for `mailflow.reconfigure`, and ``lines`` for what that does not change.
    """

    value: bool | str | list[str]
    label: str
    change: Change
    argument: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of the relay lab; ``start`` is the option that the server has now."""

    key: str
    label: str
    about: str
    options: tuple[Option, ...]
    start: int = 0


class Standing(TypedDict, total=False):
    """What a client has that a stranger lacks: fields of the `Attempt`."""

    authenticated: bool


class OptionData(TypedDict):
    """An `Option` as plain data."""

    value: bool | str | list[str]
    label: str
    argument: str
    lines: list[str]


class SettingData(TypedDict):
    """A `Setting` as plain data."""

    key: str
    label: str
    about: str
    options: list[OptionData]
    start: int


class RuleData(TypedDict):
    """One of the rules that decide about relaying, the verb that it answers, and how sure it is."""

    name: str
    verb: str
    title: str
    numbers: list[str]
    sure: str


class VerdictData(TypedDict):
    """One answer of a server; ``looks`` are indexes into the ``looks`` of the matrix."""

    accepted: bool
    reply: str
    verb: str
    why: str
    looks: list[int]


class MatrixData(TypedDict):
    """The table of `relay_matrix`."""

    server: str
    organization: str
    settings: list[SettingData]
    clients: list[dict[str, str]]
    recipients: list[dict[str, str]]
    rules: list[RuleData]
    looks: list[list[str]]
    verdicts: list[VerdictData]
    cells: list[int]
    open: list[dict[str, str] | None]
    incoming: list[int]
    ways: list[str]
    way: list[int]
    call: str


def settings_of(organization: Organization, where: Where) -> tuple[Setting, ...]:
    """The settings of a virtual server that decide about relaying, with what it has now (Source: T94, T139, T140, T142,
    T149).
    """
    now = where.settings(organization)
    listed = ", ".join(now.relay_list) or "empty"
    return (
        _flag("anonymous", "Anonymous access", "May a client start without logging on?", now.anonymous),
        _choice(
            "relay_mode", "The list of computers names", "Relay restrictions of the virtual server.",
            ("only the list below", "all except the list below"), now.relay_mode,
        ),
        Setting(
            key="relay_list", label="On the list", about="Addresses, networks or domains.",
            options=(
                Option(value=list(now.relay_list), label=listed, change=_unchanged),
                _option([PRINTER], f"branch printer {PRINTER}", relay_list=[PRINTER]),
                _option(["0.0.0.0/0"], "0.0.0.0/0, everybody", relay_list=["0.0.0.0/0"]),
            ),
        ),
        _flag(
            "authenticated_may_relay", "Authenticated clients may relay", "Regardless of the list.",
            now.authenticated_may_relay,
        ),
        Setting(
            key="connector", label="Connector that relays", about='"Allow messages to be relayed to these domains".',
            options=(
                Option(value="", label="as in the organization file", change=_unchanged),
                _relaying(where, organization, PARTNER_DOMAIN, f"for {PARTNER_DOMAIN}"),
                _relaying(where, organization, "*", "for *, all domains"),
            ),
        ),
        Setting(
            key="recipient_filter", label="Recipients not in the directory", about="The recipient filter.",
            options=(
                Option(value=False, label="accepted, as set up", change=_unchanged),
                _filtering(now.filters),
            ),
        ),
    )  # fmt: skip


def clients_of() -> tuple[tuple[dict[str, str], Standing], ...]:
    """Who may try: what a person reads, and the fields of the `Attempt`."""
    return (
        (_person("stranger", "A stranger", STRANGER, "anonymous, on no list"), {}),
        (_person("printer", "The branch printer", PRINTER, "anonymous, its address may be on the list"), {}),
        (_person("user", "A travelling user", STRANGER, "has logged on"), {"authenticated": True}),
    )


def recipients_of(organization: Organization) -> list[dict[str, str]]:
    """To whom: one recipient of each kind that the rules tell apart (Source: T138, T142, T143, T146, O-7)."""
    domain = organization.domain
    known = next(
        (item.primary for item in organization.recipients if isinstance(item, Mailbox)), f"postmaster@{domain}"
    )
    shared = next((name for name, ours in organization.local_domains.items() if not ours), "")
    rows = [("local", "Local, exists", known), ("unknown", "Local, does not exist", f"nobody.here@{domain}")]
    rows += [("shared", "Local, shared domain", f"somebody@{shared}")] if shared else []
    rows += [
        ("partner", "A partner", f"pat@{PARTNER_DOMAIN}"),
        ("foreign", "Anywhere else", f"victim@{FOREIGN_DOMAIN}"),
        ("percent", "Percent trick", f"victim%{FOREIGN_DOMAIN}@{domain}"),
    ]
    return [{"key": key, "label": label, "address": address} for key, label, address in rows]


def relay_matrix(organization: Organization, server: str, virtual_server: str = "") -> MatrixData:
    """The whole table of a virtual server, by default the default one, as plain JSON data.

    It holds settings, clients, recipients, rules, verdicts, and for each combination of settings whether it is an open
    relay.

    ``looks`` of a verdict are indexes into the list of all ``looks``, each a rule, what it said, and why. ``cells`` lists
    indexes into ``verdicts``, the first setting turning slowest, the recipient fastest. ``open``, ``incoming`` and
    ``way`` have one entry for each combination of settings: the proof of an open relay, the verdict (an index) about a
    stranger who writes to a mailbox here, and which of the ``ways`` it is that opens the relay, -1 for none or for
    several at once. ``call`` is how the call of `mailflow.reconfigure` begins.

    Raises:
        KeyError: there is no server or virtual server of that name.
    """
    where = Where(server, virtual_server)
    settings, clients, recipients = settings_of(organization, where), clients_of(), recipients_of(organization)
    verdicts: dict[Verdict, int] = {}
    cells: list[int] = []
    proofs: list[dict[str, str] | None] = []
    incoming: list[int] = []
    for options in product(*(item.options for item in settings)):
        changed = organization
        for option in options:
            changed = option.change(changed, where)
        for (person, standing), recipient in product(clients, recipients):
            attempt = Attempt(person["ip"], recipient["address"], **standing)
            verdict = decide(changed, server, attempt, virtual_server=virtual_server)
            cells.append(verdicts.setdefault(verdict, len(verdicts)))
        proofs.append(_proof(open_relay(changed, server, virtual_server)))
        incoming.append(verdicts.setdefault(_incoming(changed, where, recipients[0]["address"]), len(verdicts)))
    looks: dict[Look, int] = {}
    told = [_verdict_data(item, looks) for item in verdicts]
    ways, way = _ways(settings, [proof is not None for proof in proofs])
    arguments = [repr(server), *([f"virtual_server={virtual_server!r}"] if virtual_server else [])]
    return {
        "server": ", ".join(filter(None, where)),
        "organization": organization.title or organization.name,
        "settings": [_setting_data(item) for item in settings],
        "clients": [person for person, _ in clients],
        "recipients": recipients,
        "rules": list(_rules()),
        "looks": [list(look) for look in looks],
        "verdicts": told,
        "cells": cells,
        "open": proofs,
        "incoming": incoming,
        "ways": ways,
        "way": way,
        "call": f"mailflow.reconfigure(organization, {', '.join(arguments)}, ",
    }


def _rules() -> Iterator[RuleData]:
    for name, verb, says in RULES:
        known = rule_named(says.__name__)
        yield {"name": name, "verb": verb, "title": known.title, "numbers": list(known.numbers), "sure": known.sure}


def _person(key: str, label: str, ip: str, about: str) -> dict[str, str]:
    return {"key": key, "label": label, "ip": ip, "about": about}


def _proof(found: OpenRelay | None) -> dict[str, str] | None:
    if found is None:
        return None
    return {"client": found.client_ip, "recipient": found.recipient, "reply": found.verdict.reply}


def _incoming(organization: Organization, where: Where, address: str) -> Verdict:
    """Whether mail for us comes in: the answer to the first stranger who is let in, else to the first one."""
    first = None
    for ip in (*strangers(organization, *where), STRANGER):
        verdict = decide(organization, where.server, Attempt(ip, address), virtual_server=where.virtual_server)
        if verdict.accepted:
            return verdict
        first = first or verdict
    assert first is not None
    return first


def _ways(settings: tuple[Setting, ...], opened: list[bool]) -> tuple[list[str], list[int]]:
    """The different ways to an open relay, in words, and for each combination the one that it takes, or -1.

    A way is a smallest set of changes: with any of them left out, the relay is closed. Who changes so much that
    several ways are open has not shown which of them it is. A server that is open as it stands has no way there.
    """
    start = [item.start for item in settings]
    changes = [
        frozenset((place, option) for place, option in enumerate(options) if option != start[place])
        for options in product(*(range(len(item.options)) for item in settings))
    ]
    smallest: list[frozenset[tuple[int, int]]] = []
    for change in sorted((change for change, is_open in zip(changes, opened, strict=True) if is_open), key=len):
        if not any(found <= change for found in smallest):
            smallest.append(change)
    if smallest and not smallest[0]:
        return [], [-1] * len(opened)
    taken = [[number for number, found in enumerate(smallest) if found <= change] for change in changes]
    way = [found[0] if is_open and len(found) == 1 else -1 for found, is_open in zip(taken, opened, strict=True)]
    return [_in_words(settings, found) for found in smallest], way


def _in_words(settings: tuple[Setting, ...], change: frozenset[tuple[int, int]]) -> str:
    told = (f"{settings[place].label}: {settings[place].options[option].label}" for place, option in sorted(change))
    return "; ".join(told)


def _setting_data(setting: Setting) -> SettingData:
    options: list[OptionData] = [
        {"value": item.value, "label": item.label, "argument": item.argument, "lines": list(item.lines)}
        for item in setting.options
    ]
    return {
        "key": setting.key, "label": setting.label, "about": setting.about, "options": options, "start": setting.start,
    }  # fmt: skip


def _verdict_data(verdict: Verdict, looks: dict[Look, int]) -> VerdictData:
    return {
        "accepted": verdict.accepted, "reply": verdict.reply.rstrip(), "verb": verdict.verb, "why": verdict.why,
        "looks": [looks.setdefault(look, len(looks)) for look in verdict.looks],
    }  # fmt: skip


def _unchanged(organization: Organization, _where: Where) -> Organization:
    return organization


def _virtual(**settings: object) -> Change:
    """Change settings of the virtual server."""
    return lambda organization, where: reconfigure(
        organization, where.server, virtual_server=where.virtual_server, **settings
    )


def _option(value: bool | str | list[str], label: str, **settings: object) -> Option:
    """A choice that changes the virtual server and nothing else."""
    argument = ", ".join(f"{key}={item!r}" for key, item in settings.items())
    return Option(value=value, label=label, change=_virtual(**settings), argument=argument)


def _relaying(where: Where, organization: Organization, pattern: str, label: str) -> Option:
    """Add a connector on this server that relays for an address space."""
    server, virtual_server = where
    connector = SmtpConnector(
        name=f"Relay for {pattern}", routing_group=organization.server[server].routing_group,
        local_bridgeheads=(server,), address_spaces=(AddressSpace(pattern=pattern),), relay_to_address_spaces=True,
        bridgehead_virtual_servers={server: virtual_server} if virtual_server else {},
    )  # fmt: skip
    lines = (
        "from dataclasses import replace",
        "from mailflow.organization import AddressSpace, SmtpConnector",
        f"connector = {_written(connector)}",
        "organization = replace(organization, connectors=(*organization.connectors, connector))",
    )
    return Option(
        value=pattern,
        label=label,
        change=lambda before, _: replace(before, connectors=(*before.connectors, connector)),
        lines=lines,
    )


def _written(connector: SmtpConnector) -> str:
    """A connector as Python, without what is as it always is."""
    usual = SmtpConnector(name="", routing_group="", local_bridgeheads=())
    told = {item.name: getattr(connector, item.name) for item in fields(connector) if item.init}
    given = ", ".join(f"{key}={value!r}" for key, value in told.items() if value != getattr(usual, key))
    return f"SmtpConnector({given})"


def _filtering(filters: tuple[str, ...]) -> Option:
    """Switch the recipient filter on, globally and for this virtual server (Source: T149)."""
    wanted = list(dict.fromkeys((*filters, "recipient")))

    def change(organization: Organization, where: Where) -> Organization:
        changed = _virtual(filters=wanted)(organization, where)
        return replace(changed, global_settings=replace(changed.global_settings, filter_unknown_recipients=True))

    lines = (
        "from dataclasses import replace",
        "everywhere = replace(organization.global_settings, filter_unknown_recipients=True)",
        "organization = replace(organization, global_settings=everywhere)",
    )
    return Option(value=True, label="refused at RCPT TO", change=change, argument=f"filters={wanted!r}", lines=lines)


def _flag(key: str, label: str, about: str, now: bool) -> Setting:
    options = tuple(_option(value, text, **{key: value}) for value, text in ((True, "yes"), (False, "no")))
    return Setting(key=key, label=label, about=about, options=options, start=0 if now else 1)


def _choice(key: str, label: str, about: str, values: tuple[str, ...], now: str) -> Setting:
    options = tuple(_option(value, value, **{key: value}) for value in values)
    return Setting(key=key, label=label, about=about, options=options, start=values.index(now))
