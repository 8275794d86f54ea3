"""Received lines of real mail: against labels made by hand, and against whatever else the corpus holds."""

import csv
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

import mailflow
from mailflow.messages.trace_lines import MOST, ReceivedLine, read_line
from mailflow.names import EmailAddress
from mailflow.tools.received import CLAIMED, LAST, YOURS, ReceivedError, shortened, site, told_delay
from tests.messages.corpus import corpus

LABELS = Path(__file__).with_name("received_by_hand.tsv")
FIELDS = ("said", "known", "ip", "by", "protocol", "id", "recipient", "when", "tls")
PATHS = {path.stem: path for path in corpus()}


def labels(which: str) -> list[dict[str, str]]:
    """The rows of one set, of the mails that this Python comes with."""
    lines = [line for line in LABELS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row for row in rows if row["set"] == which and row["mail"] in PATHS]


def as_label(line: ReceivedLine) -> dict[str, str]:
    found = {
        name: shortened(str(getattr(line, name))) if name in ("said", "recipient") else str(getattr(line, name))
        for name in FIELDS
    }
    found["when"] = f"{line.when:%Y-%m-%dT%H:%M:%S}" if line.when else ""
    found["tls"] = "yes" if line.tls else ""
    return {name: text or "-" for name, text in found.items()}


def share_right(which: str) -> tuple[int, dict[str, float]]:
    """How many mails a set has, and for each field which share of its labels the reader finds."""
    rows = labels(which)
    right: Counter[str] = Counter()
    for row in rows:
        values = message_from_bytes(PATHS[row["mail"]].read_bytes()).get_all("Received", [])
        found = as_label(read_line(values[int(row["line"]) - 1]))
        right.update(name for name in FIELDS if found[name] == row[name])
    return len({row["mail"] for row in rows}), {name: right[name] / len(rows) for name in FIELDS}


@pytest.mark.parametrize(("which", "mails"), [("first", 20), ("later", 11)])
def test_nine_fields_of_ten_are_as_somebody_reads_them(which: str, mails: int) -> None:
    count, right = share_right(which)
    assert count >= mails
    assert {name: share for name, share in right.items() if share < 0.9} == {}


def test_a_reader_that_is_wrong_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = read_line
    monkeypatch.setattr(f"{__name__}.read_line", lambda value: replace(reader(value), by=""))
    _, right = share_right("first")
    assert right["by"] < 0.2
    assert right["ip"] > 0.9


def test_every_mail_of_the_corpus_is_read() -> None:
    lines = 0
    for path in PATHS.values():
        try:
            found = mailflow.received(path)
        except ReceivedError as error:
            assert "there is no header" in str(error)
            continue
        lines += len(found.hops)
        assert str(found)
        assert found._repr_html_()
        assert [row["Hop"] for row in found.rows] == [str(number) for number in range(1, len(found.hops) + 1)]
    assert lines > 300


def test_damaged_mail_is_read_without_a_crash() -> None:
    chance = random.Random(7)
    data = PATHS["simple_10"].read_bytes()
    for _ in range(150):
        made = bytearray(data[: chance.randrange(200, 3000)])
        for _ in range(20):
            made[chance.randrange(len(made))] = chance.randrange(256)
        try:
            assert str(mailflow.received(bytes(made)))
        except ReceivedError:
            continue


WAY = """Received: from mx.fabrikam.com (mx.fabrikam.com [198.51.100.10]) by gate.contoso.com with ESMTPS id 3
 for <anna@contoso.com>; Mon, 6 Oct 2003 11:00:10 +0200
Received: from gate.contoso.com ([192.0.2.9]) by mx.fabrikam.com with SMTP id 2; Mon, 6 Oct 2003 09:02:10 +0000
Received: from pc (unknown [203.0.113.7]) by bogus.example.com with HTTP; not a date
Received: by bogus.example.com id 1; Mon, 6 Oct 2003 08:00:00 +0000
Subject: x

body
"""
TOP = "Received: from gate.contoso.com ([192.0.2.9]) by lon01.contoso.com with Microsoft SMTPSVC(6.0.3790.3959);\n\t Mon, 6 Oct 2003 09:00:12 +0000\n"


def test_what_is_below_your_own_side_is_claimed_only() -> None:
    found = mailflow.received(TOP + WAY)
    assert [hop.trust for hop in found.hops] == [CLAIMED, CLAIMED, CLAIMED, LAST, YOURS]
    assert found.own == ("contoso.com",)
    assert [hop.line.tls for hop in found.hops] == [False, False, False, True, False]
    assert [hop.trust for hop in mailflow.received(TOP + WAY, own="lon01.contoso.com").hops] == [CLAIMED] * 4 + [LAST]
    assert {
        hop.trust for hop in mailflow.received(TOP + WAY, own=("contoso.com", "fabrikam.com", "example.com")).hops
    } == {YOURS}
    assert "3 lines came with the message when it reached your side (contoso.com)" in str(found)


