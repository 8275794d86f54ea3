"""Rarer faults, each with an article of its own in the Knowledge Base: lists that take long, scanners, permissions, hosts that differ."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from mailflow.faults.cases.inside import unheard
from mailflow.faults.cases.world import INTERNET, address, drawn, front_door, inhabited, moment, people, two
from mailflow.faults.draft import HOUR, Draft, Letter, case
from mailflow.faults.steps import setting
from mailflow.organization import Organization, reconfigure
from mailflow.organization.load import complete
from mailflow.organization.model import Contact, Group
from mailflow.simulation import Parameters
from mailflow.transport.parameters import Durations

SOON = 1_800.0
"""Whoever complains that mail takes long wants it within so many seconds."""
SLOW = Parameters(durations=Durations(restriction=60.0))
"""No document says how long a name on a list takes. A minute for each lets a hundred names stand for the thousands of a real list."""
OFFICE = "office@example.com"


def listed(random: Random, healthy: Organization) -> Organization:
    """The organization with two more groups: "Team", of everybody in it, and "Suppliers", of about a hundred contacts."""
    number = random.randrange(90, 130)
    suppliers = [
        Contact(name=f"supplier{item}", target_address=f"orders@supplier{item}.example") for item in range(number)
    ]
    groups = (
        Group(name="team", display_name="Team", members=tuple(item.name for item in people(healthy))),
        Group(name="suppliers", display_name="Suppliers", members=tuple(item.name for item in suppliers)),
    )
    return complete(replace(healthy, recipients=(*healthy.recipients, *suppliers, *groups)))


@case("F15B", "Long lists of senders were looked through on a connector")
def checked(random: Random) -> Draft:
    """Source: F15, T43, D4."""
    healthy = listed(random, drawn(random, "two servers", "two sites", "hub and spokes"))
    head = front_door(healthy)
    connectors = tuple(
        replace(item, only_from=("team", "suppliers")) if item.name == "Internet" else item
        for item in healthy.connectors
    )
    healthy = complete(replace(healthy, connectors=connectors))
    sender, other = (random.choice(people(healthy)) for _ in range(2))
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint=f"{sender.display_name}: my mail to the Internet has been on its way for an hour. It used to leave at once.",
        goal="Mail to the Internet leaves the organization within half an hour.",
        letters=((Letter(address(sender), INTERNET[0]), "relayed"), (Letter(address(sender), INTERNET[1]), "relayed")),
        controls=(
            Letter(INTERNET[0], address(sender)),
            Letter(address(sender), address(sender)),
            Letter(address(other), address(other)),
        ),
        around=tuple((delay, Letter(address(other), INTERNET[0])) for delay in (200.0, 900.0, 2_000.0)),
        parameters=SLOW,
        wrong=(setting(head, check_connector_restrictions=True),),
        cure=(setting("Internet", only_from=[]),),
        begins=begins,
        now=begins + HOUR,
        within=SOON,
        hints=(
            "Nothing is stopped, and nothing comes back. In which queue of the server to the Internet does the mail lie?",
            "Messages waiting to be routed. Whether the sender may use a connector is looked at there, if a value in the registry says so.",
            f"{head} checks (check_connector_restrictions), and the list only_from of the connector Internet names two groups, of over a hundred people.",
        ),
        cause=(
            "Checking who may send over a connector costs time. The list named everybody and all suppliers, so nobody was kept out, "
            "and each message waited until all had been looked up. Take away restrictions that are not needed (F15, T43). How long a name "
            "takes is a figure of this course: no document has one."
        ),
    )


@case("KB895407", "The members of a group had long lists of senders")
def restrictions(random: Random) -> Draft:
    """Source: K52."""
    healthy = listed(random, drawn(random, "two servers", "two sites", "hub and spokes"))
    sender, *others = random.sample(people(healthy), 3)
    strict = [item.name for item in others]
    wrong = tuple(setting(name, accept_from=["team", "suppliers"]) for name in strict)
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint=f"{sender.display_name}: what I wrote to the group Team an hour ago has reached nobody. Mail to one person arrives.",
        goal="Mail to the group Team arrives within half an hour.",
        letters=((Letter(address(sender), f"team@{healthy.domain}"), "delivered"),),
        controls=(
            Letter(address(sender), address(sender)),
            Letter(address(sender), INTERNET[0]),
            Letter(INTERNET[1], address(sender)),
        ),
        around=tuple((delay, Letter(address(others[0]), f"team@{healthy.domain}")) for delay in (400.0, 1_800.0)),
        parameters=SLOW,
        wrong=wrong,
        cure=tuple(setting(name, accept_from=[]) for name in strict),
        begins=begins,
        now=begins + HOUR,
        within=SOON,
        hints=(
            "Nothing is stopped, and nothing comes back. In which queue does the message to the group lie?",
            "Messages awaiting directory lookup, and the directory answers: other mail passes. What is asked about each member of a group?",
            f"From whom it takes mail. The lists accept_from of {' and '.join(strict)} name a group with about a hundred members: Suppliers.",
        ),
        cause=(
            "The categorizer looks up from whom each member of a group takes mail. The lists of some members named a hundred suppliers, so a message to "
            "the group stayed in Messages awaiting directory lookup (K52). How long a name takes is a figure of this course: no document has one."
        ),
    )


@case("KB912341", "Another host answered DATA late")
def late(random: Random) -> Draft:
    """Source: K126, K125, T105."""
    healthy = drawn(random, "one server", "two servers", "two sites", "hub and spokes")
    sender, other = (random.choice(people(healthy)) for _ in range(2))
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint=f"{OFFICE}: the same mail of {sender.display_name} has come again and again for an hour. Please stop that!",
        goal=f"{sender.display_name}'s mail to {OFFICE} leaves the organization, once.",
        letters=((Letter(address(sender), OFFICE), "relayed"),),
        controls=(
            Letter(address(sender), INTERNET[0]),
            Letter(address(sender), address(other)),
            Letter(INTERNET[1], address(other)),
        ),
        wrong=(setting("example.com", late_answer_to_data=True),),
        cure=(setting("example.com", late_answer_to_data=False),),
        begins=begins,
        now=begins + HOUR,
        hints=(
            "Copies arrive, and the sender's side does not know. In which queue does the message lie, and in which state?",
            "Read that session in the protocol log of the server to the Internet. At which verb does it end?",
            'After DATA, with a reply of several lines. The host outside is called "example.com" and has a setting late_answer_to_data.',
        ),
        cause=(
            "The other host answers DATA late and in several lines. It takes the message, and the Exchange server does not see that: it tries again "
            "until the message expires, and each time the recipient gets it once more (K126). Whoever runs that host must mend it."
        ),
    )


@case("KB883522", "A virus scanner inside a store deleted messages")
def deleted(random: Random) -> Draft:
    """Source: K127, T44."""
    healthy = drawn(random, "two servers", "two sites", "hub and spokes")
    server = random.choice(inhabited(healthy))
    here, there = two(random, healthy, server)
    stores = [{"name": item.name, "journal_to": item.journal_to} for item in healthy.server[server].mailbox_stores]
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint=f"{there.display_name}: {here.display_name} gets my short mails, and the one with the file has not come for an hour.",
        goal=f"Mail with a file to {here.display_name} arrives.",
        letters=((Letter(address(there), address(here), kb=60), "delivered"),),
        controls=(
            Letter(address(there), address(here)),
            Letter(address(here), address(there), kb=60),
            Letter(INTERNET[0], address(here)),
        ),
        wrong=(setting(server, mailbox_stores=[{**item, "scanner_deletes": [".bin"]} for item in stores]),),
        cure=(setting(server, mailbox_stores=stores),),
        begins=begins,
        now=begins + HOUR,
        hints=(
            f"Follow both messages to the server of {here.display_name}. Where does the trail of the one with the file end?",
            "In Local delivery, which is not in state Retry: the store is mounted and takes other mail. Who looks at files there?",
            f"A virus scanner inside the store. Each of the mailbox_stores of {server} has a list scanner_deletes; the file ends in .bin.",
        ),
        cause=(
            "A virus scanner inside the store deleted the message. SMTP waits for the success of a delivery that no longer happens, so the "
            "message stays in Local delivery until its time is up (K127, T44)."
        ),
    )


@case("KB884996", "A server object in the directory lacked inherited permissions")
def permissions(random: Random) -> Draft:
    """Source: K52."""
    healthy = drawn(random, "two servers", "two sites")
    server = random.choice(inhabited(healthy))
    return replace(
        unheard(random, healthy, server, "since this morning nothing that I send has arrived.", INTERNET[0]),
        wrong=(setting(server, inherited_permissions=False),),
        cure=(setting(server, inherited_permissions=True),),
        hints=(
            "In which queue of the sender's server does the mail lie?",
            "Messages awaiting directory lookup. A global catalog that does not answer would leave an event 4004, and a journal mailbox that is "
            "gone 9003 and 9004. Is there one?",
            f"None. The directory answers, and {server} may not read all of it: its setting is inherited_permissions.",
        ),
        cause=(
            "Somebody switched off that the object of the server inherits permissions. The Exchange server groups could not read what they need, "
            "and mail stayed in Messages awaiting directory lookup, without an event that a document names (K52)."
        ),
    )


@case("T107", "Two servers were the smart host of each other")
def loop(random: Random) -> Draft:
    """Source: T107, T115, O-13."""
    healthy = drawn(random, "two servers")
    first, second = random.sample(sorted(healthy.server), 2)
    healthy = replace(healthy, connectors=tuple(item for item in healthy.connectors if item.name != "Internet"))
    healthy = reconfigure(healthy, second, smart_host=healthy.server[first].fqdn)
    sender, other = random.sample(people(healthy), 2)
    to, further = random.sample((*INTERNET, OFFICE), 2)
    return Draft(
        healthy=healthy,
        complaint=f"{sender.display_name}: my mail to {to} comes back. The report says 4.4.6. Inside all is well.",
        goal="Mail to the Internet leaves the organization.",
        letters=((Letter(address(sender), to), "relayed"), (Letter(address(sender), further), "relayed")),
        controls=(
            Letter(address(sender), address(other)),
            Letter(address(other), address(sender)),
            Letter(INTERNET[0], address(sender)),
        ),
        wrong=(setting(first, smart_host=healthy.server[second].fqdn),),
        cure=(setting(first, smart_host=""),),
        begins=moment(random),
        hints=(
            "4.4.6: more than thirty hops. Which servers did the message pass?",
            "The tracking logs of both servers have the same message again and again. Why does each hand it to the other?",
            f"There is no connector to the Internet: each virtual server sends by DNS or to its smart_host. That of {first} is {second}.",
        ),
        cause=(
            "Each of two servers had the other one as smart host, so mail to the Internet went back and forth until it had more Received lines "
            "than the maximum hop count. Then it is returned with 4.4.6 (T107)."
        ),
    )
