"""A copy of an organization with other settings, for "what if" in a cell."""

from __future__ import annotations

from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Any

from mailflow.organization.model import Organization, VirtualServer

SETTINGS = tuple(item.name for item in fields(VirtualServer))


def reconfigure(organization: Organization, server: str, **settings: Any) -> Organization:
    """A copy in which the first virtual server of ``server`` has other settings; the original stays as it is.

    Lists may be given as lists: ``reconfigure(organization, "LON01", relay_list=["192.0.2.200"])``.

    Raises:
        ValueError: no such server, or no such setting.
    """
    if server not in organization.server:
        raise ValueError(f"no server {server!r}; there is {', '.join(list(organization.server)[:8])}")
    for name in settings:
        if name not in SETTINGS:
            close = get_close_matches(name, SETTINGS, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there is {', '.join(SETTINGS)}"
            raise ValueError(f"no setting {name!r} of a virtual server; {hint}")
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
    }
    old = organization.server[server]
    first = replace(old.virtual_servers[0], **given)
    made = replace(old, virtual_servers=(first, *old.virtual_servers[1:]))
    return replace(organization, servers=tuple(made if item is old else item for item in organization.servers))
