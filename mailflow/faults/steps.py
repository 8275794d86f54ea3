"""What can be wrong, and what can be done about it: the verbs of a scenario, and settings of any object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from mailflow.facts.closest import closest
from mailflow.organization import Organization, reconfigure
from mailflow.organization.load import complete, with_values
from mailflow.plain import Plain
from mailflow.simulation import Verb
from mailflow.simulation.verbs import (
    DeleteServer,
    DisableOutboundMail,
    EnableOutboundMail,
    Fail,
    Freeze,
    Restore,
    SetMaster,
    Start,
    Stop,
    Unfreeze,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

GLOBAL = "global settings"


@dataclass(frozen=True, repr=False, eq=False)
class Setting(Plain):
    """Other values of some settings of one object: a server, connector, recipient, recipient policy, or the global settings."""

    name: str
    values: Mapping[str, object]


Step: TypeAlias = Verb | Setting


def setting(name: str, **values: object) -> Setting:
    """A setting of a server, a connector, a recipient (by name), a recipient policy, or of the "global settings".

    Example:
        >>> from mailflow.faults import setting
        >>> setting("LON01", max_message_kb=2048)
        Setting(name='LON01', values={'max_message_kb': 2048})
    """
    return Setting(name, values)


def stop(service: str, server: str = "") -> Verb:
    """A service is stopped, a mailbox store is dismounted, or the "antivirus" sink hangs."""
    return Stop(service, server)


def start(service: str, server: str = "") -> Verb:
    """Start what is stopped."""
    return Start(service, server)


def fail(name: str) -> Verb:
    """The network of a connector, a server or a host, or "DNS", is broken."""
    return Fail(name)


def restore(name: str) -> Verb:
    """Repair a network."""
    return Restore(name)


def freeze(queue: str, server: str = "") -> Verb:
    """Somebody froze a link queue."""
    return Freeze(queue, server)


def unfreeze(queue: str, server: str = "") -> Verb:
    """Unfreeze a link queue."""
    return Unfreeze(queue, server)


def delete_server(server: str) -> Verb:
    """Somebody deleted a server."""
    return DeleteServer(server)


def set_master(group: str, server: str) -> Verb:
    """Make a server the master of its routing group."""
    return SetMaster(group, server)


def disable_outbound_mail(server: str = "") -> Verb:
    """Outbound mail is disabled in Queue Viewer."""
    return DisableOutboundMail(server)


def enable_outbound_mail(server: str = "") -> Verb:
    """Enable outbound mail again."""
    return EnableOutboundMail(server)


def with_settings(organization: Organization, steps: Iterable[Step]) -> Organization:
    """A copy of an organization with all settings among these steps.

    Raises:
        ValueError: there is no such object or setting.
        OrganizationError: a value is of the wrong kind, or the organization does not allow it.
    """
    for step in steps:
        if isinstance(step, Setting):
            organization = _with(organization, step)
    return organization


def _with(organization: Organization, step: Setting) -> Organization:
    name = step.name
    if name == GLOBAL:
        return complete(replace(organization, global_settings=_set(organization.global_settings, step)))
    if name in organization.server or name in organization.connector:
        values: dict[str, Any] = dict(step.values)
        return reconfigure(organization, name, **values)
    recipients = tuple(_set(item, step) if item.name == name else item for item in organization.recipients)
    policies = tuple(_set(item, step) if item.name == name else item for item in organization.recipient_policies)
    if (recipients, policies) == (organization.recipients, organization.recipient_policies):
        _known(name, names(organization), f"setting: nothing is called {name!r}")
    return complete(replace(organization, recipients=recipients, recipient_policies=policies))


def names(organization: Organization) -> list[str]:
    """Everything that has settings."""
    further = (*organization.recipients, *organization.recipient_policies)
    return [GLOBAL, *organization.server, *organization.connector, *(item.name for item in further)]


def _set(item: T, step: Setting) -> T:
    settings = [one.name for one in fields(item) if one.name != "name"]
    for key in step.values:
        _known(key, settings, f"setting({step.name!r}): no setting {key!r}")
    return with_values(item, step.values, f'"{step.name}"')


def _known(name: str, known: Sequence[str], wrong: str) -> None:
    if name not in known:
        meant = closest(name, known)
        raise ValueError(f"{wrong}; " + (f"did you mean {meant!r}?" if meant else f"there is {', '.join(known[:12])}"))
