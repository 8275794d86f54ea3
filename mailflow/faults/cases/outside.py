"""Faults towards the Internet: address spaces, names, strangers."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from mailflow.faults.cases.world import INTERNET, address, drawn, front_door, moment, people
from mailflow.faults.draft import HOUR, Draft, End, Letter, case
from mailflow.faults.steps import fail, restore, setting
from mailflow.simulation import Parameters

STRANGER = "203.0.113.99"


@case("F8", "No connector covered the address")
def uncovered(random: Random) -> Draft:
    """What no space matches comes back here, as one of the documents has it (Source: F8, R115, T58)."""
    healthy = drawn(random, "one server", "two servers", "two sites", "hub and spokes")
    sender = random.choice(people(healthy))
    covered, missing = random.sample(INTERNET, 2)
    return Draft(
        healthy=healthy,
        complaint=f"{sender.display_name}: my mail to {missing} comes back at once. The one to {covered} went out.",
        goal=f"Mail to {missing} leaves the organization, and so does mail to any other domain.",
        letters=(
            (Letter(address(sender), missing), "relayed"),
            (Letter(address(sender), "office@example.com"), "relayed"),
        ),
        controls=(
            Letter(address(sender), covered),
            Letter(address(sender), address(sender)),
            Letter(missing, address(sender)),
        ),
        parameters=Parameters(unmatched_returned=True),
        wrong=(setting("Internet", address_spaces=[{"pattern": covered.partition("@")[2]}]),),
        cure=(setting("Internet", address_spaces=[{"pattern": "*"}]),),
        begins=moment(random),
        hints=(
            "A report in hand: which code, and which server made it?",
            "5.0.0: routing knows no way. Which address spaces are there? WinRoute lists them.",
            'The connector "Internet" covers one domain. For all others it takes the address space *.',
        ),
        cause=(
            "There are address spaces, and none of them covers the address. By one document such mail has no way and comes back with 5.0.0, and so "
            "it does here (F8); by another the virtual server sends it by DNS (T58, T76)."
        ),
    )


@case("F11", "The address was misspelt")
def misspelt(random: Random) -> Draft:
    """Source: F11."""
    healthy = drawn(random, "one server", "two servers", "two sites", "hub and spokes")
    sender = random.choice(people(healthy))
    typed = random.choice(("kim@fabrikan.com", "kim@fabrikam.con", "lee@nortwindtraders.com"))
    right = "kim@fabrikam.com" if typed.startswith("kim") else "lee@northwindtraders.com"
    return Draft(
        healthy=healthy,
        complaint=f"{sender.display_name}: my mail to {typed} came back. Your server is broken!",
        goal=f"Mail to {right} leaves the organization; what cannot be delivered comes back.",
        letters=((Letter(address(sender), typed), "bounced"), (Letter(address(sender), right), "relayed")),
        controls=(
            Letter(address(sender), address(sender)),
            Letter(right, address(sender)),
            Letter(address(sender), "office@example.com"),
        ),
        begins=moment(random),
        hints=(
            "5.4.0 at once: the event in the log names a reason to look at DNS.",
            "Ask DNS for that domain, and for the one that the sender meant.",
            "The domain does not exist. Is that a fault of the server?",
        ),
        cause="The domain does not exist, so the mail comes back at once with 5.4.0. Nothing was wrong but the address (F11).",
    )


@case("F12", "DNS gave no answer")
def no_dns(random: Random) -> Draft:
    """Source: F12, T105."""
    healthy = drawn(random, "one server", "two servers", "two sites", "hub and spokes")
    sender, other = (random.choice(people(healthy)) for _ in range(2))
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint=f"{sender.display_name}: nothing that I send to the Internet is answered. Mail from there comes in as always.",
        goal="Mail to the Internet leaves the organization.",
        letters=((Letter(address(sender), INTERNET[0]), "relayed"), (Letter(address(sender), INTERNET[1]), "relayed")),
        controls=(
            Letter(INTERNET[0], address(sender)),
            Letter(address(sender), address(other)),
            Letter(INTERNET[1], address(other)),
        ),
        wrong=(fail("DNS"),),
        cure=(restore("DNS"),),
        begins=begins,
        now=begins + HOUR,
        hints=(
            "All queues to the Internet are in Retry, and mail comes in. What do they have in common?",
            "Before it connects, a server asks for a name. Look one up.",
            'Nobody answers. The way to DNS is called "DNS" here.',
        ),
        cause=(
            "The server could not reach DNS. Each queue to the Internet is in Retry, without a report and without an event; after two days "
            "the mail would come back with 4.4.7 (F12, T105)."
        ),
    )


@case("F19", "Reports flooded out to forged senders")
def flood(random: Random) -> Draft:
    """Source: F19, T150."""
    healthy = drawn(random, "one server", "two servers", "two sites")
    door = front_door(healthy)
    servers = tuple(
        replace(item, virtual_servers=tuple(replace(one, filters=("recipient",)) for one in item.virtual_servers))
        if item.name == door
        else item
        for item in healthy.servers
    )
    healthy = replace(
        healthy, servers=servers, global_settings=replace(healthy.global_settings, filter_unknown_recipients=True)
    )
    person = random.choice(people(healthy))
    strangers = [f"{random.choice('bcdfgk')}{number}@spam{number}.example" for number in range(random.randrange(5, 9))]
    letters: tuple[tuple[Letter, End], ...] = tuple(
        (Letter(name, f"{name.partition('@')[0]}@{healthy.domain}", by="smtp", server=door, client=STRANGER), "refused")
        for name in strangers
    )
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint="The queues are full of domains that nobody knows, and more come every minute. Nobody here writes to them.",
        goal="Mail to people who do not exist is refused while it is offered, so that no report has to be written.",
        letters=letters,
        controls=(
            Letter(INTERNET[0], address(person)),
            Letter(address(person), INTERNET[0]),
            Letter(address(person), address(person)),
        ),
        wrong=(setting("global settings", filter_unknown_recipients=False),),
        cure=(setting("global settings", filter_unknown_recipients=True),),
        begins=begins,
        now=begins + HOUR,
        hints=(
            "Open one of those queues: who is the sender of what lies there?",
            "The empty sender: these are reports. Whom did the mail want that they answer?",
            "People who do not exist. The server takes mail for them first: filter_unknown_recipients of the global settings.",
        ),
        cause=(
            "Somebody sends to made-up people, with forged senders. A server that takes such mail owes a report for each, and the reports "
            "go to the forged addresses. Recipient filtering refuses it while it is offered (F19, T150)."
        ),
    )


@case("F20", "Strangers relayed through the server")
def relayed(random: Random) -> Draft:
    """Source: F20, T140."""
    healthy = drawn(random, "one server", "two servers", "two sites")
    door = front_door(healthy)
    person = random.choice(people(healthy))
    letters: tuple[tuple[Letter, End], ...] = tuple(
        (Letter("offers@spam.example", f"victim{number}@{domain}", by="smtp", server=door, client=STRANGER), "refused")
        for number in range(random.randrange(3, 6))
        for domain in ("fabrikam.com", "northwindtraders.com")
    )
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint="Another company refuses our mail: we were sending advertisements. Nobody here did.",
        goal="What strangers send to others through us is refused, and our own mail comes in and goes out.",
        letters=letters,
        controls=(
            Letter(INTERNET[0], address(person)),
            Letter(address(person), INTERNET[1]),
            Letter(address(person), address(person)),
        ),
        wrong=(setting(door, relay_mode="all except the list below"),),
        cure=(setting(door, relay_mode="only the list below"),),
        begins=begins,
        now=begins + HOUR,
        hints=(
            "Who sent what went out in the last hour? The tracking log of the server to the Internet knows.",
            "Be the stranger: connect to port 25 and name a recipient elsewhere.",
            f"{door} relays for everybody. Which setting says for whom?",
        ),
        cause="The list of computers that may relay was turned round: all except the list. So everybody may (F20, T140).",
    )
