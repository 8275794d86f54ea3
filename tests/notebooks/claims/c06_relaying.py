"""What notebook 06 claims."""

import ast
import re
from dataclasses import replace
from typing import Any

import mailflow
from mailflow.transport.relay import Attempt, decide

from .reading import Said, Shown, claim, keys, of_kind, word


@claim(
    "06-06",
    "The server took the message, found that the domain is not its own, looked up the MX records, and sent the spam on.",
    of="06-05",
)
def the_spam_goes_on(said: Said, shown: Shown) -> None:
    abused = shown.names["abused"]
    shown.plays(abused)
    order = ["smtp.content", "categorizer.unknown", "dns.mx", "smtp.connect"]
    seen = keys(abused)
    places = [seen.index(key) for key in order[:3]] + [len(seen) - 1 - seen[::-1].index("smtp.connect")]
    assert places == sorted(places)
    assert abused.status()["m1"] == [("kim@fabrikam.com", "relayed", "mail.fabrikam.com")]


@claim(
    "06-08",
    "Refused, at `{verb:text}`. The message never entered the organization, so nobody has to return it (T94, T139).",
    of="06-07",
)
def refused_at_the_counter(said: Said, shown: Shown) -> None:
    refused = shown.names["refused"]
    shown.plays(refused)
    asked = of_kind(refused, "smtp.rcpt")
    assert [word(event, "command").startswith(said["verb"]) for event in asked] == [True]
    assert asked[0].values["reply"] == "550 5.7.1 Unable to relay for kim@fabrikam.com"
    assert not {"queuing.submitted", "notification.made"}.intersection(keys(refused))


@claim("06-08", "Whether to relay, Exchange decides by the *recipient* (T138).", of="06-07")
def by_the_recipient(said: Said, shown: Shown) -> None:
    for sender in ("offers@spam.example", "anna@contoso.com"):
        spam = mailflow.Message.write(sender, "kim@fabrikam.com")
        run = (
            mailflow.Scenario(shown.names["organization"])
            .send(spam, by="smtp", server="LON01", client="198.51.100.4")
            .run()
        )
        assert word(of_kind(run, "smtp.rcpt")[0], "reply").startswith("550 5.7.1")


RULES = [
    "connection control", "access control", "transport security", "sender filter", "connection filter", "recipient filter",
    "local domain", "relay domains of a connector", "authenticated clients", "list of computers",
]  # fmt: skip


@claim(
    "06-08",
    "Every recipient goes through the same rules, in the same order. The first rule that says *accept* or *refuse* decides.",
    of="06-09",
)
def the_same_rules(said: Said, shown: Shown) -> None:
    rows = [re.split(r" {2,}", line.replace("connector  ", "connector   "), maxsplit=2) for line in shown.unbroken]
    assert [row[0] for row in rows] == RULES
    assert [row[1] for row in rows] == ["passes"] * 9 + ["refuses"]
    assert [row[2] for row in rows] == [look.why for look in shown.names["verdict"].looks]
    assert shown.names["verdict"].rule == "list_of_computers"
    assert not shown.names["verdict"].accepted


@claim("06-10", "Find at least **{n} different ways** to turn this server into an open relay.", of="06-11")
def different_ways(said: Said, shown: Shown) -> None:
    assert re.match(r"Relay lab: LON01\.", shown.text)
    organization = shown.names["organization"]
    ways: list[dict[str, Any]] = [{"relay_mode": "all except the list below"}, {"relay_list": ["0.0.0.0/0"]}]
    assert all(mailflow.open_relay(mailflow.reconfigure(organization, "LON01", **way), "LON01") for way in ways)
    assert len(ways) == said["n"]


@claim("06-12", "Here is the whole picture for the server as it was installed.", of="06-13")
def the_whole_picture(said: Said, shown: Shown) -> None:
    accepted, asked = (
        shown.number(pattern) for pattern in (r"Heat map: (\d+) of", r"of (\d+) combinations are accepted by LON01\.")
    )
    refused = re.findall(r"(A stranger|The branch printer) to (A partner|Anywhere else): 550 5\.7\.1", shown.text)
    assert len(refused) == len(set(refused)) == 4
    assert asked == 3 * 6, "three who send, six to whom"
    assert accepted + len(refused) == asked


@claim(
    "06-14",
    "A stranger reaches *everybody inside*, even somebody who does not exist. That is no open relay.",
    of="06-13",
)
def a_stranger_reaches_everybody_inside(said: Said, shown: Shown) -> None:
    assert not re.search(r"A stranger to Local", shown.text)
    for to in ("anna@contoso.com", "nobody-here@contoso.com"):
        assert decide(shown.names["organization"], "LON01", Attempt("198.51.100.4", to)).accepted


@claim(
    "06-14",
    "is there a stranger, without a password, who gets a foreign recipient accepted? If so, here is the proof.",
    of="06-15",
)
def the_proof(said: Said, shown: Shown) -> None:
    installed, careless = shown.lines
    assert installed == "as installed: None"
    found = shown.names["found"]
    assert careless == f"careless:     {found.client_ip} reached {found.recipient} with {found.verdict.reply}"
    assert "with 250 2.1.5 victim@elsewhere.example" in careless
    assert decide(shown.names["careless"], "LON01", Attempt(found.client_ip, found.recipient)).accepted


