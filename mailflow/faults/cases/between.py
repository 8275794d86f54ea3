"""Faults between servers and routing groups: lines, bridgeheads, masters, connectors and their queues."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from mailflow.faults.cases.world import INTERNET, address, drawn, front_door, moment, people
from mailflow.faults.draft import HOUR, Draft, Letter, case
from mailflow.faults.steps import delete_server, fail, freeze, restore, set_master, setting, start, stop, unfreeze
from mailflow.organization.load import complete
from mailflow.organization.model import RoutingGroupConnector


def across(random: Random, *names: str) -> tuple[Draft, RoutingGroupConnector]:
    """A draft with nothing wrong yet: somebody in one routing group writes to somebody in the next, over the connector given with it."""
    healthy = drawn(random, *names)
    group_of = {name: item.routing_group for name, item in healthy.server.items()}
    found = {group: [item for item in people(healthy) if group_of[item.server] == group] for group in group_of.values()}
    lines = [
        item
        for item in healthy.connectors
        if isinstance(item, RoutingGroupConnector) and found[item.routing_group] and found[item.to]
    ]
    line = random.choice(lines)
    here, there = random.choice(found[line.routing_group]), random.choice(found[line.to])
    begins = moment(random)
    draft = Draft(
        healthy=healthy,
        complaint=f"{there.display_name}: {here.display_name} says that a mail to me left an hour ago. Nothing is here.",
        goal=f"{here.display_name}'s mail to {there.display_name} arrives.",
        letters=((Letter(address(here), address(there)), "delivered"),),
        controls=(
            Letter(address(here), address(here)),
            Letter(address(there), address(there)),
            Letter(INTERNET[0], address(here))
            if healthy.external_hosts
            else Letter(address(here), address(here), kb=100),
        ),
        begins=begins,
        now=begins + HOUR,
    )
    return draft, line


@case("F9", "The only way to a routing group was broken")
def line_down(random: Random) -> Draft:
    """Each of these routing groups is a leaf, so Exchange 2003 leaves the connector up (Source: F9, R89, D5)."""
    draft, line = across(random, "two sites", "hub and spokes")
    return replace(
        draft,
        wrong=(fail(line.name),),
        cure=(restore(line.name),),
        hints=(
            "The last event in the log tells how far it came. WinRoute calls the connector up: is that true?",
            "Telnet tells what is true on the wire. Do both ends of the connector answer?",
            f"Both do. It is the line of {line.name} itself.",
        ),
        cause=(
            "The bridgehead could not reach the other side. The line is the only one to or from a leaf, so Exchange 2003 leaves the connector up "
            "and tells nobody, with event 994; the mail waits in the link queue, in Retry, and goes by itself when the line is back (F9, R89)."
        ),
    )


@case("F10", "The next server did not answer on port 25")
def refused(random: Random) -> Draft:
    """Source: F10."""
    draft, line = across(random, "two sites", "hub and spokes")
    far = line.remote_bridgeheads[0]
    return replace(
        draft,
        controls=(
            draft.controls[0],
            draft.controls[2],
            Letter(draft.letters[0][0].sender, draft.letters[0][0].sender, kb=64),
        ),
        wrong=(stop("SMTP", far),),
        cure=(start("SMTP", far),),
        hints=(
            "The last event in the log tells how far it came, and the queue where it waits tells for whom.",
            "A link queue in state Retry is for one server. Connect to port 25 of that server yourself.",
            f"{far} does not answer, and its machine is up: a service is stopped.",
        ),
        cause=(
            "The SMTP service of the next server was stopped. The mail waits in the link queue for it, in state Retry, with event 4006 in "
            "the application log, and there is no 1031 in the tracking log (F10)."
        ),
    )


FAR = {
    "Seattle": ("Brussels", "Tokyo", ("Tokyo-Brussels", "Brussels-Tokyo")),
    "London": ("Tokyo", "Brussels", ("Brussels-Tokyo", "Tokyo-Brussels")),
    "Brussels": ("Seattle", "Tokyo", ("Tokyo-Seattle", "Seattle-Tokyo")),
    "Tokyo": ("London", "Brussels", ("Brussels-London", "London-Brussels")),
}
"""Of each routing group in "four corners": the one across, the next on the cheapest way there, and the lines behind that one."""


@case("F14", "The routing group master had been deleted")
def no_master(random: Random) -> Draft:
    """Source: F14, R13, R14."""
    group = random.choice(list(FAR))
    across_, next_, lines = FAR[group]
    healthy = drawn(random, "four corners")
    first = next(item for item in healthy.servers if item.routing_group == group)
    master = replace(first, name=f"{first.name[:-1]}3", fqdn="", ip="192.0.2.199", position=())
    groups = tuple(replace(item, master=master.name) if item.name == group else item for item in healthy.routing_groups)
    healthy = complete(replace(healthy, servers=(*healthy.servers, master), routing_groups=groups))
    who = {healthy.server[item.server].routing_group: item for item in people(healthy)}
    here, there, beside = who[group], who[across_], who[next_]
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint=f"{here.display_name}: my mail to {there.display_name} comes back with 4.4.6. Others reach {there.display_name}.",
        goal=f"{here.display_name}'s mail to {there.display_name} arrives, though a line is down.",
        letters=((Letter(address(here), address(there)), "delivered"),),
        controls=(
            Letter(address(here), address(here)),
            Letter(address(beside), address(here)),
            Letter(address(there), address(there)),
        ),
        around=(*((5, fail(name)) for name in lines), (10, Letter(address(beside), address(there)))),
        wrong=(delete_server(master.name),),
        cure=(set_master(group, first.name),),
        begins=begins,
        now=begins + HOUR,
        first=600.0,
        hints=(
            "4.4.6: the mail went round in circles. Two servers do not believe the same of the lines.",
            f"WinRoute on a server of {group} and on one of {next_}: compare what they hold of {next_}, and who is master of {group}.",
            f"The master of {group} is an object that the directory no longer has. Its name was {master.name}.",
        ),
        cause=(
            "Only the master of a routing group brings news from outside to its members. It was deleted, so the group went on with old routes "
            "and sent its mail towards a line that is down, and got it back. Make another server the master (F14, R13, R14)."
        ),
    )


@case("F13", "A firewall filtered SMTP between two routing groups")
def filtered(random: Random) -> Draft:
    """Source: F13, K81, R73."""
    group = random.choice(list(FAR))
    across_, next_, lines = FAR[group]
    healthy = drawn(random, "four corners")
    who = {healthy.server[item.server].routing_group: item for item in people(healthy)}
    here, there, beside = who[group], who[across_], who[next_]
    outward = (item for item in healthy.connectors if isinstance(item, RoutingGroupConnector))
    door = next(item.local_bridgeheads[0] for item in outward if item.routing_group == group)
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint=f"{here.display_name}: my mail to {there.display_name} comes back with 4.4.6. Mail to {beside.display_name} arrives.",
        goal=f"{here.display_name}'s mail to {there.display_name} arrives, though a line is down.",
        letters=((Letter(address(here), address(there)), "delivered"),),
        controls=(
            Letter(address(here), address(here)),
            Letter(address(beside), address(here)),
            Letter(address(there), address(there)),
        ),
        around=(*((5, fail(name)) for name in lines), (10, Letter(address(beside), address(there)))),
        wrong=(setting(door, filtering_firewall=True),),
        cure=(setting(door, filtering_firewall=False),),
        begins=begins,
        now=begins + HOUR,
        first=600.0,
        hints=(
            "4.4.6: the mail went round in circles. Two servers do not believe the same of the lines. WinRoute shows which.",
            "News of the lines travels by X-LINK2STATE on port 25. Connect to port 25 of the bridgeheads: what do they greet with?",
            f"The banner of {door} is asterisks, and EHLO gets 500. Its setting is filtering_firewall.",
        ),
        cause=(
            "A firewall let seven basic commands of SMTP pass and no other. X-LINK2STATE was not among them, so no news of a line came to the "
            "routing group behind it. Its mail went towards a line that is down, and came back. Take the filter off (F13, K81)."
        ),
    )


@case("F18", "Somebody had frozen a queue")
def frozen(random: Random) -> Draft:
    """Source: F18, T176."""
    draft, line = across(random, "two sites", "hub and spokes")
    near = line.local_bridgeheads[0]
    ((letter, _),) = draft.letters
    return replace(
        draft,
        around=((-50, fail(line.name)), (-40, letter), (30, restore(line.name))),
        wrong=(freeze(line.name, near),),
        cure=(unfreeze(line.name, near),),
        hints=(
            "No error, no event, and the mail does not move. Which queue is it in?",
            "Look at the state of that queue, not only at the number.",
            f"On {near} the queue {line.name} is Frozen.",
        ),
        cause="A frozen queue takes mail and sends none, without an error or an event. Somebody froze it in Queue Viewer; unfreeze it (F18, T176).",
    )


@case("F15", "A restriction was not looked at")
def unchecked(random: Random) -> Draft:
    """Source: F15, K115, D4."""
    healthy = drawn(random, "two servers", "two sites", "hub and spokes")
    here, other = random.sample(people(healthy), 2)
    head = front_door(healthy)
    connectors = tuple(
        replace(item, only_from=(here.name,)) if item.name == "Internet" else item for item in healthy.connectors
    )
    servers = tuple(replace(item, check_connector_restrictions=item.name == head) for item in healthy.servers)
    healthy = replace(healthy, connectors=connectors, servers=servers)
    return Draft(
        healthy=healthy,
        complaint=(
            f"The boss: only {here.display_name} may write to the Internet, and we set the connector so. Now I hear that {other.display_name}"
            " does, too."
        ),
        goal=f"What {other.display_name} sends to the Internet comes back, and {here.display_name}'s mail goes out.",
        letters=((Letter(address(other), INTERNET[0]), "bounced"), (Letter(address(here), INTERNET[0]), "relayed")),
        controls=(
            Letter(address(other), address(here)),
            Letter(address(here), address(other)),
            Letter(INTERNET[1], address(other)),
        ),
        wrong=(setting(head, check_connector_restrictions=False),),
        cure=(setting(head, check_connector_restrictions=True),),
        begins=moment(random),
        hints=(
            "The connector has the restriction. Does anybody look at it?",
            "The application log of the bridgehead has an event 957.",
            f"Its setting is check_connector_restrictions, on {head}.",
        ),
        cause=(
            "Connectors with a list of senders are looked at only where a value in the registry says so. Without it everybody's mail takes the "
            "connector, and event 957 says that there are restrictions and no check (F15)."
        ),
    )
