"""Complaints behind which there is no fault."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from mailflow.faults.cases.between import across
from mailflow.faults.cases.world import INTERNET, address, drawn, moment, people
from mailflow.faults.draft import Draft, Letter, case


@case("K35", "The next server kept no log")
def untracked(random: Random) -> Draft:
    """Source: K35."""
    draft, line = across(random, "two sites", "hub and spokes")
    far = line.remote_bridgeheads[0]
    servers = tuple(
        replace(item, message_tracking=False) if item.name == far else item for item in draft.healthy.servers
    )
    (letter, _), *_ = draft.letters
    return replace(
        draft,
        healthy=replace(draft.healthy, servers=servers),
        complaint=f"The help desk: the trail of the mail from {letter.sender} to {letter.to} ends on the way. Has it been lost?",
        goal=f"Mail from {letter.sender} to {letter.to} arrives.",
        hints=(
            "What is the last event, and what does it say: handed on, or lost?",
            f"Is there a log of {far} at all? What waits on {far}?",
            "A trail ends where the next server does not track. Nothing waits anywhere.",
        ),
        cause="The trail ends because the next server keeps no tracking log. The log proves that the message was handed on, and no more (K35).",
    )


@case("K60", "The monitor raised a false alarm")
def alarm(random: Random) -> Draft:
    """Source: K59, K60."""
    healthy = drawn(random, "one server", "two servers", "two sites")
    busy = {"busy@fabrikam.com": "451 4.7.1 Please try again later"}
    hosts = (
        replace(item, replies=busy) if item.name.endswith("fabrikam.com") else item for item in healthy.external_hosts
    )
    healthy = replace(healthy, external_hosts=tuple(hosts))
    sender, other = (random.choice(people(healthy)) for _ in range(2))
    begins = moment(random)
    return Draft(
        healthy=healthy,
        complaint="The monitor: the queue fabrikam.com has not become shorter for ten minutes!",
        goal="Mail to Fabrikam leaves the organization; what the other side puts off waits for its next try.",
        letters=(
            (Letter(address(sender), "busy@fabrikam.com"), "waiting"),
            (Letter(address(other), INTERNET[0]), "relayed"),
        ),
        controls=(
            Letter(address(sender), INTERNET[1]),
            Letter(address(sender), address(other)),
            Letter(INTERNET[0], address(other)),
        ),
        begins=begins,
        now=begins + 900,
        hints=(
            "How many messages lie in that queue, and since when?",
            "One. What did the other side say to it? The protocol log has the reply.",
            "4xx means: try again later. Everything else to that domain went out.",
        ),
        cause=(
            "A monitor of growth counts the minutes since a queue last became shorter. One message that the other side puts off is enough: "
            "the alarm is false, and the server tries again by itself (K59, K60)."
        ),
    )
