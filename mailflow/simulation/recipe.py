"""A plan as a short text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypedDict

from mailflow.organization import dumps
from mailflow.organization.write import plain
from mailflow.simulation.plan import Plan
from mailflow.simulation.verbs.base import Enclosed
from mailflow.trace.packing import packed

FORMAT = "mailflow scenario 1"


class OrganizationWritten(TypedDict, total=False):
    """An organization in a shared text: the name of a ready-made one, or the text of its file."""

    ready_made: str
    organization: str


class RecipeData(OrganizationWritten):
    """What a shared text holds. A message is its content, sender and recipients; a list stands for each tuple in JSON."""

    format: str
    seed: int
    parameters: object
    until: float | None
    messages: Sequence[tuple[str, str, list[str]]]
    script: Sequence[Mapping[str, object]]


def recipe(plan: Plan, until: float | None = None) -> str:
    """The text that `mailflow.shared` reads, without a step. A ready-made organization is in it by name, any other one
    whole but for its positions on a map, which change nothing that happens; each message is in it once.
    """
    enclosed = Enclosed()
    script = [{"at": action.at, "verb": action.verb.word, **action.verb.to_recipe(enclosed)} for action in plan.script]
    data: RecipeData = {
        "format": FORMAT,
        **_organization(plan),
        "seed": plan.seed,
        "parameters": plain(plan.parameters),
        "until": until,
        "messages": [
            (item.content.decode("latin-1"), item.sender, list(item.recipients)) for item in enclosed.messages
        ],
        "script": script,
    }
    return packed(json.dumps(data, separators=(",", ":")))


def _organization(plan: Plan) -> OrganizationWritten:
    known = plan.organization.ready_made
    if known:
        return {"ready_made": known}
    from mailflow.organization.change import without_positions  # a first run is in a ready-made organization

    return {"organization": dumps(without_positions(plan.organization))}
