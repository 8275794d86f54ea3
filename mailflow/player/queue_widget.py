"""Queue Viewer with its buttons: what an administrator does to a queue, or to a message in it, at a step changes what happens after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Final, overload

import ipywidgets

from mailflow.facts.kinds import need
from mailflow.facts.mistake import InputError
from mailflow.facts.words import counted
from mailflow.simulation import Scenario, ScenarioError, Verb
from mailflow.simulation.verbs import (
    Delete,
    DeleteSilently,
    DisableOutboundMail,
    EnableOutboundMail,
    ForceConnection,
    Freeze,
    Unfreeze,
)
from mailflow.tools.queue_viewer import (
    DELETE,
    DELETE_ONE,
    DELETE_ONE_SILENTLY,
    DELETE_SILENTLY,
    FORCE,
    FREEZE,
    UNFREEZE,
    QueuedMessage,
    QueueViewer,
    queues,
)
from mailflow.trace import Trace, clock

__all__ = ["QueueControls", "queue_viewer"]

AFTER = 0.001
"""Seconds between the step that is shown and what is done after it."""

DISABLE, ENABLE = "Disable Outbound Mail", "Enable Outbound Mail"
VERBS: Final[Mapping[str, Callable[[str, str], Verb]]] = {
    FREEZE: Freeze,
    UNFREEZE: Unfreeze,
    FORCE: ForceConnection,
    DELETE: Delete,
    DELETE_SILENTLY: DeleteSilently,
}
ON_MESSAGE: Final[Mapping[str, Callable[[str, str, str], Verb]]] = {
    FREEZE: Freeze,
    UNFREEZE: Unfreeze,
    DELETE_ONE: Delete,
    DELETE_ONE_SILENTLY: DeleteSilently,
}
ON_SERVER: Final[Mapping[str, Callable[[str], Verb]]] = {DISABLE: DisableOutboundMail, ENABLE: EnableOutboundMail}


class QueueControls(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets comes without types
    """Queue Viewer of a scenario: a server, a moment, its queues, and buttons that act at that moment.

    Every action becomes a line of the scenario, which runs anew: the steps before stay, those after are another future.

    Attributes:
        scenario: the script with every action so far.
        trace: its run.
        viewer: what is shown now.
    """

    def __init__(self, scenario: Scenario, server: str, step: int, until: float | None) -> None:
        self._until = until
        self._past: list[tuple[Scenario, int]] = []
        self.scenario = scenario.copy()
        self.trace = self.scenario.run(until)
        names = list(self.scenario.organization.server)
        if server and server not in names:
            raise InputError(f"server: no server {server!r}; there is {', '.join(names[:8])}")
        if not len(self.trace):
            raise ScenarioError("queue_viewer: nothing happens in this scenario; send a message in it first")
        last = self.trace.number(step)
        self._server = ipywidgets.Dropdown(options=names, value=server or names[0], description="Server")
        self._step = ipywidgets.IntSlider(
            value=last,
            min=0,
            max=len(self.trace) - 1,
            description="Step",
            continuous_update=False,
            layout=ipywidgets.Layout(width="32em"),
        )
        self._moment = ipywidgets.Label()
        self._queue = ipywidgets.Dropdown(description="Queue", options=[])
        self._message = ipywidgets.Dropdown(description="Message", options=[])
        self._list = ipywidgets.HTML()
        self._said = ipywidgets.HTML()
        self._buttons = {name: self._button(name, name) for name in (*VERBS, DISABLE, ENABLE)}
        self._for_message = {name: self._button(name, name, one=True) for name in ON_MESSAGE}
        self._undo = self._button("Undo", "")
        super().__init__(
            children=[
                ipywidgets.HBox([self._server, self._step, self._moment]),
                self._list,
                _row(self._queue, *(self._buttons[name] for name in VERBS)),
                _row(self._message, *self._for_message.values()),
                ipywidgets.HBox([self._buttons[DISABLE], self._buttons[ENABLE], self._undo]),
                self._said,
            ]
        )
        self._server.observe(self._look, "value")
        self._step.observe(self._look, "value")
        self._queue.observe(self._inside, "value")
        self._message.observe(self._offer, "value")
        self._look()

    def _button(self, label: str, action: str, *, one: bool = False) -> ipywidgets.Button:
        """A button for the server, the chosen queue, or ``one`` message, the chosen one."""
        button = ipywidgets.Button(description=label, layout=ipywidgets.Layout(width="auto"))
        button.on_click(lambda _: self._pressed(action, one))
        return button

    @property
    def server(self) -> str:
        """Whose queues are shown. Set it to look elsewhere."""
        return str(self._server.value)

    @server.setter
    def server(self, name: str) -> None:
        self._server.value = name

    @property
    def step(self) -> int:
        """The step after which they are shown. Set it to look earlier or later."""
        return int(self._step.value)

    @step.setter
    def step(self, number: int) -> None:
        self._step.value = number

    def act(self, action: str, queue: str = "", message: str = "") -> str:
        """Do what a button does, right after the step that is shown: to a queue, to a message in it, or for *Disable* and *Enable Outbound
        Mail* to the server.

        Args:
            message: the MailMsg, such as "m1.1", as ``mail`` of a message in ``viewer`` says.

        Returns:
            What was done, in words.

        Raises:
            ScenarioError: no such action, or one that this queue or message does not offer now.
        """
        if action in ON_SERVER:
            return self._become(ON_SERVER[action](self.server), f"{action} on {self.server}")
        what = f"{message} in {queue}" if message else queue
        possible = self._possible(queue, message)
        if action not in possible:
            there = ", ".join(possible) or "none"
            raise ScenarioError(f"{action!r} is not possible for {what!r} on {self.server} now; possible is: {there}")
        verb = ON_MESSAGE[action](queue, self.server, message) if message else VERBS[action](queue, self.server)
        return self._become(verb, f"{action}: {what} on {self.server}")

    def _possible(self, queue: str, message: str = "") -> list[str]:
        """What can be done here to a queue, or to a message in it."""
        shown = [item for item in self.viewer if item.name == queue]
        if not message:
            return [name for item in shown for name in item.actions if name in VERBS]
        return [name for item in shown for one in item.messages if one.mail == message for name in item.actions_on(one)]

    def undo(self) -> str:
        """Take the last action back."""
        if not self._past:
            return "Nothing to undo."
        self.scenario, step = self._past.pop()
        self._run(step)
        return "The last action is undone."

    def _become(self, verb: Verb, told: str) -> str:
        at = round(self.trace[self.step].time + AFTER, 6)
        made = self.scenario.copy().act(verb, at=at)
        self._past.append((self.scenario, self.step))
        self.scenario = made
        self._run(self.step)
        # The first step in which the action has happened.
        self.step = min(self.trace.step_at(at), len(self.trace) - 1)
        return f"{told}, at {clock(at)}. What follows is another future."

    def _run(self, step: int) -> None:
        self.trace = self.scenario.run(self._until)
        self._step.max = len(self.trace) - 1
        self._step.value = min(step, len(self.trace) - 1)
        self._look()

    def _pressed(self, action: str, one: bool) -> None:
        message = str(self._message.value or "") if one else ""
        try:
            told = self.act(action, str(self._queue.value or ""), message) if action else self.undo()
        except ScenarioError as error:
            told = str(error)
        self._said.value = _paragraph(told)

    def _look(self, _change: object = None) -> None:
        self.viewer: QueueViewer = queues(self.trace, self.server, self.step)
        self._moment.value = clock(self.trace[self.step].time)
        self._list.value = self.viewer._repr_html_()
        offered = {item.name: item.is_link for item in self.viewer if self._possible(item.name)}
        chosen = self._queue.value
        first = next((name for name, is_link in offered.items() if is_link), None)
        self._queue.options = list(offered)
        self._queue.value = chosen if chosen in offered else first
        self._inside()

    def _inside(self, _change: object = None) -> None:
        """List the messages of the chosen queue that something can be done to."""
        chosen_queue = [item for item in self.viewer if item.name == self._queue.value]
        listed = [(_label(one), one.mail) for item in chosen_queue for one in item.messages if item.actions_on(one)]
        chosen = self._message.value
        self._message.options = listed
        self._message.value = chosen if chosen in dict(listed).values() else next((mail for _, mail in listed), None)
        self._offer()

    def _offer(self, _change: object = None) -> None:
        queue, message = str(self._queue.value or ""), str(self._message.value or "")
        for name in VERBS:
            self._buttons[name].disabled = name not in self._possible(queue)
        for name, button in self._for_message.items():
            button.disabled = not message or name not in self._possible(queue, message)
        self._buttons[DISABLE].disabled = self.viewer.outbound_disabled
        self._buttons[ENABLE].disabled = not self.viewer.outbound_disabled
        self._undo.disabled = not self._past

    def __repr__(self) -> str:
        return f"{self.viewer!r}, {counted(len(self.trace), 'step')}. Run this cell to press its buttons."

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        data: dict[str, object] = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": repr(self), "text/html": self.viewer._repr_html_()}


def _row(*parts: ipywidgets.Widget) -> ipywidgets.HBox:
    """Controls beside each other, in as many lines as they need."""
    return ipywidgets.HBox(list(parts), layout=ipywidgets.Layout(flex_flow="row wrap"))


def _label(message: QueuedMessage) -> str:
    """How a message is called in the list to choose from."""
    return f"{message.mail}, {message.sender} to {', '.join(message.recipients)}"


def _paragraph(text: str) -> str:
    """A text for a widget that shows HTML."""
    return f"<p>{escape(text)}</p>"


@overload
def queue_viewer(
    scenario: Scenario, server: str = "", step: int = -1, *, until: float | None = None
) -> QueueControls: ...
@overload
def queue_viewer(scenario: Trace, server: str = "", step: int = -1, *, until: float | None = None) -> QueueViewer: ...
def queue_viewer(
    scenario: Scenario | Trace, server: str = "", step: int = -1, *, until: float | None = None
) -> QueueControls | QueueViewer:
    """Open Queue Viewer with its buttons on a scenario, by default on its first server after the last step; given a trace, without them.

    Freeze, unfreeze, force a connection, delete with a report or without, the same for one message of a link queue, and disable outbound
    mail: each acts right after the step that is shown, and the scenario runs anew from there (Source: K44, K49, T174, T176, T177).

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "carla@contoso.com")
        >>> scenario = mailflow.Scenario(mailflow.load("two servers")).fail("LON02").send(message)
        >>> viewer = mailflow.queue_viewer(scenario, "LON01", until=60)
        >>> viewer.act("Freeze", "lon02.contoso.com")
        'Freeze: lon02.contoso.com on LON01, at 00:00:00.063. What follows is another future.'
        >>> viewer.viewer["lon02.contoso.com"].state
        'Frozen'

    Args:
        until: where the clock stops, in seconds.

    Raises:
        ValueError: this is no scenario or trace, nothing happens in the scenario, there is no such server, or the step is no number.
        IndexError: there is no such step.
    """
    if isinstance(scenario, Trace):
        return queues(scenario, server or scenario.organization["servers"][0]["name"], step)
    need("queue_viewer", scenario, Scenario, "scenario or trace", "give a scenario, or what its .run() returned")
    return QueueControls(scenario, server, step, until)
