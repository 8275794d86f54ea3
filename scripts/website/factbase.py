"""The pages of the fact base: the one that `docs/facts.md` is, cut into one for each of its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailflow.facts import WHERE, facts
from scripts.facts_page import ABOUT, PARTS, entry

INDEX = "docs/facts"
README = re.compile(r"\[README\.md\]\([^)]*\)")
"""What is told in the README has no page on the site to lead to."""


def slug(letter: str) -> str:
    """The page of a part by the letter of its numbers, without folder."""
    return "facts-" + re.sub(r"[^a-z]+", "-", PARTS[letter][0].lower())


def page_of(number: str) -> str:
    """The page on which a fact stands, by its number."""
    return f"docs/{slug(number[0])}"


def pages() -> Iterator[tuple[str, str]]:
    """Every page of the fact base: its place, without an ending, and its text as MyST."""
    yield INDEX, index()
    for letter in PARTS:
        yield f"docs/{slug(letter)}", part(letter)


def index() -> str:
    """The page that says what facts there are, and leads to their parts."""
    known = facts()
    counts = {where: sum(fact.where == where for fact in known.values()) for where in WHERE}
    lines = [re.sub(r"<!--.*?-->\n+", "", ABOUT.format(count=len(known), **counts), flags=re.DOTALL)]
    lines += ["| part | facts | from | to |", "| --- | ---: | --- | --- |"]
    for letter, (title, _) in PARTS.items():
        numbers = [number for number in known if number[0] == letter]
        lines.append(f"| [{title}]({slug(letter)}.md) | {len(numbers)} | {numbers[0]} | {numbers[-1]} |")
    names = "\n".join(map(slug, PARTS))
    return "\n".join([*lines, "", "```{toctree}", ":hidden:", names, "```", ""])


def part(letter: str) -> str:
    """The page of one part, fact by fact."""
    title, sections = PARTS[letter]
    lines = [
        "---",
        "tocdepth: 2",
        "---",
        "",
        f"# {title}",
        "",
        "Part of [the facts](facts.md), which says what the marks mean.",
        "",
    ]
    for number, fact in facts().items():
        if number[0] == letter:
            if number in sections:
                lines += [f"## {sections[number]}", ""]
            lines += [*(line.replace("#### ", "### ") for line in entry(fact)), ""]
    return README.sub("README.md", "\n".join(lines))
