"""Charts about link state: how news spread, what they cost, and who knows what. Every figure is one of this model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import fill
from typing import TYPE_CHECKING

from mailflow.facts.mistake import InputError
from mailflow.linkstate.tellings import TableCarried, TableGiven, TablePushed, TableSent
from mailflow.messages import Message
from mailflow.organization import Organization
from mailflow.plots.charts import COLOURS, Chart
from mailflow.plots.numbers import Numbers
from mailflow.plots.themed import INK
from mailflow.routing.recorded import table_of
from mailflow.routing.table import from_directory
from mailflow.simulation import Parameters, Scenario
from mailflow.trace import Trace
from mailflow.trace.effects import TableState

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import ListedColormap

BYTES_AN_ENTRY = 32
"""The figure of the article for one entry of the table (Source: R53)."""


def informed(trace: Trace, group: str, *, since: str = "routing.raised") -> Chart:
    """How many servers hold the newest version of a routing group, in seconds after the first step of a kind.

    Raises:
        ValueError: no such routing group, or no such step in the trace.
    """
    if group not in {item["name"] for item in trace.organization["routing_groups"]}:
        raise InputError(f"no routing group {group!r} in this trace")
    start = next((event.time for event in trace if event.step.key == since), None)
    if start is None:
        raise InputError(f"no step {since!r} in this trace: nothing was announced")
    entries = trace.link_state["entries"]
    newest = max((name for name in entries if entries[name]["group"] == group), key=lambda name: int(name[1:]))
    times, counts = [0.0], [0]
    knows: set[str] = set()
    for _, time, effects in trace.changes():
        before = len(knows)
        tables = [effect for effect in effects if isinstance(effect, TableState)]
        knows |= {effect.server for effect in tables if (group, newest) in (effect.entries or ())}
        if len(knows) > before:
            times.append(time - start)
            counts.append(len(knows))
    total = len(trace.organization["servers"])

    def draw(axes: Axes) -> None:
        axes.step(times, counts, where="post", color=COLOURS[0], linewidth=2)
        axes.axhline(total, color=COLOURS[1], linestyle="--", linewidth=1)
        axes.annotate("all servers", (0, total), xytext=(4, -14), textcoords="offset points", ha="left", fontsize=9)
        axes.set_xlabel("seconds after the master raised the version")
        axes.set_ylabel("servers informed")
        axes.set_ylim(0, total * 1.08)
        axes.set_title(f"Who knows the newest version of {group}")

    words = f"Line chart: {counts[-1]} of {total} servers know version {entries[newest]['version']} of {group}, the last one after {times[-1]:.2f} seconds."
    numbers = Numbers(("seconds", "servers informed"), list(zip(times, counts, strict=True)))
    return Chart((7.6, 2.8), words, draw, numbers=numbers)


def sent(trace: Trace) -> tuple[int, int]:
    """How many times a whole table was sent in a run, and how many bytes that makes."""
    sizes = [
        event.telling.size
        for event in trace
        if isinstance(event.telling, (TablePushed, TableGiven, TableSent, TableCarried))
    ]
    return len(sizes), sum(sizes)


def traffic(organizations: Sequence[Organization]) -> Chart:
    """What one change of one connector's cost sends through organizations of different size.

    Beside it stands what the article's 32 bytes an entry would make of the same number of transfers.

    Source: R53, R54, R77.
    """
    servers, measured, claimed = [], [], []
    for organization in organizations:
        first = organization.connectors[0]
        other = first.cost % 100 + 1
        trace = Scenario(organization).change(first.name, cost=other).run()
        count, total = sent(trace)
        table = from_directory(organization)
        objects = sum(1 + len(entry.members) + len(entry.connectors) for entry in table.groups.values())
        servers.append(len(organization.servers))
        measured.append(total / 1024)
        claimed.append(count * objects * BYTES_AN_ENTRY / 1024)

    def draw(axes: Axes) -> None:
        axes.loglog(servers, measured, color=COLOURS[0], marker="o", label="whole packets, as in this model")
        axes.loglog(
            servers, claimed, color=COLOURS[1], linestyle="--", marker="s", label="32 bytes an entry, as in the article"
        )
        axes.set_xticks(servers, [f"{count:,}" for count in servers])
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.minorticks_off()
        axes.set_xlabel("servers in the organization")
        axes.set_ylabel("KB sent for one change")
        axes.set_title("Everything is sent again for every change")
        axes.legend(frameon=False, fontsize=9)

    points = "; ".join(f"{count} servers: {size:,.0f} KB" for count, size in zip(servers, measured, strict=True))
    numbers = Numbers(
        ("servers", "KB in whole packets", "KB with 32 bytes an entry"),
        list(zip(servers, measured, claimed, strict=True)),
    )
    said = f"Line chart with two lines. One change sends, in whole packets: {points}."
    return Chart((7.6, 3.0), said, draw, numbers=numbers)


def flapping(organization: Organization, connector: str, letter: Message, *, times: int = 5) -> Chart:
    """What a connector that fails and returns again and again costs: rules of 2000, of 2003, and suppressed.

    The connector fails every ten minutes for four, and each time a message finds that out.

    Source: R77, R79, R87, R89, R97.
    """
    rules: Mapping[str, tuple[Organization, Parameters]] = {
        "Exchange 2000 rules": (organization, Parameters.exchange_2000()),
        "Exchange 2003 rules": (organization, Parameters()),
        "suppressed": (_suppressed(organization), Parameters()),
    }
    found = {
        name: sent(_flap(world, parameters, connector, letter, times)) for name, (world, parameters) in rules.items()
    }

    def draw(axes: Axes) -> None:
        names = list(found)
        bars = axes.barh(names, [found[name][1] / 1024 for name in names], color=COLOURS[:3], hatch=["", "//", ".."])
        axes.bar_label(bars, [f"{found[name][0]} tables" for name in names], padding=4, fontsize=9)
        axes.invert_yaxis()
        axes.margins(x=0.16)
        axes.set_xlabel("KB of link state sent")
        axes.set_title(f"{connector} fails {times} times")

    told = "; ".join(f"{name}: {count} tables, {size / 1024:,.0f} KB" for name, (count, size) in found.items())
    rows = [(name, count, size / 1024) for name, (count, size) in found.items()]
    return Chart((7.6, 2.4), f"Bar chart. {told}.", draw, numbers=Numbers(("rules", "tables sent", "KB"), rows))


def _suppressed(organization: Organization) -> Organization:
    servers = tuple(replace(item, suppress_state_changes=True) for item in organization.servers)
    return replace(organization, servers=servers)


def _flap(organization: Organization, parameters: Parameters, connector: str, letter: Message, times: int) -> Trace:
    scenario = Scenario(organization, parameters=parameters)
    for start in range(0, times * 600, 600):
        scenario.fail(connector, at=start).send(letter, at=start + 1).restore(connector, at=start + 240)
    return scenario.run(until=times * 600 + 3600)


def versions(trace: Trace, at: int = -1, *, servers: Sequence[str] = ()) -> Chart:
    """Which version of each routing group each server holds after a step: what you compare WinRoute windows for.

    Source: R55, R56.
    """
    names = list(servers) or [item["name"] for item in trace.organization["servers"]]
    groups = [item["name"] for item in trace.organization["routing_groups"]]
    held = {name: table_of(trace, name, at).groups for name in names}
    newest = {group: max(held[name][group].version for name in names) for group in groups}
    behind = [[int(held[name][group].version < newest[group]) for group in groups] for name in names]
    told = [
        [f"{'○ ' if late else ''}{held[name][group].version}" for group, late in zip(groups, row, strict=True)]
        for name, row in zip(names, behind, strict=True)
    ]

    def draw(axes: Axes) -> None:
        axes.imshow(behind, cmap=_agreement(), vmin=0, vmax=1, aspect="auto")
        for y, row in enumerate(told):
            for x, version in enumerate(row):
                axes.text(x, y, version, ha="center", va="center", fontsize=9, color=INK)
        axes.set_xticks(range(len(groups)), [fill(group, 10) for group in groups], fontsize=9)
        axes.set_yticks(range(len(names)), names, fontsize=9)
        axes.set_title("Version of each routing group, server by server (○ behind)")
        axes.grid(visible=False)

    late = [name for name, row in zip(names, behind, strict=True) if any(row)]
    words = f"Table of versions: {len(names) - len(late)} of {len(names)} servers are up to date. Behind: {', '.join(late) or 'nobody'}."
    numbers = Numbers(("○ is behind", *groups), [(name, *row) for name, row in zip(names, told, strict=True)])
    return Chart((min(12, 1.2 + 0.86 * len(groups)), 0.9 + 0.25 * len(names)), words, draw, numbers=numbers)


def _agreement() -> ListedColormap:
    from matplotlib.colors import ListedColormap  # for its weight

    return ListedColormap(["#c9ecdf", "#fbd9c8"])
