"""`mailflow tracking`: a message of an organization, and real files."""

import json
from pathlib import Path

import pytest

import mailflow
from mailflow.commands import main
from mailflow.organization import save
from mailflow.tools.tracking_rows import COLUMNS


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["tracking", *words]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


def test_an_organization_runs_a_message_and_the_center_answers(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(
        ["two-sites", "--from", "anna@contoso.com", "--to", "pierre@contoso.com", "--subject", "Lunch?"], capsys
    )
    assert shown.startswith("1 message found.\n")
    assert "from anna@contoso.com: Lunch?" in shown
    assert "pierre@contoso.com: delivered to the store of PAR02" in shown


def test_the_clock_can_be_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    assert "delivered to the store" in said(["one-server"], capsys)
    assert said(["one-server", "--seconds", "0"], capsys) == "0 messages found.\n"


def test_only_some_servers_track(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shown = said(["two-sites", "--to", "pierre@contoso.com", "--track", "LON01", "--track", "PAR02"], capsys)
    assert "LON02, which got it from LON01, does not track messages" in shown
    path = tmp_path / "mine.toml"
    save(mailflow.reconfigure(mailflow.load("two sites"), "LON01", message_tracking=True), path)
    assert "LON02, which got it from LON01, does not track messages" in said(
        [str(path), "--to", "pierre@contoso.com"], capsys
    )


def test_a_search_can_be_narrowed(capsys: pytest.CaptureFixture[str]) -> None:
    base = ["two-sites", "--to", "pierre@contoso.com"]
    assert said([*base, "--sender", "ben@contoso.com"], capsys) == "0 messages found.\n"
    assert said([*base, "--since", "2003-10-07"], capsys) == "0 messages found.\n"
    assert said([*base, "--until", "2003-10-06T08:00+00:00"], capsys) == "0 messages found.\n"
    assert said([*base, "--id", "x@contoso.com"], capsys) == "0 messages found.\n"
    assert said([*base, "--recipient", "kim@fabrikam.com"], capsys) == "0 messages found.\n"
    assert "\n  LON01\n" not in said([*base, "--server", "PAR01"], capsys)


def test_a_log_is_printed_and_files_are_saved_and_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = said(["two-servers", "--log", "LON01"], capsys)
    assert printed.startswith("# Message Tracking Log File\n# Exchange System Attendant Version")
    paths = said(["two-servers", "--save", "logs"], capsys).splitlines()
    assert [Path(path).parts for path in paths] == [
        ("logs", f"{name}.log", "20031006.log") for name in ("LON01", "LON02")
    ]
    shown = said(paths, capsys)
    assert shown == said(["two-servers"], capsys)
    one = Path(paths[0])
    one.write_text(one.read_text("utf-8") + "oops\n", "utf-8")
    assert main(["tracking", paths[0]]) == 0
    printed_now = capsys.readouterr()
    assert printed_now.err.startswith(f"{one}, line ")
    assert "oops" not in printed_now.out + printed_now.err


def test_the_answer_comes_as_data_and_as_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = json.loads(said(["one-server", "--json"], capsys))
    assert found["answers"][0]["verdict"] == "delivered"
    assert list(found["servers"]["LON01"][0]) == list(COLUMNS)
    assert [row["Event-ID"] for row in found["servers"]["LON01"]][-1] == "1028"
    assert "delivered to the store of LON01" in said(["one-server", "--html"], capsys)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "no ready-made organization"),
        (["one-server", "--log", "LON09"], "there is no log of 'LON09'; there is LON01"),
        (["one-server", "--server", "LON09"], "no log of a server 'LON09'; there is LON01"),
        (["one-server", "--track", "LON09"], "no server or connector 'LON09'"),
        (
            ["one.log", "two.log"],
            "one.log: cannot be read (No such file or directory); give the path of a file such as",
        ),
        (["notes.txt"], "notes.txt: no line names the columns Date, Time, client-ip"),
        (["one-server", "--save", "notes.txt"], "notes.txt/LON01.log: Not a directory"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("Hello.\n", "utf-8")
    assert main(["tracking", *words]) == 2
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "the following arguments are required: ORGANIZATION|FILE"),
        (["one-server", "--since", "soon"], "'soon' is no time; write \"2003-10-06 09:00\""),
        (["one-server", "--seconds", "ten"], "'ten' is no number of seconds"),
        (["one-server", "--to", "nobody"], "'nobody' is not an address"),
    ],
)
def test_a_wrong_word_is_answered_in_one_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["tracking", *words])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_a_folder_is_no_organization(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["tracking", str(tmp_path)]) == 2
    assert "give the path of a file such as 20031006.log" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--to", "kim@fabrikam.com"], "--to belongs to a message that is run in an organization; log files are searched: write --recipient\n"),
        (["--from", "kim@fabrikam.com"], "searched: write --sender\n"),
        (["--seconds", "0"], "--seconds belongs to a message that is run in an organization; log files are searched\n"),
        (["--track", "LON01"], "--track belongs to a message"),
    ],
)  # fmt: skip
def test_what_only_a_run_has_is_not_asked_of_files(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "20031006.log"
    path.write_text("#Date\tTime\tEvent-ID\tMSGID\n", encoding="ascii")
    assert main(["tracking", str(path), *words]) == 2
    assert told in capsys.readouterr().err


def test_a_file_without_a_row_is_said_to_have_none(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "20031006.log"
    path.write_text("#Date\tTime\tEvent-ID\tMSGID\n", encoding="ascii")
    assert (
        said([str(path)], capsys)
        == "0 messages found.\nNo log has a row: no server wrote down a message in this time.\n"
    )


def test_control_characters_of_a_subject_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "20031006.log"
    row = "2002-2-6\t16:50:23\t1027\ta@b.example\t\x1b[31mLunch\x07"
    path.write_text(f"#Date\tTime\tEvent-ID\tMSGID\tMessage-Subject\n{row}\n", encoding="ascii")
    assert "?[31mLunch?\n" in said([str(path)], capsys)
