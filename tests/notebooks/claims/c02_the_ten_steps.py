"""What notebook 02 claims."""

import re

import mailflow
from mailflow.facts import fact
from mailflow.plots.strip import STATIONS
from mailflow.transport.mail import queue_folder

from .reading import Said, Shown, claim, keys, of_kind, silent


@claim("02-05", "Anna's mailbox is on `{hers:text}`, Ben's on `{his:text}`.", of=("02-04", "02-06"))
def two_servers(said: Said, listed: Shown, shown: Shown) -> None:
    assert listed.value == [(said["hers"], "First Routing Group"), (said["his"], "First Routing Group")]
    people = shown.names["organization"].by_address
    assert people["anna@contoso.com"].server == said["hers"]
    assert people["ben@contoso.com"].server == said["his"]
    shown.plays(shown.names["trace"])


@claim(
    "02-07",
    "Here are the ones that `LON01` logs, in order. The numbers are real; the words beside them are those of this course.",
    of="02-08",
)
def tracking_numbers(said: Said, shown: Shown) -> None:
    titles = {
        1019: "Submitted to advanced queuing", 1020: "MAIL FROM", 1023: "Handed to the store", 1024: "Awaiting directory lookup",
        1025: "Pending submission", 1027: "MailMsg made", 1028: "Delivered", 1031: "Content transferred", 1033: "Categorized",
        1034: "Routed", 1036: "Queued for local delivery",
    }  # fmt: skip
    for line in shown.lines:
        number, title = line.split(" ", 1)
        assert titles[int(number)] == title


@claim(
    "02-09",
    "For mail to another server Microsoft publishes an order, by names. As numbers it is {a}, {b}, {c}, {d}, {e}, {f}, {g}, {h} "
    "(T172, the numbers *inferred*). "
    "These are the {n} lines. After {last} the other server answers for the message.",
    of="02-08",
)
def the_documented_order(said: Said, shown: Shown) -> None:
    documented = [said[letter] for letter in "abcdefgh"]
    assert documented == [1027, 1019, 1025, 1024, 1033, 1034, 1020, 1031], "T172"
    assert [int(line.split()[0]) for line in shown.lines] == documented
    assert said["n"] == len(documented)
    assert said["last"] == documented[-1]
    trace = shown.names["trace"]
    (transferred,) = (event.number for event in trace if event.tracking == said["last"])
    assert {item.server for item in trace.at(transferred).mails.values()} == {"LON02"}


@claim("02-09", "Servers in one routing group speak SMTP with each other, plus a few verbs of their own.", of="02-10")
def the_dialogue(said: Said, shown: Shown) -> None:
    trace = shown.names["trace"]
    shown.plays(trace)
    assert {"smtp.authenticate", "smtp.xexch50"} < set(keys(trace))
    assert shown.names["dialogue"].number == keys(trace).index("smtp.connect") < keys(trace).index("smtp.ehlo")
    assert "step=dialogue.number" in shown.code, "the player starts where the dialogue does"


@claim("02-11", "{n} things to notice:", of="02-10")
def four_things(said: Said, shown: Shown) -> None:
    trace = shown.names["trace"]
    (ehlo, *_), (proof, *_), (properties, *_), (content, *_) = (
        of_kind(trace, kind) for kind in ("smtp.ehlo", "smtp.authenticate", "smtp.xexch50", "smtp.content")
    )
    assert "X-EXPS" in ehlo.sentence
    assert "CHUNKING" in ehlo.sentence
    assert "X-EXPS GSSAPI" in proof.sentence
    assert "XEXCH50" in properties.sentence
    assert "BDAT" in content.sentence
    assert said["n"] == len([ehlo, proof, properties, content])


@claim("02-13", "The store renders the body when the session stands, and not before (T58).", of="02-12")
def converted_late(said: Said, shown: Shown) -> None:
    kinds = ("smtp.ehlo", "link.converted", "smtp.content")
    seen = [event.step for event in shown.names["trace"] if event.step.key in kinds][:3]
    assert [step.key for step in seen] == [*kinds]
    assert shown.lines == [step.title for step in seen]


@claim("02-11", "To another server of the organization it travels as {form:text}, a form of Exchange's own", of="02-12")
def form_between_servers(said: Said, shown: Shown) -> None:
    (converted,) = of_kind(shown.names["trace"], "link.converted")
    assert f"renders it as {said['form']}." in converted.sentence


