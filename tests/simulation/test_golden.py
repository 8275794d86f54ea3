"""Golden transcripts: one message in each ready-made organization, word for word.

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
}


def transcript(name: str) -> str:
    sender, to = MAIL[name]
    message = mailflow.Message.write(sender, to, subject="Golden")
    return mailflow.Scenario(mailflow.load(name)).send(message).run().transcript() + "\n"


@pytest.mark.parametrize("name", sorted(mailflow.ready_made()))
def test_transcript_is_as_it_was(name):
    assert transcript(name) == (FOLDER / f"{name.replace(' ', '-')}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for organization in MAIL:
        (FOLDER / f"{organization.replace(' ', '-')}.txt").write_text(transcript(organization), encoding="utf-8")
