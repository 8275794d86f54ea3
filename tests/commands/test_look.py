"""`mailflow look`: a tool of an administrator on a run."""

import json
from pathlib import Path

import pytest

from mailflow.commands import main

FAILED = ["two-servers", "--to", "carla@contoso.com", "--fail", "LON02"]


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["look", *words]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


def test_queues_of_a_server_while_another_one_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(["queues", *FAILED], capsys)
    assert shown.startswith("Queues of LON01 at 09:00:00 UTC, after step 13\nName  ")
    assert "lon02.contoso.com: The remote server cannot be connected to." in shown
    rows = json.loads(said(["queues", *FAILED, "--json"], capsys))
    assert [row["State"] for row in rows if row["Number of messages"] != "0"] == ["Retry"]


def test_a_service_can_be_stopped_and_the_clock_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["queues", "two-servers", "--stop", "global catalog", "--server", "LON02", "--seconds", "5", "--json"]
    rows = json.loads(said([*words, "--from", "carla@contoso.com"], capsys))
    assert {row["Name"] for row in rows if row["Number of messages"] == "1"} == {"Messages awaiting directory lookup"}


def test_a_server_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["look", "queues", "one-server", "--server", "PAR01"]) == 2
    assert capsys.readouterr().err == "mailflow: no server 'PAR01'; there is LON01\n"


def test_a_real_message_is_read_from_its_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "letter.eml"
    path.write_text("Received: from a.example by b.example for <kim@fabrikam.com>; 6 Oct 2003 09:00:00 +0000\n\n")
    assert main(["received", str(path), "--own", "b.example"]) == 0
    printed = capsys.readouterr().out
    assert "your side" in printed
    assert "letter.eml:" not in printed
    assert main(["received", str(path), "--full", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["By"] == "b.example"
    other = path.rename(tmp_path / "other.eml")
    assert main(["received", str(other), str(other)]) == 0
    assert capsys.readouterr().out.count("other.eml:\nHop ") == 2
    assert main(["received", str(tmp_path / "missing")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["events", *FAILED], "4006   Mail for lon02.contoso.com could not be sent"),
        (["events", "one-server", "--to", "nix@contoso.com", "--level", "Minimum"], "3028   A non-delivery report with 5.1.1"),
        (["protocol", "two-servers", "--to", "carla@contoso.com"], "#Fields: time c-ip cs-method cs-uri-stem sc-status\n09:00:00 "),
        (["counters", *FAILED, "--seconds", "90"], "Remote Queue Length       1        1     fine"),
        (["badmail", "one-server"], "0 files, 0 bytes."),
        (["winroute", "two-sites", "--server", "PAR01"], "Link state table of PAR01, TCP port 691"),
        (["nslookup", "one-server", "fabrikam.com"], "fabrikam.com\tMX preference = 10"),
        (["telnet", "one-server", "LON01", "VRFY x"], "252 2.1.5"),
        (["smtpdiag", "one-server", "anna@contoso.com", "kim@fabrikam.com"], "connection to port 25"),
    ],
)  # fmt: skip
def test_every_tool_prints_what_it_shows_and_gives_data(
    words: list[str], wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wanted in said(words, capsys)
    assert isinstance(json.loads(said([*words, "--json"], capsys)), (list, dict))
    page = said([*words, "--html"], capsys)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert page.endswith("</body></html>\n")


def test_a_command_prints_one_form(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["look", "queues", "--json", "--html"])
    assert "--html: not allowed with argument --json" in capsys.readouterr().err


def test_what_is_shown_on_a_page_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    page = said(["telnet", "one-server", "LON01", "VRFY <b>x</b>", "--html"], capsys)
    assert "VRFY &lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["queues", "one-server", "more"], "give nothing more: what this tool looks at is a run"),
        (["nslookup", "one-server"], "give a name, and a kind of record if it is not MX"),
        (["telnet", "one-server"], "give a server, and the lines to type"),
        (["smtpdiag", "one-server", "anna@contoso.com"], "give the addresses of a sender and of a recipient"),
        (["events", "one-server", "--level", "Loud"], "no level 'Loud'; there is None, Minimum, Medium, Maximum, Field Engineering"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_in_one_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["look", *words]) == 2
    assert capsys.readouterr().err == f"mailflow: {told}\n"
