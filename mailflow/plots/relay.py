"""Charts about mail to and from the outside: who may relay, which exchanger is tried first, and what backscatter costs."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from mailflow.dns import ask_mx, resolver_of
from mailflow.messages import Message
from mailflow.organization import Organization, reconfigure
from mailflow.plots.charts import COLOURS, Chart
from mailflow.plots.numbers import Numbers
from mailflow.plots.themed import INK
from mailflow.simulation import Scenario
from mailflow.transport.matrix import clients_of, recipients_of
from mailflow.transport.relay import Attempt, Verdict, decide

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import ListedColormap


def relay_decisions(organization: Organization, server: str, virtual_server: str = "") -> Chart:
    """Who may send to whom through a server, as a heat map with the reply in each cell.

    ``virtual_server`` names another virtual server of it than the default one.

    Source: T138, T156, O-7.
    """
    clients, recipients = clients_of(), recipients_of(organization)
    rows: list[list[Verdict]] = [
        [
            decide(
                organization, server, Attempt(person["ip"], item["address"], **fields), virtual_server=virtual_server
            )
            for item in recipients
        ]
        for person, fields in clients
    ]
    told = [[(("accepted" if cell.accepted else "refused"), cell.reply[:9].strip()) for cell in row] for row in rows]

    def draw(axes: Axes) -> None:
        axes.imshow(
            [[int(cell.accepted) for cell in row] for row in rows], cmap=_two_colours(), vmin=0, vmax=1, aspect="auto"
        )
        for y, row in enumerate(told):
            for x, cell in enumerate(row):
                axes.text(x, y, "\n".join(cell), ha="center", va="center", fontsize=9, color=INK)
        axes.set_xticks(range(len(recipients)), [item["label"].replace(", ", ",\n") for item in recipients], fontsize=9)
        axes.set_yticks(range(len(clients)), [person["label"] for person, _ in clients])
        axes.set_title(f"Recipients that {server} accepts")
        axes.grid(visible=False)

    accepted = sum(cell.accepted for row in rows for cell in row)
    refused = "; ".join(
        f"{person['label']} to {item['label']}: {code}"
        for (person, _), row in zip(clients, told, strict=True)
        for item, (mark, code) in zip(recipients, row, strict=True)
        if mark == "refused"
    )
    words = f"Heat map: {accepted} of {len(clients) * len(recipients)} combinations are accepted by {server}. Refused: {refused or 'none'}."
    numbers = Numbers(
        ("who", *(item["label"] for item in recipients)),
        [(person["label"], *map(": ".join, row)) for (person, _), row in zip(clients, told, strict=True)],
    )
    return Chart((8.6, 2.6), words, draw, numbers=numbers)


def _two_colours() -> ListedColormap:
    from matplotlib.colors import ListedColormap  # for its weight

    return ListedColormap(["#fbd9c8", "#c9ecdf"])


def mx_choices(organization: Organization, domain: str, *, tries: int = 1000, seed: int = 0) -> Chart:
    """How often each exchanger of a domain stands first, second and so on, over many tries.

    They stand below each other by preference and then by name, so that who is tried first is on top.

    Source: T126.
    """
    rng, resolver = random.Random(seed), resolver_of(organization.zones)
    answers = [ask_mx(resolver, domain, rng) for _ in range(tries)]
    orders = [answer.hosts for answer in answers]
    hosts = list(dict.fromkeys(item.host for answer in answers for item in answer.exchangers if not item.note))
    places = range(max((len(order) for order in orders), default=0))
    counts = [Counter(order[place] for order in orders if place < len(order)) for place in places]

    def draw(axes: Axes) -> None:
        for place in places:
            left = [sum(counts[earlier][host] for earlier in range(place)) for host in hosts]
            values = [counts[place][host] for host in hosts]
            axes.barh(hosts, values, left=left, color=COLOURS[place], label=_ordinal(place))
        axes.invert_yaxis()
        axes.set(xlabel=f"of {tries} tries", title=f"Exchangers of {domain}")
        if hosts:
            axes.legend(title="tried", loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)

    told = ", ".join(
        f"{host} {_ordinal(place)} {counts[place][host]} times"
        for place in places
        for host in hosts
        if counts[place][host]
    )
    size = (8.0, 0.9 + 0.5 * max(1, len(hosts)))
    numbers = Numbers(
        ("exchanger", *map(_ordinal, places)), [(host, *(counts[place][host] for place in places)) for host in hosts]
    )
    return Chart(size, f"Chart of {tries} tries for {domain}: {told or 'no exchanger'}.", draw, numbers=numbers)


def _ordinal(place: int) -> str:
    return ("first", "second", "third")[place] if place < 3 else f"number {place + 1}"


def _flooded(organization: Organization, server: str, messages: int) -> tuple[int, int, int]:
    """How many of so many messages to invented users are refused, how many reports go out, and in how many steps."""
    scenario = Scenario(organization)
    for number in range(messages):
        message = Message.write("victim@fabrikam.com", f"invented{number}@{organization.domain}", subject="Buy now")
        scenario.send(message, by="smtp", server=server, at=float(number))
    trace = scenario.run()
    reports = sum(item["kind"] != "message" for item in trace.messages.values())
    refused = sum(event.step.key == "smtp.refused" for event in trace)
    return refused, reports, len(trace)


def backscatter(organization: Organization, server: str, *, messages: int = 50) -> Chart:
    """What happens to mail for invented local users with a forged sender, without and with the recipient filter.

    Without it every message is accepted and returned to somebody who never sent it; with it every one is refused.

    Source: T147, O-23.
    """
    filtered = reconfigure(organization, server, filters=["recipient"])
    filtered = replace(filtered, global_settings=replace(filtered.global_settings, filter_unknown_recipients=True))
    found = [_flooded(setting, server, messages) for setting in (organization, filtered)]

    rows = ("without the filter", "with the filter")
    bars = (("refused at RCPT TO", ""), ("reports sent to the victim", "//"))

    def draw(axes: Axes) -> None:
        for index, (name, hatch) in enumerate(bars):
            values = [item[index] for item in found]
            offsets = [y + (index - 0.5) * 0.36 for y in range(2)]
            axes.barh(
                offsets,
                values,
                height=0.32,
                color=COLOURS[2 if index == 0 else 1],
                hatch=hatch,
                edgecolor="white",
                label=name,
            )
            for y, value in zip(offsets, values, strict=True):
                axes.text(value, y, f" {value}", va="center")
        axes.set_yticks(range(2), rows)
        axes.invert_yaxis()
        axes.set(xlabel=f"of {messages} messages to invented users", title="Backscatter")
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)

    (refused, reports, steps), (refused_then, reports_then, steps_then) = found
    words = (
        f"Chart of {messages} messages to invented users. Without the recipient filter {refused} are refused and {reports} reports "
        f"go to the victim, in {steps} steps; with it {refused_then} are refused and {reports_then} reports go out, in {steps_then} steps."
    )
    numbers = Numbers(
        ("", *(name for name, _ in bars)), [(row, *item[:2]) for row, item in zip(rows, found, strict=True)]
    )
    return Chart((8.0, 2.2), words, draw, numbers=numbers)
