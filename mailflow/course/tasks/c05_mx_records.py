"""Notebook 05: lists of exchangers, and ways to the same door."""

import random
from collections import Counter
from ipaddress import ip_address
from textwrap import dedent

from mailflow.course.exercises import RECORDS, Verdict, exercise
from mailflow.course.probes import Objection, letter, needs
from mailflow.dns import ask_mx, resolver_of
from mailflow.facts.words import listed
from mailflow.organization import ExternalHost, Zone, load
from mailflow.organization.model import Organization
from mailflow.simulation import Scenario

DOMAIN = "branch.example"
SEEDS = range(60)
"""So many senders: that a host of two is first for all of them by chance does not happen."""
DOOR = "192.0.2.91"


def zone_of(records: str) -> Zone:
    """The zone, with lines indented or not, and with names relative to it or written out."""
    needs(records.strip(), "There are no records in this text.")
    lines = dedent(records).strip().splitlines()
    zone = Zone(name=DOMAIN, records="\n".join(line if _repeats_owner(line) else line.strip() for line in lines))
    try:
        resolver_of((zone,))
    except ValueError as error:
        raise Objection(
            f"This is no zone: {str(error).rstrip('.')}. A line looks like @ MX 10 a, or a A {DOOR}."
        ) from None
    return zone


def _repeats_owner(line: str) -> bool:
    """Whether a line begins with blanks because it is about the name of the line before, as in RFC 1035."""
    first = line.split()[0].upper() if line.split() else ""
    return line[:1].isspace() and (first in ("MX", "A", "CNAME", "IN", "NS", "TXT", "AAAA") or first.isdigit())


def orders(zone: Zone) -> Counter[tuple[str, ...]]:
    """In which orders senders try the hosts, each order with how many senders do."""
    resolver = resolver_of((zone,))
    return Counter(ask_mx(resolver, DOMAIN, random.Random(seed)).hosts for seed in SEEDS)


def pattern(zone: Zone) -> tuple[tuple[str, ...], ...]:
    """The hosts in groups: those of a group share the mail, and a group is tried after the one before it."""
    found = orders(zone)
    first = next(iter(found))
    groups: list[tuple[str, ...]] = []
    rest = set(first)
    for place in range(len(first)):
        here = {order[place] for order in found}
        if groups and here == set(groups[-1]):
            continue
        groups.append(tuple(sorted(here & rest)))
        rest -= here
    return tuple(group for group in groups if group)


def addresses(zone: Zone) -> list[str]:
    """The addresses of the hosts that a sender finds, one of each host."""
    answer = ask_mx(resolver_of((zone,)), DOMAIN, random.Random(0))
    return [item.addresses[0] for item in answer.exchangers if item.addresses and not item.note]


def leads_to_hosts(ips: list[str]) -> None:
    """See that each address can be that of another host: none means the sender itself, nobody, or many."""
    for ip in ips:
        address = ip_address(ip)
        needs(
            not (address.is_loopback or address.is_unspecified or address.is_multicast),
            f"{ip} is the address of no host that a sender could reach. Take one such as {DOOR}.",
        )


def internet(zone: Zone, reachable: list[str]) -> Organization:
    """One server and, outside, hosts at these addresses that take mail for the domain."""
    one = load("one server")
    hosts = tuple(
        ExternalHost(name=f"host{number}.example", ip=ip, accepts=(DOMAIN,)) for number, ip in enumerate(reachable)
    )
    return Organization(
        name=one.name, title=one.title, servers=one.servers, routing_groups=one.routing_groups,
        connectors=one.connectors, recipients=one.recipients, recipient_policies=one.recipient_policies,
        zones=(*one.zones, zone), external_hosts=(*one.external_hosts, *hosts),
    )  # fmt: skip


def taken_by(zone: Zone, reachable: list[str], *away: str) -> str:
    """The address of the host that takes a real message, while some are away; empty when none does."""
    scenario = Scenario(internet(zone, reachable))
    for ip in away:
        scenario.fail(f"host{reachable.index(ip)}.example")
    trace = scenario.send(letter("anna@contoso.com", f"pat@{DOMAIN}"), at=1).run(until=3600)
    _, state, host = trace.status()["m1"][0]
    return reachable[int(host[4 : host.index(".")])] if state == "relayed" else ""


