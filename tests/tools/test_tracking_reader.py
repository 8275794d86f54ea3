"""Real tracking logs: other orders of columns, one field more, damage; and what is written reads back equal."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mailflow
from mailflow.tools.tracking_reader import TrackingLogError
from mailflow.tools.tracking_rows import COLUMNS, HEADER, TrackingLog, TrackingRow, written
from tests.tools.tracking import tracking

NAMES = "#" + "\t".join(COLUMNS)
ROW = (
    "2003-8-12\t0:58:14 GMT\t198.51.100.7\tmx.example.net\t-\tMAIL01\t192.0.2.5\tben@contoso.com\t1019\tid1@example.net\t0\t0\t4281\t1\t"
    "2003-8-12 0:58:14 GMT\t0\tVersion: 6.0.3790.0\t-\tAn offer\tkim@example.net"
)


def read(*lines: str) -> TrackingLog:
    return mailflow.read_tracking_log("\n".join(["# Message Tracking Log File", *lines]))


# -- real files ---------------------------------------------------------------------------------------------------------


def test_a_row_of_twenty_or_twenty_one_fields_is_read() -> None:
    for line in (ROW, f"{ROW}\t-", f"{ROW}\r"):
        (row,) = read(NAMES, line)
        assert row == TrackingRow(
            when=datetime(2003, 8, 12, 0, 58, 14, tzinfo=UTC),
            client_ip="198.51.100.7",
            client_name="mx.example.net",
            partner="",
            server="MAIL01",
            server_ip="192.0.2.5",
            recipient="ben@contoso.com",
            event=1019,
            message_id="id1@example.net",
            priority=0,
            report_status=0,
            total_bytes=4281,
            recipients=1,
            originated=datetime(2003, 8, 12, 0, 58, 14, tzinfo=UTC),
            encryption=0,
            version="Version: 6.0.3790.0",
            linked_id="",
            subject="An offer",
            sender="kim@example.net",
        )


def test_columns_are_found_by_their_names_in_any_order_and_spelling() -> None:
    swapped = ["MSGID", "EVENT-ID", "Server-Hostname", "Date", "Time", "Client-IP", "Message-Subject", "Something new"]
    log = read("# " + "\t".join(swapped), "a@b\t1028\tMAIL01\t2002-2-6\t16:50:23\t192.0.2.1\tHi\tnews")
    (row,) = log
    assert (row.message_id, row.event, row.server, row.client_ip, row.subject) == (
        "a@b",
        1028,
        "MAIL01",
        "192.0.2.1",
        "Hi",
    )
    assert row.when == datetime(2002, 2, 6, 16, 50, 23, tzinfo=UTC)
    assert (row.recipient, row.priority, row.originated) == ("", None, "")
    assert not log.damaged


def test_files_that_were_put_together_have_a_header_each() -> None:
    log = read(
        NAMES,
        ROW,
        "",
        "# Message Tracking Log File",
        "#MSGID\tEvent-ID\tDate\tTime",
        "z@b\t1031\t2003-08-12\t00:59:00 GMT",
    )
    assert [row.message_id for row in log] == ["id1@example.net", "z@b"]


def test_the_published_entry() -> None:
    """K-E8: values of an entry that Microsoft published, in the row that they stand for."""
    values = ["2002-2-6", "16:50:23", "-", "-", "-", "ExchSvrComputer", "-", "/O=EXAMPLE/CN=RECIPIENTS/CN=X", "1027"]
    values += [
        "873E056A4FC076469C84B37F96E8751D8DF1@computer.example.com",
        "0",
        "-",
        "358",
        "1",
        "2002-2-6 16:50:23",
        "0",
    ]
    values += ["-", "c=us;a= ;p=computer;l=ExchSvrComputer-020206165023Z-1", "-", "EX:/O=EXAMPLE/CN=Y"]
    (row,) = read(NAMES, "\t".join(values))
    assert row.originated == row.when == datetime(2002, 2, 6, 16, 50, 23, tzinfo=UTC)
    digits, _, host = row.message_id.partition("@")
    assert (len(digits), host) == (32 + 4, "computer.example.com")
    assert f"{row.when:%y%m%d%H%M%S}Z" in row.linked_id
    assert (row.event, row.total_bytes, row.recipients, row.priority) == (1027, 358, 1, 0)


def test_an_origination_time_that_is_a_duration_stays_as_it_is() -> None:
    (row,) = read(NAMES, ROW.replace("2003-8-12 0:58:14 GMT", "00:00:12"))
    assert row.originated == "00:00:12"
    assert written(row).split("\t")[14] == "00:00:12"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_file_in_any_usual_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "20030812.log"
    path.write_bytes("\r\n".join([*HEADER[:2], NAMES, ROW.replace("An offer", "Grüße")]).encode(encoding))
    log = mailflow.read_tracking_log(path)
    assert [row.subject for row in log] == ["Grüße"]
    assert log.title == str(path)


@pytest.mark.parametrize("content", [b"", b"\0", b"\0\0", b"#", b"\xff\xfe"])
def test_a_file_of_next_to_nothing_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "20030812.log"
    path.write_bytes(content)
    with pytest.raises(TrackingLogError, match="no line names the columns"):
        mailflow.read_tracking_log(path)


# -- damage -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("oops", "1 field instead of 20"),
        (ROW.rpartition("\t")[0], "19 fields instead of 20"),
        (f"{ROW}\t-\t-", "22 fields instead of 20"),
        (ROW.replace("2003-8-12\t", "2003-13-12\t"), "no date and time: '2003-13-12', '0:58:14 GMT'"),
        (ROW.replace("2003-8-12\t", "August\t"), "no date and time: 'August', '0:58:14 GMT'"),
        (ROW.replace("\t1019\t", "\tSEND\t"), "no event number: 'SEND'"),
        (ROW.replace("\t1019\t", "\t²\t"), "no event number: '²'"),
        (ROW.replace("4281", "4281 bytes " + "x" * 40), "no number in totalbytes: '4281 bytes xxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'"),
    ],
)  # fmt: skip
def test_a_damaged_line_is_named_by_its_number_and_the_rest_is_kept(line: str, why: str) -> None:
    log = read(NAMES, ROW, line, ROW)
    assert len(log.rows) == 2
    assert [str(item) for item in log.damaged] == [f"line 4: {why}"]
    assert repr(log) == "Tracking log: 2 rows, 1 damaged line"
    assert "<li>line 4: " in log._repr_html_()


def test_a_row_above_the_header_is_damaged() -> None:
    assert [str(item) for item in read(ROW, NAMES).damaged] == ["line 2: stands above the names of the columns"]


@pytest.mark.parametrize("name", ["missing.log", "", "a\0b", "."])
def test_what_cannot_be_opened_is_named_with_a_remedy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TrackingLogError, match=r"cannot be read \(.+\); give the path of a file such as 20031006\.log"):
        mailflow.read_tracking_log(name)


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(
        TrackingLogError, match=r"picture\.png: no line names the columns Date, Time, client-ip and so on; give a"
    ):
        mailflow.read_tracking_log(path)


# -- there and back -----------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_characters="\t\r\n", codec="utf-8"), max_size=12).filter(lambda text: text != "-")
NUMBERS = st.none() | st.integers(-(10**17), 10**17)
MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 1, 1)).map(
    lambda when: when.replace(microsecond=0, tzinfo=UTC)
)
PLAIN = TEXTS.filter(lambda text: not text[:4].isdigit())
ROWS = st.builds(
    TrackingRow, when=MOMENTS, client_ip=TEXTS, client_name=TEXTS, partner=TEXTS, server=TEXTS, server_ip=TEXTS, recipient=TEXTS,
    event=st.integers(0, 9999), message_id=TEXTS, priority=NUMBERS, report_status=NUMBERS, total_bytes=NUMBERS, recipients=NUMBERS,
    originated=MOMENTS | PLAIN, encryption=NUMBERS, version=TEXTS, linked_id=TEXTS, subject=TEXTS, sender=TEXTS,
)  # fmt: skip


@given(st.lists(ROWS, max_size=5))
def test_what_is_written_reads_back_equal(rows: list[TrackingRow]) -> None:
    log = TrackingLog("Tracking log", lambda: iter(rows))
    again = mailflow.read_tracking_log(str(log))
    assert list(again) == rows
    assert not again.damaged
    assert str(again) == str(log)


def test_the_log_of_a_run_reads_back_equal() -> None:
    message = mailflow.Message.write("anna@contoso.com", ["ben@contoso.com", "kim@fabrikam.com"], subject="a\tb\r c")
    log = mailflow.tracking_log(mailflow.Scenario(tracking("two sites")).send(message).run(), "LON01")
    assert mailflow.read_tracking_log(str(log)).rows == log.rows


def test_saved_files_read_back_equal(tmp_path: Path) -> None:
    scenario = mailflow.Scenario(tracking("one server"))
    for day in range(3):
        scenario.send(mailflow.Message.write("anna@contoso.com", "ben@contoso.com"), at=day * 86_400)
    log = mailflow.tracking_log(scenario.run(), "LON01")
    assert [row for path in log.save(tmp_path) for row in mailflow.read_tracking_log(path)] == list(log)


@settings(max_examples=200)
@given(st.lists(ROWS, min_size=1, max_size=8, unique_by=written), st.data())
def test_no_damage_raises_or_costs_another_row(rows: list[TrackingRow], data: st.DataObject) -> None:
    lines = list(map(written, rows))
    hit = data.draw(st.sets(st.integers(0, len(lines) - 1)))
    for number in hit:
        line = lines[number]
        start = data.draw(st.integers(0, len(line)))
        end = data.draw(st.integers(start, len(line)))
        lines[number] = line[:start] + data.draw(st.text(max_size=20)) + line[end:]
    log = mailflow.read_tracking_log("\r\n".join([*HEADER, *lines]))
    whole = [row for number, row in enumerate(rows) if number not in hit]
    kept = [row for row in log if row in whole]
    assert kept == whole
    assert {item.line for item in log.damaged} <= set(range(4, 5 + "\n".join(lines).count("\n")))


@given(st.text() | st.text(st.sampled_from("#\t\n-Event-IDMSGDateTime0123456789")))
def test_any_text_is_read_or_refused_with_one_error(text: str) -> None:
    try:
        mailflow.read_tracking_log(f"#{text}")
    except TrackingLogError as error:
        assert "\n" not in str(error)
