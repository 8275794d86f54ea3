"""What a server answers in SMTP, and at which command a message ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mailflow.player.forks.fork import EASY, Fork, Option, Spot, fork, refuted, sentence
from mailflow.player.words import Scene
from mailflow.trace import Event
from mailflow.transport.tellings_smtp import Connected, ContentRefused, ContentSent, MailFrom, Quit, RcptTo

REPLIES = {"250": "250: yes", "550": "550: no, for good", "451": "451: not now, try again later"}


@fork("verdict")
def _verdict(scene: Scene) -> Iterator[Fork]:
    """What does the server answer?"""
    for event in scene.events:
        one = event.telling
        if not isinstance(one, RcptTo | MailFrom) or (isinstance(one, MailFrom) and one.reply.startswith("250")):
            continue
        peer, code = scene.server(one.peer), one.reply[:3]
        why = one.why if isinstance(one, RcptTo) else f"it answers {one.reply}"
        verb = one.command.partition(" SIZE")[0]
        right = Option(REPLIES.get(code, one.reply))
        wrong = tuple(
            refuted(text, _not_said(peer, code, other, why)) for other, text in REPLIES.items() if other != code
        )
        decisive = code != "250" or event.rule.name in ("list_of_computers", "authenticated_relay", "connector_relay")
        prompt = f"{event.server} says {verb}. What does {peer} answer?"
        yield Fork(
            "verdict",
            event.number,
            prompt,
            right,
            wrong,
            sentence(why),
            3.0 if decisive else EASY,
            (code, event.rule.name),
        )


def _not_said(peer: str, code: str, other: str, why: str) -> str:
    """Why a server does not give another reply."""
    if other == "250":
        return f"{peer} does not take it: {why}"
    if other == "550":
        return f"nothing forbids it: {why}" if code == "250" else f"that would be the end of it: {why}"
    return f"{peer} can decide at once: {why}"


_Command = MailFrom | RcptTo | ContentSent | ContentRefused
VERBS = {"MAIL FROM": "MAIL", "RCPT TO": "RCPT", "the content (DATA or BDAT)": "DATA"}
"""The commands at which a server can say no to a message, each with its verb."""
NONE = "at none, it takes all of it"


class _Said(NamedTuple):
    """A command with its reply, by the name of the command."""

    number: int
    name: str
    one: _Command

    @property
    def command(self) -> str:
        return self.one.command.partition(" SIZE")[0]

    @property
    def code(self) -> str:
        return self.one.reply[:3]

    @property
    def why(self) -> str:
        return self.one.why if isinstance(self.one, RcptTo) else f"the reply is {self.one.reply}"


def transaction(scene: Scene, start: Event) -> list[_Said]:
    """What is said of one message in a session, from MAIL FROM on, as far as it comes."""
    names = {MailFrom: "MAIL FROM", RcptTo: "RCPT TO"}
    said: list[_Said] = []
    for event in scene.events[start.number :]:
        one = event.telling
        if (event.mail, event.server) != (start.mail, start.server):
            continue
        if said and isinstance(one, MailFrom | Connected | Quit):
            break
        if isinstance(one, MailFrom | RcptTo | ContentSent | ContentRefused):
            said.append(_Said(event.number, names.get(type(one), "the content (DATA or BDAT)"), one))
            if isinstance(one, ContentSent | ContentRefused):
                break
    return said


@fork("command")
def _command(scene: Scene) -> Iterator[Fork]:
    """At which command of a session does the other side say no?"""
    for event in scene.events:
        if not isinstance(event.telling, MailFrom):
            continue
        said = transaction(scene, event)
        refused = next((item for item in said if item.code[0] in "45"), None)
        if refused is None and not isinstance(said[-1].one, ContentSent):
            continue
        peer = scene.server(event.telling.peer)
        right = refused.name if refused else NONE
        options = {name: Option(name, Spot("verb", verb)) for name, verb in VERBS.items()} | {NONE: Option(NONE)}
        wrong = tuple(
            item._replace(why_not=sentence(_not_at(name, said, refused, peer)))
            for name, item in options.items()
            if name != right
        )
        prompt = f"{event.server} wants to hand over {event.mail} for {scene.cargo(event)}. At which command does {peer} first say no?"
        why = _no_to(refused) if refused else f"{peer} answers {said[-1].code} to the content"
        weight = 3.0 if refused else EASY
        tells = tuple(item.number for item in said)
        yield Fork("command", event.number, prompt, options[right], wrong, sentence(why), weight, (peer, right), tells)


def _no_to(refused: _Said) -> str:
    return f"{refused.command} gets {refused.one.reply}"


def _not_at(name: str, said: Sequence[_Said], refused: _Said | None, peer: str) -> str:
    """Why a session does not first fail at this command, or at all."""
    if name == NONE:
        assert refused is not None
        return _no_to(refused)
    before = [item for item in said if item.name == name and (refused is None or item.number < refused.number)]
    if before:
        return f"{peer} answers {before[0].code} to {before[0].command}"
    assert refused is not None
    return f"{refused.command} comes before it, and gets {refused.code}"