@exercise(
    "two and a spare",
    f"Write the records of {DOMAIN} so that it has three exchangers: two that share the mail, and a spare one.",
    takes=RECORDS,
    notebook="05",
    hints=(
        "A line such as @ MX 10 a names the host a, with preference 10. Three hosts need three such lines.",
        "Equal numbers share the mail. The spare host needs a higher number than the other two.",
        "A name without an address leads nowhere: each host needs a line such as a A 192.0.2.91 as well.",
    ),
    solution='''
attempt = """
@ MX 10 a
@ MX 10 b
@ MX 20 c
a A 192.0.2.91
b A 192.0.2.92
c A 192.0.2.93
"""

# Why: senders sort by preference and draw among equal ones. Nobody comes to c while a or b answers.
''',
)
def two_and_a_spare(records: str) -> Verdict:
    """Real mail is sent to the three: the spare one gets nothing while one of the others answers, and everything else."""
    zone = zone_of(records)
    answer = ask_mx(resolver_of((zone,)), DOMAIN, random.Random(0))
    hosts = sorted({host for order in orders(zone) for host in order})
    needs(
        len(hosts) == 3,
        f"A sender does not find three hosts. It finds {listed(hosts) if hosts else f'none: {answer.why}'}.",
    )
    groups = pattern(zone)
    told = "; then ".join(" or ".join(group) for group in groups)
    needs(
        [len(group) for group in groups] == [2, 1], f"Senders try: {told}. Two should share, and one should be spare."
    )
    ips = addresses(zone)
    needs(len(set(ips)) == 3, "Two of the names lead to the same address: that is one host with two names.")
    leads_to_hosts(ips)
    spare = next(item.addresses[0] for item in answer.exchangers if item.host == groups[1][0])
    shared = [ip for ip in ips if ip != spare]
    needs(taken_by(zone, ips, shared[0]) == shared[1], "When one of the two is away, the other does not take the mail.")
    needs(taken_by(zone, ips, *shared) == spare, "When the two are away, the spare host does not take the mail.")
    return True, f"Two hosts share the mail, and {groups[1][0]} waits until both are gone."


@exercise(
    "plans for a load",
    f"Write records of {DOMAIN} for three hosts in three other plans: each plan another way to share and to wait.",
    takes=RECORDS,
    notebook="05",
    ways=3,
    hints=(
        "Two that share and one that is spare is one plan, and you have made it already. What else can three numbers say?",
        "All three numbers equal, all three different, one low and two equal: what does a sender do with each?",
        "Change only the numbers in the solution of the exercise above.",
    ),
    solution="""
hosts = "a A 192.0.2.91\\nb A 192.0.2.92\\nc A 192.0.2.93"
attempt = [
    "@ MX 10 a\\n@ MX 10 b\\n@ MX 10 c\\n" + hosts,
    "@ MX 10 a\\n@ MX 20 b\\n@ MX 30 c\\n" + hosts,
    "@ MX 10 a\\n@ MX 20 b\\n@ MX 20 c\\n" + hosts,
]

# Why: only the order of the numbers counts, not how far apart they are. Equal means shared, higher means later.
""",
)
def plans(records: str) -> Verdict:
    """The way is the shape of the plan, whatever the hosts and numbers are called."""
    zone = zone_of(records)
    groups = pattern(zone)
    needs(
        sum(map(len, groups)) == 3 and len(set(addresses(zone))) == 3, "A sender does not find three different hosts."
    )
    leads_to_hosts(addresses(zone))
    shape = [len(group) for group in groups]
    needs(shape != [2, 1], "Two that share and a spare one: that was the exercise. Find another plan.")
    needs(taken_by(zone, addresses(zone)), "Mail for the branch does not arrive.")
    return True, ", then ".join("one" if size == 1 else f"{size} that share" for size in shape)


@exercise(
    "the same door",
    f"Mail for {DOMAIN} shall reach the host at {DOOR}. Find three kinds of records that bring it there.",
    takes=RECORDS,
    notebook="05",
    ways=3,
    hints=(
        "The usual kind is an MX record that names a host, and the address of that host.",
        "What does a sender do when there is no MX record at all?",
        "A name may also point at another name: door CNAME host. That documents advise against it does not keep it from working.",
    ),
    solution=f"""
attempt = [
    "@ MX 10 door\\ndoor A {DOOR}",
    "@ A {DOOR}",
    "@ MX 10 door\\ndoor CNAME host\\nhost A {DOOR}",
]

# Why: a sender wants an address. MX records are the first place where it looks, the domain itself is the second, and an
# alias is followed on the way.
""",
)
def same_door(records: str) -> Verdict:
    """A real message arrives at the host; the way is where the sender found its address."""
    zone = zone_of(records)
    resolver = resolver_of((zone,))
    answer = ask_mx(resolver, DOMAIN, random.Random(0))
    needs(answer.hosts, f"A sender finds no host: {answer.why}.")
    needs(taken_by(zone, [DOOR]) == DOOR, f"A message does not arrive at {DOOR}. A sender finds: {answer.why}.")
    first = pattern(zone)[0]
    others = sorted({ip for item in answer.exchangers if item.host in first for ip in item.addresses} - {DOOR})
    needs(not others, f"While all hosts answer, mail goes to {listed(others)}, too. All of it shall reach {DOOR}.")
    exchangers = resolver.ask(DOMAIN, "MX")
    if exchangers.name.rstrip(".") != DOMAIN:
        return True, "the domain as an alias"
    if not exchangers.records:
        return True, "the domain itself"
    host = answer.hosts[0]
    alias = resolver.ask(host, "A").name.rstrip(".") != host
    return True, "an MX record that names an alias" if alias else "an MX record"
