"""A still picture of one step, as SVG: for a page without a kernel, for hand-outs, and for everybody who cannot run
widgets.
"""

from __future__ import annotations

import textwrap
from html import escape

from mailflow.trace import State, Trace, clock

__all__ = ["alternative", "picture"]

WIDTH, GAP, BOX_W, BOX_H = 900, 16, 184, 54


def alternative(trace: Trace, step: int = 0) -> str:
    """The picture in words: where everything is after a step."""
    if not len(trace):
        return "An empty trace."
    event = trace[step]
    state = trace.at(step)
    places = [
        f"{mail} on {item.server} in {item.place.rpartition('/')[2]}" for mail, item in list(state.mails.items())[:6]
    ]
    return f"Step {event.number + 1} of {len(trace)}. {event.sentence} " + (
        f"Under way: {'; '.join(places)}." if places else "Nothing is under way."
    )


def picture(trace: Trace, step: int = 0) -> str:
    """The map after one step as a self-contained SVG, with the sentence under it. Equal traces give equal text.

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
        >>> trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
        >>> mailflow.picture(trace, 3).startswith("<svg")
        True
    """
    groups = _columns(trace)
    state = trace.at(step)
    event = trace[step] if len(trace) else None
    bands = [groups[i : i + 4] for i in range(0, len(groups), 4)]
    parts: list[str] = []
    top = GAP
    for band in bands:
        height = 40 + max((len(names) for _, names in band), default=0) * (BOX_H + 8)
        for column, (title, names) in enumerate(band):
            x = GAP + column * (BOX_W + 40)
            parts.append(
                f'<rect x="{x}" y="{top}" width="{BOX_W + 24}" height="{height}" rx="10" fill="#ffffff" stroke="#8a929c"/>'
            )
            parts.append(_text(x + 12, top + 22, title[:24], "#555b64", 13, bold=True))
            for row, name in enumerate(names):
                parts.append(
                    _box(x + 12, top + 32 + row * (BOX_H + 8), name, state, event is not None and name == event.server)
                )
        top += height + 20
    lines = textwrap.wrap(f"{clock(event.time)}  {event.sentence}" if event else "", 108)[:4]
    for number, line in enumerate(lines):
        parts.append(_text(GAP, top + 16 + number * 21, line, "#16191d", 15))
    height = top + 20 + len(lines) * 21
    label = escape(alternative(trace, step), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="{label}" '
        f'font-family="system-ui, Segoe UI, DejaVu Sans, sans-serif"><rect width="{WIDTH}" height="{height}" rx="12" fill="#f6f7f9"/>{"".join(parts)}</svg>'
    )


def _columns(trace: Trace) -> list[tuple[str, list[str]]]:
    organization = trace.organization
    groups = [
        (
            group["name"],
            [server["name"] for server in organization["servers"] if server["routing_group"] == group["name"]],
        )
        for group in organization["routing_groups"]
    ]
    inside = {name for _, names in groups for name in names}
    active = {str(server) for _, server, *_ in trace.records} - inside - {""}
    talked = {value for _, _, _, values, *_ in trace.records for value in values if isinstance(value, str)}
    hosts = [
        host["name"] for host in organization["external_hosts"] if host["name"] in active or host["name"] in talked
    ]
    strangers = sorted(active - {host["name"] for host in organization["external_hosts"]})
    outside = [*hosts, *strangers]
    return [*groups, ("Outside", outside)] if outside else groups


def _box(x: int, y: int, name: str, state: State, active: bool) -> str:
    mails = [mail for mail, item in state.mails.items() if item.server == name]
    down = state.outside.get(name) is False
    stopped = [service for (server, service), up in state.services.items() if server == name and not up]
    fill, stroke = ("#e3f0fa", "#0060a0") if active else ("#f6f7f9", "#8a929c")
    dash = ' stroke-dasharray="6 4"' if down or stopped else ""
    status = (
        "down"
        if down
        else f"stopped: {', '.join(stopped)}"
        if stopped
        else " ".join(mails[:4]) + (" …" if len(mails) > 4 else "")
    )
    colour = "#a83a00" if down or stopped else "#005a9e"
    return (
        f'<rect x="{x}" y="{y}" width="{BOX_W}" height="{BOX_H}" rx="6" fill="{fill}" stroke="{stroke}" stroke-width="1.5"{dash}/>'
        + _text(x + 9, y + 21, name[:24], "#16191d", 14, bold=True)
        + _text(x + 9, y + 42, status[:30], colour, 12, bold=True)
    )


def _text(x: int, y: int, text: object, colour: str, size: int, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" fill="{colour}" font-size="{size}"{weight}>{escape(str(text))}</text>'
