"""Exercises. A check runs the learner's scenario and looks at what happened; it never compares with a typed answer
and never raises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from mailflow.simulation import Scenario
from mailflow.trace import Trace
from mailflow.transport import places

Verdict = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a check says. ``solved`` is True, False, or None before an attempt."""

    task: str
    solved: bool | None
    text: str

    def __repr__(self) -> str:
        mark = {True: "Solved", False: "Not yet", None: "Not answered yet"}[self.solved]
        return f"{mark}: {self.text}"

    def _repr_html_(self) -> str:
        colour = {True: "#00694d", False: "#a83a00", None: "#0060a0"}[self.solved]
        mark = {True: "✔ Solved.", False: "✘ Not yet.", None: "… Not answered yet."}[self.solved]
        box = f"border-left:4px solid {colour};padding:4px 12px;margin:4px 0"
        return f'<div role="status" style="{box}"><b>{mark}</b> {escape(self.text)}</div>'


def check(task: str, attempt: object) -> Feedback:
    """Check an attempt at a task: a scenario (it is run) or a trace.

    ``None`` and ``...`` count as "not answered yet". Whatever goes wrong while running becomes a hint.
    """
    if task not in TASKS:
        return Feedback(task, False, f"There is no task {task!r}. Tasks: {', '.join(TASKS)}.")
    goal, judge = TASKS[task]
    if attempt is None or attempt is ...:
        return Feedback(task, None, goal)
    if not isinstance(attempt, (Scenario, Trace)):
        return Feedback(task, False, f"This needs a scenario or a trace, and you gave a {type(attempt).__name__}.")
    try:
        trace = attempt.run(until=86_400.0) if isinstance(attempt, Scenario) else attempt
        solved, text = judge(trace)
    except Exception as error:  # a learner's mistake must end as a hint, whatever it is
        return Feedback(task, False, f"Running it failed: {type(error).__name__}: {error}")
    return Feedback(task, solved, text)


def _ends(trace: Trace) -> list[tuple[str, str, str]]:
    return [row for rows in trace.status().values() for row in rows]


def _first_delivery(trace: Trace) -> Verdict:
    rows = _ends(trace)
    done = [address for address, state, _ in rows if state == "delivered"]
    if len(trace) == 0:
        return False, "Nothing was sent. Add .send(...) to the scenario."
    if any(address == "carla@contoso.com" for address in done):
        return True, "Carla has the message."
    return False, "Carla has no message. What happened instead: " + "; ".join(f"{a}: {s}" for a, s, _ in rows)


def _exipc_backs_up(trace: Trace) -> Verdict:
    fullest = max(
        (sum(item.place == places.STORE_OUT for item in state.mails.values()) for state in trace.states()), default=0
    )
    if fullest >= 3:
        return True, f"Store_out_queue held {fullest} messages: the side that should take them was not there."
    return False, f"Store_out_queue held at most {fullest} of the 3 messages. Which process takes messages out of it?"


def _three_ways(trace: Trace) -> Verdict:
    ways = {item["via"] for item in trace.messages.values() if item["kind"] == "message"}
    arrived = {event.message for event in trace if event.step.key == "delivery.delivered"}
    missing = {"mapi", "smtp", "pickup"} - {trace.messages[name]["via"] for name in arrived if name in trace.messages}
    if not missing:
        return True, "All three ways lead into the same advanced queuing engine."
    return (
        False,
        f"Delivered so far by way of: {', '.join(sorted(ways - missing)) or 'none'}. Missing: {', '.join(sorted(missing))}.",
    )


def _three_queues(trace: Trace) -> Verdict:
    wanted = (places.PENDING_SUBMISSION, places.AWAITING_LOOKUP, places.LOCAL_DELIVERY)
    held = dict.fromkeys(wanted, 0.0)
    waiting: dict[str, tuple[str, float]] = {}
    for state in trace.states():
        for mail, item in state.mails.items():
            since = waiting.get(mail)
            if since is None or since[0] != item.place:
                waiting[mail] = (item.place, state.time)
            elif item.place in held:
                held[item.place] = max(held[item.place], state.time - since[1])
    last = trace.at()
    for mail, item in last.mails.items():
        if item.place in held and mail in waiting:
            held[item.place] = float("inf")
    short = [places.name_of(name) for name, seconds in held.items() if seconds < 10]
    if not short:
        return True, "Each of the three queues held a message for ten seconds or more."
    return False, f"Nobody waited ten seconds in: {', '.join(short)}. What must stop so that this queue fills?"


def _four_destinations(trace: Trace) -> Verdict:
    found = set()
    servers = {item["name"]: item["routing_group"] for item in trace.organization["servers"]}
    first: dict[str, str] = {}
    for event in trace:
        if event.server in servers:
            first.setdefault(event.message, event.server)
        for effect in event.effects:
            if effect[0] == "end" and effect[3] == "relayed":
                found.add("the Internet")
            if effect[0] == "end" and effect[3] == "delivered":
                start, end = first[event.message], event.server
                same_group = servers[start] == servers[end]
                found.add(
                    "same server" if start == end else "same routing group" if same_group else "other routing group"
                )
    missing = [
        name
        for name in ("same server", "same routing group", "other routing group", "the Internet")
        if name not in found
    ]
    if not missing:
        return True, "All four destinations were reached."
    return False, f"Still missing: {', '.join(missing)}."


TASKS: dict[str, tuple[str, Callable[[Trace], Verdict]]] = {
    "first delivery": ("Send any message so that Carla receives it.", _first_delivery),
    "exipc backs up": (
        "Send three messages and stop one service, so that Store_out_queue holds all three.",
        _exipc_backs_up,
    ),
    "three ways in": ("Deliver one message by MAPI, one by SMTP and one by the Pickup folder.", _three_ways),
    "three queues": ("Make mail wait for ten seconds or more in each of three queues.", _three_queues),
    "four destinations": ("Send mail to all four kinds of destination, and have it arrive.", _four_destinations),
}


def goal(task: str) -> str:
    """What a task asks for."""
    return TASKS[task][0]