GMAIL = """Received: by 2002:a05:6a10:9f07:b0:5a3:4b2c:1d2e with SMTP id h7; Tue, 14 May 2024 03:12:46 -0700 (PDT)
Received: from mx.fabrikam.com (mx.fabrikam.com [198.51.100.10]) by mx.google.com with ESMTPS id a6
 for <anna@gmail.com>; Tue, 14 May 2024 03:12:45 -0700 (PDT)
Received: by 203.0.113.7 with HTTP; Tue, 14 May 2024 10:12:41 +0000
Received: from pc ([203.0.113.9]) by mx.fabrikam.com with SMTP id 1; Tue, 14 May 2024 10:12:40 +0000
Subject: x

body
"""
"""On top the line of a server that gave its address only; one more below those of the own side."""


@pytest.mark.parametrize("own", [(), "google.com"])
def test_a_line_without_a_name_on_top_is_of_your_side_as_the_one_below_it(own: str | tuple[str, ...]) -> None:
    found = mailflow.received(GMAIL, own=own)
    assert [hop.trust for hop in found.hops] == [CLAIMED, CLAIMED, LAST, YOURS]
    assert "2 lines came with the message when it reached your side (google.com)" in str(found)


def test_where_no_server_has_a_name_the_newest_line_is_of_your_side() -> None:
    lines = "Received: by 2002:a05:6a10::1 with SMTP id h7; Tue, 14 May 2024 03:12:46 -0700\nReceived: by 203.0.113.7 with HTTP\n\n"
    found = mailflow.received(lines)
    assert (found.own, [hop.trust for hop in found.hops]) == (("2002:a05:6a10::1",), [CLAIMED, LAST])


def test_long_names_and_addresses_go_on_below_and_times_stay() -> None:
    shown = mailflow.received(GMAIL)._repr_html_()
    assert ">2002:<wbr>a05:<wbr>6a10:<wbr>9f07:<wbr>b0:<wbr>5a3:<wbr>4b2c:<wbr>1d2e<" in shown
    assert ">mx.<wbr>google.<wbr>com<" in shown
    assert ">2024-05-14 10:12:46<" in shown


def test_delays_and_clocks_that_differ() -> None:
    found = mailflow.received(TOP + WAY)
    assert [hop.delay for hop in found.hops] == [None, None, 3730.0, -120.0, 2.0]
    assert (found.total, found.skew) == (3612.0, 120.0)
    assert found.slowest is found.hops[2]
    assert "Clocks differ by at least 2 min" in str(found)
    assert "Hop 2: no time can be read in it." in found.findings
    assert any("the line before it was written by bogus.example.com" in text for text in found.findings)
    assert repr(found) == "Received: 5 hops, 1 h from the first line to the last."
    assert "-?> mx.fabrikam.com  (1 h 2 min, SMTP)" in found.ladder
    assert found.ladder.splitlines()[1].startswith("?  pc -?> bogus.example.com")


def test_two_lines_of_one_second_are_no_clocks_that_differ() -> None:
    found = mailflow.received(GMAIL.replace("10:12:41", "10:12:40"))
    assert [hop.delay for hop in found.hops] == [None, 0.0, 5.0, 1.0]
    assert found.skew == 0
    assert "older than" not in str(found)


def test_a_way_that_ends_before_it_began_has_no_time_of_its_own() -> None:
    lines = "Received: by b.example; 6 Oct 2003 09:00:00 +0000\nReceived: by a.example; 6 Oct 2003 10:36:00 +0000\n\n"
    found = mailflow.received(lines)
    assert found.findings[:2] == [
        "2 hops.",
        "Clocks differ by at least 1 h 36 min: a later line has an earlier time. Delays across such a step say little.",
    ]


def test_a_host_that_gives_another_name_is_noticed() -> None:
    found = mailflow.received(
        b"Received: from bank.example (host.example.net [192.0.2.1]) by mx.contoso.com; 6 Oct 2003 09:00 +0000\n\n"
    )
    assert "Hop 1: the host called itself bank.example, and its address belongs to host.example.net." in found.findings
    assert found.total is None
    assert found.skew == 0


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("from unknown (HELO a.example) (192.0.2.1) by b.example with SMTP; 6 Oct 2003 09:00:00 -0000", ("a.example", "", "192.0.2.1", "b.example")),
        ("from x (user@r.example [IPv6:2001:db8::1]) by [192.0.2.2] id <7>", ("x", "r.example", "2001:db8::1", "192.0.2.2")),
        ("from r.example (h.example) [192.0.2.1] by b.example", ("h.example", "r.example", "192.0.2.1", "b.example")),
        ("from [999.1.1.1] by b.example (never closed", ("[999.1.1.1]", "", "", "b.example")),
        ("from mail pickup service by lon01.contoso.com with Microsoft SMTPSVC", ("mail pickup service", "", "", "lon01.contoso.com")),
        ("(from root@localhost) by b.example", ("", "", "", "b.example")),
        ("", ("", "", "", "")),
        ("by a.example by b.example from from x;;;", ("", "", "", "a.example")),
    ],
)  # fmt: skip
def test_lines_of_all_kinds(line: str, wanted: tuple[str, str, str, str]) -> None:
    found = read_line(line)
    assert (found.said, found.known, found.ip, found.by) == wanted


