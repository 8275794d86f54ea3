"""A plan as a short text."""

from __future__ import annotations

import json
from typing import Any

from mailflow.organization import dumps
from mailflow.organization.write import plain
from mailflow.simulation.plan import Plan
from mailflow.simulation.verbs.base import Enclosed
from mailflow.trace.packing import packed

FORMAT = "mailflow scenario 1"


def recipe(plan: Plan, until: float | None = None) -> str:
    """The text that `mailflow.shared` reads, without a step. A ready-made organization is in it by name, any other one
    whole; each message is in it once.
    """
    enclosed = Enclosed()
    script = [{"at": action.at, "verb": action.verb.word, **action.verb.to_recipe(enclosed)} for action in plan.script]
    known = plan.organization.ready_made
    data: dict[str, Any] = {
        "format": FORMAT,
        **({"ready_made": known} if known else {"organization": dumps(plan.organization)}),
        "seed": plan.seed,
        "parameters": plain(plan.parameters),
        "until": until,
        "messages": [
            [item.content.decode("latin-1"), item.sender, list(item.recipients)] for item in enclosed.messages
        ],
        "script": script,
    }
    return packed(json.dumps(data, separators=(",", ":")))
