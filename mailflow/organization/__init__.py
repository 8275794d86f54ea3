"""What an administrator configures: pure data, read from TOML and checked.

``load`` opens a ready-made organization or your own file, ``save`` writes one back, ``json_schema`` helps an editor.
"""

from typing import TYPE_CHECKING

from mailflow.lazily import lazily
from mailflow.organization.check import warnings
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
from mailflow.organization.write import dumps, save

if TYPE_CHECKING:
    from mailflow.organization.change import one_routing_group as one_routing_group
    from mailflow.organization.change import reconfigure as reconfigure
    from mailflow.organization.growing import grown as grown
    from mailflow.organization.schema import json_schema as json_schema

_HOME = {
    "grown": "mailflow.organization.growing",
    "json_schema": "mailflow.organization.schema",
    "one_routing_group": "mailflow.organization.change",
    "reconfigure": "mailflow.organization.change",
}

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

__getattr__ = lazily(__name__, _HOME)
