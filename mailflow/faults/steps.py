"""What can be wrong, and what can be done about it: the verbs of a scenario, and settings of any object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from mailflow.facts.mistake import InputError
from mailflow.organization import Organization, reconfigure
from mailflow.organization.load import complete, with_values
from mailflow.plain import Plain
from mailflow.simulation import Verb
from mailflow.simulation.errors import meant
from mailflow.simulation.verbs import (
    DeleteMailbox,
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
    """Other values of some settings of one object: a server, connector, recipient, recipient policy, mail host outside, or the global
    settings.
    """

    name: str
    values: Mapping[str, object]


Step: TypeAlias = Verb | Setting


def setting(name: str, **values: object) -> Setting:
    """A setting of a server, a connector, a recipient (by name), a recipient policy, or of the "global settings"; or of a mail host outside,
    which you ask others to change.

    Example:
        >>> from mailflow.faults import setting
        >>> setting("LON01", max_message_kb=2048)
        Setting(name='LON01', values={'max_message_kb': 2048})
    """
    return Setting(name, values)


# The verbs of a scenario, under the names of its methods.
stop, start = Stop, Start
fail, restore = Fail, Restore
freeze, unfreeze = Freeze, Unfreeze
delete_server, set_master = DeleteServer, SetMaster
delete_mailbox = DeleteMailbox
disable_outbound_mail, enable_outbound_mail = DisableOutboundMail, EnableOutboundMail


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
    if name not in names(organization):
        raise InputError(f"setting: nothing is called {name!r}{meant(name, names(organization))}")
    recipients = tuple(_set(item, step) if item.name == name else item for item in organization.recipients)
    policies = tuple(_set(item, step) if item.name == name else item for item in organization.recipient_policies)
    hosts = tuple(_set(item, step) if item.name == name else item for item in organization.external_hosts)
    return complete(replace(organization, recipients=recipients, recipient_policies=policies, external_hosts=hosts))


def names(organization: Organization) -> list[str]:
    """Everything that has settings."""
    further = (*organization.recipients, *organization.recipient_policies, *organization.external_hosts)
    return [GLOBAL, *organization.server, *organization.connector, *(item.name for item in further)]


def _set(item: T, step: Setting) -> T:
    settings = [one.name for one in fields(item) if one.name != "name"]
    for key in step.values:
        if key not in settings:
            raise InputError(f"setting({step.name!r}): no setting {key!r}{meant(key, settings)}")
    return with_values(item, step.values, f'"{step.name}"')
