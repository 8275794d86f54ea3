"""What must hold whatever happens: every recipient of every message is in exactly one state at every step."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mailflow
from mailflow.names import MailId, ServerName
from mailflow.organization.model import Mailbox, Organization
from mailflow.simulation import Parameters
from mailflow.simulation import run as running
from mailflow.simulation.world import World
from mailflow.trace import FINAL_STATES, Trace
from mailflow.trace.state import Record, State
from mailflow.transport.node import SERVICES
from mailflow.transport.places import OUTBOX, PICKUP

NAMES = mailflow.ready_made()
OUTSIDE = [
    "kim@fabrikam.com",
    "busy@fabrikam.com",
    "nobody@fabrikam.com",
    "lee@northwindtraders.com",
    "pat@example.com",
]
STRANGE = ["nix@contoso.com", "who@shared.contoso.com", "a@nowhere.example", "odd name@contoso.com".replace(" ", ".")]
LARGE = b"From: anna@contoso.com\r\nSubject: large\r\n\r\n" + (b"x" * 990 + b"\r\n") * 8_000
"""Eight million bytes in long lines: to read it takes a tenth of the time of a coded attachment of that size."""
CONTENT = {
    size: mailflow.Message.write(
        "anna@contoso.com", "ben@contoso.com", attachments={"a": size} if size else None
    ).content
    for size in (0, 200_000)
} | {6_000_000: LARGE}


@st.composite
def scenarios(draw: st.DrawFn) -> mailflow.Scenario:
    """A ready-made organization with random messages, failures, repairs and administrators."""
    organization = mailflow.load(draw(st.sampled_from(NAMES)))
    rules = Parameters(
        keep_up_without_alternative=draw(st.booleans()),
        no_route_waits=draw(st.booleans()),
        mailmsg_limit=draw(st.sampled_from([90_000, 2])),
    )
    scenario = mailflow.Scenario(organization, seed=draw(st.integers(0, 5)), parameters=rules)
    inside = [item.primary for item in organization.recipients]
    senders = [item.primary for item in organization.recipients if isinstance(item, Mailbox)]
    servers = list(organization.server)
    things = [*organization.connector, *servers, *organization.external_host, "DNS"]
    moment = st.floats(0, 400)
    for _ in range(draw(st.integers(1, 4))):
        to = draw(st.lists(st.sampled_from([*inside, *OUTSIDE, *STRANGE]), min_size=1, max_size=5, unique=True))
        size = draw(st.sampled_from([0, 0, 0, 200_000, 6_000_000]))
        sender = draw(st.sampled_from([*senders, *OUTSIDE, "nobody-home@contoso.com"]))
        message = mailflow.Message(CONTENT[size], sender, to)
        ways: list[Literal["default", "smtp", "pickup"]] = ["default", "smtp", "pickup"]
        way = draw(st.sampled_from(ways))
        if way == "default":
            scenario.send(message, at=draw(moment))
        else:
            scenario.send(message, at=draw(moment), by=way, server=draw(st.sampled_from(servers)), client="203.0.113.5")
    for _ in range(draw(st.integers(0, 5))):
        server, at = draw(st.sampled_from(servers)), draw(moment)
        action = draw(st.sampled_from(["service", "network", "freeze", "message", "disable", "delete"]))
        if action == "service":
            stores = [store.name for store in organization.server[server].mailbox_stores]
            scanner = [] if organization.server[server].antivirus else ["antivirus"]
            service = draw(st.sampled_from([item for item in (*SERVICES, *stores) if item not in scanner]))
            scenario.stop(service, server, at=at)
            if draw(st.booleans()):
                scenario.start(service, server, at=at + draw(st.floats(1, 5000)))
        elif action == "network":
            name = draw(st.sampled_from(things))
            scenario.fail(name, at=at)
            if draw(st.booleans()):
                scenario.restore(name, at=at + draw(st.floats(1, 5000)))
        elif action == "freeze":
            queue = draw(st.sampled_from([*organization.connector, "fabrikam.com", "lon01.contoso.com"]))
            scenario.freeze(queue, server, at=at).unfreeze(queue, server, at=at + 100)
        elif action == "message":
            treat_a_message(draw, scenario, server, at)
        elif action == "disable":
            scenario.disable_outbound_mail(server, at=at)
            if draw(st.booleans()):
                scenario.enable_outbound_mail(server, at=at + 50)
        else:
            scenario.delete("fabrikam.com", server, ndr=draw(st.booleans()), at=at)
    return scenario


def treat_a_message(draw: st.DrawFn, scenario: mailflow.Scenario, server: str, at: float) -> None:
    """While outbound mail is disabled, freeze a message in a link queue, if it is there, and perhaps unfreeze or delete it afterwards."""
    scenario.disable_outbound_mail(server).enable_outbound_mail(server, at=at + 200)
    organization = scenario.organization
    links = [*organization.connector, "fabrikam.com", *(item.fqdn for item in organization.servers)]
    queue, name = draw(st.sampled_from(links)), draw(st.sampled_from(["m1", "m2", "m1.2", "m3"]))
    scenario.freeze(queue, server, message=name, at=at)
    if draw(st.booleans()):
        scenario.unfreeze(queue, server, message=name, at=at + draw(st.floats(1, 5000)))
    if draw(st.booleans()):
        scenario.delete(queue, server, message=name, ndr=draw(st.booleans()), at=at + 60)


def check_invariant(trace: Trace) -> None:
    """One state per recipient at every step: an end, or one MailMsg that carries it and is in one known place."""
    servers = {server["name"] for server in trace.organization["servers"]}
    ended: dict[tuple[str, int], str] = {}
    for state in trace.states():
        carried = [(mail.message, index) for mail in state.mails.values() for index in mail.recipients]
        assert len(carried) == len(set(carried)), "doubled"
        for message, recipients in state.messages.items():
            for index, item in enumerate(recipients):
                key = (message, index)
                assert bool(item.state) != (key in set(carried)), f"{item} at step {state.step}"
                if item.state:
                    assert item.state in FINAL_STATES
                    assert ended.setdefault(key, item.state) == item.state, "an end is final"
                else:
                    assert key not in ended
                    mail = state.mails[item.mail or MailId("")]
                    assert mail.place
                    assert mail.server in servers or mail.place == "outbox"


class Counting(list[Record]):
    """Records that compare, after each event, what lies in the memory of each server with the state by the effects."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.state = world, State()

    def append(self, record: Record) -> None:
        super().append(record)
        self.state.apply(len(self) - 1, record)
        held = [item.server for item in self.state.mails.values() if item.place not in (OUTBOX, PICKUP)]
        counts = {name: node.memory.mailmsgs for name, node in self.world.nodes.items()}
        assert counts == {name: held.count(ServerName(name)) for name in self.world.nodes}, record


