"""What notebook 03 claims."""

import re
from collections import Counter

import mailflow
from mailflow.trace import Trace

from .reading import Said, Shown, claim, keys, of_kind


def longest(trace: Trace) -> Counter[str]:
    """How many messages stood in each queue of LON01 at most, by the queue's name."""
    most: Counter[str] = Counter()
    for step in range(len(trace)):
        for place, mails in trace.at(step).queues("LON01").items():
            most[place.split("/")[-1]] = max(most[place.split("/")[-1]], len(mails))
    return most


@claim("03-05", "We send a message every second and stop one part at a time. First the **global catalog**", of="03-06")
def a_message_every_second(said: Said, shown: Shown) -> None:
    written = of_kind(shown.names["no_directory"], "client.compose")
    assert [event.time for event in written] == list(range(len(written)))
    assert shown.number(r"over ([\d.]+) seconds") == round(shown.names["no_directory"][-1].time, 2)


@claim(
    "03-07",
    "so its tray fills: *{tray:text}*. When the directory is back, the tray empties at once.",
    of="03-06",
)
def its_tray_fills(said: Said, shown: Shown) -> None:
    assert shown.text.startswith("Chart of the queues of LON01 ")
    most = {name: int(number) for name, number in re.findall(r"([A-Z][a-z ]+): at most (\d+)", shown.text)}
    stopped = 12 - 3
    assert most[said["tray"]] == stopped
    trays = [name for name in most if name.startswith("Messages")]
    assert [name for name in trays if most[name] > 1] == [said["tray"]]
    assert most == {name: longest(shown.names["no_directory"])[name] for name in most}
    assert len(most) == 4
    back = shown.names["no_directory"].step_at(13)
    assert len(shown.names["no_directory"].at(back).queues("LON01").get(f"queue/{said['tray']}", [])) <= 1


@claim("03-07a", "Step through one message that waits.", of="03-08")
def one_message_waits(said: Said, shown: Shown) -> None:
    run = shown.names["one"].run()
    shown.plays(run)
    (mail,) = run.at(run.step_at(19)).mails.values()
    assert mail.place == "queue/Messages awaiting directory lookup"


@claim("03-09", "Read the table as: *if this stops, look there.*", of="03-10")
def if_this_stops_look_there(said: Said, shown: Shown) -> None:
    rows = shown.rows()
    assert list(rows) == ["antivirus", "global catalog", "Mailbox Store", "SMTP", "routing engine"]
    assert rows == {
        part: shown.names["waits_in"](part, "kim@fabrikam.com" if part == "routing engine" else "ben@contoso.com")
        for part in rows
    }


@claim("03-11", "Mail for a mailbox on this server never asks for a route.", of="03-10")
def never_asks_for_a_route(said: Said, shown: Shown) -> None:
    assert shown.rows()["routing engine"] == "Messages waiting to be routed"
    run = mailflow.Scenario(shown.names["organization"]).stop("routing engine")
    run.send(mailflow.Message.write("carla@contoso.com", "ben@contoso.com"))
    assert run.run(until=60).status()["m1"][0][1] == "delivered"


@claim(
    "03-11",
    "a group inside a group, a contact at another company, somebody who forwards, and a typing error.",
    of="03-12",
)
def it_has_it_all(said: Said, shown: Shown) -> None:
    shown.plays(shown.names["party"])
    kinds = Counter(keys(shown.names["party"]))
    assert kinds["categorizer.expanded"] == 2
    assert {"categorizer.target", "categorizer.forwarded", "categorizer.unknown"} < set(kinds)


ORDER = {
    "sender": ["Sender resolved"],
    "recipient": ["Recipients resolved"],
    "expand": ["Group expanded", "Sent on to another recipient", "Rewritten to the target address"],
    "unknown": ["Recipient unknown"],
    "restrictions and limits": ["Restrictions and limits checked", "Journal recipient added"],
    "copies": ["Copy made"],
    "mark": ["Categorized"],
}

REPEATED = ("Copy made", "Categorized", "Group expanded", "Sent on to another recipient")


