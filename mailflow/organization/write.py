"""Writing an organization back as TOML. What equals the default is left out, so that the file stays short."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mailflow.organization.load import NO_LIMIT, RECIPIENT_TABLES, TABLES
from mailflow.organization.model import Organization

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def dumps(organization: Organization) -> str:
    """The organization as TOML text; `mailflow.organization.loads` reads it back to an equal organization."""
    import tomli_w  # only those who save need it

    return tomli_w.dumps(to_data(organization))


def save(organization: Organization, path: str | os.PathLike[str]) -> None:
    """Write the organization to a file."""
    Path(path).write_text(dumps(organization), encoding="utf-8")


def to_data(organization: Organization) -> dict[str, object]:
    """The organization as the plain data of its file."""
    data = plain_fields(organization)
    for name in ("recipients", "connectors", *(key for key in TABLES if key not in RECIPIENT_TABLES)):
        data.pop(name, None)
    settings = data.pop("global_settings", None)
    if settings:
        data["global_settings"] = settings
    for key in ("servers", "server_policies", "routing_groups", "recipient_policies", "zones", "external_hosts"):
        rows: list[object] = [plain(item) for item in getattr(organization, key)]
        if rows:
            data[key] = rows
    if organization.connectors:
        data["connectors"] = [{"kind": item.kind, **plain_fields(item)} for item in organization.connectors]
    for key, kind in RECIPIENT_TABLES.items():
        rows = [plain(item) for item in organization.recipients if isinstance(item, kind)]
        if rows:
            data[key] = rows
    return data


def plain_fields(item: DataclassInstance) -> dict[str, object]:
    """Of a dataclass, however deep, what differs from the default, as TOML and JSON know it."""
    values = {
        entry.name: getattr(item, entry.name) for entry in fields(item) if getattr(item, entry.name) != default(entry)
    }
    return {name: plain(value) for name, value in values.items()}


def plain(item: object) -> object:
    """A value as TOML and JSON know it; a dataclass as `plain_fields` has it."""
    if is_dataclass(item) and not isinstance(item, type):
        return plain_fields(item)
    if isinstance(item, tuple):
        return [plain(value) for value in item]
    if item is None:
        return NO_LIMIT
    return dict(item) if isinstance(item, Mapping) else item


def default(entry: Field[object]) -> object:
    """The default of a field of a dataclass, or MISSING."""
    return entry.default_factory() if entry.default_factory is not MISSING else entry.default
