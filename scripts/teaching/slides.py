"""Slides of a notebook: one page for 1280x720 that needs no network and no kernel, with its players as *Present* shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from mailflow.player.source import inline, script, style
from scripts.teaching.lesson import Bet, Lesson, pieces

HERE = Path(__file__).parent / "static"
SHOWN = ("An everyday picture", "Recap")
"""Sections of prose that have a slide of their own."""

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
TRAITS = ("trace", "other", "beside", "options", "cursor")


def page(lesson: Lesson) -> str:
    """The slides as one page of HTML."""
    title = f"{lesson.number} · {lesson.entry.title}"
    slides = [_title(lesson), *_slides(lesson)]
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>
<style>{style()}
{(HERE / "slides.css").read_text(encoding="utf-8")}</style></head>
<body><main>
{"".join(slides)}</main>
<nav aria-label="Slides"><button type="button" id="back" title="Slide before (&lt;)">◂</button><output id="place"></output>
<button type="button" id="next" title="Next slide (&gt;)">▸</button>
<span>Slides: &lt; &gt; &nbsp; Steps: ← → or a clicker &nbsp; Dark: b &nbsp; Whole screen: p</span></nav>
<script>{inline(script())}</script>
<script>{(HERE / "slides.js").read_text(encoding="utf-8")}</script></body></html>
"""


def _title(lesson: Lesson) -> str:
    about = lesson.entry
    title = about.title[0].upper() + about.title[1:]
    return f'<section class="slide text first" hidden><h1>{about.number} · {escape(title)}</h1><p>{escape(about.question)}</p></section>\n'


def _slides(lesson: Lesson) -> Iterator[str]:
    """Prose and players in the order of the notebook."""
    for cell in lesson.data["cells"]:
        for title, text in pieces(cell):
            if title in SHOWN:
                yield f'<section class="slide text" hidden><h2>{escape(title)}</h2>{MARKDOWN.render(text)}</section>\n'
        if cell["id"] in lesson.told:
            yield _bet(lesson.bets(cell["id"])[0], lesson.told[cell["id"]]["shown"])
        if cell["id"] in lesson.players:
            traits = lesson.players[cell["id"]]
            told = json.dumps({name: traits[name] for name in TRAITS}, ensure_ascii=False, separators=(",", ":"))
            name = escape(str(traits["options"].get("title") or lesson.section_of(cell["id"])))
            data = told.replace("<", "\\u003c")
            yield (
                f'<section class="slide player" data-cell="{escape(cell["id"])}" aria-label="{name}" hidden>'
                f'<script type="application/json">{data}</script><div class="stage"></div></section>\n'
            )


def _bet(bet: Bet, shown: str) -> str:
    """A bet in the prose; its answer is folded."""
    rows = "".join(f"<li>{escape(text)}</li>" for text in bet.options)
    more = f"<pre>{escape(shown)}</pre>" if shown else ""
    before = f"<p>{escape(bet.before)}</p>" if bet.before else ""
    return (
        f'<section class="slide text" hidden>{before}<h2>{escape(bet.prompt)}</h2><ol>{rows}</ol><details><summary>Answer</summary>'
        f"<p><strong>{escape(bet.options[bet.answer])}.</strong> {escape(bet.why)}</p>{more}</details></section>\n"
    )
