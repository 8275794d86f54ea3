"""Public folder referrals: which routing groups a client may be sent to for a replica, and in which order.

Source: R20, R30, O31.
"""

from __future__ import annotations

from mailflow.facts import rule
from mailflow.facts.mistake import InputError
from mailflow.organization.model import AnyConnector, Organization
from mailflow.routing.choice import Map
from mailflow.routing.entries import targets
from mailflow.routing.table import from_directory


@rule
def referrals(organization: Organization, group: str) -> dict[str, int]:
    """Referrals follow the costs of connectors and go on from group to group, except over connectors that block them.

    Returns:
        The routing groups that may be asked, with their total cost, the cheapest first.

    Raises:
        ValueError: no such routing group.

    Source: R20, R30, O31.
    Sure: documented.
    """
    if group not in organization.routing_group:
        raise InputError(f"no routing group {group!r}; there is {', '.join(organization.routing_group)}")
    blocked = frozenset(item.name for item in organization.connectors if blocks(item, organization))
    costs = Map(from_directory(organization)).tree(group, blocked).costs
    return {name: int(cost) for name, cost in costs.items() if name != group}


@rule
def blocks(connector: AnyConnector, organization: Organization) -> bool:
    """Blocking is off by default, and on where a routing group with Exchange 5.5 servers is involved.

    Source: R20, O31.
    Sure: documented.
    """
    if connector.no_public_folder_referrals is not None:
        return connector.no_public_folder_referrals
    groups = {connector.routing_group, *targets(connector)}
    return any(item.product == "5.5" and item.routing_group in groups for item in organization.servers)