@claim(
    "02-13",
    "Until the `{reply}` that follows the content arrives, `{before:text}` answers for the message. `{after:text}` does from the "
    "moment it sends that reply. In the model the reply takes no time, so at each step {n} server has the message.",
    of="02-14",
)
def it_changes_hands(said: Said, shown: Shown) -> None:
    assert shown.value == ([said["before"]], [said["after"]])
    assert f"answers {said['reply']} " in shown.names["handover"].sentence
    assert {len(side) for side in shown.value} == {said["n"]}
    trace = shown.names["trace"]
    for step in range(shown.names["handover"].number + 1):
        assert len({"m1.1", "m1.2"}.intersection(trace.at(step).mails)) == said["n"]


silent(
    "02-15", r"twice \(RFC 1047, K125\)", "the RFC describes it; in the model a reply takes no time and cannot get lost"
)


@claim(
    "02-17",
    "`LON01` waits {wait} seconds and tries again, up to {times} times, before it does anything else.",
    of="02-18",
)
def glitch_retry(said: Said, shown: Shown) -> None:
    settings = mailflow.Parameters()
    assert settings.glitch_seconds == said["wait"]
    assert settings.glitch_retries == said["times"]
    times = [int(entry.split(" s: ")[0]) for entry in shown.value]
    assert times == [0, said["wait"], 2 * said["wait"]]


@claim(
    "02-17",
    "Here {failed} attempts fail. The {which}, {seconds} seconds after the first, succeeds.",
    of=("02-16", "02-18"),
)
def the_third_attempt(said: Said, played: Shown, shown: Shown) -> None:
    *before, last = (entry.split(" s: ") for entry in shown.value)
    assert [title for _, title in before] == ["Connection failed"] * said["failed"]
    assert last == [str(said["seconds"]), "SMTP connection"]
    assert len(shown.value) == said["which"]
    played.plays(played.names["late"])
    assert played.names["late"].status()["m1"][0][:2] == ("ben@contoso.com", "delivered")


@claim(
    "02-05",
    "Ben's mailbox store usually archives its mail. That is off here, so one message stays one message.",
    of="02-06",
)
def no_archive(said: Said, shown: Shown) -> None:
    names = shown.names
    assert names["company"].server["LON02"].mailbox_stores[0].journal_to
    assert not any(store.journal_to for server in names["organization"].servers for store in server.mailbox_stores)
    assert {event.message for event in names["trace"] if event.message} == {"m1"}


@claim(
    "02-19",
    "A message can enter a server by MAPI (from Outlook), by SMTP, or as a text file in the `Pickup` folder. Here is each of them "
    "alone, from its beginning to the point where all {n} meet.",
    of=("02-20", "02-20b", "02-20d"),
)
def three_ways_in(said: Said, *shown: Shown) -> None:
    runs = [shown[-1].names[name] for name in ("by_mapi", "by_smtp", "by_pickup")]
    assert len(runs) == said["n"]
    for one, run in zip(shown, runs, strict=True):
        one.plays(run)
        assert keys(run)[-2:] == ["queuing.submitted", "queuing.pending"]
        assert {event.message for event in run if event.message} == {"m1"}, "each of them alone"


@claim("02-19", "Outlook hands the message to the store. From there it crosses EXIPC.", of="02-20")
def in_by_mapi(said: Said, shown: Shown) -> None:
    run = shown.names["by_mapi"]
    assert keys(run)[1:3] == ["submission.to-store", "submission.to-exipc"]
    assert "Outlook hands" in run[1].sentence


@claim(
    "02-20a",
    "Kim's server at Fabrikam has opened port 25, and now it names Ben. (The steps before are the dialogue that you know.) "
    "The SMTP service takes the message itself, and no store has seen it.",
    of="02-20b",
)
def in_by_smtp(said: Said, shown: Shown) -> None:
    run = shown.names["by_smtp"]
    assert re.search("fabrikam.com opens TCP port 25 of lon01", of_kind(run, "smtp.connect")[0].sentence)
    assert not [key for key in keys(run) if key.startswith("submission.")]
    assert run[4].step.key == "smtp.rcpt"
    assert "step=4" in shown.code, "the player starts where Ben is named"


@claim(
    "02-20c",
    "A scanner leaves a file in that folder of `{server:text}`. There is no session, and nobody logs on.",
    of="02-20d",
)
def in_by_pickup(said: Said, shown: Shown) -> None:
    run = shown.names["by_pickup"]
    assert keys(run)[:2] == ["client.drop", "submission.picked-up"]
    assert run[0].server == run[1].server == said["server"]
    assert not [key for key in keys(run) if key.startswith("smtp.")]


