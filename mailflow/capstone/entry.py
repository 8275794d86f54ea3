"""The brief as a learner meets it: read it, design for it, be judged, report and present."""

from __future__ import annotations

import hashlib
import os
from html import escape
from pathlib import Path

from mailflow.capstone.figures import figures
from mailflow.capstone.presentation import Presentation, presentation
from mailflow.capstone.report import report
from mailflow.capstone.rules import faults
from mailflow.capstone.sheet import Sheet
from mailflow.capstone.storms import seeds
from mailflow.capstone.terms import REFERENCES, Terms, organization_of, terms, text_of
from mailflow.facts.kinds import need
from mailflow.facts.mistake import InputError
from mailflow.facts.words import counted
from mailflow.organization import Organization, dumps
from mailflow.tools.listing import Verbatim, aligned, table

PRACTICE = "practice"


class Brief:
    """What is asked for, and what can be done about it. Show it in a notebook or ``print`` it.

    Attributes:
        terms: sites, lines, prices, goals and weather, as data.
    """

    def __init__(self, asked: Terms) -> None:
        self.terms = asked

    def design(self, text: str) -> Organization:
        """An organization from your TOML, or a design that comes with the brief: "star", "ring", "mesh" or "pairs".

        You write ``servers`` and ``connectors``; the routing group of a server is its site. The rest is filled in: domain,
        routing groups, people, and the Internet. People live on the first server of their site, unless you write ``mailboxes``.

        Raises:
            OrganizationError: faults in the text, all of them, each with its place.
        """
        return organization_of(self.terms, text)

    def text(self, name: str) -> Verbatim:
        """The TOML of a design that comes with the brief: something to start from. Show it in a notebook, or ``print`` it.

        Raises:
            OrganizationError: there is no such design.
        """
        return Verbatim(text_of(name))

    def practise(self, design: Organization) -> Sheet:
        """Judge a design in storms that are always the same, so that a change can be seen in the figures."""
        return self.judge(design, PRACTICE)

    def judge(self, design: Organization, word: str = "") -> Sheet:
        """Judge a design in storms that nobody has seen: they are drawn from the design itself, so another one meets others.

        Args:
            design: from `design`, or any organization that keeps to the brief.
            word: draws the storms instead; a class can agree on one after everybody has handed in.
        """
        need("judge", design, Organization, "organization", 'give one from brief.design("star")')
        need("judge(word)", word, str, "text", "write, for example, word='12 June'")
        word = word or hashlib.sha256(dumps(design).encode()).hexdigest()[:10]
        if broken := faults(self.terms, design):
            return Sheet(self.terms, design, word, tuple(broken))
        drawn = seeds(self.terms, word)
        others = {name: figures(self.terms, self.design(name), drawn) for name in REFERENCES}
        return Sheet(self.terms, design, word, (), figures(self.terms, design, drawn), others)

    def report(self, sheet: Sheet, path: str | os.PathLike[str], author: str = "") -> Path:
        """Write a sheet, its organization and its map as one page of HTML, to print or to hand in; give its path."""
        need("report", sheet, Sheet, "score sheet", "give what brief.judge(...) returned")
        target = Path(path)
        target.write_text(report(sheet, author), encoding="utf-8")
        return target

    def present(self, sheet: Sheet) -> Presentation:
        """Three Share lines about the letter that suffered most: a calm day, the storm, and how it ends.

        Raises:
            ValueError: nothing was judged, because rules are broken.
        """
        need("present", sheet, Sheet, "score sheet", "give what brief.judge(...) returned")
        if sheet.yours is None:
            raise InputError(f"present: {sheet.title.lower()}; mend that first")
        return presentation(sheet)

    def _rows(self) -> list[tuple[str, ...]]:
        asked, storm = self.terms, self.terms.storm
        people = [f"{site.name}: {' and '.join(name.title() for name in site.people)}" for site in asked.sites]
        lines = [f"{line.name}: {line.price} euros, fails in {line.fails:.0%} of all storms" for line in asked.lines]
        weather = [
            f"{storm.hours:g} hours, {storm.messages} messages, about {storm.outside:.0%} of them to {asked.outside.person}",
            f"each server fails in {storm.server_fails:.0%} of all storms; what fails is back after {storm.minutes[0]:g} to {storm.minutes[1]:g} minutes",
        ]
        money = [f"a server {asked.server} euros, a gateway to the Internet {asked.gateway} more, and the lines"]
        parts = {"Sites and people": people, "Price a month": money, "Lines for hire": lines, "A storm": weather, "Goals": self._goals()}  # fmt: skip
        return [("" if number else head, line) for head, told in parts.items() for number, line in enumerate(told)]

    def _goals(self) -> list[str]:
        limit = next(int(goal.most or 0) for goal in self.terms.goals if goal.column == "price")
        least = next(goal for goal in self.terms.goals if goal.column == "in_time")
        points = counted(round(100 * (least.least or 0)), "point")
        return [
            f"mail in time, within {self.terms.storm.in_time_minutes:g} minutes: {points} more than the {least.than} in the same storms",
            "mean delay: less than the ring",
            "no message lost or returned, and no open relay",
            "link state: less than the mesh",
            f"at most {limit} euros a month",
        ]

    def __str__(self) -> str:
        return "\n".join([f"Brief: {self.terms.title}", *aligned(self._rows())])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<div><p><b>Brief: {escape(self.terms.title)}</b></p>{table(('', ''), self._rows())}</div>"


def brief() -> Brief:
    """The task of the last notebook: sites, lines, prices and goals, for which you design an organization.

    Example:
        >>> import mailflow
        >>> brief = mailflow.brief()
        >>> star = brief.design("star")
        >>> sheet = brief.practise(star)
        >>> sheet.yours.price, sheet.survives
        (570, False)
    """
    return Brief(terms())
