"""What a notebook shows of an error about what somebody wrote."""

import linecache

import pytest

import mailflow
from mailflow.facts.mistake import InputError


@pytest.fixture(autouse=True)
def no_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linecache, "cache", {})


def told(line: str) -> list[str]:
    """The same of a line that stands below another one."""
    text = f"one = 1\n{line}\n"
    linecache.cache["a cell"] = (len(text), None, text.splitlines(keepends=True), "a cell")
    return shown(text, "a cell")


def shown(text: str, name: str) -> list[str]:
    """What a notebook shows of the error that a cell raises. The text of a cell is known by its name, as IPython keeps it."""
    with pytest.raises((ValueError, LookupError), match=" ") as caught:
        exec(compile(text, name, "exec"), {"mailflow": mailflow})
    lines: list[str] = caught.value._render_traceback_()  # type: ignore[attr-defined]  # IPython asks for it the same way
    assert lines[-1] == f"{caught.typename}: {caught.value}"
    return lines[:-1]


@pytest.mark.parametrize(
    "line",
    [
        'organization = mailflow.load("one sever")',
        'mailflow.Message.write("anna", "ben@contoso.com")',
        'mailflow.fault("F99")',
        "mailflow.Scenario(7)",
        'mailflow.Scenario(mailflow.load("one server")).stop("SMPT")',
        "mailflow.received(7)",
        'mailflow.read_tracking_log("missing.log")',
        'mailflow.shared("nonsense")',
        'mailflow.what_is("no such word")',
        'mailflow.Scenario(mailflow.load("one server")).run().transcript(width="wide")',
        'mailflow.Scenario(mailflow.load("one server")).run()[7]',
        "mailflow.Parameters(glitch_retries=-1)",
    ],
)
def test_the_line_of_the_learner_and_what_is_wrong_with_it(line: str) -> None:
    assert told(line) == [f"In line 2: {line}", ""]


def test_a_long_line_is_cut() -> None:
    assert told(f'mailflow.shared("{"x" * 1000}")')[0] == f'In line 2: mailflow.shared("{"x" * 82}…'


def test_the_message_alone_where_the_line_is_not_known() -> None:
    assert shown('mailflow.load("one sever")', "a text that nobody kept") == []
    assert InputError("of nobody")._render_traceback_() == ["InputError: of nobody"]
