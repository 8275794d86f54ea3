"""What Sphinx does besides on each page: fact numbers lead to their fact, and terms of the field to the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from mailflow.facts import Fact, cited_in, facts
from scripts.glossary_links import words
from scripts.website import glossary
from scripts.website.factbase import page_of

NUMBER = re.compile(r"\b(?:[TRSCKN]\d{1,3}|O-?\d{1,2})\b")
LONGEST = 240
"""Letters of a fact that the pointer shows."""

UNTOUCHED = (nodes.reference, nodes.literal, nodes.literal_block, nodes.title, nodes.raw, nodes.comment)


def hint(fact: Fact) -> str:
    """What the pointer shows over a number."""
    says = fact.says if len(fact.says) <= LONGEST else fact.says[: fact.says.rindex(" ", 0, LONGEST)] + " …"
    return f"{fact.number}, {', in part '.join(fact.marks)}: {says.replace('`', '')}"


class Linked(SphinxPostTransform):
    """Makes a link of each fact number in the prose, and of each bold term that the glossary has."""

    default_priority = 700

    def run(self, **_: Any) -> None:
        """Look at every text of the page."""
        known = facts()
        for text in list(self.document.findall(nodes.Text)):
            if not any(isinstance(above, UNTOUCHED) for above in above_of(text)) and cited_in(text):
                text.parent.replace(text, list(self.with_links(text, known)))
        if self.env.docname.startswith("notebooks/"):
            self.link_terms()

    def link(self, page: str, anchor: str, text: nodes.Node, **attributes: Any) -> nodes.reference:
        """A link to a place on another page of the site."""
        target = self.app.builder.get_relative_uri(self.env.docname, page)
        return nodes.reference("", "", text, internal=True, refuri=f"{target}#{anchor}", **attributes)

    def with_links(self, text: nodes.Text, known: Mapping[str, Fact]) -> Iterator[nodes.Node]:
        """The text in pieces, with a link for each number that the fact base has."""
        end = 0
        for found in NUMBER.finditer(text):
            number = found.group(0)
            if number in known:
                yield nodes.Text(text[end : found.start()])
                yield self.link(
                    page_of(number), number.lower(), nodes.Text(number), reftitle=hint(known[number]), classes=["fact"]
                )
                end = found.end()
        yield nodes.Text(text[end:])

    def link_terms(self) -> None:
        """Lead each bold term to the glossary, the first time that a page has it; words of the course have their links."""
        known = {name.lower(): term for term in glossary.terms() for name in term.names}
        waiting = {name: term for name, term in known.items() if not any(map(is_a_word, term.names))}
        for strong in list(self.document.findall(nodes.strong)):
            name = strong.astext().lower()
            term = next((waiting[form] for form in singular(name) if form in waiting), None)
            if term is None or isinstance(strong.parent, (nodes.reference, nodes.title)):
                continue
            waiting = {other: item for other, item in waiting.items() if item is not term}
            strong.parent.replace(
                strong, self.link(glossary.PAGE, term.anchor, strong, reftitle=term.says, classes=["term"])
            )


def is_a_word(name: str) -> bool:
    """Whether the notebooks lead to it themselves, where they use it first."""
    return name.lower() in words()


def singular(name: str) -> tuple[str, ...]:
    """What a name may be the plural of, and itself."""
    return name, name.removesuffix("s"), re.sub("ies$", "y", name)


def above_of(node: nodes.Node) -> Iterator[nodes.Node]:
    """What a node stands in, from the inside out."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


HERE = re.compile(r'<a class="current reference internal" href="#">.*?</a>', re.DOTALL)
"""Where the contents name the page that is shown."""
INNER = re.compile(r"<ul>\s*<li><a [^>]*>.*?</a>(.*)</li>\s*</ul>", re.DOTALL)
"""The headings of a page below its title."""


PARAMETERS = re.compile(r"<dl>(.*?)</dl>", re.DOTALL)
"""How Sphinx writes the parameters of a long signature: definitions without a term, which says nothing to a screen reader."""


def lines_of(signature: re.Match[str]) -> str:
    """The same parameters as plain lines."""
    rows = signature.group(1).replace("<dd>", '<span class="parameter">').replace("</dd>", "</span>")
    return f'<span class="parameters">{rows}</span>'


def contents(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Give the theme the contents of the site, with the headings of this page under its name."""
    if page.startswith("reference/"):
        context["body"] = PARAMETERS.sub(lines_of, context["body"])
    whole = context["toctree"](collapse=True, maxdepth=2, includehidden=True, titles_only=True) or ""
    whole = whole.replace('role="heading"', 'role="heading" aria-level="2"')
    own = INNER.search(context.get("toc") or "")
    kind = "letters" if page == glossary.PAGE else "headings"
    headings = f'<div class="{kind}">{own.group(1)}</div>' if own and "<li>" in own.group(1) else ""
    context["contents"] = HERE.sub(lambda found: found.group(0) + headings, whole)


def prefixed(app: Sphinx) -> None:
    """Let Pygments name its classes apart from the player's: to both, `mf` would mean something else."""
    app.builder.highlighter.formatter_args["classprefix"] = "c-"  # type: ignore[attr-defined]  # of HTML builders only


def bare(_app: Sphinx, _what: str, _name: str, item: object, _skip: bool, _options: object) -> bool | None:
    """Leave out what nobody wrote a word on: to a field of a named tuple Python gives a docstring of its own."""
    return True if str(getattr(item, "__doc__", "")).startswith("Alias for field number") else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx of it."""
    app.add_post_transform(Linked)
    app.connect("autodoc-skip-member", bare)
    app.connect("builder-inited", prefixed)
    app.connect("html-page-context", contents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
