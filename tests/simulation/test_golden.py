"""Golden transcripts: one message, and one link failure, in each ready-made organization, word for word, and the tracking logs of both.

After a wanted change: ``make golden`` writes them anew and says how many lines of which are different; read the
difference before you keep it.
"""

from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

import pytest

import mailflow
from tests.tools.tracking import tracking

FOLDER = Path(__file__).parent / "golden"
OLD = mailflow.Parameters.exchange_2000()
"""For organizations with one way only, where the rules of 2003 would leave the connector up."""


class Case(NamedTuple):
    """What happens in one organization: a message, and in a run of its own a failure and a message that meets it."""

    sender: str
    to: list[str]
    fails: str
    met_by: tuple[str, str]
    parameters: mailflow.Parameters | None = None


CASES = {
    "one server": Case(
        "anna@contoso.com", ["everybody@contoso.com", "nix@contoso.com"],
        "mail.fabrikam.com", ("anna@contoso.com", "kim@fabrikam.com"),
    ),
    "two servers": Case(
        "anna@contoso.com", ["project@contoso.com"],
        "LON02", ("anna@contoso.com", "project@contoso.com"),
    ),
    "two sites": Case(
        "anna@contoso.com", ["pierre@contoso.com", "kim@fabrikam.com"],
        "London-Paris", ("anna@contoso.com", "pierre@contoso.com"), OLD,
    ),
    "hub and spokes": Case(
        "anna@contoso.com", ["all-sites@contoso.com"],
        "London-Brussels", ("anna@contoso.com", "pierre@contoso.com"), OLD,
    ),
    "worldwide": Case(
        "thabo@contoso.com", ["yuki@contoso.com", "lee@northwindtraders.com"],
        "London-Brussels", ("anna@contoso.com", "bruno@contoso.com"),
    ),
    "four corners": Case(
        "sara@contoso.com", ["bruno@contoso.com", "taro@contoso.com"],
        "Tokyo-Brussels", ("sara@contoso.com", "bruno@contoso.com"),
    ),
}  # fmt: skip


def transcript(name: str) -> str:
    message = mailflow.Message.write(CASES[name].sender, CASES[name].to, subject="Golden")
    return mailflow.Scenario(mailflow.load(name)).send(message).run().transcript() + "\n"


def failure(name: str) -> str:
    case = CASES[name]
    scenario = mailflow.Scenario(mailflow.load(name), parameters=case.parameters).fail(case.fails)
    scenario.send(mailflow.Message.write(*case.met_by, subject="Golden"), at=1).restore(case.fails, at=1000)
    return scenario.run(until=5000).transcript() + "\n"


def tracked(name: str) -> str:
    """The tracking log of every server, of the message and of the failure, as the files have it."""
    case = CASES[name]
    organization = tracking(name)
    sent = mailflow.Scenario(organization).send(mailflow.Message.write(case.sender, case.to, subject="Golden"))
    failing = mailflow.Scenario(organization, parameters=case.parameters).fail(case.fails)
    failing.send(mailflow.Message.write(*case.met_by, subject="Golden"), at=1).restore(case.fails, at=1000)
    made = (("message", sent.run()), ("failure", failing.run(until=5000)))
    lines = [
        line.rstrip()
        for title, trace in made
        for server in organization.server
        if any(mailflow.tracking_log(trace, server))
        for line in (f"== {title}, {server}", *mailflow.tracking_log(trace, server).lines())
    ]
    return "\n".join(lines) + "\n"


def told() -> dict[str, str]:
    """Every transcript and every log by the name of its file, as the model tells it now."""
    names = {name: name.replace(" ", "-") for name in CASES}
    return {
        **{f"{file}.txt": transcript(name) for name, file in names.items()},
        **{f"{file}-failure.txt": failure(name) for name, file in names.items()},
        **{f"{file}-tracking.txt": tracked(name) for name, file in names.items()},
    }


def difference(before: str, after: str) -> str:
    """How many lines came and went, as ``+3 -2``; "" when nothing did."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    return f"+{sum(line[0] == '+' for line in lines)} -{sum(line[0] == '-' for line in lines)}" if lines else ""


def refresh(folder: Path = FOLDER) -> None:
    """Write every transcript that differs, remove those that no organization has any more, and say what was done."""
    wanted, there = told(), {path.name: path for path in folder.glob("*.txt")}
    for name in sorted(wanted.keys() | there.keys()):
        before = there[name].read_text(encoding="utf-8") if name in there else ""
        if name not in wanted:
            there[name].unlink()
        elif before != wanted[name]:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        if changed := difference(before, wanted.get(name, "")):
            print(f"{name:30} {changed}")
    print(f"{len(wanted)} transcripts in {folder.name}/; read the difference before you keep it.")


@pytest.mark.parametrize("name", mailflow.ready_made())
def test_every_ready_made_organization_has_a_case(name: str) -> None:
    assert name in CASES, f"say in CASES what happens in {name!r}, then run `make golden`"


@pytest.mark.parametrize("name", CASES)
def test_transcript_is_as_it_was(name: str) -> None:
    assert transcript(name) == (FOLDER / f"{name.replace(' ', '-')}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_a_failure_is_told_as_it_was(name: str) -> None:
    assert failure(name) == (FOLDER / f"{name.replace(' ', '-')}-failure.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_the_tracking_logs_are_as_they_were(name: str) -> None:
    assert tracked(name) == (FOLDER / f"{name.replace(' ', '-')}-tracking.txt").read_text(encoding="utf-8")


def test_refreshing_writes_what_differs_and_says_how_much(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.told", lambda: {"kept.txt": "a\n", "changed.txt": "a\nc\n", "new.txt": "n\n"})
    for name, text in {"kept.txt": "a\n", "changed.txt": "a\nb\n", "gone.txt": "g\n"}.items():
        (tmp_path / name).write_text(text)
    before = (tmp_path / "kept.txt").stat().st_mtime_ns
    refresh(tmp_path)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[:-1] == [["changed.txt", "+1", "-1"], ["gone.txt", "+0", "-1"], ["new.txt", "+1", "-0"]]
    assert {path.name for path in tmp_path.iterdir()} == {"kept.txt", "changed.txt", "new.txt"}
    assert (tmp_path / "changed.txt").read_text() == "a\nc\n"
    assert (tmp_path / "kept.txt").stat().st_mtime_ns == before


if __name__ == "__main__":
    refresh()
