"""Notebook 06: who may relay. Whatever the settings say, clients of every kind try, and real messages follow."""

import ipaddress
from collections.abc import Iterator
from dataclasses import replace

from mailflow.course.exercises import SETTINGS, Verdict, exercise
from mailflow.course.mail_of_a_day import LARGE, Way, carried, with_full
from mailflow.course.probes import Objection, ends, letter, needs
from mailflow.organization import ExternalHost, Organization, Zone, load
from mailflow.simulation import Parameters, Scenario
from mailflow.transport.examples import FOREIGN_DOMAIN, PARTNER_DOMAIN, PRINTER, STRANGER
from mailflow.transport.relay import Attempt, decide, open_relay

FOREIGN = (f"victim@{FOREIGN_DOMAIN}", "kim@fabrikam.com", "lee@northwindtraders.com", f"x@not{PARTNER_DOMAIN}")
STRANGERS = (STRANGER, "203.0.113.99", "198.18.7.7", "100.64.3.2", "240.1.2.3", "10.9.8.7")
"""Clients from all over the address space, in networks that belong to nobody."""
NEIGHBOURS = ("192.0.2.199", "192.0.2.201", "192.0.2.1")
LIST = "192.0.2.0/24"
"""The office: who may relay without logging on in the puzzle of the third job."""
OFFICE = ("192.0.2.1", "192.0.2.60", "192.0.2.127", "192.0.2.128", "192.0.2.200", "192.0.2.254")
KIM = "198.51.100.10"
"""The host that sends Kim's mail."""


def server_of(organization: Organization) -> str:
    """The one server that these exercises are about."""
    return organization.servers[0].name


def accepted(organization: Organization, ip: str, address: str, *, known: bool = False, name: str = "") -> bool:
    """Whether a client gets a recipient accepted; ``known`` clients have logged on."""
    attempt = Attempt(ip, address, client_name=name, authenticated=known)
    return decide(organization, server_of(organization), attempt).accepted


def named(organization: Organization) -> Iterator[tuple[str, str]]:
    """Clients that the settings name, and their neighbours: an address and the name that a reverse look-up gives."""
    for virtual in organization.servers[0].virtual_servers:
        for entry in (*virtual.relay_list, *virtual.denied_clients, *virtual.allowed_clients):
            yield from _around(entry)


