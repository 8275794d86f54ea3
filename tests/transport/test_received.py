"""What servers write on top of a message: Received lines and Message-IDs, as a mail program reads them."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from itertools import pairwise

import pytest

import mailflow
from mailflow.messages.stamps import Stamps, original_arrival
from mailflow.names import EmailAddress
from mailflow.organization import VirtualServer
from mailflow.simulation.scenario import Way
from mailflow.trace import Trace
from mailflow.trace.clock import START
from tests.conftest import SendOne, changed

LINE = re.compile(r"from (\S+) \(\[([\d.]+)\]\) by (\S+) with Microsoft SMTPSVC\(6\.0\.3790\.3959\);\s+(.+)", re.DOTALL)


def arrived(trace: Trace, address: str) -> mailflow.Message:
    """The first message of a run as one recipient got it."""
    return trace.arrived("m1")[EmailAddress(address)]


def opened(trace: Trace, address: str) -> EmailMessage:
    """The same as a mail program reads it."""
    return message_from_bytes(arrived(trace, address).content, policy=default)


def path(message: mailflow.Message) -> list[str]:
    """The servers in the Received lines of a saved message, the newest first. Each line leads to the one above it."""
    letter = message_from_bytes(message.content, policy=default)
    lines = letter.get_all("Received", [])
    found = [match for value in lines if (match := LINE.fullmatch(value))]
    assert letter.defects == []
    assert len(found) == len(lines)
    dates = [parsedate_to_datetime(item[4]) for item in found] + [letter["Date"].datetime]
    assert all(newer >= older for newer, older in pairwise(dates))
    assert all(newer[1] == older[3] for newer, older in pairwise(found))
    return [item[3] for item in found]


def test_every_server_that_takes_a_message_by_smtp_writes_a_line_on_top(send: SendOne) -> None:
    trace = send("anna@contoso.com", "bruno@contoso.com", org="hub and spokes")
    hops = [event.values["peer"] for event in trace if event.step.key == "smtp.content" and event.message == "m1"]
    assert path(arrived(trace, "bruno@contoso.com")) == hops[::-1] != []


def test_what_a_host_outside_is_handed_holds_the_way_through_the_organization(send: SendOne) -> None:
    trace = send("ben@contoso.com", "kim@fabrikam.com", org="two servers")
    assert path(arrived(trace, "kim@fabrikam.com")) == ["lon01.contoso.com"]


def test_a_line_counts_in_the_announced_size(send: SendOne) -> None:
    trace = send("kim@fabrikam.com", "ben@contoso.com", org="two servers")
    sizes = [
        str(event.values["command"]) for event in trace if event.step.key == "smtp.mail" and "kim@" in event.sentence
    ]
    letter = arrived(trace, "ben@contoso.com")
    line = letter.content.partition(b"Received: from mail.fabrikam.com")[0]
    named = re.search(rb"Message-ID: .+\r\n", letter.content)
    assert named
    assert [f"SIZE={size}" in command for size, command in zip(
        (trace.letters["m1"].size + len(named[0]), letter.size - len(line)), sizes, strict=True
    )] == [True, True]  # fmt: skip


def test_the_hop_count_is_the_number_of_received_lines() -> None:
    loop = "".join(f"Received: from a by b; Mon, 6 Oct 2003 08:{59 - i}:00 +0000\r\n" for i in range(29)).encode()
    letter = mailflow.Message.read(loop + mailflow.Message.write("kim@fabrikam.com", "ben@contoso.com").content)
    trace = mailflow.Scenario(mailflow.load("two servers")).send(letter).run()
    counted = next(event for event in trace if event.step.key == "queuing.hops")
    assert counted.values["hops"] == 31
    report = trace.letters["m2"]
    assert report.content.count(b"Received: ") == 31


def test_a_message_without_an_id_gets_one_from_the_first_server() -> None:
    bare = b"From: kim@fabrikam.com\r\nTo: ben@contoso.com\r\nDate: Mon, 6 Oct 2003 08:00:00 +0000\r\n\r\nhi\r\n"
    ways: dict[Way, str] = {
        "smtp": r"<LON01[A-Za-z0-9]{15}[0-9a-f]{8}@lon01\.contoso\.com>",
        "pickup": r"<LON01[A-Za-z0-9]{15}[0-9a-f]{8}@lon01\.contoso\.com>",
        "mapi": r"<[0-9A-F]{36}@lon01\.contoso\.com>",
    }
    for way, shape in ways.items():
        scenario = mailflow.Scenario(mailflow.load("two servers"))
        letter = mailflow.Message.read(bare, sender="anna@contoso.com" if way == "mapi" else None)
        trace = scenario.send(letter, by=way, server="LON01", client="203.0.113.5" if way == "smtp" else "").run()
        read = opened(trace, "ben@contoso.com")
        assert re.fullmatch(shape, read["Message-ID"]), way
        assert len(read.get_all("Message-ID", [])) == 1
        told = [
            str(event.values["reply"]) for event in trace if event.step.key == "smtp.content" and event.message == "m1"
        ]
        assert read["Message-ID"] in told[0]


def test_a_host_outside_names_what_it_sends_and_outlook_leaves_it_to_the_store() -> None:
    for sender, client, shape in (
        ("kim@fabrikam.com", "mail.fabrikam.com", r"<[0-9a-f]{12}\$[0-9a-f]{8}\$[0-9a-f]{8}@mail\.fabrikam\.com>"),
        ("anna@contoso.com", "", r"<[0-9A-F]{36}@lon01\.contoso\.com>"),
    ):
        letter = mailflow.Message.write(sender, "ben@contoso.com")
        assert b"Message-ID" not in letter.content
        trace = mailflow.Scenario(mailflow.load("two servers")).send(letter, client=client).run()
        read = opened(trace, "ben@contoso.com")
        assert re.fullmatch(shape, read["Message-ID"])
        assert len(read.get_all("Message-ID", [])) == 1


def test_a_line_says_that_the_channel_was_encrypted() -> None:
    letter = mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com")
    trace = mailflow.Scenario(mailflow.load("one server")).send(letter, client="mail.fabrikam.com", tls=True).run()
    content = arrived(trace, "anna@contoso.com").content
    assert b" by lon01.contoso.com over TLS secured channel with Microsoft SMTPSVC(6.0.3790.3959);\r\n\t " in content


def test_the_pickup_folder_and_the_mta_leave_their_lines_too() -> None:
    pickup = mailflow.Scenario(mailflow.load("one server"))
    pickup.send(mailflow.Message.write("printer@contoso.com", "anna@contoso.com"), by="pickup", server="LON01")
    line = opened(pickup.run(), "anna@contoso.com")["Received"]
    assert line.startswith("from mail pickup service by lon01.contoso.com with Microsoft SMTPSVC(")
    old = changed(replace(mailflow.load("two servers"), mode="mixed"), "LON02", product="5.5")
    trace = mailflow.Scenario(old).send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com")).run()
    letter = opened(trace, "ben@contoso.com")
    assert letter["X400-Received"].startswith("by mta LON01 in /PRMD=Contoso/ADMD= /C=US/; Relayed;")


def test_a_client_cannot_write_a_field_of_its_own_into_the_line() -> None:
    organization = changed(mailflow.load("one server"), "LON01", virtual_servers=(VirtualServer(),))
    scenario = mailflow.Scenario(organization)
    scenario.send(
        mailflow.Message.write("kim@fabrikam.com", "anna@contoso.com"), by="smtp", server="LON01", client="x)\r\nBcc: y"
    )
    letter = arrived(scenario.run(), "anna@contoso.com")
    assert message_from_bytes(letter.content)["Bcc"] is None


def test_a_message_in_the_pickup_folder_keeps_its_own_id() -> None:
    content = b"Message-ID: <own@printer.example>\r\nSubject: x\r\n\r\ny\r\n"
    letter = mailflow.Message(content, "printer@contoso.com", ("anna@contoso.com",))
    trace = mailflow.Scenario(mailflow.load("one server")).send(letter, by="pickup", server="LON01").run()
    assert opened(trace, "anna@contoso.com")["Message-ID"] == "<own@printer.example>"


ARRIVAL = re.compile(r"(\d\d Oct 2003 09:00:0\d\.\d{4}) \(UTC\) FILETIME=\[([0-9A-F]{8}):([0-9A-F]{8})\]")


def arrivals(message: mailflow.Message) -> list[tuple[datetime, int]]:
    """What the X-OriginalArrivalTime lines say: the time, and the FILETIME put together again."""
    values = message_from_bytes(message.content, policy=default).get_all("X-OriginalArrivalTime", [])
    found = [match for value in values if (match := ARRIVAL.fullmatch(value))]
    assert len(found) == len(values)
    return [
        (datetime.strptime(item[1] + " +0000", "%d %b %Y %H:%M:%S.%f %z"), int(item[3], 16) << 32 | int(item[2], 16))
        for item in found
    ]


@pytest.mark.parametrize(
    ("sender", "to"), [("anna@contoso.com", "kim@fabrikam.com"), ("kim@fabrikam.com", "bruno@contoso.com")]
)
def test_the_first_server_writes_when_a_message_arrived_and_the_others_leave_it(
    send: SendOne, sender: str, to: str
) -> None:
    trace = send(sender, to, org="hub and spokes")
    entered = next(event.time for event in trace if event.step.key == "queuing.submitted")
    ((when, ticks),) = arrivals(arrived(trace, to))
    assert (when - START).total_seconds() == pytest.approx(entered, abs=0.0001)
    assert ticks == 116_444_736_000_000_000 + int(when.timestamp() * 10**6 + 0.5) * 10, "that is 1970 in a FILETIME"


def test_a_time_of_arrival_as_exchange_wrote_it() -> None:
    """The FILETIME of 1970 is known to everybody who converts one: 0x019DB1DED53E8000."""
    when = datetime(1970, 1, 1, 0, 0, 0, 45_600, tzinfo=UTC)
    line = b"X-OriginalArrivalTime: 01 Jan 1970 00:00:00.0456 (UTC) FILETIME=[D53E8000:019DB1DE]\r\n"
    assert original_arrival(when.replace(microsecond=0)) == line.replace(b"0456", b"0000")
    ticks = 0x019DB1DED53E8000 + 456_000
    assert original_arrival(when) == line.replace(b"D53E8000", b"%08X" % (ticks & 0xFFFFFFFF))


@pytest.mark.parametrize("above", [b"", b"Message-ID: <1@contoso.com>\r\n"])
@pytest.mark.parametrize("seconds", [None, 0.0, 0.0256, 40_000_000.5])
@pytest.mark.parametrize("produced", [False, True])
def test_lines_count_in_the_size_as_if_they_were_written(above: bytes, seconds: float | None, produced: bool) -> None:
    stamps = Stamps(above, seconds, produced)
    written = stamps.written(START)
    assert stamps.size == len(written)
    fields = ["Message-ID"] * bool(above) + ["X-OriginalArrivalTime"] * (seconds is not None) + ["X-MimeOLE"] * produced
    assert message_from_bytes(written).keys() == fields
    assert stamps.under(b"Received: by x\r\n").written(START) == b"Received: by x\r\n" + written


def test_a_message_that_has_a_time_of_arrival_keeps_it() -> None:
    head = b"From: kim@fabrikam.com\r\nx-originalarrivaltime: 01 Oct 2003 09:00:00.0000 (UTC)\r\n"
    letter = mailflow.Message.read(head + b"\r\nHi.\r\n", to=["anna@contoso.com"])
    trace = mailflow.Scenario(mailflow.load("one server")).send(letter).run()
    assert arrived(trace, "anna@contoso.com").content.lower().count(b"x-originalarrivaltime") == 1


def test_only_what_the_store_makes_for_the_outside_says_that_exchange_made_it(send: SendOne) -> None:
    mark = b"X-MimeOLE: Produced By Microsoft Exchange V6.5\r\n"
    outside = arrived(send("anna@contoso.com", "kim@fabrikam.com"), "kim@fabrikam.com")
    assert outside.content.count(mark) == 1
    for sender, to in (("anna@contoso.com", "ben@contoso.com"), ("kim@fabrikam.com", "anna@contoso.com")):
        assert mark not in arrived(send(sender, to), to).content
    lost = send("anna@contoso.com", "nix@contoso.com")
    assert mark not in lost.arrived("m2")[EmailAddress("anna@contoso.com")].content
