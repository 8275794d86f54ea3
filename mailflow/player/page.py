"""A page that plays a trace with no kernel and no network: one HTML file, to mail, to host, or to keep."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from mailflow.facts.kinds import need
from mailflow.player.aside import aside, parts
from mailflow.player.options import need_options, need_there, servers_of
from mailflow.player.questions import Question, questions
from mailflow.player.relay_lab import RelayLab, relay_html
from mailflow.player.source import Part, inline, offered, script, style, wanted
from mailflow.trace import Trace

__all__ = ["html", "page"]


def page(
    trace: Trace | RelayLab,
    path: str | os.PathLike[str],
    *,
    ask: Iterable[str] = (),
    views: Sequence[str] = ("Map", "Server"),
    title: str = "",
    route: tuple[str, str] | None = None,
    tell: Iterable[str] = (),
) -> Path:
    """Write a self-contained HTML page with the player of this trace, and return its path; or one with a relay lab.

    Example:
        >>> import mailflow
        >>> message = mailflow.Message.write("anna@contoso.com", "ben@contoso.com")
        >>> trace = mailflow.Scenario(mailflow.load("one server")).send(message).run()
        >>> mailflow.page(trace, "run.html", title="One message").name
        'run.html'

        >>> mailflow.page(mailflow.relay_lab(mailflow.load("one server")), "relay.html").name
        'relay.html'

    Args:
        trace: a trace, or what `mailflow.relay_lab` returned.
        ask, views, title, route, tell: as in `mailflow.play`; for a trace alone.

    Raises:
        ValueError: as in `mailflow.play`.
        OSError: the file cannot be written.
    """
    need("page", trace, (Trace, RelayLab), "trace", "give what a scenario's .run() returned")
    need("page(path)", path, (str, os.PathLike), "path", "write, for example, 'run.html'")
    target = Path(path)
    if isinstance(trace, RelayLab):
        target.write_text(relay_html(trace), encoding="utf-8")
        return target
    need_options("page", views, tell, title, ask, route)
    need_there(servers_of(trace), views)
    target.write_text(html(trace, ask=ask, views=views, title=title, route=route, tell=tell), encoding="utf-8")
    return target


def html(
    trace: Trace,
    *,
    ask: Iterable[str] = (),
    views: Sequence[str] = ("Map", "Server"),
    title: str = "",
    route: tuple[str, str] | None = None,
    tell: Iterable[str] = (),
) -> str:
    """The page as text."""
    tell = list(tell)
    asked = questions(trace, ask, tell=tell)
    needed = parts(trace, questions=asked, wanted=wanted(views, route))
    told = options(trace, asked, needed, views=views, title=title, route=route, tell=tell)
    code = inline(script(needed))
    css = style(needed)
    name = escape(title or trace.organization.get("title") or trace.organization["name"])
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}</title>
<style>body {{ margin: 16px; }} @media (prefers-color-scheme: dark) {{ body {{ background: #0e1013; }} }}
{css}</style></head>
<body><main><div id="player"></div></main>
<script type="application/json" id="trace">{_inline(trace.to_dict())}</script>
<script type="application/json" id="options">{_inline(told)}</script>
<script>{code}</script>
<script>const read = (id) => JSON.parse(document.getElementById(id).textContent);
globalThis.player = mailflowPlayer.mount(document.getElementById("player"), read("trace"), read("options"));
</script></body></html>
"""


def options(
    trace: Trace,
    asked: Sequence[Question],
    needed: Sequence[Part],
    *,
    views: Sequence[str],
    title: str,
    route: tuple[str, str] | None = None,
    tell: Iterable[str] = (),
) -> dict[str, object]:
    """What the page tells the player beside the trace: what is asked, which parts it has, and the rest."""
    beside = aside(trace, questions=asked, route=route, tell=tell)
    return {"views": list(views), "title": title, "share": offered(trace), "parts": list(needed), **beside}


def _inline(data: object) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
