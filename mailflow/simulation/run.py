"""One run of a plan, from an empty clock to a trace."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import inf

from mailflow.simulation.description import map_data, messages_data, positions
from mailflow.simulation.plan import Action, Plan
from mailflow.simulation.recipe import recipe
from mailflow.simulation.world import World
from mailflow.trace import Trace
from mailflow.transport.work import Steps

Progress = Callable[[float], object]


def run(plan: Plan, until: float | None, progress: Progress | None) -> Trace:
    """Run a plan from the start, up to ``until`` in seconds or until nothing can happen any more."""
    world = World(plan.organization, plan.parameters, plan.seed)
    world.env.start(_drive(world, plan.script, progress))
    with _no_collection():
        world.env.run_before(inf if until is None else until)
    made = Trace(
        world.records,
        organization={**map_data(plan.organization), **world.routing_data()},
        messages=partial(messages_data, world.letters, world.ids if world.tracks else None),
        script=partial(_written, plan.script),
        seed=plan.seed,
        letters={key: letter.message for key, letter in world.letters.items()},
        ids=world.ids,
        archives={key: letter.archived for key, letter in world.letters.items() if letter.archived},
        arrivals={key: letter.arrived for key, letter in world.letters.items()},
        link_state=world.link_state.register.data(),
        recipe=partial(recipe, plan, until),
        positions=positions(plan.organization),
    )
    world.close()
    return made


def _written(script: tuple[Action, ...]) -> list[dict[str, object]]:
    return [action.as_data() for action in script]


def _drive(world: World, script: tuple[Action, ...], progress: Progress | None) -> Steps:
    for number, action in enumerate(script):
        if action.at > world.env.now:
            yield action.at - world.env.now
        action.verb.perform(world)
        if progress is not None:
            progress((number + 1) / len(script))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from looking at what a run makes, which then counts as old at once.

    It lives as long as its trace and holds no circles (see `World.close`), so that looking costs and finds nothing.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            # Both act on the whole process. Together they only make everything that exists now count as old, so that the
            # next quick collections pass it by; a full one still sees it. To thaw what somebody else froze (a server that
            # forks, say) would be none of our business.
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()