@claim(
    "02-20g",
    "All {n} lead to the same place: advanced queuing. From there on all go the same way. There is a {other} way, "
    "the MTA",
    of="02-20f",
)
def where_they_meet(said: Said, shown: Shown) -> None:
    expected = []
    for way, name in (("MAPI", "by_mapi"), ("SMTP", "by_smtp"), ("Pickup", "by_pickup")):
        own = [event.step.title for event in shown.names[name]][:-2]
        expected += [f"{way:7}{', '.join(own)}", f"{'':7}then: Submitted to advanced queuing, Pending submission"]
    assert shown.lines == expected
    assert said["n"] == len(expected) / 2
    assert said["other"] == said["n"] + 1


silent("02-24", r"while the reply travels two do", "in the model a reply takes no time")


@claim(
    "02-24",
    "A server that does not answer is tried again after {wait} seconds, {times} times, before the longer retries.",
)
def recap_of_retries(said: Said, shown: Shown) -> None:
    settings = mailflow.Parameters()
    assert (settings.glitch_seconds, settings.glitch_retries) == (said["wait"], said["times"])


@claim("02-24", "Submission, sinks, categorizer, routing, link queue, session: in this order.", of="02-06")
def recap_of_the_order(said: Said, shown: Shown) -> None:
    seen = keys(shown.names["trace"])
    order = ["submission.to-store", "queuing.pending", "categorizer.sender", "queuing.routed", "smtp.connect"]
    assert sorted(order, key=seen.index) == order
    assert re.search(r"joins the link queue", of_kind(shown.names["trace"], "queuing.routed")[0].sentence)


@claim("02-01", "- read an SMTP dialogue between {n} Exchange servers,", of="02-10")
def goal_of_a_dialogue(said: Said, shown: Shown) -> None:
    assert len(shown.names["organization"].servers) == said["n"]


@claim("02-24", "They do: the first virtual server has `\\Exchsrvr{folder:text}` (S18, T50).")
def the_folder_of_exchange(said: Said, shown: Shown) -> None:
    assert queue_folder(1) == rf"{said['folder']}\Queue"
    assert rf"\Exchsrvr{said['folder']}" in str(fact("T50"))


@claim("02-24", "The verb is `{verb:text}`, and there are {n} more: `{a:text}` and `{b:text}` (S11, T9).", of="02-10")
def verbs_of_exchange(said: Said, shown: Shown) -> None:
    listed = str(of_kind(shown.names["trace"], "smtp.ehlo")[0].values["reply"])
    verbs = {re.split("[ =]", line[4:])[0] for line in listed.splitlines() if line[4:].startswith("X")}
    assert verbs == {said["verb"], said["a"], said["b"]}
    assert len(verbs) == said["n"] + 1


@claim(
    "02-06a", "The whole strip is lit: all {n} are done. Look at step {back}. It goes back to the store", of="02-06b"
)
def all_are_lit(said: Said, shown: Shown) -> None:
    assert shown.text == f"Strip of the ten steps of m1: {said['n']} are lit."
    assert said["n"] == len(STATIONS)
    assert [process for _, _, process in STATIONS[: said["back"]]].count("Store.exe") == 2
    assert STATIONS[said["back"] - 1][2] == "Store.exe"


@claim(
    "02-18a",
    "How far has the message come after {minutes} minute of that? {n} steps are behind it, and nothing of the rest has begun. "
    "Its body was never touched.",
    of="02-18b",
)
def seven_are_lit(said: Said, shown: Shown) -> None:
    dark = [f"{number} {name.replace(chr(10), ' ')}" for number, (_, name, _) in enumerate(STATIONS, 1)][said["n"] :]
    assert shown.text == f"Strip of the ten steps of m1: {said['n']} are lit; dark: {', '.join(dark)}."
    late = shown.names["late"]
    assert said["minutes"] == 1
    assert not [event for event in late if event.step.key == "link.converted" and event.time <= 60 * said["minutes"]]


@claim(
    "02-15",
    "`{server:text}` is down for {seconds} seconds. Step from the moment at which the message lies in its link queue.",
    of="02-16",
)
def it_is_down_for_a_while(said: Said, shown: Shown) -> None:
    late = shown.names["late"]
    shown.plays(late)
    assert [event.time for event in of_kind(late, "administrator.network")] == [0, said["seconds"]]
    before = late.at(shown.names["failed"] - 1)
    assert [item.place for item in before.mails.values()] == [
        f"link/{said['server'].lower()}.contoso.com/{said['server']}"
    ]