@pytest.mark.parametrize(
    "date", ["99 Oct 2003 09:00:00 +0000", "31 Dec 9999 23:00:00 -2300", "6 Oct 2003 25:61:61 +0000"]
)
def test_a_date_that_cannot_be_is_none(date: str) -> None:
    assert read_line(f"by b.example; {date}").when is None


def test_a_date_without_a_zone_is_taken_as_utc() -> None:
    assert read_line("by b.example; Mon, 6 Oct 2003 09:00:00").when == datetime(2003, 10, 6, 9, tzinfo=UTC)


def test_control_characters_and_long_lines_do_no_harm() -> None:
    assert read_line("by b\x1b[2J.example").by == "b?[2J.example"
    assert len(read_line("from " + "a" * (2 * MOST)).text) == MOST
    assert read_line("(" * MOST).by == ""
    assert shortened("=a" * MOST)
    assert "<script>" not in mailflow.received(b"Received: from <script> by x.example\n\n")._repr_html_()


def test_people_are_shortened_unless_somebody_asks() -> None:
    assert "anna@" not in str(mailflow.received(WAY).hops)
    assert mailflow.received(WAY).hops[-1].line.recipient == "a…@contoso.com"
    assert mailflow.received(WAY, full=True).hops[-1].line.recipient == "anna@contoso.com"


def test_every_form_of_a_message_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "letter.eml"
    path.write_text(WAY)
    wanted = mailflow.received(WAY)
    standard = message_from_bytes(WAY.encode(), policy=policy.default)
    assert isinstance(standard, EmailMessage)
    message = mailflow.Message(WAY.encode(), "kim@fabrikam.com", ["anna@contoso.com"])
    mailbox = b"\r\nFrom kim@fabrikam.com Mon Oct  6 09:00:00 2003\r\n" + WAY.encode()
    outlook = "Microsoft Mail Internet Headers Version 2.0\n" + WAY
    quoted = "".join(f"> {line}" for line in WAY.splitlines(keepends=True))
    marked = b"\xef\xbb\xbf" + WAY.encode()
    for source in (path, str(path), WAY.encode(), standard, message, mailbox, outlook, quoted, marked):
        assert mailflow.received(source) == wanted


def test_mail_of_this_model_reads_as_it_went() -> None:
    message = mailflow.Message.write("anna@contoso.com", "pierre@contoso.com")
    trace = mailflow.Scenario(mailflow.load("two sites")).send(message).run()
    found = mailflow.received(trace.arrived("m1")[EmailAddress("pierre@contoso.com")])
    assert [hop.line.by for hop in found.hops] == ["lon02.contoso.com", "par01.contoso.com", "par02.contoso.com"]
    assert {hop.trust for hop in found.hops} == {YOURS}
    assert found.skew == 0


def test_a_message_without_lines_says_so() -> None:
    found = mailflow.received("Subject: x\n\nbody")
    assert found.hops == ()
    assert str(found).startswith("There is no Received line")
    assert "<table " not in found._repr_html_()
    assert (found.slowest, found.own) == (None, ())


@pytest.mark.parametrize("source", ["no such file", b"", b"just text", "two\nlines", 7, "\0"])
def test_what_is_no_message_is_refused_with_a_remedy(source: object) -> None:
    with pytest.raises(ReceivedError, match="give a file, a text with a header, or bytes"):
        mailflow.received(source)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("host", "wanted"),
    [("a.b.example.com.", "example.com"), ("mx.example.co.uk", "example.co.uk"), ("192.0.2.1", "192.0.2.1"), ("lon01", "lon01"), ("2001:db8::1", "2001:db8::1")],
)  # fmt: skip
def test_the_domain_that_somebody_registered(host: str, wanted: str) -> None:
    assert site(host) == wanted


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "0 s"), (-75, "-1 min 15 s"), (3600, "1 h"), (90_000, "1 d 1 h")])
def test_time_spans_in_words(seconds: float, said: str) -> None:
    assert told_delay(seconds) == said
