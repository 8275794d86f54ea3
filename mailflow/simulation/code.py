"""A plan as Python, to paste into a cell or a fresh interpreter."""

from __future__ import annotations

from mailflow.simulation.plan import Plan
from mailflow.simulation.writing import Writer
from mailflow.transport.parameters import Parameters


def code(plan: Plan, until: float | None = None) -> str:
    """Python that makes the same trace again, byte for byte."""
    messages = [message for action in plan.script for message in action.verb.messages()]
    writer = Writer(plan.organization, messages)
    body = [
        f"organization = {writer.organization_made()}",
        *(f"{name} = {made}" for name, made in writer.named.items()),
        f"scenario = mailflow.Scenario({', '.join(_settings(plan, writer))})",
        *(f"scenario.{action.verb.call(writer, action.at)}" for action in plan.script),
        f"trace = scenario.run({'' if until is None else f'until={writer.number(until)}'})",
    ]
    imports = sorted(writer.imports, key=lambda line: (line.startswith("from"), line))
    return "\n".join([*imports, "", *body])


def _settings(plan: Plan, writer: Writer) -> list[str]:
    seed = [f"seed={plan.seed!r}"] if plan.seed else []
    changed = plan.parameters != Parameters()
    return ["organization", *seed, *([f"parameters={writer.value(plan.parameters)}"] if changed else [])]
