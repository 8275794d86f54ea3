"""Whatever is given to a public function that does not belong there gets one line: place, what is wrong, what to write."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailflow
import mailflow.live
from mailflow.facts import UnknownFact
from mailflow.facts.kinds import described
from mailflow.messages import MessageError
from mailflow.organization import OrganizationError
from mailflow.trace import Trace
from mailflow.trace.trace import TraceError

one, two = mailflow.load("one server"), mailflow.load("two sites")
letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
trace = mailflow.Scenario(one).send(letter).run()

Call = Callable[[], object]
write: Any = mailflow.Message.write
read: Any = mailflow.Message.read
anything: Any = mailflow  # what a learner writes is not typed


def scenario() -> Any:
    return mailflow.Scenario(two)


def to_ben(**wording: Any) -> Call:
    return lambda: write("anna@contoso.com", "ben@contoso.com", **wording)


def set_up(**settings: Any) -> Call:
    return lambda: mailflow.reconfigure(one, "LON01", **settings)


def line(**settings: Any) -> Call:
    return lambda: mailflow.reconfigure(two, "London-Paris", **settings)


def smtp(**way: Any) -> Call:
    return lambda: scenario().send(letter, by="smtp", server="LON01", **way)


TABLE: list[tuple[Call, str]] = [
    # strings for lists, and lists for strings
    (set_up(relay_list="192.0.2.1"), "relay_list"),
    (line(local_bridgeheads="LON01"), "local_bridgeheads"),
    (to_ben(cc="carla@contoso.com"), "write(cc): 'carla@contoso.com' is one text, and this takes a list; write ['carla@contoso.com']"),
    (to_ben(bcc=None), "write(bcc): nothing (None) is no list of addresses"),
    (lambda: write("anna@contoso.com", "ben@contoso.com;carla@contoso.com"), "is more than one address; give a list"),
    (lambda: write("anna@contoso.com", "ben@contoso.com,carla@contoso.com"), "is more than one address; give a list"),
    (lambda: write("anna@contoso.com", "X400:c=US;s=Ben"), "'X400:c=US;s=Ben' cannot stand in the header of a message"),
    (lambda: anything.play(trace, views="Map"), "views: 'Map' is one text, and this takes a list; write ['Map']"),
    (lambda: anything.play(trace, ask="queue"), "play(ask): 'queue' is one text"),
    (lambda: anything.play(trace, tell="dns"), "tell: 'dns' is one text"),
    (lambda: anything.story(trace, "dns"), "story(tell): 'dns' is one text"),
    (lambda: anything.compare(trace, trace, labels="ab"), "compare(labels): 'ab' is one text"),
    (lambda: anything.compare(trace, trace, labels=("a",)), "compare(labels): 1 instead of 2"),
    (lambda: anything.play(trace, views=7), "views: the number 7 is no list; write, for example, views=['Map']"),
    (lambda: scenario().delete_server(["LON01"]), "delete_server(server): a list is no text; write it in quotes"),
    (lambda: scenario().remove(["London-Paris"]), "remove(name): a list is no text"),
    (lambda: anything.tracking_center(7), "tracking_center: the number 7 is no list"),
    (lambda: anything.tracking_center("x"), "tracking_center: 'x' is one text"),
    (lambda: anything.tracking_center([trace]), "tracking_center: a Trace is no tracking log; read one with mailflow.read_tracking_log"),
    # unknown choices
    (to_ben(priority="hihg"), "write(priority): no 'hihg'; did you mean 'high'?"),
    (to_ben(priority="High"), "write(priority): no 'High'; did you mean 'high'?"),
    (set_up(relay_mode="only the list"), "relay_mode: must be one of 'only the list below', 'all except the list below', is 'only the list'"),
    (set_up(filters=["senders"]), "sender"),
    (lambda: scenario().send(letter, by="SMTP"), 'a message enters by "mapi", "smtp" or "pickup"'),
    (lambda: anything.grown(3, shape="rings"), "grown(shape): no 'rings'; did you mean 'ring'?"),
    (lambda: anything.grown(3, shape="star"), "grown(shape): no 'star'; there is 'hub', 'ring', 'random'"),
    (lambda: anything.route(two, "LON01", "pierre@contoso.com", priority="hihg"), "route(priority): no 'hihg'; did you mean 'high'?"),
    (lambda: anything.route(two, "LON01", "pierre@contoso.com", sender="ana"), "route(sender): no 'ana'; did you mean 'anna'?"),
    (lambda: anything.open_relay(one, "LON1"), "open_relay(server): no 'LON1'; did you mean 'LON01'?"),
    (lambda: anything.open_relay(one, "LON01", "Second"), "open_relay(virtual_server): no 'Second'"),
    (lambda: scenario().stop("SMPT", "LON01"), "did you mean 'SMTP'?"),
    (lambda: scenario().fail("London-Pari"), "did you mean 'London-Paris'?"),
    (lambda: scenario().send(letter, server="LON9"), "send(server): no server 'LON9'; did you mean 'LONFE'?"),
    (lambda: anything.fact("t11"), "no fact 't11'; did you mean T11?"),
    (lambda: anything.fact(7), "no fact 7"),
    (lambda: anything.load("two sitse"), "did you mean 'two sites'?"),
    (lambda: anything.nslookup(one, "fabrikam.com", "MXX"), "kind='MXX'"),
    # times and numbers as text
    (lambda: scenario().stop("SMTP", "LON01", at="3"), "stop(at='3'): time is in seconds"),
    (lambda: scenario().send(letter, at="3"), "write the number without quotes"),
    (lambda: scenario().send(letter, at=True), "send(at=True): time is in seconds"),
    (lambda: scenario().run(until="5"), "run(until='5'): time is in seconds"),
    (lambda: scenario().code("5"), "code(until='5'): time is in seconds"),
    (lambda: scenario().run(progress=7), "run(progress): the number 7 is no function"),
    (lambda: anything.play(scenario(), until="5"), "play(until='5'): time is in seconds"),
    (lambda: anything.play(trace, step="5"), "play(step): the text '5' is no step"),
    (lambda: anything.play(trace, title=7), "title: the number 7 is no text"),
    (lambda: anything.picture(trace, "5"), "step: the text '5' is no step; write a whole number; trace.step_at(seconds) gives one"),
    (lambda: anything.winroute(trace, "LON01", "5"), "step: the text '5' is no step"),
    (lambda: trace.at(True), "step: the truth value True is no step"),
    (lambda: anything.winroute(trace, "LON01", 99), "step 99: the trace has 14 events, numbered from 0"),
    (lambda: trace.step_at("5"), "step_at: the text '5' is no time in seconds"),  # type: ignore[arg-type]  # a learner's
    (lambda: trace.share(99), "step 99"),
    (lambda: anything.grown("3"), "grown(groups='3'): the text '3' is no whole number"),
    (lambda: anything.grown(True), "grown(groups=True): the truth value True is no whole number"),
    (lambda: anything.grown(10**9), "at most 100,000 servers in all"),
    (lambda: anything.route(two, "LON01", "pierre@contoso.com", size_kb="9"), "route(size_kb): the text '9' is no size in KB"),
    (lambda: anything.Scenario(one, seed="3"), "Scenario(seed): the text '3' is no whole number"),
    (lambda: anything.Parameters(glitch_seconds="5"), "Parameters(glitch_seconds): the text '5' is no number"),
    (lambda: anything.Parameters(glitch_retries=-1), "Parameters(glitch_retries=-1): must be 0 or more"),
    (lambda: anything.Parameters(null_mx="yes"), "Parameters(null_mx): the text 'yes' is no truth value; write True or False"),
    (lambda: anything.Parameters(durations=5), "Parameters(durations): the number 5 is no Durations"),
    (line(cost="5"), "cost"),
    (to_ben(attachments={"a": "5"}), "write(attachments): 'a': the text '5' is no content; give bytes, or a size from 0 to 1,000,000,000"),
    (to_ben(attachments={"a": -5}), "is no content"),
    (to_ben(attachments={"a": 10**13}), "is no content"),
    (to_ben(attachments={"a": True}), "is no content"),
    (to_ben(attachments={7: 5}), "is no content"),
    (to_ben(attachments=["a.txt"]), "write(attachments): a list is no table of names and contents"),
    (to_ben(deliver_after="2003-10-07"), "write(deliver_after): the text '2003-10-07' is no time of a day"),
    # recipients: none, empty, bare, of another kind
    (lambda: write("anna@contoso.com", []), "no recipients"),
    (lambda: write("anna@contoso.com", ""), "a recipient is empty; write name@domain"),
    (lambda: write("anna@contoso.com", None), "write(to): nothing (None) is no list of addresses"),
    (lambda: write("anna@contoso.com", 7), "write(to): the number 7 is no list of addresses"),
    (lambda: write("anna@contoso.com", [7]), "write: the number 7 is no address; write name@domain in quotes"),
    (lambda: write(None, "ben@contoso.com"), "write: nothing (None) is no address"),
    (lambda: write("anna@contoso.com", "ben"), "'ben' is no address; write name@domain, for instance 'ben@contoso.com'"),
    (lambda: write("anna@contoso.com", "@contoso.com"), "'@contoso.com' is no address"),
    (lambda: write("anna@contoso.com", "ben@"), "'ben@' is no address"),
    (lambda: read(b"Subject: x\r\n\r\n"), "the message has no recipients"),
    (lambda: read(b"Subject: x\r\n\r\n", sender=7, to=["ben@contoso.com"]), "read: the number 7 is no address"),
    (lambda: read(b"Subject: x\r\n\r\n", sender="", to=7), "write(to): the number 7 is no list of addresses"),
    (lambda: scenario().send(letter, to=7), "write(to): the number 7 is no list of addresses"),
    (lambda: scenario().send(letter, to="ben"), "send(to): 'ben' is no address; did you mean 'ben@contoso.com'?"),
    (lambda: scenario().send(letter, to="nobody"), "send(to): 'nobody' is no address; write, for example, 'nobody@contoso.com'"),
    (lambda: scenario().send(None), "message"),
    # texts of another kind
    (to_ben(subject=7), "write(subject): the number 7 is no text; write it in quotes"),
    (to_ben(text=None), "write(text): nothing (None) is no text"),
    (to_ben(html=7), "write(html): the number 7 is no text"),
    (smtp(client=7), "send(client): the number 7 is no text"),
    (smtp(account=7), "send(account): the number 7 is no text"),
    (smtp(tls="yes"), "send(tls): the text 'yes' is no truth value; write True or False"),
    (lambda: scenario().freeze(7, "LON01"), "freeze(queue): the number 7 is no text"),
    (lambda: scenario().freeze(" ", "LON01"), "freeze: the queue has no name; link queues are named after the next hop"),
    (lambda: scenario().delete("London-Paris", "LON02", ndr="no"), "delete(ndr): the text 'no' is no truth value"),
    (lambda: scenario().change("London-Paris"), "change('London-Paris'): nothing changes; say what, for instance cost=5"),
    (lambda: anything.shared(7), "shared: the number 7 is no text; give what a player showed under Share"),
    (lambda: anything.nslookup(one, ""), "nslookup: the name is empty"),
    (lambda: anything.nslookup(one, 7), "nslookup: the number 7 is no domain name"),
    (lambda: anything.nslookup(one, "fabrikam.com", 7), "nslookup(kind): the number 7 is no kind of record"),
    (lambda: Trace.from_json(7), "from_json: the number 7 is no text"),  # type: ignore[arg-type]  # a learner's
    (set_up(relay_list=["192.0.2.300"]), '"192.0.2.300" is no IP address, network or domain'),
    (set_up(relay_list=["not an address"]), '"not an address" is no IP address'),
    # one thing for another
    (lambda: anything.load(7), "name: the number 7 is no name or path; ready-made are 'four corners'"),
    (lambda: anything.load(""), "name: the text '' is no name or path"),
    (lambda: anything.loads(b"x"), "text: a bytes is no TOML text"),
    (lambda: anything.Scenario("one server"), "write Scenario(mailflow.load('one server'))"),
    (lambda: anything.Scenario(one, parameters={}), "Scenario(parameters): a dict is no Parameters"),
    (lambda: anything.reconfigure("one server", "LON01"), "reconfigure: the text 'one server' is no organization; give one from mailflow.load(...)"),
    (lambda: anything.reconfigure(one, 7), "reconfigure: the number 7 is no name of a server or connector"),
    (lambda: anything.one_routing_group(None), "one_routing_group: nothing (None) is no organization"),
    (lambda: anything.open_relay(trace, "LON01"), "open_relay: a Trace is no organization"),
    (lambda: anything.nslookup(trace, "fabrikam.com"), "nslookup: a Trace is no organization"),
    (lambda: anything.relay_lab("one server"), "relay lab: the text 'one server' is no organization"),
    (lambda: anything.page(one, "x.html"), "page: an Organization is no trace"),
    (lambda: anything.bet(7, "Which?", ["a", "b"], "a"), "bet(name): the number 7 is no name"),
    (lambda: anything.bet("00 x", 7, ["a", "b"], "a"), "bet(ask): the number 7 is no question"),
    (lambda: anything.bet("00 x", "Which?", "ab", "a"), "bet(choices): the text 'ab' is no list"),
    (lambda: anything.bet("00 x", "Which?", 7, "a"), "bet(choices): the number 7 is no list"),
    (lambda: anything.bet("00 x", "Which?", ["a"], "a"), "bet(choices): a bet needs two choices, and this has 1"),
    (lambda: anything.bet("00 x", "Which?", ["a", "b"], "c"), "the answer is 'c', and 0 of the choices stand for it"),
    (lambda: anything.bet("00 x", "Which?", {"a": 1, "b": 1}, 1), "the answer is 1, and 2 of the choices stand for it"),
    (lambda: anything.route(None, "LON01", "x"), "route: nothing (None) is no trace or organization"),
    (lambda: anything.route(two, "LON01", None), "route(recipient): nothing (None) is no address or server"),
    (lambda: anything.winroute(one, "LON01"), "winroute: an Organization is no trace; give what a scenario's .run() returned"),
    (lambda: anything.tracking_log(one, "LON01"), "tracking_log: an Organization is no trace"),
    (lambda: anything.queues(one, "LON01"), "queues: an Organization is no trace; give what a scenario's .run() returned"),
    (lambda: anything.queues(trace, "LON99"), "no server 'LON99'; there is LON01"),
    (lambda: anything.queues(trace, "LON01", "end"), "step: the text 'end' is no step; write a whole number"),
    (lambda: anything.queues(trace, "LON01", 9999), "step 9999: the trace has"),
    (lambda: anything.queue_viewer(one), "queue_viewer: an Organization is no scenario or trace; give a scenario"),
    (lambda: anything.queue_viewer(trace, "LON01", None), "step: nothing (None) is no step"),
    (lambda: anything.received(7), "received: the number 7 is no message; give a file, a text with a header, or bytes"),
    (lambda: anything.received(""), "message: there is no header; give a file, a text with a header, or bytes"),
    (lambda: anything.read_tracking_log(7), "read_tracking_log: the number 7 is no path or text"),
    (lambda: anything.story(scenario()), "story: a Scenario is no trace"),
    (lambda: anything.picture(scenario()), "picture: a Scenario is no trace"),
    (lambda: anything.page(scenario(), "x.html"), "page: a Scenario is no trace"),
    (lambda: anything.page(trace, 7), "page(path): the number 7 is no path"),
    (lambda: anything.play(one), "play: an Organization is no trace, scenario or shared text"),
    (lambda: anything.play(mailflow.Message), "play: the class Message itself is no trace, scenario or shared text"),
    (lambda: anything.compare(trace, None), "compare(after): nothing (None) is no trace"),
    (lambda: anything.compare(None, trace), "compare(before): nothing (None) is no trace"),
    (lambda: anything.page(trace, "x.html", views=["Maps"]), "views: no view 'Maps'; there is Map"),
    (lambda: anything.page(trace, "x.html", views="Map"), "views: 'Map' is one text, and this takes a list"),
    (lambda: anything.page(trace, "x.html", ask="queue"), "page(ask): 'queue' is one text"),
    (lambda: anything.page(trace, "x.html", title=7), "title: the number 7 is no text"),
    (lambda: anything.page(trace, "x.html", route="LON01"), "page(route): the text 'LON01' is no server with a recipient; write, for example, route=('LON01', 'kim@fabrikam.com')"),
    (lambda: anything.play(trace, route=("LON01", None)), "play(route): a tuple is no server with a recipient"),
    (lambda: anything.play(trace, route=("LON01",)), "play(route): a tuple is no server with a recipient"),
    (lambda: anything.play(trace, tables=None), "play(tables): nothing (None) is no list"),
    (lambda: anything.play(trace, still_step="3"), "play(still_step): the text '3' is no step; write a whole number"),
    (lambda: anything.queue_viewer(scenario()), "queue_viewer: nothing happens in this scenario; send a message in it first"),
    (lambda: anything.queue_viewer(scenario().send(letter), step="3"), "step: the text '3' is no step"),
    (lambda: anything.queue_viewer(scenario().send(letter), step=9999), "step 9999: the trace has"),
    (lambda: anything.queues(trace, one.server["LON01"]), "server: a Server is no name of a server; write, for example, 'LON01'"),
    (lambda: anything.winroute(trace, ["LON01"]), "server: a list is no name of a server"),
    (lambda: anything.tracking_log(trace, {}), "server: a dict is no name of a server"),
    (lambda: anything.route(two, two.server["LON01"], "kim@fabrikam.com"), "server: a Server is no name of a server"),
    (lambda: anything.route(two, "LON01", "kim@fabrikam.com", sender=letter), "route(sender): a Message is no sender"),
    (lambda: anything.route(two, "LON01", "kim@fabrikam.com", size_kb=float("inf")), "route(size_kb): inf is no size; write 0 or more"),
    (lambda: anything.open_relay(one, "LON01", None), "open_relay(virtual_server): no None; there is 'Default SMTP Virtual Server'"),
    (lambda: anything.relay_lab(one, virtual_server=None), "LON01 has no virtual server None; there is Default SMTP Virtual Server"),
    (lambda: anything.received("Received: by x\n\n", own=7), "received(own): the number 7 is no list; write, for example, own=['contoso.com']"),
    (lambda: anything.received("Received: by x\n\n", own=[None]), "received(own): nothing (None) is no domain"),
    (lambda: anything.live.SmtpServer("one server"), "SmtpServer: the text 'one server' is no organization; give one from mailflow.load(...)"),
    (lambda: anything.live.DnsServer("one server"), "DnsServer: the text 'one server' is no organization"),
    (lambda: anything.live.SmtpServer(one, port="25"), "port: the text '25' is no port; ports are 1 to 65535, and 0 takes a free one"),
    (lambda: anything.live.DnsServer(one, port=70_000), "port: 70000 is no port; ports are 1 to 65535"),
    (lambda: anything.Message("anna@contoso.com", "ben@contoso.com", "Lunch?"), "Message: the text 'anna@contoso.com' is no message as it travels; use Message.write(sender, to)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "words"), TABLE, ids=[f"{number}-{words[:40]}" for number, (_, words) in enumerate(TABLE)]
)
def test_bad_input_gets_one_line_with_place_and_remedy(call: Call, words: str) -> None:
    with pytest.raises((ValueError, LookupError)) as found:
        call()
    text = one_line(found.value)
    assert words in text
    assert not isinstance(found.value, KeyError) or isinstance(found.value, UnknownFact)


def one_line(error: BaseException) -> str:
    """The line about a fault; errors about an organization begin with how many there are."""
    lines = [*error.faults] if isinstance(error, OrganizationError) else str(error).splitlines()
    assert len(lines) == 1, error
    return str(lines[0])


def test_the_errors_are_those_of_the_room() -> None:
    with pytest.raises(MessageError):
        write("anna@contoso.com", "ben")
    with pytest.raises(mailflow.ScenarioError):
        scenario().freeze("", "LON01")
    with pytest.raises(TraceError):
        trace.at("5")  # type: ignore[arg-type]  # as a learner may write it
    with pytest.raises(OrganizationError):
        set_up(relay_list=["a b"])()


def test_what_may_look_wrong_and_is_right_still_passes() -> None:
    assert write("anna@contoso.com", '"ben;carla"@contoso.com').recipients == ('"ben;carla"@contoso.com',)
    assert write("", "ben@contoso.com").sender == ""
    assert write("anna@contoso.com", ("ben@contoso.com",), deliver_after=datetime(2003, 10, 7)).recipients
    assert read(b"Subject: x\r\n\r\n", sender="", to="ben@contoso.com").recipients == ("ben@contoso.com",)
    assert mailflow.route(two, "LON01", "pierre@contoso.com", sender="kim@fabrikam.com").connector == "London-Paris"
    assert mailflow.route(two, "LON01", "pierre@contoso.com", sender="anna").connector == "London-Paris"
    assert scenario().send(letter, server="LON02").script
    assert scenario().send(letter, to="X400:c=US;s=Ben").script
    assert scenario().code(5).endswith("run(until=5)\n") or "until=5" in scenario().code(5)
    assert mailflow.reconfigure(one, "LON01", relay_list=["192.0.2.0/24", "friend.example", "*.friend.example"])
    assert mailflow.play(trace, title="", views=("Map",)).options


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "nothing (None)"), (7, "the number 7"), (1.5, "the number 1.5"), (True, "the truth value True"), ("x", "the text 'x'"), ([], "a list"), (int, "the class int itself"), (one, "an Organization")],
)  # fmt: skip
def test_a_value_in_words(value: object, words: str) -> None:
    assert described(value) == words


SILLY = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.binary(max_size=4),
    st.lists(st.integers(), max_size=2),
    st.just(object),
)


def calls(value: Any) -> Iterator[Call]:
    """Public functions with a value where none of its kind belongs."""
    yield lambda: anything.load(value)
    yield lambda: anything.loads(value)
    yield lambda: anything.Scenario(value)
    yield lambda: anything.reconfigure(value, "LON01")
    yield lambda: anything.reconfigure(one, value)
    yield lambda: write(value, "ben@contoso.com")
    yield lambda: write("anna@contoso.com", "ben@contoso.com", subject=value)
    yield lambda: scenario().stop(value, "LON01")
    yield lambda: scenario().fail(value)
    yield lambda: scenario().freeze(value, "LON02")
    yield lambda: scenario().change(value, cost=3)
    yield lambda: scenario().remove(value)
    yield lambda: anything.route(value, "LON01", "ben@contoso.com")
    yield lambda: anything.route(two, "LON01", value)
    yield lambda: anything.winroute(value, "LON01")
    yield lambda: anything.nslookup(value, "fabrikam.com")
    yield lambda: anything.nslookup(one, value)
    yield lambda: anything.open_relay(value, "LON01")
    yield lambda: anything.shared(value)
    yield lambda: anything.story(value)
    yield lambda: anything.picture(value)
    yield lambda: anything.play(value)
    yield lambda: anything.compare(value, trace)
    yield lambda: anything.relay_lab(value)
    yield lambda: anything.one_routing_group(value)
    yield lambda: anything.tracking_log(value, "LON01")
    yield lambda: anything.read_tracking_log(value)


@given(SILLY)
def test_no_public_function_answers_something_silly_with_a_raw_error(value: object) -> None:
    for call in calls(value):
        with pytest.raises((ValueError, LookupError)) as found:
            call()
        assert not isinstance(found.value, (UnicodeError, IndexError))
        assert re.search(r"\w", one_line(found.value))