def _around(entry: str) -> list[tuple[str, str]]:
    """Both edges of a network, what lies beside them, and its middle; of a domain, somebody who has its name."""
    try:
        network = ipaddress.IPv4Network(entry, strict=False)
    except ValueError:
        return [(STRANGER, entry.removeprefix("*."))]
    first, last = int(network.network_address), int(network.broadcast_address)
    numbers = [first - 1, first, (first + last) // 2, last, last + 1]
    return [(str(ipaddress.IPv4Address(number)), "") for number in dict.fromkeys(numbers) if 0 <= number < 2**32]


def clients(organization: Organization) -> Iterator[tuple[str, str]]:
    """Clients of every kind that have not logged on."""
    yield from ((ip, "") for ip in (*STRANGERS, *NEIGHBOURS))
    yield from named(organization)


def foreign(organization: Organization) -> list[str]:
    """Recipients outside: well-known ones, and one in each domain that a connector names."""
    spaces = [space.pattern for item in organization.connectors for space in getattr(item, "address_spaces", ())]
    more = [f"x@{pattern.lower().lstrip('*.@')}" for pattern in spaces if pattern.strip("*.@")]
    return [*FOREIGN, *more, *(f"x@sub.{address.split('@')[1]}" for address in more)]


def only_settings_of_the_server(organization: Organization) -> None:
    """See that nothing but settings of the server differs from the organization as it comes."""
    one = load("one server")
    needs(
        replace(organization, servers=one.servers) == one,
        "Change settings of LON01 and nothing else: people, connectors, domains and global settings stay as they are.",
    )
    (server,) = organization.servers
    (usual,) = one.servers
    needs(len(server.virtual_servers) == 1, "Leave LON01 its one SMTP virtual server.")
    needs(
        replace(server, virtual_servers=usual.virtual_servers) == usual, "Change settings of the virtual server alone."
    )


def everybody_reaches_us(organization: Organization) -> None:
    """See that the server still does what every server on the Internet must do."""
    for address in ("anna@contoso.com", "ben@contoso.com", "everybody@contoso.com"):
        for ip in STRANGERS:
            needs(
                accepted(organization, ip, address),
                f"Now {ip} cannot write to {address}, who is your own user. Every server must take mail for its own people.",
            )


def closed(organization: Organization, *allowed: str) -> None:
    """See that nobody relays without logging on, except these clients, given as networks."""
    networks = [ipaddress.IPv4Network(item) for item in allowed]
    for ip, name in clients(organization):
        if any(ipaddress.IPv4Address(ip) in network for network in networks):
            continue
        for address in foreign(organization):
            needs(
                not accepted(organization, ip, address, name=name),
                f"A stranger at {ip}{f' ({name})' if name else ''} still reaches {address} through your server.",
            )


def logged_on_relay(organization: Organization) -> None:
    """See that who logs on may relay, from anywhere to anywhere."""
    for ip in STRANGERS:
        for address in FOREIGN[:3]:
            needs(
                accepted(organization, ip, address, known=True),
                f"A travelling user who logs on from {ip} cannot write to {address}.",
            )


def outcome(organization: Organization, sender: str, to: str, *, client: str = "", account: str = "") -> str:
    """What becomes of a real message; with a client, one that enters by SMTP. Name servers that nobody runs do not answer."""
    scenario, message = Scenario(organization), letter(sender, to)
    for ip in {ip for item in organization.servers for one in item.virtual_servers for ip in one.external_dns}:
        scenario.fail(ip)
    if client:
        scenario.send(message, by="smtp", server=server_of(organization), client=client, account=account)
    else:
        scenario.send(message)
    return ends(scenario.run(until=7200), "m1")[to][0]


def serves_as_before(organization: Organization) -> None:
    """See with all mail of a day that the server is found where it was, and takes and sends what it did: this is about who may, not what."""
    world = with_full(organization, server_of(organization))
    needs(len(world.servers[0].virtual_servers) == 1, "Leave LON01 its one SMTP virtual server.")
    for way in (Way("kim@fabrikam.com", "anna@contoso.com", KIM), Way("anna@contoso.com", "kim@fabrikam.com")):
        carried(world, way)


def only_one_server(organization: Organization) -> None:
    """See that the organization is the one with LON01 alone."""
    needs([item.name for item in organization.servers] == ["LON01"], 'This is about mailflow.load("one server").')


def mail_flows(organization: Organization) -> None:
    """See with real messages that mail still comes in and goes out, by connectors and by the virtual server itself."""
    for world, by in ((organization, ""), (replace(organization, connectors=()), "without connectors, ")):
        for name, to in (("Kim", "kim@fabrikam.com"), ("Lee", "lee@northwindtraders.com")):
            state = outcome(world, "anna@contoso.com", to)
            needs(state == "relayed", f"Anna's mail to {name} does not leave any more: {by}it is {state}.")
    state = outcome(organization, "kim@fabrikam.com", "anna@contoso.com", client=KIM)
    needs(state == "delivered", f"Kim's mail to Anna does not arrive any more: it is {state}.")


def log_on_works(organization: Organization) -> None:
    """See with a real message that somebody who is away can log on and relay."""
    state = outcome(organization, "ben@contoso.com", "kim@fabrikam.com", client=STRANGER, account="ben")
    needs(state == "relayed", f"Ben logs on from {STRANGER} and writes to Kim, and his message is {state}.")


@exercise(
    "close the relay",
    "Close the open relay, but let the branch printer and those who log on relay.",
    takes=SETTINGS,
    notebook="06",
    hints=(
        "Two settings decide about computers: relay_mode says what the list means, and relay_list is the list.",
        'As it was installed, LON01 had relay_mode="only the list below" and an empty list.',
        'The printer is the only computer on the list: relay_list=["192.0.2.200"]. Who logs on needs no list.',
    ),
    solution="""
attempt = mailflow.reconfigure(careless, "LON01", relay_mode="only the list below", relay_list=["192.0.2.200"])

# Why: the list names those who may, one address and no more. Who logs on is looked at before the list. Anonymous access
# must stay on, or nobody outside can write to you.
""",
)
def close_the_relay(organization: Organization) -> Verdict:
    """Everybody tries, with and without logging on, and each computer that the list names, and its neighbours."""
    only_settings_of_the_server(organization)
    everybody_reaches_us(organization)
    closed(organization, f"{PRINTER}/32")
    for address in FOREIGN[:3]:
        needs(
            accepted(organization, PRINTER, address),
            f"The branch printer at {PRINTER} cannot send its scans to {address} any more.",
        )
    logged_on_relay(organization)
    mail_flows(organization)
    log_on_works(organization)
    needs(
        outcome(organization, "printer@contoso.com", "kim@fabrikam.com", client=PRINTER) == "relayed",
        "A real scan of the printer does not arrive.",
    )
    serves_as_before(organization)
    return True, "Strangers are refused; the printer and the travelling users still get through."


def with_the_partner(organization: Organization) -> Organization:
    """The Internet in which the partner's domain exists, with a host that takes its mail."""
    host = f"mail.{PARTNER_DOMAIN}"
    zone = Zone(name=PARTNER_DOMAIN, records="@ MX 10 mail\nmail A 203.0.113.70")
    there = ExternalHost(name=host, ip="203.0.113.70", accepts=(PARTNER_DOMAIN,))
    return replace(
        organization, zones=(*organization.zones, zone), external_hosts=(*organization.external_hosts, there)
    )


@exercise(
    "one partner",
    f"Let anybody relay to {PARTNER_DOMAIN}, and to no other foreign domain.",
    takes=SETTINGS,
    notebook="06",
    hints=(
        "A connector relays for the domains that its address spaces name, if relay_to_address_spaces is on.",
        f'An address space is a pattern of domains: AddressSpace(pattern="{PARTNER_DOMAIN}"). Name this one domain and no other.',
        'The connector starts in routing_group="First Routing Group", with local_bridgeheads=("LON01",).',
    ),
    solution=f"""
relay = SmtpConnector(
    name="Partner",
    routing_group="First Routing Group",
    local_bridgeheads=("LON01",),
    address_spaces=(AddressSpace(pattern="{PARTNER_DOMAIN}"),),
    relay_to_address_spaces=True,
)
attempt = replace(organization, connectors=(*organization.connectors, relay))

# Why: a recipient in the address space is accepted from anybody, and the same connector sends the message on. As a local
# domain it would be accepted, too, and then bounce, because nobody there is in your directory.
""",
)
def one_partner(organization: Organization) -> Verdict:
    """Real mail for the partner has to arrive there, whoever sends it, and nothing else may change."""
    one = load("one server")
    needs(
        replace(organization, connectors=()) == replace(one, connectors=()),
        "Add a connector and change nothing else: servers, people, domains and global settings stay as they are.",
    )
    address = f"pat@{PARTNER_DOMAIN}"
    for ip in STRANGERS:
        needs(
            accepted(organization, ip, address),
            f"Mail from {ip} for {address} is refused. Which rule lets anybody relay to one domain?",
        )
    everybody_reaches_us(organization)
    for ip, name in clients(organization):
        for other in foreign(organization):
            if not other.endswith(f"@{PARTNER_DOMAIN}"):
                needs(not accepted(organization, ip, other, name=name), f"A stranger still reaches {other}: that is another domain.")  # fmt: skip
    logged_on_relay(organization)
    mail_flows(organization)
    world = with_full(with_the_partner(organization), server_of(organization))
    for sender, client in (("kim@fabrikam.com", KIM), ("anna@contoso.com", "")):
        state = outcome(world, sender, address, client=client)
        needs(
            state == "relayed",
            f"Mail from {sender} for {address} is taken and then {state}. The connector has to send it on.",
        )
    for way in (
        Way("kim@fabrikam.com", address, KIM, server_of(world)),
        Way("anna@contoso.com", address),
        Way("anna@contoso.com", "kim@fabrikam.com"),
    ):
        carried(world, way, parameters=Parameters(unmatched_returned=True))
    _alone(world, Way("kim@fabrikam.com", address, KIM, server_of(world)))
    return True, f"Anybody may relay to {PARTNER_DOMAIN}, and nowhere else."


def _alone(organization: Organization, way: Way) -> None:
    """See that what is accepted for the partner needs no other connector: those of the organization as it comes are away."""
    usual = load("one server").connector
    own = tuple(item for item in organization.connectors if item.name not in usual)
    try:
        carried(
            replace(organization, connectors=own), way, largest=LARGE, parameters=Parameters(unmatched_returned=True)
        )
    except Objection as reason:
        raise Objection(f"Without the connector Internet: {reason}") from None


@exercise(
    "travelling user",
    f"Let travelling users relay after logging on. The computers of the office, {LIST}, go on relaying without, and nobody else does.",
    takes=SETTINGS,
    notebook="06",
    hints=(
        "decide(...).looks lists the rules that were asked, in order. Which one is about clients that have logged on?",
        "It says that authenticated clients have no special right here. Which setting gives them that right?",
        'mailflow.reconfigure(puzzle, "LON01", authenticated_may_relay=...): leave the list as it is.',
    ),
    solution="""
attempt = mailflow.reconfigure(puzzle, "LON01", authenticated_may_relay=True)

# Why: logging on proves who somebody is; whether that gives a right to relay is another setting. The list of computers
# cannot help: nobody knows from which address a travelling user will come.
""",
)
def travelling_user(organization: Organization) -> Verdict:
    """Who logs on relays from everywhere. Of the others the office does, and nobody else."""
    only_settings_of_the_server(organization)
    everybody_reaches_us(organization)
    closed(organization, LIST)
    logged_on_relay(organization)
    for ip in OFFICE:
        for address in FOREIGN[:3]:
            needs(
                accepted(organization, ip, address),
                f"The computer at {ip} in the office cannot write to {address} any more.",
            )
    mail_flows(organization)
    log_on_works(organization)
    state = outcome(organization, "scanner@contoso.com", "kim@fabrikam.com", client=OFFICE[0])
    needs(state == "relayed", f"The computer at {OFFICE[0]} in the office writes to Kim, and its message is {state}.")
    serves_as_before(organization)
    return True, "Who logs on may relay from anywhere, the office without, and nobody else."


@exercise(
    "open it yourself",
    'Make "one server" an open relay for the whole world, in three ways.',
    takes=SETTINGS,
    notebook="06",
    ways=3,
    hints=(
        "Which rules can accept a foreign recipient from a client that has not logged on? There are two: a connector, and the list.",
        "The list can be turned round with relay_mode, or it can name everybody.",
        'A network of all addresses is "0.0.0.0/0". A connector of all domains has the address space "*".',
    ),
    solution="""
attempt = [
    mailflow.reconfigure(organization, "LON01", relay_mode="all except the list below"),
    mailflow.reconfigure(organization, "LON01", relay_list=["0.0.0.0/0"]),
    mailflow.reconfigure(organization, "Internet", relay_to_address_spaces=True),
]

# Why: three different settings, and for a spammer all the same. The third one is the easiest to make by mistake: the box
# on the connector sounds as if it were needed for sending mail to the Internet, and it is not.
""",
)
def open_it(organization: Organization) -> Verdict:
    """The way is the rule that lets a stranger in, and a real message must have gone through."""
    only_one_server(organization)
    proof = open_relay(organization, server_of(organization))
    needs(proof is not None, "This is no open relay: no stranger gets a foreign recipient accepted.")
    for ip in STRANGERS:
        for address in FOREIGN[:3]:
            needs(accepted(organization, ip, address), f"A stranger at {ip} cannot reach {address}: it is not open to the whole world.")  # fmt: skip
    state = outcome(organization, f"x@{FOREIGN_DOMAIN}", "kim@fabrikam.com", client=STRANGER)
    needs(state == "relayed", f"It accepts a stranger's message to Kim, and then it is {state}.")
    verdict = decide(organization, server_of(organization), Attempt(STRANGER, FOREIGN[1]))
    if verdict.rule == "list_of_computers":
        mode = organization.servers[0].virtual_servers[0].relay_mode
        return True, "the list turned round" if mode.startswith("all") else "a list that names everybody"
    return True, f"the rule {verdict.looks[-1].rule}"


@exercise(
    "shut one out",
    f"Keep the client {STRANGER}, who writes as promo@{FOREIGN_DOMAIN}, away from Anna: at three points of the session. Kim still reaches her.",
    takes=SETTINGS,
    notebook="06",
    ways=3,
    hints=(
        "RULES in mailflow.transport.relay lists every rule with the point at which it speaks: connect, MAIL FROM, RCPT TO.",
        "Connection control is a setting of the virtual server: denied_clients. A virtual server switches filters on: filters=[...].",
        "What filters look for is global: replace(organization.global_settings, blocked_senders=(...,)), or blocked_clients for computers.",
    ),
    solution=f"""
from dataclasses import replace

senders = replace(organization.global_settings, blocked_senders=("@{FOREIGN_DOMAIN}",))
computers = replace(organization.global_settings, blocked_clients=("{STRANGER}",))
attempt = [
    mailflow.reconfigure(organization, "LON01", denied_clients=["{STRANGER}"]),
    mailflow.reconfigure(replace(organization, global_settings=senders), "LON01", filters=["sender"]),
    mailflow.reconfigure(replace(organization, global_settings=computers), "LON01", filters=["connection"]),
]

# Why: connection control refuses before a word is said, the sender filter when it hears the sender, and the connection
# filter not before the first recipient. The earlier, the cheaper; the later, the more is known.
""",
)
def shut_one_out(organization: Organization) -> Verdict:
    """The way is the point at which the client is refused, while others are served as before."""
    only_one_server(organization)
    server = server_of(organization)
    spam = Attempt(STRANGER, "anna@contoso.com", f"promo@{FOREIGN_DOMAIN}")
    verdict = decide(organization, server, spam)
    needs(not verdict.accepted, f"The client at {STRANGER} still reaches Anna.")
    for ip in (KIM, "203.0.113.99"):
        for to in ("anna@contoso.com", "ben@contoso.com"):
            other = decide(organization, server, Attempt(ip, to, "kim@fabrikam.com"))
            needs(other.accepted, f"Now Kim at {ip} cannot write to {to} either: {other.why}.")
    mail_flows(organization)
    state = outcome(organization, spam.sender, "anna@contoso.com", client=STRANGER)
    needs(state != "delivered", f"A real message of that client to Anna is {state}.")
    serves_as_before(organization)
    return True, f"at {verdict.verb}"
