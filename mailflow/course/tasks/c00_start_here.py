"""Notebook 00: the first message of one's own."""

from mailflow.course.exercises import SCRIPT, Verdict, exercise
from mailflow.course.probes import ends, needs, only_in, runs, sent_by_people
from mailflow.simulation import Scenario


@exercise(
    "first delivery",
    "Send any message so that Carla receives it.",
    takes=SCRIPT,
    notebook="00",
    hints=(
        "A scenario is an organization and a script. .send(message) puts a message into the script.",
        "Carla's address is carla@contoso.com. mailflow.Message.write(sender, recipient) writes the message.",
        'mailflow.Scenario(organization).send(mailflow.Message.write("ben@contoso.com", ...)): who is missing?',
    ),
    solution="""
attempt = mailflow.Scenario(organization).send(mailflow.Message.write("ben@contoso.com", "carla@contoso.com"))

# Why: the organization says where Carla's mailbox is. You only say who writes to whom, and the transport does the rest.
""",
)
def first_delivery(scenario: Scenario) -> Verdict:
    """A report that reaches Carla is no message that you sent her, and a copy in the archive is not Carla's."""
    only_in(scenario.organization, "one server")
    needs(scenario.script, "Nothing was sent. Add .send(...) to the scenario.")
    for trace in runs(scenario):
        own = [ends(trace, message) for message in sent_by_people(trace)]
        needs(own, "No message was sent. Add .send(...) to the scenario.")
        told = "; ".join(f"{address}: {state}" for rows in own for address, (state, _) in rows.items())
        needs(
            any(rows.get("carla@contoso.com", ("", ""))[0] == "delivered" for rows in own),
            f"Carla has no message from anybody. What happened instead: {told}.",
        )
    return True, "Carla has the message."
