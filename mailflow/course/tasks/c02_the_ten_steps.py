"""Notebook 02: the three ways into a server."""

from mailflow.course.exercises import SCRIPT, Verdict, exercise
from mailflow.course.probes import ends, first_server, needs, only_in, runs, sent_by_people
from mailflow.facts.words import listed
from mailflow.simulation import Scenario

WAYS = {"mapi": "MAPI", "smtp": "SMTP", "pickup": "the Pickup folder"}
"""The ways in, as they are called in `Scenario.send` and by people."""


@exercise(
    "three ways in",
    'In "two sites", bring three messages to Pierre: one by MAPI, one by SMTP, one by the Pickup folder, each in by another server.',
    takes=SCRIPT,
    notebook="02",
    hints=(
        "By MAPI a message always enters at the server with the sender's mailbox. The other two ways take server=...",
        'send(message, by="smtp", server="...") and send(message, by="pickup", server="...") choose way and server.',
        "Anna by MAPI enters at LON01. Take LONFE for SMTP, which is there for mail from outside, and PAR01 for Pickup.",
    ),
    solution="""
write = mailflow.Message.write
attempt = mailflow.Scenario(mailflow.load("two sites"))
attempt.send(write("anna@contoso.com", "pierre@contoso.com"))
attempt.send(write("kim@fabrikam.com", "pierre@contoso.com"), by="smtp", server="LONFE")
attempt.send(write("odile@contoso.com", "pierre@contoso.com"), by="pickup", server="PAR01")

# Why: whatever the way in, the message comes to the advanced queuing engine of the server where it enters, and from
# there on its way is the same.
""",
)
def three_ways_in(scenario: Scenario) -> Verdict:
    """A message counts when it was sent by somebody, is no report, and lies in Pierre's mailbox in the end."""
    only_in(scenario.organization, "two sites")
    for trace in runs(scenario):
        entered: dict[str, set[str]] = {}
        for name in sent_by_people(trace):
            if ends(trace, name).get("pierre@contoso.com", ("", ""))[0] == "delivered":
                entered.setdefault(trace.messages[name]["via"], set()).add(first_server(trace, name))
        missing = [way for way in WAYS if way not in entered]
        needs(not missing, f"Nothing reached Pierre by {listed((WAYS[way] for way in missing), 'or')}.")
        told = "; ".join(f"{name} at {listed(sorted(entered[way]))}" for way, name in WAYS.items())
        apart = any(
            len({one, two, three}) == 3
            for one in entered["mapi"]
            for two in entered["smtp"]
            for three in entered["pickup"]
        )
        needs(apart, f"All three ways were used, but not each at another server: {told}.")
    return True, "All three ways lead into the same advanced queuing engine."
