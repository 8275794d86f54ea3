"""Faults inside one server: its services, its stores, its directory, the settings of its people."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from mailflow.faults.cases.world import INTERNET, address, drawn, inhabited, moment, people, two
from mailflow.faults.draft import HOUR, Draft, Letter, case
from mailflow.faults.steps import delete_mailbox, setting, start, stop
from mailflow.organization import Organization
from mailflow.organization.load import complete
from mailflow.organization.model import Mailbox
from mailflow.simulation.verbs import MoveMailbox


def unheard(random: Random, healthy: Organization, server: str, says: str, outside: str) -> Draft:
    """A draft with nothing wrong yet: nothing arrives of what somebody on a server writes, while whoever sits elsewhere is heard."""
    here, there = two(random, healthy, server)
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint=f"{here.display_name}: {says}",
        goal=f"{here.display_name}'s mail arrives, inside and outside.",
        letters=((Letter(address(here), address(there)), "delivered"), (Letter(address(here), outside), "relayed")),
        controls=(
            Letter(address(there), INTERNET[0]),
            Letter(address(there), INTERNET[1]),
            Letter(address(there), address(there)),
        ),
        begins=begins,
        now=begins + HOUR,
    )


@case("F1", "The global catalog was away")
def catalog(random: Random) -> Draft:
    """Source: F1, K90, T47."""
    healthy = drawn(random, "two servers", "two sites")
    server = random.choice(inhabited(healthy))
    says = "whatever I send does not arrive, and nothing comes back either."
    return replace(
        unheard(random, healthy, server, says, INTERNET[0]),
        wrong=(stop("global catalog", server),),
        cure=(start("global catalog", server),),
        hints=(
            "First the phase: submission, processing or delivery. In which queue of the sender's server does the mail lie?",
            "Messages awaiting directory lookup is where the categorizer works. What does it need to look somebody up?",
            f'It asks a global catalog. On {server} the name of that service is "global catalog".',
        ),
        cause=(
            "The categorizer looks up every sender and recipient in a global catalog. Without one the mail waits in Messages "
            "awaiting directory lookup, without a report, and flows by itself once the catalog answers again (F1)."
        ),
    )


@case("F2", "A virus scanner hung")
def scanner(random: Random) -> Draft:
    """Source: F2."""
    healthy = drawn(random, "two servers", "two sites")
    server = random.choice(inhabited(healthy))
    healthy = replace(healthy, servers=tuple(replace(item, antivirus=True) for item in healthy.servers))
    says = "my mail has not arrived anywhere for an hour. The server looks as if it had nothing to do."
    return replace(
        unheard(random, healthy, server, says, INTERNET[1]),
        wrong=(stop("antivirus", server),),
        cure=(start("antivirus", server),),
        hints=(
            "In which queue of the sender's server does the mail lie?",
            "Messages pending submission comes before the categorizer. Who sees a message there?",
            'Event sinks do, such as a virus scanner. Its name here is "antivirus".',
        ),
        cause=(
            "A sink of the OnSubmission event sees each message in Messages pending submission. One that hangs holds "
            "everything there, while the processor has nothing to do (F2)."
        ),
    )


@case("F3", "A mailbox store was dismounted")
def store(random: Random) -> Draft:
    """Source: F3."""
    healthy = drawn(random, "two servers", "two sites", "hub and spokes")
    server = random.choice(inhabited(healthy))
    here, there = two(random, healthy, server)
    begins = moment(random)
    name = healthy.server[server].mailbox_stores[0].name
    return Draft(
        healthy=healthy,
        complaint=f"{there.display_name}: I wrote to {here.display_name} an hour ago, who has not got it. Others answer as always.",
        goal=f"Mail to {here.display_name} arrives, from inside and from outside.",
        letters=(
            (Letter(address(there), address(here)), "delivered"),
            (Letter(INTERNET[0], address(here)), "delivered"),
        ),
        controls=(
            Letter(address(there), INTERNET[0]),
            Letter(INTERNET[0], address(there)),
            Letter(address(there), address(there)),
        ),
        wrong=(stop(name, server),),
        cure=(start(name, server),),
        begins=begins,
        now=begins + HOUR,
        hints=(
            f"Follow the message. It comes as far as the server of {here.display_name}.",
            "There it lies in Local delivery, which leads to a store.",
            f'The store is called "{name}".',
        ),
        cause=(
            "A store that is dismounted takes nothing. What is for its mailboxes waits in Local delivery, in state Retry, and "
            "arrives when the store is mounted; the people of other stores notice nothing (F3)."
        ),
    )


@case("F4", "A mailbox was being moved")
def moving(random: Random) -> Draft:
    """Source: F4, K51."""
    healthy = drawn(random, "two servers", "two sites")
    server = random.choice(inhabited(healthy))
    here, there = two(random, healthy, server)
    lasts = float(random.randrange(1_500, 4_500, 60))
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint=f"{here.display_name}: no mail has come for a quarter of an hour, and {there.display_name} says that some was sent.",
        goal=f"Mail to {here.display_name} arrives.",
        letters=(
            (Letter(address(there), address(here)), "delivered"),
            (Letter(INTERNET[0], address(here)), "delivered"),
        ),
        controls=(
            Letter(address(there), INTERNET[0]),
            Letter(address(here), address(there)),
            Letter(address(there), address(there)),
        ),
        around=((0, MoveMailbox(here.name, there.server, lasts)),),
        begins=begins,
        now=begins + 900,
        hints=(
            f"Follow the message to the server of {here.display_name}. In which queue does it lie?",
            "Messages queued for deferred delivery: for a mailbox that is being moved, or an account that is not in order. Event 9548 would tell the second.",
            "There is no such event: the mailbox is being moved. What comes round every 30 minutes by itself?",
        ),
        cause=(
            "While a mailbox is being moved it takes nothing. Mail for it waits in the queue for deferred delivery and comes round every "
            "30 minutes, so it is there at the latest half an hour after the move (F4, K51)."
        ),
    )


@case("F5", "An account was disabled, and had no master")
def no_master_account(random: Random) -> Draft:
    """Source: F5, K51, K71."""
    healthy = drawn(random, "two servers", "two sites", "hub and spokes")
    server = random.choice(inhabited(healthy))
    here, there = two(random, healthy, server)
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint=f"{there.display_name}: I read the mail of {here.display_name}, who is away for a year. Nothing has come since this morning.",
        goal=f"Mail to {here.display_name} arrives.",
        letters=(
            (Letter(address(there), address(here)), "delivered"),
            (Letter(INTERNET[1], address(here)), "delivered"),
        ),
        controls=(
            Letter(address(there), INTERNET[0]),
            Letter(INTERNET[0], address(there)),
            Letter(address(there), address(there)),
        ),
        wrong=(setting(here.name, account_disabled=True),),
        cure=(setting(here.name, external_account="SELF"),),
        begins=begins,
        now=begins + HOUR,
        hints=(
            f"Follow the message to the server of {here.display_name}. In which queue does it lie?",
            "Messages queued for deferred delivery does not become empty. What does the application log of that server say?",
            f"Event 9548: the account of {here.display_name} is disabled and has no master. Its settings are account_disabled and external_account.",
        ),
        cause=(
            "The account was disabled, and nobody was given as its associated external account, so the mailbox has no master SID. Its mail goes "
            "round in the queue for deferred delivery for ever, with event 9548. SELF as external account is enough (F5, K51)."
        ),
    )


@case("F6", "A journal mailbox had been deleted")
def no_journal(random: Random) -> Draft:
    """Source: F6, K52, K71."""
    healthy = drawn(random, "two servers", "two sites")
    server = random.choice(inhabited(healthy))
    here, there = two(random, healthy, server)
    archive = Mailbox(
        name="archive", display_name="Archive", server=there.server, addresses=(f"archive@{healthy.domain}",)
    )
    journals = {here.server: archive.name}
    healthy = complete(
        replace(
            healthy,
            recipients=(*healthy.recipients, archive),
            servers=tuple(
                replace(
                    item,
                    mailbox_stores=tuple(
                        replace(one, journal_to=journals.get(item.name, "")) for one in item.mailbox_stores
                    ),
                )
                for item in healthy.servers
            ),
        )
    )
    begins = moment(random)
    stores = [{"name": item.name, "journal_to": there.name} for item in healthy.server[here.server].mailbox_stores]
    return Draft(
        healthy=healthy,
        complaint=f"{here.display_name}: whatever I send stays somewhere, and what {there.display_name} sends me does not arrive either.",
        goal=f"{here.display_name}'s mail arrives, and so does mail to {here.display_name}.",
        letters=(
            (Letter(address(here), address(there)), "delivered"),
            (Letter(address(there), address(here)), "delivered"),
        ),
        controls=(
            Letter(address(there), INTERNET[0]),
            Letter(INTERNET[1], address(there)),
            Letter(address(there), address(there)),
        ),
        wrong=(delete_mailbox(archive.name),),
        cure=(setting(here.server, mailbox_stores=stores),),
        begins=begins,
        now=begins + HOUR,
        hints=(
            f"Follow the messages. On the server of {here.display_name} they lie in one queue. Which one?",
            "Messages awaiting directory lookup, and the directory answers. What does the application log of that server say?",
            f"Events 9003 and 9004: the store archives into {archive.name}, which was deleted. It needs another journal mailbox.",
        ),
        cause=(
            "The store archives all mail of its people, and the journal mailbox was deleted. So the categorizer cannot go on with their mail, "
            "and with no other. It needs a journal mailbox that exists (F6, K52)."
        ),
    )


@case("F7", "A recipient policy held the name of a server")
def name_in_policy(random: Random) -> Draft:
    """Source: F7, K97."""
    healthy = drawn(random, "two servers", "two sites")
    server = random.choice(inhabited(healthy))
    here, there = two(random, healthy, server)
    policy = healthy.recipient_policies[0]
    domains = [{"domain": item.domain} for item in policy.domains]
    fqdn = healthy.server[server].fqdn
    return Draft(
        healthy=healthy,
        complaint=f"{there.display_name}: my mail to {here.display_name} comes back at once. The report says 5.4.8.",
        goal=f"Mail to {here.display_name} arrives.",
        letters=((Letter(address(there), address(here)), "delivered"),),
        controls=(
            Letter(address(there), INTERNET[0]),
            Letter(address(there), address(there)),
            Letter(address(here), address(here)),
        ),
        wrong=(setting(policy.name, domains=[*domains, {"domain": fqdn}]),),
        cure=(setting(policy.name, domains=domains),),
        begins=moment(random),
        hints=(
            "A report in hand: code first, then the log of the server that made it.",
            "The application log of that server has an event 9006, which names a domain.",
            f'{fqdn} is the name of a server, and it stands among the domains of "{policy.name}".',
        ),
        cause=(
            "Mail between servers is addressed to the other server by its name. Where a recipient policy makes that name a local "
            "domain, the categorizer takes the next server for itself and gives up: 5.4.8, event 9006 (F7)."
        ),
    )


@case("F16", "Something was too large for a limit")
def too_big(random: Random) -> Draft:
    """Source: F16, T71, R20."""
    healthy = drawn(random, "two sites")
    here, there = two(random, healthy, "LON01")
    there = random.choice([item for item in people(healthy) if item.server.startswith("PAR")])
    limit = random.choice((600, 800, 1_000))
    healthy = replace(
        healthy, global_settings=replace(healthy.global_settings, max_send_kb=2_048, max_receive_kb=2_048)
    )
    wrong, cure = random.choice(
        (
            (setting(here.name, max_send_kb=limit), setting(here.name, max_send_kb=None)),
            (setting(there.name, max_receive_kb=limit), setting(there.name, max_receive_kb=None)),
            (setting("London-Paris", max_message_kb=limit), setting("London-Paris", max_message_kb=None)),
        )
    )
    return Draft(
        healthy=healthy,
        complaint=f"{here.display_name}: a short mail to {there.display_name} arrives, and the one with the plan attached comes back.",
        goal="The mail with the plan arrives, and what is over two megabytes still does not.",
        letters=((Letter(address(here), address(there), kb=900), "delivered"),),
        controls=(
            Letter(address(here), address(there)),
            Letter(address(here), INTERNET[0]),
            Letter(address(there), address(here), kb=700),
            Letter(address(here), address(there), kb=1_800),
            *(Letter(address(item), address(there), kb=900) for item in people(healthy, "LON02")[:1]),
            *(
                Letter(address(here), address(item), kb=900)
                for item in people(healthy)
                if item.server != there.server and item.server != "LON01"
            ),
        ),
        wrong=(wrong,),
        cure=(cure,),
        begins=moment(random),
        hints=(
            "5.2.3 means: too large for a limit. There are four places for one: global settings, mailbox, connector, virtual server.",
            "Which server made the report, and at which step of the log does the trail end? Whose large mail passes, and whose not?",
            f"It is {wrong.name!r}.",
        ),
        cause=(
            "A limit stood on one of the places where Exchange looks at the size: the global settings, the mailbox of the sender or "
            "the recipient, a connector, a virtual server. The code 5.2.3 does not tell which; who may pass does (F16, T71, T115, R20)."
        ),
    )


@case("F17", "A recipient takes mail from some people only")
def restricted(random: Random) -> Draft:
    """Source: F17, T70."""
    healthy = drawn(random, "two servers", "two sites")
    server = random.choice(inhabited(healthy))
    here, there = two(random, healthy, server)
    return Draft(
        healthy=healthy,
        complaint=f"{there.display_name}: {here.display_name} does not want my mail, says a report. We had lunch together today!",
        goal=f"{there.display_name}'s mail to {here.display_name} arrives.",
        letters=((Letter(address(there), address(here)), "delivered"),),
        controls=(
            Letter(address(there), INTERNET[0]),
            Letter(address(here), address(there)),
            Letter(address(there), address(there)),
        ),
        wrong=(setting(here.name, reject_from=[there.name]),),
        cure=(setting(here.name, reject_from=[]),),
        begins=moment(random),
        hints=(
            "One recipient only: then look at the object of that recipient, not at queues.",
            "5.7.1 from the own organization: a restriction. It can name who is accepted, or who is rejected.",
            f"{here.display_name}'s mailbox has a list reject_from.",
        ),
        cause=(
            "A mailbox, a contact or a group may say from whom it takes mail, or from whom not. The categorizer sends back what is "
            "not allowed, with 5.7.1 (F17, T70)."
        ),
    )