class Counted(World):
    """A world whose counts are compared with its trace."""

    def __init__(self, organization: Organization, parameters: Parameters, seed: int) -> None:
        super().__init__(organization, parameters, seed)
        self.records = Counting(self)
        for node in self.nodes.values():
            node.records = self.records


@given(scenarios())
def test_each_server_counts_the_mailmsgs_that_the_effects_put_there(scenario: mailflow.Scenario) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "World", Counted)
        scenario.run()


@given(scenarios())
def test_every_recipient_is_in_exactly_one_state_at_every_step(scenario: mailflow.Scenario) -> None:
    trace = scenario.run()
    check_invariant(trace)
    assert all(trace[i].time <= trace[i + 1].time for i in range(len(trace) - 1))


@given(scenarios())
def test_equal_inputs_give_equal_bytes(scenario: mailflow.Scenario) -> None:
    first = scenario.run()
    text = first.to_json()
    assert scenario.run().to_json() == text
    again = Trace.from_json(text)
    assert again.to_json() == text
    assert again.transcript() == first.transcript()


@settings(max_examples=25)
@given(scenarios(), st.floats(0, 1000))
def test_stopping_the_clock_gives_a_beginning_of_the_same_trace(scenario: mailflow.Scenario, until: float) -> None:
    whole, part = scenario.run(), scenario.run(until=until)
    check_invariant(part)
    assert whole.records[: len(part)] == part.records
