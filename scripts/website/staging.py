"""The sources of all pages, in a folder from which Sphinx makes the site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import mailflow
from mailflow.player.aside import aside
from mailflow.player.questions import questions
from mailflow.player.widget import packed_json, still
from mailflow.trace.packing import packed
from scripts.address import Address
from scripts.contents import ROOT, Entry, entries
from scripts.glossary_links import unlinked
from scripts.website import factbase, glossary, notebooks, reference

PAGES = Path(__file__).with_name("pages")
TOLD = ("more.md", "then-and-now.md")
"""Pages of `docs/` that the site shows as they are."""

BROWSER_EDITION = Path("lite", "lab", "index.html")
"""Where below the site the course with a kernel in the page begins, if it is built."""


def stage(folder: Path, known: Address | None, *, browser_edition: bool) -> None:
    """Write every source.

    Args:
        known: where the repository lies, if it lies anywhere.
        browser_edition: whether the site carries the course with a kernel in the page.

    Raises:
        ValueError: a notebook does not store what it shows.
    """
    listed = entries()
    for name in ("notebooks", "docs", "reference"):
        (folder / name).mkdir(parents=True)
    for entry in listed:
        data = json.loads((ROOT / "notebooks" / entry.file).read_text(encoding="utf-8"))
        where = doors(entry.file, known, browser_edition=browser_edition)
        made = notebooks.for_site(data, f'{where} <a href="../run.html">All ways to run it.</a>')
        (folder / "notebooks" / entry.file).write_text(json.dumps(made), encoding="utf-8")
    for name in TOLD:
        (folder / "docs" / name).write_text((ROOT / "docs" / name).read_text(encoding="utf-8"), encoding="utf-8")
    for place, text in factbase.pages():
        (folder / f"{place}.md").write_text(text, encoding="utf-8")
    for place, text in reference.pages():
        (folder / f"{place}.rst").write_text(text, encoding="utf-8")
    (folder / "glossary.md").write_text(glossary.page(glossary.terms(), dict(prose(listed))), encoding="utf-8")
    (folder / "index.md").write_text(front(listed), encoding="utf-8")
    (folder / "run.md").write_text(run(known, browser_edition=browser_edition), encoding="utf-8")


def prose(listed: list[Entry]) -> Iterator[tuple[str, str]]:
    """What each notebook says, by its file."""
    for entry in listed:
        cells = json.loads((ROOT / "notebooks" / entry.file).read_text(encoding="utf-8"))["cells"]
        said = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        yield entry.file, unlinked("\n".join(said))


def doors(file: str, known: Address | None, *, browser_edition: bool) -> str:
    """Where a notebook can be run at once, as HTML for a page beside it."""
    found = [f'<a href="../{BROWSER_EDITION.as_posix()}?path={file}">in this browser</a>'] if browser_edition else []
    found += [f'<a href="{known.binder(f"notebooks/{file}")}">on Binder</a>'] if known else []
    return f"Open it {' or '.join([*found, 'on your own machine with <code>make lab</code>'])}."


def front(listed: list[Entry]) -> str:
    """The first page, with a player."""
    rows = [f"| {item.number} | [{item.title}](notebooks/{item.file}) | {item.question} |" for item in listed]
    text = (PAGES / "index.md").read_text(encoding="utf-8")
    names = "\n".join(f"notebooks/{Path(item.file).stem}" for item in listed)
    return text.replace("@player@", first_player()).replace("@notebooks@", "\n".join(rows)).replace("@names@", names)


def first_player() -> str:
    """A run that shows most of what there is: two sites, somebody inside, somebody outside."""
    message = mailflow.Message.write("anna@contoso.com", ["pierre@contoso.com", "kim@fabrikam.com"], subject="Lunch?")
    trace = mailflow.Scenario(mailflow.load("two sites")).send(message).run()
    asked = questions(trace, ["queue", "next hop"])
    traits = {
        "trace": packed(trace.to_json()),
        "other": "",
        "beside": packed_json(aside(trace, questions=asked)),
        "options": {"views": ["Map", "Server"], "title": "Two sites: one message, two recipients"},
        "cursor": 0,
    }
    return notebooks.place("player", traits, still(trace, len(trace) - 1))


def run(known: Address | None, *, browser_edition: bool) -> str:
    """The page that says where the course runs with a kernel."""
    here = (
        f"## In this browser\n\nThe [browser edition]({BROWSER_EDITION.as_posix()}) has the notebooks with a kernel in the page: nothing is "
        "installed, and nothing leaves your machine. It needs a web server; a page opened as a file cannot start it.\n"
    )
    there = ""
    if known:
        there = (
            f"## On Binder, or a JupyterHub\n\n[Open the course on Binder]({known.binder()}): a server somewhere starts it for you and "
            "forgets it when you leave.\n\nOn a JupyterHub with nbgitpuller this link brings the course to each learner; "
            f"put the address of the hub in front:\n\n```text\n{known.pulled()}\n```\n\n"
            f"The [repository]({known.repository}) has everything.\n"
        )
    text = (PAGES / "run.md").read_text(encoding="utf-8")
    return text.replace("@here@", here if browser_edition else "").replace("@there@", there)