@claim(
    "03-13",
    "The order is always the same (T64): 1. resolve the **sender** 2. resolve each **recipient** 3. **expand** groups "
    "4. mark **unknown** recipients 5. check **restrictions and limits** 6. make **copies** where recipients need different ones "
    "7. **mark** each copy: local, gateway or remote",
    of="03-14",
)
def always_the_same_order(said: Said, shown: Shown) -> None:
    stages = [next(stage for stage, titles in enumerate(ORDER.values()) if line in titles) for line in shown.lines]
    assert stages == sorted(stages)
    assert set(stages) == set(range(len(ORDER)))
    told = Counter(event.step.key for event in shown.names["party"] if event.message == "m1")
    assert shown.lines.count("Copy made") == told["categorizer.bifurcated"]
    assert shown.lines.count("Categorized") == told["categorizer.categorized"] == told["categorizer.bifurcated"] + 1
    assert shown.lines.count("Group expanded") == told["categorizer.expanded"]
    assert shown.lines.count("Sent on to another recipient") == told["categorizer.forwarded"]
    assert set(shown.lines) == {title for titles in ORDER.values() for title in titles}
    assert {shown.lines.count(title) for title in shown.lines if title not in REPEATED} == {1}


@claim(
    "03-15",
    "Both groups ended as *{group:text}*: their members carry on. David ended as *{david:text}*: he forwards to Emma, and she keeps "
    "her mail and passes a copy to Finn.",
    of="03-16",
)
def what_became_of_everybody(said: Said, shown: Shown) -> None:
    rows = {
        line.split()[0].split("@")[0]: re.split(r"\s{2,}", re.sub(r"(?<=com) ", "  ", line))[1:] for line in shown.lines
    }
    assert rows["everybody"] == [said["group"], "everybody"]
    assert rows["sales"] == [said["group"], "sales"]
    assert rows["david"] == [said["david"], "emma@contoso.com"]
    assert rows["nix"] == ["bounced", "5.1.1"]
    assert rows["partner"] == ["relayed", "mail.fabrikam.com"]
    assert rows["carla"] == ["delivered", "LON01, Archived Store"]
    for name in ("emma", "finn", "anna", "ben", "journal"):
        assert rows[name] == ["delivered", "LON01, Mailbox Store"]
    assert len(shown.lines) == len(rows) == 11


@claim(
    "03-17",
    "Finn stands on the list {times}, although he is in the group *and* Emma forwards to him. Nobody gets {n} copies.",
    of="03-16",
)
def finn_stands_there_once(said: Said, shown: Shown) -> None:
    people = Counter(line.split()[0] for line in shown.lines)
    assert people["finn@contoso.com"] == said["times"]
    assert max(people.values()) == said["n"] - 1
    assert "finn" in next(
        group.members for group in shown.names["organization"].recipients if group.name == "everybody"
    )


CODES = {
    "too large for the organization": "5.2.3",
    "too large for Iris": "5.2.3",
    "not allowed to write to Board": "5.7.1",
}
CODES |= {"Jack's mailbox is full": "5.2.2", "Gina and Hugo forward in a loop": "5.4.6"}


@claim(
    "03-17",
    "Each failure has a status code. The sender reads it in the report. The first {n} share one: both are about size.",
    of="03-18",
)
def each_failure_has_a_code(said: Said, shown: Shown) -> None:
    found = dict(re.findall(r"^(.*?) *\['([\d.]+)'\]$", shown.text, re.MULTILINE))
    assert found == CODES, "T73, T74, T115"
    assert list(found.values()).count(next(iter(found.values()))) == said["n"]
    assert len(set(found.values())) == len(found) - said["n"] + 1


@claim(
    "03-19",
    "The last but one is decided somewhere else. Which part knows how full a mailbox is? The store, when it delivers.",
    of="03-18",
)
def the_last_but_one(said: Said, shown: Shown) -> None:
    assert shown.lines[-2].startswith("Jack's mailbox is full")
    run = (
        mailflow.Scenario(shown.names["organization"])
        .send(mailflow.Message.write("anna@contoso.com", "jack@contoso.com"))
        .run()
    )
    (bounced,) = of_kind(run, "notification.bounced")
    assert "queue/Local delivery" in str([run.at(step).mails for step in range(bounced.number)])
    assert bounced.values["code"] == "5.2.2"


