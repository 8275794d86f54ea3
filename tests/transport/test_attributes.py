"""What Python must find fast, because a run asks for it most."""

from __future__ import annotations

import pytest

import mailflow
from mailflow.simulation.world import World
from mailflow.transport.parameters import Parameters

MOST = 29
"""Attributes that Python keeps of an object without a dictionary of its own, when the first one of its class gets them all."""


@pytest.mark.parametrize("name", ["one server", "two servers", "two sites"])
def test_a_world_and_its_servers_have_few_attributes(name: str) -> None:
    world = World(mailflow.load(name), Parameters(), 0)
    assert len(vars(world)) <= MOST
    assert all(len(vars(node)) <= MOST for node in world.nodes.values())
