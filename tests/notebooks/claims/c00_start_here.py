"""What notebook 00 claims."""

import re

import mailflow
from mailflow.facts import SURE

from .reading import PATHS, Said, Shown, claim, flat, keys, of_kind, silent


@claim(
    "00-01a",
    "Iris is on the phone. {ago:text} Anna wrote to her, and she has nothing. Nothing came back to Anna either. "
    "The message is not lost: it lies in a tray, somewhere inside the mail server.",
    of="00-17b",
)
def an_hour_and_no_report(said: Said, shown: Shown) -> None:
    missing = shown.names["missing"]
    assert said["ago"] == "An hour ago"
    assert "until=3600" in shown.code
    assert [(address, state) for address, state, _ in missing.status()["m1"]] == [("iris@contoso.com", "waiting")]
    assert list(missing.status()) == ["m1"]
    assert shown.names["place"].startswith("LON01: queue/")


@claim("00-04", "This one has a single server, `{server:text}`.", of="00-03")
def a_single_server(said: Said, shown: Shown) -> None:
    assert shown.value == ("One server", [said["server"]])


@claim("00-04", "Anna writes to Ben, and both have their mailbox on `{server:text}`.", of="00-05")
def both_on_one_server(said: Said, shown: Shown) -> None:
    assert re.match(r"Message from anna@contoso\.com to 1 recipient\b", shown.text)
    assert shown.names["message"].recipients == ("ben@contoso.com",)
    for address in ("anna@contoso.com", "ben@contoso.com"):
        assert shown.names["organization"].by_address[address].server == said["server"]


silent("00-05", r"\d+ bytes", "the prose says nothing of sizes")


@claim("00-06", "Running it gives a **trace**: a list of everything that happened, in order.", of="00-07")
def a_list_in_order(said: Said, shown: Shown) -> None:
    times = [event.time for event in shown.names["trace"]]
    assert times == sorted(times)
    assert shown.number(r"(\d+) events") == len(times)
    assert shown.number(r"(\d+) messages?\b") == len(shown.names["trace"].messages) == 1


@claim("00-08", "The next cell shows the trace in the **player**.", of="00-09")
def the_trace_in_the_player(said: Said, shown: Shown) -> None:
    shown.plays(shown.names["trace"])


@claim("00-10", "The sentences of a trace, read one after another, are its **transcript**.", of="00-11")
def sentences_one_after_another(said: Said, shown: Shown) -> None:
    events = list(shown.names["trace"])
    for line, event in zip(shown.unbroken, events, strict=True):
        hours, minutes, seconds = line.split("  ", 1)[0].split(":")
        assert int(hours) * 3600 + int(minutes) * 60 + float(seconds) == round(event.time, 3)
        assert line.split("  ", 1)[1] == event.sentence


@claim("00-12", "Each recipient is in exactly one state, at every step.", of="00-13")
def exactly_one_state(said: Said, shown: Shown) -> None:
    ((mail, states),) = shown.value.items()
    assert mail == "m1"
    assert states == [("ben@contoso.com", "delivered", "LON01, Mailbox Store")]
    trace = shown.names["trace"]
    for step in range(len(trace)):
        assert [recipient.address for recipient in trace.at(step).messages["m1"]] == ["ben@contoso.com"]


@claim("00-16", "The server took it, looked the address up, and found nobody.", of="00-15")
def taken_and_found_out_later(said: Said, shown: Shown) -> None:
    second = shown.names["second"]
    shown.plays(second)
    order = ["submission.to-store", "categorizer.recipients", "categorizer.unknown"]
    assert [key for key in keys(second) if key in order][:3] == order
    assert of_kind(second, "categorizer.recipients")[0].values["found"] == ("not in the directory",)


@claim("00-16", "It then wrote a *new* message to Anna: a **non-delivery report**.", of="00-17")
def a_new_message_to_anna(said: Said, shown: Shown) -> None:
    report = shown.names["second"].letters["m2"].email
    assert report["To"] == "anna@contoso.com"
    assert shown.words == flat(report.get_body().get_content())
    assert "bem@contoso.com" in shown.text


@claim(
    "00-16",
    "This text joins {n} things: the first half is what travels on the wire (T118), and the second is what Outlook makes of "
    "the report (T117).",
    of="00-17",
)
def joined(said: Said, shown: Shown) -> None:
    halves = [shown.text.index("Delivery Status Notification"), shown.text.index("Your message did not reach some")]
    assert halves == sorted(halves)
    assert len(halves) == said["n"]
    assert "<lon01.contoso.com #5.1.1>" in shown.text, "Outlook ends with the reporting server and the code (T117)"


@claim(
    "00-17a",
    "This much is known: the `{stopped:text}` of `{home:text}`, the database with her mailbox, has stopped. "
    "Where does Anna's message lie, {later:text}?",
    of=("00-17b", "00-17d"),
)
def in_front_of_what_has_stopped(said: Said, asked: Shown, played: Shown) -> None:
    missing = asked.names["missing"]
    hugo = asked.names["organization"].by_address["iris@contoso.com"]
    assert (hugo.server, hugo.store) == (said["home"], said["stopped"])
    (stopped,) = of_kind(missing, "administrator.service")
    assert (stopped.server, stopped.values["service"]) == (said["home"], said["stopped"])
    assert said["later"] == "an hour later"
    assert asked.text == asked.names["tray"]
    assert "until=3600" in asked.code
    played.plays(missing)


@claim("00-17c", "The player begins when Anna writes.", of="00-17d")
def anna_writes_first(said: Said, shown: Shown) -> None:
    missing = shown.names["missing"]
    assert keys(missing)[shown.names["anna"]] == "client.compose"
    assert "step=anna" in shown.code
    shown.plays(missing)


@claim(
    "00-17e",
    "It waits in `{tray:text}`, the last tray before the store. It has passed every tray on its way, so what stands behind those works.",
    of="00-17b",
)
def the_tray(said: Said, shown: Shown) -> None:
    missing = shown.names["missing"]
    assert shown.text == shown.names["tray"] == said["tray"]
    assert shown.names["trays"].index(said["tray"]) == len(shown.names["trays"]) - 1
    passed = [event.place.removeprefix("queue/") for event in missing if event.place]
    assert set(shown.names["trays"]) - {"Outbox"} <= set(passed)
    assert "Messages waiting to be routed" in passed
    assert keys(missing)[-1] == "delivery.waits"


@claim("00-17e", "In notebook {later} you find such messages when nobody tells you what has stopped.")
def found_untold(said: Said, shown: Shown) -> None:
    assert "mailflow.fault(" in PATHS[f"{said['later']:02.0f}"].read_text(encoding="utf-8")


@claim("00-21", "Every fact in this course carries a number and one of {n} marks:", of="00-22")
def four_marks(said: Said, shown: Shown) -> None:
    assert said["n"] == len(SURE)
    fact = mailflow.fact("T11")
    assert shown.text.strip() == str(fact)
    assert shown.lines[0] == f"T11 ({fact.sure})"


@claim(
    "00-21",
    "- *documented twice*: {n} documents say so, independently of each other, - *documented*: one document says so, "
    "- *inferred*: it follows from documented facts, and no document says it itself, - *unconfirmed*: no document at hand",
)
def marks_by_name(said: Said, shown: Shown) -> None:
    assert said["n"] == 2
    assert SURE == ("documented twice", "documented", "inferred", "unconfirmed")
