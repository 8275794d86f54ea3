"""Predictions: what happens next? The right answer and the wrong ones are worked out from the trace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import islice

from mailflow.linkstate.tellings import TableCarried, TablePushed, TableSent, VersionRaised
from mailflow.names import ServerName
from mailflow.trace import Event, Trace
from mailflow.trace.effects import Ended, TableState
from mailflow.transport import places
from mailflow.transport.tellings import Expanded, Routed
from mailflow.transport.tellings_smtp import Converted, RcptTo

SYSTEM = tuple(place.partition("/")[2] for place in places.SYSTEM_QUEUES)


@dataclass(frozen=True, slots=True)
class Question:
    """One prediction. It is asked before event number ``at``; ``answer`` is the index of the right option."""

    id: str
    at: int
    prompt: str
    options: tuple[str, ...]
    answer: int
    why: str

    def as_data(self) -> dict[str, object]:
        """The question as plain JSON data."""
        return asdict(self)


def questions(trace: Trace, ask: Iterable[str]) -> list[Question]:
    """The predictions of some kinds that a trace allows, in its order.

    Kinds: "queue" (where does the MailMsg go next?), "next hop" (which link queue?), "format" (how is the body
    rendered?), "verdict" (what does the server answer?), "tracking" (which tracking event is logged?), "outcome" (what
    becomes of a recipient?); for link state "connector" (which connector now?), "informed" (who learns it next?), "version"
    (which of the three numbers rises?), "table" (does this server's table change?).

    Raises:
        ValueError: a kind that does not exist.
    """
    made: list[Question] = []
    for kind in ask:
        if kind not in KINDS:
            raise ValueError(f"ask={kind!r}: no such kind of question; there is {', '.join(KINDS)}")
        made += KINDS[kind](trace)
    unique = {item.at: item for item in reversed(made)}
    return sorted(unique.values(), key=lambda item: item.at)


def _question(kind: str, event: Event, prompt: str, right: str, wrong: Iterable[str]) -> Question:
    """Put the right answer among at most three wrong ones, in an order that depends on their text only."""
    key = f"{kind}-{event.number}"
    options = sorted(
        dict.fromkeys([right, *[text for text in wrong if text != right][:3]]), key=lambda text: _hash(key + text)
    )
    return Question(key, event.number, prompt, tuple(options), options.index(right), event.sentence)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _queue(trace: Trace) -> list[Question]:
    made = []
    for event in trace:
        kind, _, name = (event.place or "").partition("/")
        if kind not in ("queue", "exipc") or event.number == 0:
            continue
        pool = SYSTEM if kind == "queue" else ("Store_out_queue", "Client_out_queue", "Messages pending submission")
        wrong = sorted((text for text in pool if text != name), key=lambda text: _hash(event.mail + text))
        made.append(_question("queue", event, f"Where does {event.mail} go next on {event.server}?", name, wrong))
    return made


def _next_hop(trace: Trace) -> list[Question]:
    known = [server["fqdn"] for server in trace.organization["servers"]]
    known += [connector["name"] for connector in trace.organization["connectors"]]
    known += [domain for host in trace.organization["external_hosts"] for domain in host["accepts"]]
    made = []
    for event in trace:
        if isinstance(event.telling, Routed):
            wrong = sorted(
                (text for text in known if not text.lower().startswith(event.server.lower() + ".")),
                key=lambda text: _hash(event.mail + text),
            )
            destination = event.telling.destination
            prompt = f"Which link queue does the routing engine of {event.server} choose for {destination}?"
            made.append(_question("next hop", event, prompt, event.telling.link, wrong))
    return made


def _format(trace: Trace) -> list[Question]:
    pool = ("S/TNEF", "MIME", "TNEF", "plain text")
    return [
        _question("format", event, f"How does the store render the body of {event.mail}?", event.telling.format, pool)
        for event in trace
        if isinstance(event.telling, Converted)
    ]


def _verdict(trace: Trace) -> list[Question]:
    pool = ("250 accepted", "550 refused for good", "451 try again later", "454 no permission to submit")
    made = []
    for event in trace:
        if isinstance(event.telling, RcptTo):
            peer, command, reply, _ = event.telling
            right = next((text for text in pool if text.startswith(reply[:3])), reply)
            prompt = f"{event.server} says {command}. What does {peer} answer?"
            made.append(_question("verdict", event, prompt, right, pool))
    return made


def _tracking(trace: Trace) -> list[Question]:
    logged = [event for event in trace if event.tracking is not None and event.tracking >= 1000]
    pool = [f"{event.tracking}: {event.step.title}" for event in logged]
    return [
        _question(
            "tracking",
            event,
            f"Which message tracking event is logged next for {event.message} on {event.server}?",
            f"{event.tracking}: {event.step.title}",
            sorted(set(pool), key=lambda text: _hash(str(event.number) + text)),
        )
        for event in logged[1:]
    ]


def _outcome(trace: Trace) -> list[Question]:
    pool = ("delivered", "relayed", "bounced", "refused", "redirected", "expanded")
    made = []
    for event in trace:
        end = next((effect.state for effect in event.effects if isinstance(effect, Ended)), None)
        if end and event.message in trace.messages and not isinstance(event.telling, Expanded):
            who = " and ".join(event.recipients[:2])
            made.append(_question("outcome", event, f"What becomes of {who} in this step?", end, pool))
    return made


def _connector(trace: Trace) -> list[Question]:
    known = {item["name"]: item["routing_group"] for item in trace.organization["connectors"]}
    groups = {item["name"]: item["routing_group"] for item in trace.organization["servers"]}
    made = []
    for event in trace:
        if isinstance(event.telling, Routed) and event.telling.connector:
            own = [name for name, group in known.items() if group == groups[event.server]]
            prompt = f"Which connector does {event.server} choose for {event.telling.destination} now?"
            made.append(_question("connector", event, prompt, event.telling.connector, [*own, *known]))
    return made


def _informed(trace: Trace) -> list[Question]:
    made = []
    informed: set[str] = set()
    servers = [item["name"] for item in trace.organization["servers"]]
    for event in trace:
        learns = [effect.server for effect in event.effects if isinstance(effect, TableState) and effect.entries]
        if isinstance(event.telling, VersionRaised):
            informed = {event.server}
        elif learns and learns[0] not in informed and informed:
            wrong = sorted(
                (name for name in servers if name not in {*informed, *_at_once(trace, event)}),
                key=lambda name: _hash(event.server + name),
            )
            if wrong:
                made.append(_question("informed", event, "Which server learns the news next?", learns[0], wrong))
            informed.update(learns)
    return made


def _at_once(trace: Trace, event: Event) -> set[ServerName]:
    """Everybody who learns something at the same instant: none of them would be a wrong answer."""
    first = trace.step_at(event.time - 1e-9)
    same = islice(trace.changes(), first, trace.step_at(event.time) + 1)
    return {effect.server for change in same for effect in change.effects if isinstance(effect, TableState)}


def _version(trace: Trace) -> list[Question]:
    return [
        _question(
            "version",
            event,
            f"{event.telling.what}: which number of the version of {event.telling.group} rises?",
            event.telling.part,
            ("major", "minor", "user"),
        )
        for event in trace
        if isinstance(event.telling, VersionRaised)
    ]


def _table(trace: Trace) -> list[Question]:
    made = []
    for event in trace:
        if isinstance(event.telling, (TableSent, TablePushed, TableCarried)):
            receiver = event.server if isinstance(event.telling, TablePushed) else event.telling.peer
            tables = [effect for effect in event.effects if isinstance(effect, TableState)]
            changes = any(effect.server == receiver and effect.entries for effect in tables)
            answers = ("yes, the table holds something new", "no, the table stays as it is")
            prompt = f"{receiver} is about to get a whole table. Does its own table change?"
            made.append(_question("table", event, prompt, answers[not changes], answers))
    return made


KINDS: dict[str, Callable[[Trace], list[Question]]] = {
    "queue": _queue,
    "next hop": _next_hop,
    "format": _format,
    "verdict": _verdict,
    "tracking": _tracking,
    "outcome": _outcome,
    "connector": _connector,
    "informed": _informed,
    "version": _version,
    "table": _table,
}
