"""Who may relay, for every combination of settings, clients and recipients: the table behind the relay lab.

Every cell is an answer of `mailflow.transport.relay.decide`; nothing is written down here but the combinations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple, TypedDict

from mailflow.facts import rule_named
from mailflow.organization import reconfigure
from mailflow.organization.model import AddressSpace, Mailbox, Organization, SmtpConnector, VirtualServer
from mailflow.transport.examples import FOREIGN_DOMAIN, PARTNER_DOMAIN, PRINTER, STRANGER
from mailflow.transport.relay import RULES, Attempt, Look, OpenRelay, Verdict, decide, open_relay


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
    """One choice of a setting: its value, what a person reads, and what it makes of an organization."""

    value: bool | str | list[str]
    label: str
    change: Change


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
                Option(value=[PRINTER], label=f"the branch printer {PRINTER}", change=_virtual(relay_list=(PRINTER,))),
                Option(value=["0.0.0.0/0"], label="0.0.0.0/0, everybody", change=_virtual(relay_list=("0.0.0.0/0",))),
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
                Option(value=PARTNER_DOMAIN, label=f"for {PARTNER_DOMAIN}", change=_relaying(PARTNER_DOMAIN)),
                Option(value="*", label="for *, all domains", change=_relaying("*")),
            ),
        ),
        Setting(
            key="recipient_filter", label="Recipients not in the directory", about="The recipient filter.",
            options=(
                Option(value=False, label="accepted, as the server has it", change=_unchanged),
                Option(value=True, label="refused at RCPT TO", change=_filtering),
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
    indexes into ``verdicts``, the first setting turning slowest, the recipient fastest; ``open`` has one
    entry for each combination of settings.

    Raises:
        KeyError: there is no server or virtual server of that name.
    """
    where = Where(server, virtual_server)
    settings, clients, recipients = settings_of(organization, where), clients_of(), recipients_of(organization)
    verdicts: dict[Verdict, int] = {}
    cells: list[int] = []
    proofs: list[dict[str, str] | None] = []
    for options in product(*(item.options for item in settings)):
        changed = organization
        for option in options:
            changed = option.change(changed, where)
        for (person, fields), recipient in product(clients, recipients):
            attempt = Attempt(person["ip"], recipient["address"], **fields)
            verdict = decide(changed, server, attempt, virtual_server=virtual_server)
            cells.append(verdicts.setdefault(verdict, len(verdicts)))
        proofs.append(_proof(open_relay(changed, server, virtual_server)))
    looks: dict[Look, int] = {}
    told = [_verdict_data(item, looks) for item in verdicts]
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


def _setting_data(setting: Setting) -> SettingData:
    options: list[OptionData] = [{"value": item.value, "label": item.label} for item in setting.options]
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


def _relaying(pattern: str) -> Change:
    """Add a connector on this server that relays for an address space."""

    def change(organization: Organization, where: Where) -> Organization:
        server = where.server
        connector = SmtpConnector(
            name=f"Relay for {pattern}", routing_group=organization.server[server].routing_group,
            local_bridgeheads=(server,), address_spaces=(AddressSpace(pattern=pattern),), relay_to_address_spaces=True,
            bridgehead_virtual_servers={server: where.virtual_server} if where.virtual_server else {},
        )  # fmt: skip
        return replace(organization, connectors=(*organization.connectors, connector))

    return change


def _filtering(organization: Organization, where: Where) -> Organization:
    """Switch the recipient filter on, globally and for this virtual server (Source: T149)."""
    filters = tuple(dict.fromkeys((*where.settings(organization).filters, "recipient")))
    changed = _virtual(filters=filters)(organization, where)
    return replace(changed, global_settings=replace(changed.global_settings, filter_unknown_recipients=True))


def _flag(key: str, label: str, about: str, now: bool) -> Setting:
    options = tuple(
        Option(value=value, label=text, change=_virtual(**{key: value}))
        for value, text in ((True, "yes"), (False, "no"))
    )
    return Setting(key=key, label=label, about=about, options=options, start=0 if now else 1)


def _choice(key: str, label: str, about: str, values: tuple[str, ...], now: str) -> Setting:
    options = tuple(Option(value=value, label=value, change=_virtual(**{key: value})) for value in values)
    return Setting(key=key, label=label, about=about, options=options, start=values.index(now))
