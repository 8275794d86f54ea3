"""What an administrator configures: pure data, read from TOML and checked.

``load`` opens a ready-made organization or your own file, ``save`` writes one back, ``json_schema`` helps an editor.
"""

from mailflow.organization.change import one_routing_group, reconfigure
from mailflow.organization.check import warnings
from mailflow.organization.grown import grown
from mailflow.organization.load import OrganizationError, complete, load, loads, ready_made
from mailflow.organization.model import (
    AddressSpace,
    Contact,
    ExternalHost,
    GlobalSettings,
    Group,
    Mailbox,
    MailboxStore,
    MessageFormat,
    Organization,
    PolicyDomain,
    QueryGroup,
    RecipientPolicy,
    RoutingGroup,
    RoutingGroupConnector,
    Server,
    ServerPolicy,
    SmtpConnector,
    VirtualServer,
    X400Connector,
    Zone,
)
from mailflow.organization.query import FilterError, members_by_query
from mailflow.organization.schema import json_schema
from mailflow.organization.write import dumps, save

__all__ = [
    "AddressSpace",
    "Contact",
    "ExternalHost",
    "FilterError",
    "GlobalSettings",
    "Group",
    "Mailbox",
    "MailboxStore",
    "MessageFormat",
    "Organization",
    "OrganizationError",
    "PolicyDomain",
    "QueryGroup",
    "RecipientPolicy",
    "RoutingGroup",
    "RoutingGroupConnector",
    "Server",
    "ServerPolicy",
    "SmtpConnector",
    "VirtualServer",
    "X400Connector",
    "Zone",
    "complete",
    "dumps",
    "grown",
    "json_schema",
    "load",
    "loads",
    "members_by_query",
    "one_routing_group",
    "ready_made",
    "reconfigure",
    "save",
    "warnings",
]
