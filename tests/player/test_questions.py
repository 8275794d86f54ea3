"""Predictions: right for each subject that they name, no second right answer, never twice, few, and each wrong one with its reason."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given, settings

import mailflow
from mailflow.names import Place
from mailflow.organization import Zone
from mailflow.organization.model import Mailbox
from mailflow.player.forks import EASY, KINDS, finder
from mailflow.player.forks.answers import NONE, REPLIES
from mailflow.player.forks.ends import ENDS
from mailflow.player.forks.fork import FORKS
from mailflow.player.forks.link_state import CAUSES
from mailflow.player.questions import FEW, MOST, Question, questions
from mailflow.trace import Event, Trace
from mailflow.transport import places
from tests.player.notebooks import NOTEBOOKS, shown
from tests.simulation.test_properties import scenarios


class Case:
    """One question with what the trace says of its step, found without the code that asks."""

    def __init__(self, trace: Trace, question: Question) -> None:
        self.trace, self.question = trace, question
        self.event: Event = trace[question.at]
        self.right = question.options[question.answer]
        self.wrong = [text for index, text in enumerate(question.options) if index != question.answer]

    def place(self, step: int) -> Place:
        return self.trace.at(step).mails[self.event.mail].place

    def value(self, name: str) -> str:
        return str(self.event.values[name])

    def fate(self, step: int) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for item in self.trace.at(step).messages[self.event.message]:
            found.setdefault(item.address, set()).add(item.state)
        return found

    def session(self) -> list[Event]:
        """RCPT TO after RCPT TO from the step of the question on, until something else is said."""
        found: list[Event] = []
        for event in self.trace[self.event.number :]:
            if (event.mail, event.server) == (self.event.mail, self.event.server):
                if event.step.key == "smtp.rcpt":
                    found.append(event)
                elif event.step.component == "SMTP service" and "command" in event.values:
                    break
        return found

    def tables(self, step: int) -> dict[str, object]:
        held = self.trace.at(step).tables
        return {item["name"]: held.get(item["name"], {}) for item in self.trace.organization["servers"]}


def check_queue(case: Case) -> None:
    assert places.name_of(case.place(case.event.number)) == case.right
    assert case.place(case.event.number - 1) != case.event.place, "it does not move"
    assert places.name_of(case.place(case.event.number - 1)) not in case.question.options, "it is there"


def check_next_hop(case: Case) -> None:
    link = case.value("link")
    names = {item["fqdn"]: item["name"] for item in case.trace.organization["servers"]}
    assert names.get(link, link) == case.right
    heads = {
        head
        for item in case.trace.organization["connectors"]
        if item["name"] == case.value("connector")
        for head in item["local_bridgeheads"]
    }
    assert not heads & set(case.wrong), "chance could have taken it"


def check_connector(case: Case) -> None:
    assert case.value("connector") == case.right
    own = {item["name"]: item["routing_group"] for item in case.trace.organization["connectors"]}
    groups = {item["name"]: item["routing_group"] for item in case.trace.organization["servers"]}
    assert set(case.wrong) <= set(own)
    if case.value("destination") in groups:
        assert {own[name] for name in case.wrong} <= {groups[case.event.server]}, "it starts elsewhere"


def check_outcome(case: Case) -> None:
    known = {name.split("@")[0].capitalize(): name for name in case.trace.organization["homes"]}
    who, when = case.question.prompt.rpartition(" for ")[2].removesuffix("?").split(" ", 1)
    address = known.get(who, who)
    before = case.fate(case.event.number - 1).get(address, set())
    end = next(
        event.number
        for event in case.trace[case.event.number :]
        if case.fate(event.number).get(address, set()) - before
    )
    words = {text: state for state, text in ENDS.items()}
    assert words[case.right] in case.fate(end)[address] - before, "that happens to somebody else"
    assert (when == "in this step") == (end == case.event.number)
    told = " ".join(event.sentence for event in case.trace[: case.event.number] if event.mail == case.event.mail)
    assert f"Nobody in the directory has the address {address}" not in told or case.right != ENDS["bounced"]


def check_format(case: Case) -> None:
    same = [event for event in case.trace if (event.message, event.server) == (case.event.message, case.event.server)]
    told = [event for event in same if re.search(rf"body as [^.]*(?<![\w/]){case.right}\b", event.sentence)]
    assert told[0].number == case.event.number, "it was told before"
    for event in case.trace[case.event.number :] if "format" in case.event.values else []:
        if event.step.key == "link.converted" and event.mail == case.event.mail:
            assert event.values["format"] == case.right
            break


def check_verdict(case: Case) -> None:
    reply = case.value("reply")
    assert case.right == REPLIES.get(reply[:3], reply)


def check_tracking(case: Case) -> None:
    assert case.right.startswith(f"{case.event.tracking}: ")


def check_informed(case: Case) -> None:
    before, after = case.tables(case.event.number - 1), case.tables(case.event.number)
    assert before[case.right] != after[case.right]
    same = [number for number, event in enumerate(case.trace) if event.time == case.event.time]
    first, last = case.tables(same[0] - 1), case.tables(same[-1])
    assert all(first[name] == last[name] for name in case.wrong), "it learns something in the same instant"


def check_version(case: Case) -> None:
    old, new = case.value("old").split("."), case.value("new").split(".")
    rising = [part for part, one, other in zip(CAUSES, old, new, strict=True) if int(other) > int(one)]
    assert rising == [case.right]


def check_table(case: Case) -> None:
    receiver = case.question.prompt.split()[0]
    changes = case.tables(case.event.number - 1)[receiver] != case.tables(case.event.number)[receiver]
    assert case.right.startswith("yes" if changes else "no")


def check_host(case: Case) -> None:
    later = [event for event in case.trace[case.event.number :] if event.mail == case.event.mail]
    assert next(event.values["peer"] for event in later if event.step.key == "smtp.connect") == case.right
    if case.event.step.key == "dns.mx":
        assert all(
            f" {name}" in case.value("reply") and f" {name}" in case.question.prompt for name in case.question.options
        )
    else:
        told = [event for event in case.trace[: case.event.number] if event.mail == case.event.mail]
        assert str(told[-1].values["reply"])[0] in "45", "in what order the hosts are tried is told"


def check_command(case: Case) -> None:
    """The replies of the session, one by one: the first no is at the right command, or there is none."""
    names = {"smtp.mail": "MAIL FROM", "smtp.rcpt": "RCPT TO"}
    said: list[tuple[str, str]] = []
    for event in case.trace[case.event.number :]:
        if (event.mail, event.server) != (case.event.mail, case.event.server):
            continue
        key = event.step.key
        if key in ("smtp.quit", "smtp.connect") or (key == "smtp.mail" and said):
            break
        if key in (*names, "smtp.content", "smtp.content-refused"):
            said.append((names.get(key, "the content (DATA or BDAT)"), str(event.values["reply"])))
    refused = [name for name, reply in said if reply[0] in "45"]
    assert case.right == (refused[0] if refused else NONE)
    assert refused or said[-1][0].startswith("the content"), "it is not over"


def check_recipient(case: Case) -> None:
    """The right one does not get it from here; whoever else is offered does."""
    right, wrong = "", []
    for spot, text in zip(case.question.where, case.question.options, strict=True):
        assert spot is not None
        assert spot["kind"] == "recipient"
        if text == case.right:
            right = spot["name"]
        else:
            wrong.append(spot["name"])
    if case.event.step.key == "smtp.rcpt":
        said = {str(event.values["command"]): str(event.values["reply"]) for event in case.session()}
        assert said[f"RCPT TO:<{right}>"].startswith("5")
        assert all(said[f"RCPT TO:<{name}>"].startswith("250") for name in wrong)
        return
    assert not case.fate(len(case.trace) - 1)[right] & {"delivered", "relayed"}
    known = case.trace.at().messages[case.event.message]
    for name in wrong:
        under = {index for index, item in enumerate(known) if item.address == name}
        for index, item in enumerate(known):
            if item.parent in under:
                under.add(index)
        leaves = {known[index].state for index in under} - {"expanded"}
        assert leaves <= {"delivered", "relayed"}
        assert leaves


CHECKS = {
    "command": check_command,
    "recipient": check_recipient,
    "queue": check_queue,
    "next hop": check_next_hop,
    "connector": check_connector,
    "outcome": check_outcome,
    "format": check_format,
    "verdict": check_verdict,
    "tracking": check_tracking,
    "informed": check_informed,
    "version": check_version,
    "table": check_table,
    "host": check_host,
}


def check(trace: Trace, asked: list[Question]) -> None:
    assert len(asked) <= MOST
    assert [item.at for item in asked] == sorted({item.at for item in asked})
    assert len({(item.prompt, item.options[item.answer]) for item in asked}) == len(asked), "that was asked before"
    for item in asked:
        assert 0 < item.at < len(trace)
        assert 2 <= len(set(item.options)) == len(item.options) <= 4
        assert len(item.why_not) == len(item.where) == len(item.options)
        assert [index for index, why in enumerate(item.why_not) if not why] == [item.answer]
        assert item.prompt.endswith("?")
        for text in (item.why, *filter(None, item.why_not)):
            assert text == text.strip()
            assert text[-1] in ".!?"
        CHECKS[item.kind](Case(trace, item))


def test_every_kind_is_checked_here() -> None:
    assert all(map(finder, KINDS))
    assert CHECKS.keys() == KINDS.keys() == FORKS.keys()


@pytest.mark.timeout(1200)
@given(scenarios())
def test_what_is_marked_right_is_what_happens_and_nothing_else_is(scenario: mailflow.Scenario) -> None:
    trace = scenario.run(until=1000)
    check(trace, questions(trace, KINDS))


@settings(max_examples=15)
@given(scenarios())
def test_each_kind_by_itself_is_right(scenario: mailflow.Scenario) -> None:
    trace = scenario.run(until=1000)
    for kind in KINDS:
        check(trace, questions(trace, [kind]))


@pytest.mark.no_cover
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_questions_of_the_course(notebook: str) -> None:
    for item in shown(notebook):
        asked = questions(item.trace, item.ask)
        check(item.trace, asked)
        if item.ask:
            assert asked, f"{item.cell}: it asks for {item.ask}, and there is no such fork"


def run(organization: mailflow.Organization, sender: str, to: str | list[str]) -> Trace:
    message = mailflow.Message.write(sender, to, subject="Which way?")
    return mailflow.Scenario(organization).send(message).run()


def reasons(trace: Trace, kind: str, most: int = MOST) -> dict[str, str]:
    """Of the first question of a kind: each wrong answer with the reason against it."""
    asked = questions(trace, [kind], most)[0]
    return {text: why for text, why in zip(asked.options, asked.why_not, strict=True) if why}


def test_a_reason_changes_with_the_cost() -> None:
    four = mailflow.load("four corners")
    assert reasons(run(four, "sara@contoso.com", "bruno@contoso.com"), "connector") == {
        "Seattle-London": "Seattle-London costs 20, the best way 15."
    }
    near = mailflow.reconfigure(four, "Seattle-London", cost=7)
    assert reasons(run(near, "sara@contoso.com", "bruno@contoso.com"), "connector") == {
        "Seattle-London": "Seattle-London costs 17, the best way 15."
    }
    cheap = mailflow.reconfigure(four, "Seattle-London", cost=1)
    trace = run(cheap, "sara@contoso.com", "bruno@contoso.com")
    assert reasons(trace, "connector") == {"Seattle-Tokyo": "Seattle-Tokyo costs 15, the best way 11."}
    even = mailflow.reconfigure(four, "Seattle-London", cost=5)
    at_start = [
        item
        for item in questions(run(even, "sara@contoso.com", "bruno@contoso.com"), ["connector"])
        if "SEA" in item.prompt
    ]
    assert at_start == [], "between equal ways nobody can know"


def test_a_reason_changes_with_the_state() -> None:
    letter = mailflow.Message.write("sara@contoso.com", "bruno@contoso.com", subject="Which way?")
    scenario = mailflow.Scenario(mailflow.load("four corners")).fail("Tokyo-Brussels").send(letter, at=1)
    asked = questions(scenario.run(until=700), ["connector"])
    told = {text: why for item in asked for text, why in zip(item.options, item.why_not, strict=True) if why}
    assert told["Tokyo-Brussels"] == "Tokyo-Brussels: it is DOWN in this server's table."
    assert [item.at for item in asked] == sorted(item.at for item in asked)


def test_a_reason_changes_with_the_facts_of_the_organization() -> None:
    two = mailflow.load("two sites")
    before = reasons(run(two, "anna@contoso.com", "pierre@contoso.com"), "next hop")
    assert before["London-Paris"] == "LON01 is no bridgehead of London-Paris; LON02 is one."
    assert (
        before["PAR02"] == "PAR02 is in Paris, and from London that routing group is reached through a connector only."
    )
    four = reasons(run(mailflow.load("four corners"), "sara@contoso.com", "bruno@contoso.com"), "next hop")
    assert four["Seattle-London"] == "Seattle-London costs 20, the best way 15."
    other = mailflow.reconfigure(two, "London-Paris", local_bridgeheads=["LONFE"])
    after = reasons(run(other, "anna@contoso.com", "pierre@contoso.com"), "next hop")
    assert after["London-Paris"] == "LON01 is no bridgehead of London-Paris; LONFE is one."
    assert after["LON02"] == "LON02 is no bridgehead of London-Paris."


def test_a_reason_changes_with_what_a_relay_decision_rests_on() -> None:
    one = mailflow.load("one server")
    told = []
    for mode in ("only the list below", "all except the list below"):
        target = mailflow.reconfigure(one, "LON01", relay_mode=mode)
        spam = mailflow.Message.write("offers@spam.example", "kim@fabrikam.com")
        scenario = mailflow.Scenario(target).send(spam, by="smtp", server="LON01", client="198.51.100.4")
        told.append(reasons(scenario.run(), "verdict", most=1))
    assert told[0]["250: yes"].startswith("LON01 does not take it: fabrikam.com is no local domain")
    assert told[1]["550: no, for good"].startswith("Nothing forbids it: the list of computers lets 198.51.100.4 relay")
    door = mailflow.reconfigure(one, "LON01", anonymous=False)
    spam = mailflow.Message.write("offers@spam.example", "anna@contoso.com")
    trace = mailflow.Scenario(door).send(spam, by="smtp", server="LON01").run()
    asked = questions(trace, ["verdict"])[0]
    assert asked.options[asked.answer].startswith("454 5.7.3")
    assert "MAIL FROM" in asked.prompt
    busy = questions(run(one, "anna@contoso.com", "busy@fabrikam.com"), ["verdict"])[0]
    assert busy.options[busy.answer] == REPLIES["451"]
    assert any(why.startswith("That would be the end of it") for why in busy.why_not)


def test_a_reason_changes_with_the_hosts_and_with_chance() -> None:
    one = mailflow.load("one server")
    assert reasons(run(one, "anna@contoso.com", "kim@fabrikam.com"), "host") == {
        "backup.fabrikam.com": "backup.fabrikam.com has preference 20, and mail.fabrikam.com with 10 comes first."
    }
    letter = mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com")
    down = mailflow.Scenario(one).fail("mail.fabrikam.com").send(letter).run()
    assert reasons(down, "host") == {"mail.fabrikam.com": "mail.fabrikam.com is down."}
    busy = questions(run(one, "anna@contoso.com", "busy@fabrikam.com"), ["host"])
    assert "mail.fabrikam.com has answered 451" in "".join(busy[1].why_not)
    zone = Zone(name="pair.example", records="@ MX 10 a\n@ MX 10 b\na A 192.0.2.81\nb A 192.0.2.82")
    pair = replace(one, zones=(*one.zones, zone))
    assert questions(run(pair, "anna@contoso.com", "x@pair.example"), ["host"]) == []


def test_a_reason_changes_with_the_time() -> None:
    letter = mailflow.Message.write("anna@contoso.com", "bruno@contoso.com")
    scenario = mailflow.Scenario(mailflow.load("worldwide")).fail("London-Brussels")
    early = reasons(scenario.copy().send(letter, at=1).run(until=240), "informed")
    late = reasons(scenario.copy().send(letter, at=11).run(until=240), "informed")
    assert early.keys() == late.keys()
    assert early != late
    assert any("does not know it yet itself" in why for why in early.values())
    times = [why for why in early.values() if "only at 00:03:01" in why]
    assert times


def test_a_reason_changes_with_the_services_of_a_server() -> None:
    letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    one = mailflow.Scenario(mailflow.load("one server")).send(letter)
    (store,) = questions(one.run(), ["queue"], most=1)
    assert store.options[store.answer] == "Local delivery"
    scenario = mailflow.Scenario(mailflow.load("two servers")).stop("routing engine", "LON01").send(letter)
    scenario.stop("information store", "LON01", at=5).start("routing engine", "LON01", at=6)
    asked = questions(scenario.run(until=60), ["queue"], most=1)[0]
    assert asked.options[asked.answer] == "Failed message retry queue"
    assert asked.why == "The information store of LON01 is stopped, so the content cannot be fetched."


def test_the_queue_for_deferred_delivery_has_the_reason_that_the_step_gives() -> None:
    two = mailflow.load("two servers")
    later = mailflow.Message.write(
        "anna@contoso.com", "ben@contoso.com", deliver_after=datetime(2003, 10, 6, 12, tzinfo=UTC)
    )
    letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    moved = mailflow.Scenario(two).move_mailbox("ben", "LON01", lasts=2400).send(letter, at=5).run(until=600)
    asked = [questions(run, ["queue"], most=MOST) for run in (mailflow.Scenario(two).send(later).run(until=60), moved)]
    found = [
        item.why
        for each in asked
        for item in each
        if item.options[item.answer] == "Messages queued for deferred delivery"
    ]
    assert found == ["Its sender asked for a later delivery.", "The mailbox of Ben is being moved."]


def test_only_who_changes_in_a_step_is_asked_about() -> None:
    party = run(
        mailflow.load("one server"),
        "anna@contoso.com",
        ["everybody@contoso.com", "david@contoso.com", "nix@contoso.com"],
    )
    asked = questions(party, ["outcome"], tell=["categorizer"])
    assert [item.prompt for item in asked] == [
        "What becomes of “Which way?” (m1.1) for nix@contoso.com now?",
        "What becomes of “Which way?” (m1.1) for David in this step?",
    ]
    assert [item.options[item.answer] for item in asked] == [ENDS["bounced"], ENDS["redirected"]]
    full = questions(run(mailflow.load("one server"), "anna@contoso.com", "jack@contoso.com"), ["outcome"])[0]
    told = dict(zip(full.options, full.why_not, strict=True))
    assert told[ENDS["redirected"]] == "No alternate recipient is set for Jack."
    assert told[ENDS["delivered"]] != ""
    refused = mailflow.Scenario(mailflow.load("one server")).send(
        mailflow.Message.write("kim@fabrikam.com", "victim@elsewhere.example"), by="smtp", server="LON01"
    )
    at_door = questions(refused.run(), ["outcome"])[0]
    assert at_door.why.startswith("The answer at RCPT TO is 550 5.7.1")
    frozen = mailflow.Scenario(mailflow.load("one server")).fail("mail.fabrikam.com").fail("backup.fabrikam.com")
    frozen.send(mailflow.Message.write("anna@contoso.com", "kim@fabrikam.com"), at=1)
    frozen.delete("fabrikam.com", "LON01", ndr=False, at=60)
    gone = questions(frozen.run(until=100), ["outcome"])[0]
    assert gone.options[gone.answer] == ENDS["deleted"]
    assert gone.why == "LON01 brings it to another end at 00:01:00."


def test_a_command_is_asked_for_and_the_reason_names_the_reply() -> None:
    one = mailflow.load("one server")
    spam = mailflow.Message.write("offers@spam.example", ["kim@fabrikam.com", "anna@contoso.com"])
    door = mailflow.Scenario(one).send(spam, by="smtp", server="LON01", client="198.51.100.4").run()
    (asked,) = questions(door, ["command"])
    assert asked.prompt.endswith("At which command does LON01 first say no?")
    assert asked.options[asked.answer] == "RCPT TO"
    assert asked.why == "RCPT TO:<kim@fabrikam.com> gets 550 5.7.1 Unable to relay for kim@fabrikam.com."
    told = reasons(door, "command")
    assert told["MAIL FROM"] == "LON01 answers 250 to MAIL FROM:<offers@spam.example>."
    assert told["the content (DATA or BDAT)"] == "RCPT TO:<kim@fabrikam.com> comes before it, and gets 550."
    assert told[NONE] == asked.why
    spots = [spot["name"] if spot else "" for spot in asked.where]
    assert sorted(spots) == ["", "DATA", "MAIL", "RCPT"]
    closed = mailflow.reconfigure(one, "LON01", anonymous=False)
    shut = mailflow.Scenario(closed).send(mailflow.Message.write("a@spam.example", "anna@contoso.com"), by="smtp")
    first = questions(shut.run(), ["command"])[0]
    assert first.options[first.answer] == "MAIL FROM"
    two = run(mailflow.load("two servers"), "anna@contoso.com", "ben@contoso.com")
    easy = questions(two, ["command"])[0]
    assert easy.options[easy.answer] == NONE
    letter = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
    cut = mailflow.Scenario(mailflow.load("two servers")).send(letter).run(until=two[easy.at].time + 0.05)
    assert len(cut) > easy.at
    assert questions(cut, ["command"]) == [], "a session that is not over has no answer"
    back = mailflow.Message.write("ben@contoso.com", "anna@contoso.com")
    both = mailflow.Scenario(mailflow.load("two servers")).send(letter).send(back, at=0.01).run()
    crossing = questions(both, ["command"])[0]
    assert both[crossing.at + 1].mail != both[crossing.at].mail, "another message is told of in between"
    assert crossing.options[crossing.answer] == NONE


def test_who_is_given_up_is_asked_before_the_directory_is() -> None:
    one = mailflow.load("one server")
    trace = run(one, "anna@contoso.com", ["ben@contoso.com", "david@contoso.com", "nix@contoso.com"])
    (asked,) = questions(trace, ["recipient"])
    assert asked.prompt == (
        "m1.1 is for Ben, David and nix@contoso.com, whom the categorizer of LON01 looks up now. On whom does it give up?"
    )
    assert asked.options[asked.answer] == "nix@contoso.com"
    assert asked.why == "nix@contoso.com does not exist."
    told = reasons(trace, "recipient")
    assert told.keys() == {"Ben"}, "David's mail goes to somebody else: nobody can say whether he gets it"
    assert told["Ben"].startswith("Ben gets it: LON01 delivers it at 00:00:0")
    party = run(one, "anna@contoso.com", ["everybody@contoso.com", "nix@contoso.com"])
    assert reasons(party, "recipient")["everybody@contoso.com"] == (
        "everybody@contoso.com is a group, and all its members get it."
    )
    spam = mailflow.Message.write("offers@spam.example", ["kim@fabrikam.com", "anna@contoso.com"])
    door = mailflow.Scenario(one).send(spam, by="smtp", server="LON01", client="198.51.100.4").run()
    (turned,) = questions(door, ["recipient"])
    assert turned.prompt == "198.51.100.4 is going to name kim@fabrikam.com and Anna to LON01. Whom does LON01 refuse?"
    assert turned.options[turned.answer] == "kim@fabrikam.com"
    assert questions(run(one, "anna@contoso.com", ["ben@contoso.com", "carla@contoso.com"]), ["recipient"]) == []
    both = questions(door, ["command", "recipient", "verdict"])
    assert [item.kind for item in both] == ["command"], "it tells what the others ask for"
    mixed = questions(trace, ["recipient", "outcome"], tell=["categorizer"])
    assert [item.kind for item in mixed] == ["recipient", "outcome"], (
        "David's end is still a question, that of nix is not"
    )


def test_the_same_is_not_asked_twice_and_what_is_easy_seldom() -> None:
    trace = run(mailflow.load("two servers"), "anna@contoso.com", "ben@contoso.com")
    asked = questions(trace, ["queue"], most=20)
    answers = [item.options[item.answer] for item in asked]
    assert len(answers) == len(set(answers)) == FEW + 1, f"{FEW} stations and the fork"
    assert "Local delivery" in answers
    assert EASY < 2
    assert len(questions(trace, KINDS)) == MOST
    assert len({item.kind for item in questions(trace, KINDS)}) >= 3
    assert questions(trace, ["queue", "queue"]) == questions(trace, ["queue"])
    with pytest.raises(ValueError, match="no such kind of question; there is connector"):
        questions(trace, ["weather"])


def test_where_an_answer_stands_in_the_picture_is_told() -> None:
    trace = run(mailflow.load("two sites"), "anna@contoso.com", "pierre@contoso.com")
    asked = questions(trace, ["next hop"])[0]
    spots = dict(zip(asked.options, asked.where, strict=True))
    assert spots["LON02"] == {"kind": "server", "name": "LON02"}
    assert spots["London-Paris"] == {"kind": "connector", "name": "London-Paris"}
    assert asked.as_data()["kind"] == "next hop"
    queue = questions(trace, ["queue"])[0]
    assert {spot["kind"] for spot in queue.where if spot} == {"queue"}
    assert questions(trace, ["format"])[0].where == (None,) * 4


def test_mail_that_no_connector_carries_has_no_connectors_to_choose_from() -> None:
    one = mailflow.load("one server")
    alone = replace(one, connectors=())
    trace = run(alone, "anna@contoso.com", "kim@fabrikam.com")
    assert questions(trace, ["connector"]) == questions(trace, ["next hop"]) == []
    away = run(mailflow.load("four corners"), "sara@contoso.com", "bruno@contoso.com")
    bare = Trace(away.records, organization=away.organization, messages={}, link_state=away.link_state)
    assert questions(bare, ["connector", "outcome"]) == [], "restrictions look at the message"
    cheap = run(
        mailflow.reconfigure(mailflow.load("four corners"), "Seattle-London", cost=1),
        "sara@contoso.com",
        "bruno@contoso.com",
    )
    other = Trace(away.records, organization=cheap.organization, messages=away.messages, link_state=away.link_state)
    assert [item for item in questions(other, ["connector"]) if "SEA02" in item.prompt] == [], (
        "its reasons would be false"
    )
    silent = Trace(away.records, organization=away.organization, messages=away.messages)
    assert questions(silent, ["connector"]) == [], "without link state nobody can ask the routing engine again"


def test_who_is_not_yet_informed_is_told_why() -> None:
    """Two changes, one soon after the other: some hear of the first only from a server that does not know it yet."""
    four = mailflow.load("four corners")
    people = [item.addresses[0] for item in four.recipients]
    scenario = (
        mailflow.Scenario(four)
        .fail("Tokyo-Brussels", at=1)
        .fail("Seattle-London", at=6)
        .restore("Tokyo-Brussels", at=900)
    )
    for number, (sender, to) in enumerate(permutations(people, 2)):
        scenario.send(mailflow.Message.write(sender, to), at=2 + number)
    trace = scenario.run(until=1500)
    asked = questions(trace, ["informed"], 99)
    for item in asked:
        CHECKS["informed"](Case(trace, item))
    reasons = " ".join(why for item in asked for why in item.why_not if why)
    assert "which does not know it yet itself" in reasons
    assert "knows it, but reaches" in reasons


def test_nobody_whose_copy_still_waits_is_said_to_get_it() -> None:
    """Ben has the message, and what he forwards of it waits for DNS: that he gets it is half of the truth."""
    one = mailflow.load("one server")
    forwards = (
        replace(item, forward_to="partner", deliver_and_redirect=True)
        if isinstance(item, Mailbox) and item.name == "ben"
        else item
        for item in one.recipients
    )
    letter = mailflow.Message.write(
        "anna@contoso.com", ["nix@contoso.com", "ben@contoso.com", "emma@contoso.com"], subject="Who?"
    )
    scenario = mailflow.Scenario(replace(one, recipients=tuple(forwards))).fail("DNS").send(letter, at=1)
    trace = scenario.run(until=100)
    (asked,) = questions(trace, ["recipient"], 9)
    check_recipient(Case(trace, asked))
    assert asked.options == ("nix@contoso.com", "Emma")


def test_no_host_is_asked_for_where_dns_was_not() -> None:
    there = mailflow.reconfigure(mailflow.load("one server"), "Internet", smart_host="backup.fabrikam.com")
    assert questions(run(there, "anna@contoso.com", "kim@fabrikam.com"), ["host"]) == []
