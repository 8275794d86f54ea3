"""Write the list of all facts, with where each one is used, as a page in Markdown.

    python scripts/facts_page.py [--check]

Writes ``docs/facts.md``. With ``--check`` nothing is written; the exit status is 1 when the page is out of date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import mailflow
from mailflow.facts import WHERE, Fact, Rule, cited_in, facts, rules

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "facts.md"
PARTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "T": (
        "Transport",
        {
            "T1": "Components and processes",
            "T29": "Queues",
            "T54": "Ways of a message",
            "T64": "The categorizer",
            "T81": "SMTP",
            "T112": "Reports",
            "T122": "DNS and MX",
            "T137": "Relaying and filters",
            "T159": "Journaling",
            "T162": "Tracking and tools",
            "T186": "Ports",
        },
    ),
    "R": (
        "Routing",
        {
            "R1": "Routing groups and the master",
            "R20": "Connectors",
            "R40": "The link state table",
            "R60": "Link state inside a routing group",
            "R70": "Link state between routing groups",
            "R80": "Failure and recovery",
            "R100": "The choice of a route",
            "R130": "Exchange 5.5 and 2007",
        },
    ),
    "S": ("The article against the documents", {"S1": "What the article says"}),
    "C": ("Contradictions between documents", {"C1": "Where documents disagree"}),
    "K": (
        "Troubleshooting",
        {
            "K1": "Message tracking",
            "K43": "Queue Viewer",
            "K64": "Further tools",
            "K101": "Method",
            "K107": "The second part of the article",
            "K111": "Found while the model was checked",
        },
    ),
    "N": (
        "Then and now",
        {
            "N1": "The product",
            "N6": "Components",
            "N14": "The ten steps",
            "N21": "Queues and the categorizer today",
            "N29": "Four destinations",
            "N35": "MX records",
            "N41": "Relaying",
            "N48": "Groups and connectors today",
            "N56": "Link state",
            "N61": "When links fail",
            "N67": "Troubleshooting today",
            "N72": "Planning today",
            "N76": "Ideas that outlived the product",
        },
    ),
    "O": ("Worked examples", {"O-2": "Examples of transport", "O11": "Examples of routing"}),
}
ABOUT = """# The facts

<!-- Made by scripts/facts_page.py from mailflow/facts/facts.toml: change that file, then run the script. -->

Everything the course says rests on {count} numbered facts. In Python, `mailflow.fact("R82")` prints one of them.

A fact has clauses, and each clause its mark. **Documented twice** means that two independent documents say so, **documented** that one does.
**Inferred** follows from documented facts. **Unconfirmed** is known in the field, but no document was at hand: in the model it may only be a
default that you can change.

Each fact is accounted for. {modelled} are *modelled*: a rule of the model, or another part of it, cites them. {told} are *told*: a notebook
or a page explains them. {left out} are *left out*, each with its reason.

What no notebook has room for is told in [What else the documents say](more.md) and in [Then and now](then-and-now.md).
"""


@cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule of the package, by name."""
    for module in walk_packages(mailflow.__path__, "mailflow."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return {name: rule for name, rule in rules().items() if rule.qualname.startswith("mailflow.")}


@cache
def in_rules() -> Mapping[str, list[str]]:
    """By number, the rules that cite a fact."""
    return _by_number((f"`{name}`", rule.numbers) for name, rule in all_rules().items())


@cache
def in_engine() -> Mapping[str, list[str]]:
    """By number, the files of the model that cite a fact, in a rule or not."""
    files = [path for path in sorted((ROOT / "mailflow").rglob("*.py")) if path.parent.name not in ("facts", "course")]
    return _by_number((f"`{path.relative_to(ROOT).as_posix()}`", cited_in(path.read_text("utf-8"))) for path in files)


@cache
def in_prose() -> Mapping[str, list[str]]:
    """By number, the notebooks and pages that tell a fact."""
    pages = [ROOT / "README.md", *(path for path in sorted((ROOT / "docs").glob("*.md")) if path != PAGE)]
    found = [(_link(path), cited_in(path.read_text("utf-8"))) for path in pages]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        prose = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        found.append((_link(path), cited_in(prose)))
    return _by_number(found)


def _by_number(found: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str, list[str]]:
    places: dict[str, list[str]] = {}
    for place, numbers in found:
        for number in numbers:
            places.setdefault(number, []).append(place)
    return places


def _link(path: Path) -> str:
    if path.parent == PAGE.parent:
        return f"[{path.read_text('utf-8').splitlines()[0].removeprefix('# ')}]({path.name})"
    name = path.stem.replace("-", " ") if path.suffix == ".ipynb" else path.name
    return f"[{name}](../{path.relative_to(ROOT).as_posix()})"


def page() -> str:
    """The whole page."""
    known = facts()
    counts = {where: sum(fact.where == where for fact in known.values()) for where in WHERE}
    lines = [ABOUT.format(count=len(known), **counts), "## Contents", "", *_contents(), ""]
    for letter, (title, sections) in PARTS.items():
        lines += [f"## {title}", ""]
        for number, fact in known.items():
            if number[0] == letter:
                if number in sections:
                    lines += [f"### {sections[number]}", ""]
                lines += [*entry(fact), ""]
    return "\n".join(lines)


def _contents() -> list[str]:
    lines = []
    for title, sections in PARTS.values():
        lines.append(f"- {_anchor(title)}")
        lines += [f"  - {_anchor(section)} from {number}" for number, section in sections.items()] * (len(sections) > 1)
    return lines


def _anchor(title: str) -> str:
    return f"[{title}](#{re.sub('[^a-z0-9 -]', '', title.lower()).replace(' ', '-')})"


def entry(fact: Fact) -> list[str]:
    """One fact in Markdown: how sure it is, what it says, where it comes from and where it is used."""
    mixed = len(fact.marks) > 1
    says = [f"{clause.says} *({clause.sure})*" if mixed else clause.says for clause in fact.clauses]
    about = {
        "From": fact.origin,
        "Rules": ", ".join(in_rules().get(fact.number, ())),
        "Code": ", ".join([] if fact.number in in_rules() else in_engine().get(fact.number, ())),
        "Told in": ", ".join(in_prose().get(fact.number, ())),
        f"Why {fact.where}": fact.why,
    }
    rows = [f"- {label}: {text}" for label, text in about.items() if text]
    return [
        f"#### {fact.number}",
        "",
        f"*{', in part '.join(fact.marks)}; {fact.where}*",
        "",
        " ".join(says),
        "",
        *rows,
    ]


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is out of date."""
    text = page()
    if "--check" in arguments:
        return int(not PAGE.is_file() or PAGE.read_text("utf-8") != text)
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