@claim("03-19", "{n} contacts outside, both at Fabrikam. {one} gets rich text, the other MIME.", of="03-20a")
def two_contacts_at_fabrikam(said: Said, shown: Shown) -> None:
    shown.plays(shown.names["offer"])
    contacts = [shown.names["offers"].by_address[address] for address in shown.names["two"].recipients]
    assert len(contacts) == said["n"]
    assert {contact.target_address.split("@")[1] for contact in contacts} == {"fabrikam.com"}
    assert [contact.rich_text for contact in contacts].count(True) == said["one"]


@claim(
    "03-21",
    "{n} copy: the message for the partner stays as it is, and Lou gets a copy of it. Both go to the same host, in {one} session. "
    "Only the form of the body differs. Were it the same, {one_more} message would do.",
    of="03-20a",
)
def only_the_form_differs(said: Said, shown: Shown) -> None:
    offer = shown.names["offer"]
    (copied,) = copies = of_kind(offer, "categorizer.bifurcated")
    assert len(copies) == said["n"]
    assert "for lou@contoso.com, because these recipients need the body as MIME, not as TNEF" in copied.sentence
    assert len(of_kind(offer, "smtp.connect")) == said["one"]
    lou = next(item for item in shown.names["offers"].recipients if item.name == "lou")
    changes = {item.name: item for item in shown.names["offers"].recipients} | {"lou": mailflow.organization.Contact(
        name="lou", addresses=lou.addresses, target_address=lou.target_address, rich_text=True
    )}  # fmt: skip
    alike = type(shown.names["offers"])(**{**fields(shown.names["offers"]), "recipients": tuple(changes.values())})
    run = mailflow.Scenario(alike).send(shown.names["two"]).run()
    assert len(of_kind(run, "categorizer.bifurcated")) == said["one_more"] - 1


def fields(organization: mailflow.Organization) -> dict[str, object]:
    return {name: getattr(organization, name) for name in organization.__dataclass_fields__}


@claim(
    "03-21", "Carla's mailbox is in a store that archives all its mail. Who makes the copy for the archive?", of="03-22"
)
def who_makes_the_copy(said: Said, shown: Shown) -> None:
    part, sentence = shown.lines[-1].split(" | ")
    assert part == "categorizer", "T159"
    assert sentence == shown.names["journal"].sentence
    assert (
        "Archived Store archives its mail, so the categorizer adds the journal mailbox journal@contoso.com" in sentence
    )


@claim(
    "03-21",
    "There are {n} kinds of archive (T160). The *standard* one keeps the message as it is. The {one} *with Bcc* is a value in the "
    "registry of a server (K112). The *envelope* kind is {value} value of the organization: it wraps the message in a report of its "
    "own (K111).",
    of="03-22",
)
def three_kinds_of_archive(said: Said, shown: Shown) -> None:
    kinds = shown.names["kinds"]
    assert len(kinds) == said["n"] == len(shown.lines) - 1
    assert said["one"] == said["value"] == 1
    made = {kind: company.journal_kind(company.servers[0]) for kind, company in kinds.items()}
    assert made == {kind: kind for kind in ("standard", "bcc", "envelope")}
    runs = {kind: mailflow.Scenario(company).send(shown.names["hidden"]).run() for kind, company in kinds.items()}
    copies = {kind: next(iter(run.archived("m1").values())).content for kind, run in runs.items()}
    own = shown.names["hidden"].content
    assert [content.endswith(own) for content in copies.values()] == [True, True, False]
    assert b"message/rfc822" in copies["envelope"]


@claim(
    "03-22a",
    "The standard archive knows nobody but those in the header fields, and there stands the group alone. The other {n} name Finn and "
    "those whom the group stood for: the envelope kind in its report, the kind with Bcc in a field of the copy.",
    of="03-22",
)
def who_is_named(said: Said, shown: Shown) -> None:
    names = dict(re.findall(r"^(\w+) +names (.+)$", shown.text, re.MULTILINE))
    assert names == {"standard": "nobody of them", "bcc": "finn, anna, ben", "envelope": "finn, anna, ben"}
    assert [len(names) - 1, 2] == [said["n"]] * 2
    assert shown.names["hidden"].content.count(b"sales@contoso.com") == 1
    assert {"anna", "ben"} == set(shown.names["organization"].recipient["sales"].members)
    run = mailflow.Scenario(shown.names["kinds"]["bcc"]).send(shown.names["hidden"]).run()
    (copy,) = run.archived("m1").values()
    assert b"finn@contoso.com" in copy.content.partition(b"\r\n\r\n")[0]


