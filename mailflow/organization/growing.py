"""Organizations of any size, for what a hand-written file cannot show: how cost grows with size."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Literal

from mailflow.facts.kinds import need, need_one_of
from mailflow.facts.mistake import InputError
from mailflow.organization.model import (
    Mailbox,
    Organization,
    PolicyDomain,
    RecipientPolicy,
    RoutingGroup,
    RoutingGroupConnector,
    Server,
)

Shape = Literal["hub", "ring", "random"]
MOST = 100_000
"""So many servers an organization may grow to."""
SHAPES: tuple[Shape, ...] = ("hub", "ring", "random")


def grown(groups: int, servers: int = 2, *, shape: Shape = "random", seed: int = 0) -> Organization:
    """An organization of so many routing groups with so many servers each, joined in both directions.

    The first server of a routing group is its master, the last one its bridgehead. Each routing group has one mailbox,
    ``user0@contoso.com`` and so on, on its first server. The size is not held against the limits of the product, so
    that you can go beyond them (Source: R16).

    Example:
        >>> import mailflow
        >>> organization = mailflow.grown(6, 3, shape="ring")
        >>> len(organization.servers), len(organization.connectors)
        (18, 12)

    Args:
        shape: "hub" (all joined with the first), "ring", or "random" (a random tree, and half as many connectors more).
        seed: of the random shape and costs.

    Raises:
        ValueError: fewer than two routing groups, no servers, or a shape that does not exist.
    """
    for place, value in (("groups", groups), ("servers", servers), ("seed", seed)):
        need(f"grown({place}={value!r})", value, int, "whole number", "write, for example, grown(6, 3)")
    if groups * servers > MOST:
        raise InputError(f"grown({groups}, {servers}): at most {MOST:,} servers in all")
    if groups < 2 or servers < 1:
        raise InputError(f"grown({groups}, {servers}): at least 2 routing groups and 1 server in each")
    need_one_of("grown(shape)", shape, SHAPES)
    names = [f"G{number}" for number in range(groups)]
    rng = random.Random(seed)
    return Organization(
        name="Contoso",
        title=f"{groups} routing groups of {servers} servers",
        servers=tuple(_server(names, group, number) for group in range(groups) for number in range(servers)),
        routing_groups=tuple(RoutingGroup(name=name, master=f"{name}S0") for name in names),
        connectors=tuple(
            RoutingGroupConnector(
                name=f"{names[here]}-{names[there]}",
                routing_group=names[here],
                to=names[there],
                cost=cost,
                local_bridgeheads=(f"{names[here]}S{servers - 1}",),
                remote_bridgeheads=(f"{names[there]}S{servers - 1}",),
            )
            for one, two, cost in _edges(groups, shape, rng)
            for here, there in ((one, two), (two, one))
        ),
        recipients=tuple(
            Mailbox(
                name=f"user{number}",
                display_name=f"user{number}",
                server=f"{name}S0",
                store="Mailbox Store",
                addresses=(f"user{number}@contoso.com",),
            )
            for number, name in enumerate(names)
        ),
        recipient_policies=(RecipientPolicy(domains=(PolicyDomain(domain="contoso.com"),)),),
    )


def _server(names: list[str], group: int, number: int) -> Server:
    name = f"{names[group]}S{number}"
    ip = f"10.{group // 250}.{group % 250}.{number + 1}"
    return Server(name=name, routing_group=names[group], fqdn=f"{name.lower()}.contoso.com", ip=ip)


def _edges(groups: int, shape: Shape, rng: random.Random) -> Iterator[tuple[int, int, int]]:
    if shape == "hub":
        yield from ((0, number, 10) for number in range(1, groups))
        return
    if shape == "ring":
        yield from ((number, (number + 1) % groups, 10) for number in range(groups if groups > 2 else 1))
        return
    seen = set()
    for number in range(1, groups):
        seen.add((rng.randrange(max(0, number - 20), number), number))
    for _ in range(groups // 2):
        one, two = sorted(rng.sample(range(groups), 2))
        seen.add((one, two))
    yield from ((one, two, rng.randint(1, 20)) for one, two in sorted(seen))
