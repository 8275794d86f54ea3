"""One command line: what it knows, and how it says what is wrong."""

import argparse
import errno
import io
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import mailflow
from mailflow.commands import COMMANDS, PIPE_CLOSED, _reason, main

ROOT = Path(__file__).resolve().parents[2]


def test_python_m_mailflow_is_the_same_command_as_mailflow() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"mailflow": "mailflow.commands:main"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "mailflow", "--version"], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"mailflow {mailflow.__version__}\n", "")


def test_modules_that_are_run_hold_nothing_of_their_own() -> None:
    from mailflow.live import terminal

    assert import_module("mailflow.__main__").main is main
    assert import_module("mailflow.live.__main__").main is terminal.main


def test_without_a_command_it_tells_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    told = capsys.readouterr().out
    assert all(f"{name} " in told and purpose in told for name, purpose in COMMANDS.items())


def test_the_words_of_the_terminal_are_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mailflow"])
    assert main() == 0
    assert "usage: mailflow" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_that_explains_every_argument(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: mailflow {name}" in capsys.readouterr().out
    parser = argparse.ArgumentParser()
    import_module(f"mailflow.commands.{name}").fill(parser)
    assert all(action.help for action in parser._actions)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nope"], "invalid choice: 'nope'"),
        (["--nope"], "unrecognized arguments: --nope"),
        (["lab", "--port", "0"], "'0' is not a port; ports are 1 to 65535"),
        (
            ["dns", "one-server", "--port", "70000"],
            "'70000' is not a port; ports are 1 to 65535, and 0 takes a free one",
        ),
        (["smtp", "one-server", "--port", "25x"], "'25x' is not a port; ports are 1 to 65535, and 0 takes a free one"),
        (["page", "--from", "nobody"], "'nobody' is not an address; write name@domain"),
        (["page", "--from", "an na@contoso.com"], "'an na@contoso.com' is not an address"),
        (["page", "--to", "<>"], "'<>' is not an address; write name@domain"),
        (["smtp", "one-server", "--client-ip", "kim"], "'kim' is no IP address; write, for example, 203.0.113.99"),
        (["look"], "the following arguments are required: tool (see"),
    ],
)
def test_a_wrong_word_is_answered_in_one_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert told in lines[0]
    assert lines[0].startswith("mailflow")
    assert "--help" in lines[0]


def test_a_run_becomes_one_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "run.html"
    words = ["page", "two-sites", "--from", "anna@contoso.com", "--to", "kim@fabrikam.com", "--to", "ben@contoso.com"]
    assert main([*words, "--subject", "Lunch & more", "--output", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    for word in ("anna@contoso.com", "kim@fabrikam.com", "ben@contoso.com", "Lunch & more", "globalThis.player"):
        assert word in text
    assert str(page) in capsys.readouterr().out


def test_a_page_needs_no_word_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["page"]) == 0
    assert "anna@contoso.com" in (tmp_path / "mailflow.html").read_text(encoding="utf-8")
    assert "steps in any browser" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["page", "nowhere"], "no ready-made organization"),
        (["page", "--output", "missing/folder/page.html"], "missing/folder/page.html: No such file or directory"),
        (["smtp", "one-server", "LON9"], "no server 'LON9'; there is LON01"),
        (["dns", "one-server", "--host", "0.0.0.0"], "this machine only"),
        (["lab", "--again", "42"], "there is no notebook '42'; there are 00, 01"),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("mailflow: ")
    assert told in printed.err
    assert printed.out == ""


@pytest.mark.parametrize("name", ["smtp", "dns"])
def test_the_listeners_are_those_of_mailflow_live(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mailflow.live import terminal

    started: list[tuple[argparse.Namespace, bool]] = []

    def start(_organization: mailflow.Organization, options: argparse.Namespace, forever: bool) -> int:
        started.append((options, forever))
        return 0

    monkeypatch.setattr(terminal, f"_{name}", start)
    assert main([name, "one-server", "--port", "0"]) == 0
    assert terminal.main([name, "one-server", "--port", "0"]) == 0
    (ours, forever), (theirs, _) = started
    assert forever
    for option, value in vars(theirs).items():
        assert option == "kind" or vars(ours)[option] == value


def test_ctrl_c_has_the_status_that_shells_expect(monkeypatch: pytest.MonkeyPatch) -> None:
    from mailflow.commands import page

    def stopped(_: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "run", stopped)
    assert main(["page"]) == 130


def test_a_pipe_that_nobody_reads_any_more_ends_a_command_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert main(["look", "queues"]) == PIPE_CLOSED
    assert capsys.readouterr().err == ""


def test_a_closed_pipe_of_windows_ends_a_command_as_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class Pipe(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.EINVAL, "Invalid argument")

        def fileno(self) -> int:
            return file.fileno()

    with (tmp_path / "file").open("w", encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdout", Pipe())
        assert main(["look", "queues"]) == PIPE_CLOSED
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("form", "letters"),
    [([], "Gr\\xfc\\xdfe \\u0142"), (["--json"], "Gr\\u00fc\\u00dfe \\u0142"), (["--html"], "Gr&#252;&#223;e &#322;")],
)
def test_letters_that_the_output_has_not_are_written_in_another_way(
    form: list[str], letters: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding="ascii"))
    assert main(["tracking", "one-server", "--subject", "Grüße ł", *form]) == 0
    assert letters in printed.getvalue().decode("ascii")


def test_an_output_of_another_kind_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.StringIO()
    monkeypatch.setattr(sys, "stdout", printed)
    assert main(["tracking", "one-server", "--subject", "Grüße", "--json"]) == 0
    assert "Grüße" in printed.getvalue()


def test_ctrl_c_ends_a_command_that_is_still_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mailflow.commands.import_module", interrupted)
    assert main(["look", "queues"]) == 130


def test_an_error_of_the_system_is_said_without_its_number() -> None:
    assert _reason(OSError(28, "No space left on device")) == "No space left on device"
    assert _reason(OSError(28, "No space left on device", "a.html")) == "a.html: No space left on device"
    assert _reason(OSError("odd")) == "odd"