@claim(
    "03-23",
    "`LON01` tries {tries} times after {wait} seconds each, then at the intervals of the virtual server. After {late} hours it "
    "tells Anna that the message is late. After {days} days it gives up.",
    of="03-24",
)
def waiting_for_two_days(said: Said, shown: Shown) -> None:
    waited = shown.names["waited"]
    failed = [event.time / 60 for event in of_kind(waited, "link.failed")]
    minutes = [int(number) for number in re.search(r"at minutes ([\d, ]+);", shown.text)[1].split(", ")]  # type: ignore[index]  # no match is a claim that fails
    glitches = [said["wait"] * number / 60 for number in range(said["tries"] + 1)]
    assert minutes[: said["tries"] + 1] == glitches
    assert minutes == [round(time) for time in failed[: len(minutes)]]
    assert len(minutes) == 9
    intervals = shown.names["organization"].server["LON01"].virtual_servers[0].retry_minutes
    assert [
        later - earlier for earlier, later in zip(minutes[said["tries"] :], minutes[said["tries"] + 1 :], strict=False)
    ][:4] == list(intervals)
    assert shown.number(r"Chart of (\d+) attempts of LON01") == len(failed)
    (late,) = of_kind(waited, "notification.late")
    (returned,) = of_kind(waited, "notification.bounced")
    assert round(late.time / 3600, 2) == said["late"]
    assert round(returned.time / 86400, 2) == said["days"]
    assert shown.number(r"delay notices: (\d+)") == shown.number(r"returned: (\d+)") == 1


@claim("03-25", "from minute {start} on they are {apart} minutes apart.", of="03-24")
def evenly_apart(said: Said, shown: Shown) -> None:
    tried = [event.time / 60 for event in of_kind(shown.names["waited"], "link.failed")]
    minutes = [round(time - tried[0]) for time in tried]
    at = minutes.index(said["start"])
    apart = {later - earlier for earlier, later in zip(minutes[at:], minutes[at + 1 :], strict=False)}
    assert apart == {said["apart"]}
    assert minutes[at] - minutes[at - 1] != said["apart"], "not before"


@claim("03-25", "The {wait} seconds, the {late} hours and the {days} days are documented.")
def documented_waits(said: Said, shown: Shown) -> None:
    server = shown.names["organization"].server["LON01"].virtual_servers[0]
    assert mailflow.Parameters().glitch_seconds == said["wait"]
    assert (server.delay_notification_hours, server.expiration_hours) == (said["late"], 24 * said["days"])
    assert mailflow.fact("T105").sure.startswith("documented")
    assert mailflow.fact("T106").sure.startswith("documented")


@claim(
    "03-25",
    "The intervals {a}, {b}, {c}, {d} minutes of Exchange 2003 are **unconfirmed**: no source was found. Documents give {e}, {f}, "
    "{g}, {h} minutes for Exchange 2000.",
    of="03-26",
)
def intervals_are_unconfirmed(said: Said, shown: Shown) -> None:
    text = " ".join(shown.text.split())
    assert f"with {said['a']}, {said['b']}, {said['c']} and {said['d']} minutes. [unconfirmed]" in text
    assert f"{said['e']}, {said['f']} and {said['g']} minutes, then every {said['h']}. [documented twice]" in text
    assert shown.text.strip() == str(mailflow.fact("T104"))
    intervals = shown.names["organization"].server["LON01"].virtual_servers[0].retry_minutes
    assert list(intervals) == [said[letter] for letter in "abcd"]


@claim("03-30", "Retry, delay report after {late} hours, return after {days} days.")
def recap_of_waiting(said: Said, shown: Shown) -> None:
    server = shown.names["organization"].server["LON01"].virtual_servers[0]
    assert (server.delay_notification_hours, server.expiration_hours) == (said["late"], 24 * said["days"])
