"""Golden transcripts: one message, and one link failure, in each ready-made organization, word for word.

After a wanted change: ``python -m tests.simulation.test_golden`` writes them anew; read the difference before you keep
it.
"""

from pathlib import Path

import pytest

import mailflow

FOLDER = Path(__file__).parent / "golden"
MAIL = {
    "one server": ("anna@contoso.com", ["everybody@contoso.com", "nix@contoso.com"]),
    "two servers": ("anna@contoso.com", ["project@contoso.com"]),
    "two sites": ("anna@contoso.com", ["pierre@contoso.com", "kim@fabrikam.com"]),
    "hub and spokes": ("anna@contoso.com", ["all-sites@contoso.com"]),
    "worldwide": ("thabo@contoso.com", ["yuki@contoso.com", "lee@northwindtraders.com"]),
    "four corners": ("sara@contoso.com", ["bruno@contoso.com", "taro@contoso.com"]),
}
FAILURE = {
    "one server": ("mail.fabrikam.com", "anna@contoso.com", "kim@fabrikam.com"),
    "two servers": ("LON02", "anna@contoso.com", "project@contoso.com"),
    "two sites": ("London-Paris", "anna@contoso.com", "pierre@contoso.com"),
    "hub and spokes": ("London-Brussels", "anna@contoso.com", "pierre@contoso.com"),
    "worldwide": ("London-Brussels", "anna@contoso.com", "bruno@contoso.com"),
    "four corners": ("Tokyo-Brussels", "sara@contoso.com", "bruno@contoso.com"),
}
RULES = {"two sites": mailflow.Parameters.exchange_2000(), "hub and spokes": mailflow.Parameters.exchange_2000()}
"""The organizations with one way only, where the rules of 2003 would leave the connector up."""


def transcript(name: str) -> str:
    sender, to = MAIL[name]
    message = mailflow.Message.write(sender, to, subject="Golden")
    return mailflow.Scenario(mailflow.load(name)).send(message).run().transcript() + "\n"


def failure(name: str) -> str:
    what, sender, to = FAILURE[name]
    scenario = mailflow.Scenario(mailflow.load(name), parameters=RULES.get(name)).fail(what)
    scenario.send(mailflow.Message.write(sender, to, subject="Golden"), at=1).restore(what, at=1000)
    return scenario.run(until=5000).transcript() + "\n"


def written(name: str) -> str:
    return (FOLDER / f"{name.replace(' ', '-')}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(mailflow.ready_made()))
def test_transcript_is_as_it_was(name):
    assert transcript(name) == written(name)


@pytest.mark.parametrize("name", sorted(mailflow.ready_made()))
def test_a_failure_is_told_as_it_was(name):
    assert failure(name) == written(f"{name}-failure")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for organization in MAIL:
        (FOLDER / f"{organization.replace(' ', '-')}.txt").write_text(transcript(organization), encoding="utf-8")
        (FOLDER / f"{organization.replace(' ', '-')}-failure.txt").write_text(failure(organization), encoding="utf-8")
