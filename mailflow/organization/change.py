"""A copy of an organization with other settings, for "what if" in a cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import TypeVar

from mailflow.facts.closest import closest
from mailflow.facts.kinds import need
from mailflow.facts.mistake import InputError
from mailflow.organization.check import list_faults
from mailflow.organization.load import OrganizationError, complete, with_values
from mailflow.organization.model import (
    AnyConnector,
    ExternalHost,
    Group,
    Organization,
    RoutingGroup,
    RoutingGroupConnector,
    Server,
    VirtualServer,
)

P = TypeVar("P", Server, RoutingGroup, ExternalHost)

SETTINGS = tuple(item.name for item in fields(VirtualServer))
ON_THE_SERVER = tuple(
    item.name for item in fields(Server) if item.name not in ("name", "ip", "routing_group", "virtual_servers")
)


def reconfigure(organization: Organization, name: str, *, virtual_server: str = "", **settings: object) -> Organization:
    """A copy in which a server or a connector has other settings; the original stays as it is.

    For a server, a setting is one of the server itself or of a virtual server: the one that ``virtual_server`` names, by
    default the first. Lists may be given as lists:
    ``reconfigure(organization, "LON01", relay_list=["192.0.2.200"])``, ``reconfigure(organization, "London-Paris", cost=5)``.

    Example:
        >>> import mailflow
        >>> organization = mailflow.load("two sites")
        >>> mailflow.reconfigure(organization, "LON01", relay_list=["192.0.2.200"]).server["LON01"].virtual_servers[0].relay_list
        ('192.0.2.200',)
        >>> mailflow.reconfigure(organization, "London-Paris", cost=5).connector["London-Paris"].cost
        5

    Raises:
        ValueError: no such server, virtual server or connector, or no such setting.
        OrganizationError: a value is of the wrong kind, or the organization does not allow it.
    """
    need("reconfigure", organization, Organization, "organization", "give one from mailflow.load(...)")
    need(
        "reconfigure",
        name,
        str,
        "name of a server or connector",
        "write, for example, reconfigure(organization, 'LON01', ...)",
    )
    if name in organization.connector and not virtual_server:
        made = set_connector(organization.connector[name], settings)
        return complete(with_connector(organization, name, made))
    if name not in organization.server:
        known = [*organization.server, *organization.connector]
        meant = closest(name, known)
        hint = f"did you mean {meant!r}?" if meant else f"there is {', '.join(known[:8])}"
        raise InputError(f"no server or connector {name!r}; {hint}")
    old = organization.server[name]
    _check(settings, (*SETTINGS, *ON_THE_SERVER), "a virtual server or server")
    outer = {key: value for key, value in settings.items() if key in ON_THE_SERVER}
    inner = {key: value for key, value in settings.items() if key not in ON_THE_SERVER}
    place = f'server "{name}"'
    chosen = virtual_server_of(old, virtual_server)
    reset = with_values(chosen, inner, place)
    virtual_servers = tuple(reset if item is chosen else item for item in old.virtual_servers)
    changed = with_values(replace(old, virtual_servers=virtual_servers), outer, place)
    if wrong := list(list_faults(changed, place)):
        raise OrganizationError("reconfigure", wrong)
    return replace(organization, servers=tuple(changed if item is old else item for item in organization.servers))


def virtual_server_of(server: Server, name: str = "") -> VirtualServer:
    """The virtual server of that name; without a name the default one.

    Raises:
        ValueError: there is no such virtual server.
    """
    known = [item.name for item in server.virtual_servers]
    if name != "" and name not in known:
        raise InputError(f"{server.name} has no virtual server {name!r}; there is {', '.join(known)}")
    return server.virtual_server(name)


def without_recipient(organization: Organization, name: str) -> Organization:
    """A copy without a recipient, who is in no group any more either."""
    rest = (item for item in organization.recipients if item.name != name)
    made = tuple(
        replace(item, members=tuple(one for one in item.members if one != name)) if isinstance(item, Group) else item
        for item in rest
    )
    return replace(organization, recipients=made)


def one_routing_group(organization: Organization) -> Organization:
    """A copy in which all servers are in one routing group, as in a fresh organization; connectors between groups are gone.

    What a large routing group does, and what it cannot do, shows beside the original (Source: R1, R4, R6).

    Example:
        >>> import mailflow
        >>> [connector.name for connector in mailflow.one_routing_group(mailflow.load("two sites")).connectors]
        ['Internet']
        >>> [group.name for group in mailflow.one_routing_group(mailflow.load("two sites")).routing_groups]
        ['First Routing Group']
    """
    need("one_routing_group", organization, Organization, "organization", "give one from mailflow.load(...)")
    first = replace(organization.routing_groups[0], name="First Routing Group")
    outward = (replace(item, routing_group=first.name) for item in organization.connectors if _leads_out(item))
    servers = tuple(replace(item, routing_group=first.name, position=()) for item in organization.servers)
    title = f"{organization.title}, in one routing group"
    return replace(organization, title=title, servers=servers, routing_groups=(first,), connectors=tuple(outward))


def without_positions(organization: Organization) -> Organization:
    """A copy that says nothing of where things stand on a map."""

    def anywhere(items: tuple[P, ...]) -> tuple[P, ...]:
        return tuple(replace(item, position=()) for item in items)

    return replace(
        organization,
        servers=anywhere(organization.servers),
        routing_groups=anywhere(organization.routing_groups),
        external_hosts=anywhere(organization.external_hosts),
    )


def _leads_out(connector: AnyConnector) -> bool:
    return not isinstance(connector, RoutingGroupConnector) and not connector.connected_routing_groups


def set_connector(connector: AnyConnector, settings: Mapping[str, object]) -> AnyConnector:
    """A connector with other settings. They may be plain data, as in an organization file.

    Raises:
        ValueError: it has no such setting, or a value is of the wrong kind.
    """
    known = [item.name for item in fields(connector) if item.name not in ("name", "routing_group")]
    _check(settings, known, f"a {connector.kind} connector")
    return with_values(connector, settings, f'connector "{connector.name}"')


def with_connector(organization: Organization, name: str, made: AnyConnector | None) -> Organization:
    """A copy in which the connector of this name is another one, is new, or (with None) is gone."""
    there = organization.connectors
    if name not in organization.connector:
        return replace(organization, connectors=there if made is None else (*there, made))
    changed = ((made if item.name == name else item) for item in there)
    return replace(organization, connectors=tuple(item for item in changed if item is not None))


def _check(given: Mapping[str, object], known: Collection[str], what: str) -> None:
    for name in given:
        if name not in known:
            meant = closest(name, known)
            hint = f"did you mean {meant!r}?" if meant else f"there is {', '.join(known)}"
            raise InputError(f"no setting {name!r} of {what}; {hint}")