@claim("06-16", "It adds its own domain and looks for a user with that strange name (T93, T146).", of="06-17")
def a_strange_name(said: Said, shown: Shown) -> None:
    assert shown.value == [("victim%elsewhere.example", "bounced", "5.1.1")]


@claim("06-18", "The recipient was *accepted*, and later returned.", of="06-17")
def accepted_and_returned(said: Said, shown: Shown) -> None:
    tricked = shown.names["tricked"]
    (asked,) = (event for event in of_kind(tricked, "smtp.rcpt") if event.values["peer"] == "lon01.contoso.com")
    assert word(asked, "reply").startswith("250")
    assert shown.value[0][1] == "bounced"
    assert of_kind(tricked, "notification.bounced")[0].number > asked.number


@claim("06-18", "That is **backscatter**. The recipient filter refuses such mail at the door (T147).", of="06-19")
def backscatter(said: Said, shown: Shown) -> None:
    found = re.fullmatch(
        r"Chart of (\d+) messages to invented users\. Without the recipient filter (\d+) are refused and (\d+) reports go to the "
        r"victim, in (\d+) steps; with it (\d+) are refused and (\d+) reports go out, in (\d+) steps\.",
        shown.text.strip(),
    )
    assert found
    messages, refused, reports, steps, refused_with, reports_with, steps_with = map(int, found.groups())
    assert (refused, reports) == (0, messages)
    assert (refused_with, reports_with) == (messages, 0)
    assert f"messages={messages}" in shown.code
    for number, filtered in ((steps, False), (steps_with, True)):
        assert number == messages * len(one_invented_user(shown.names["organization"], filtered=filtered))


def one_invented_user(organization: mailflow.Organization, *, filtered: bool) -> mailflow.Trace:
    """A run of one message to somebody who does not exist, with or without the recipient filter."""
    if filtered:
        organization = replace(
            organization, global_settings=replace(organization.global_settings, filter_unknown_recipients=True)
        )
        organization = mailflow.reconfigure(organization, "LON01", filters=["recipient"])
    spam = mailflow.Message.write("victim@fabrikam.com", "user0@contoso.com")
    return mailflow.Scenario(organization).send(spam, by="smtp", server="LON01", client="198.51.100.4").run()


@claim(
    "06-20",
    "It answers as `LON01` would. Nothing that it takes leaves the machine. You are a stranger from the Internet",
    of="06-21",
)
def on_a_real_socket(said: Said, shown: Shown) -> None:
    sender, refused, taken, content, ended = shown.lines
    assert ast.literal_eval(sender) == (250, b"2.1.0 offers@spam.example....Sender OK")
    assert ast.literal_eval(refused) == (550, b"5.7.1 Unable to relay for victim@elsewhere.example")
    assert ast.literal_eval(taken) == (250, b"2.1.5 anna@contoso.com")
    assert content == "250"
    assert ast.literal_eval(ended) == {"m1": [("anna@contoso.com", "delivered", "LON01, Mailbox Store")]}


@claim(
    "06-24",
    "What the server took went through the simulated organization. Step through it with `mailflow.{play:text}({taken:text})`.",
    of="06-21",
)
def through_the_organization(said: Said, shown: Shown) -> None:
    taken = shown.names[said["taken"]]
    assert said["play"] == "play"
    assert str(taken.status()) == shown.lines[-1]
    assert {"queuing.submitted", "delivery.delivered"} < set(keys(taken))


@claim(
    "06-29",
    "A travelling user logs on, the server says *Authentication successful*, and still refuses customers. Here is the server. "
    "Find the rule that refuses, then repair it.",
    of="06-30",
)
def it_still_refuses(said: Said, shown: Shown) -> None:
    verdict = decide(shown.names["puzzle"], "LON01", shown.names["user"])
    assert not verdict.accepted
    assert shown.names["user"].authenticated
    assert shown.words == verdict.why
    assert "may not relay" in shown.words


@claim(
    "06-33",
    "The decision about relaying falls at `RCPT TO`, for each recipient, and never by the sender address. A sender filter can refuse "
    "earlier, at `{verb:text}`. It lets nobody in.",
)
def recap_of_the_sender_filter(said: Said, shown: Shown) -> None:
    organization = shown.names["organization"]
    organization = replace(
        organization, global_settings=replace(organization.global_settings, blocked_senders=("offers@spam.example",))
    )
    filtered = mailflow.reconfigure(organization, "LON01", filters=["sender"])
    run = shown.names["arrive"](filtered)
    assert "smtp.rcpt" not in keys(run)
    assert word(of_kind(run, "smtp.mail")[0], "command").startswith(said["verb"])
    assert word(of_kind(run, "smtp.mail")[0], "reply").startswith("5")
    before = decide(organization, "LON01", Attempt("198.51.100.4", "victim@elsewhere.example")).accepted
    assert decide(filtered, "LON01", Attempt("198.51.100.4", "victim@elsewhere.example")).accepted is before is False


@claim(
    "06-33",
    "It says that Exchange is no open relay by default. That is right. The reason it leaves out: the list of computers is empty, and only "
    "those who log on may relay (S9, T139).",
    of="06-15",
)
def no_open_relay_by_default(said: Said, shown: Shown) -> None:
    assert shown.lines[0] == "as installed: None"
    settings = shown.names["organization"].server["LON01"].virtual_servers[0]
    assert (settings.relay_mode, settings.relay_list, settings.authenticated_may_relay) == (
        "only the list below",
        (),
        True,
    )
