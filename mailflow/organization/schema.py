"""The JSON Schema of an organization file, so that an editor can complete and check it.

It is made from the classes of `mailflow.organization.model`: what they say is what the schema says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import UnionType
from typing import TYPE_CHECKING, Literal, TypedDict, get_args, get_origin

from mailflow.organization import model
from mailflow.organization.load import NO_LIMIT, TABLES, _hints, _required

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class ObjectSchema(TypedDict):
    """The schema of one table of a file."""

    type: str
    description: str
    properties: dict[str, object]
    required: list[str]
    additionalProperties: bool  # the word of JSON Schema


def json_schema() -> dict[str, object]:
    """A JSON Schema (draft 2020-12) of the whole file."""
    properties: dict[str, object] = {
        "name": {"type": "string"},
        "title": {"type": "string"},
        "mode": {"enum": ["native", "mixed"]},
        "global_settings": _object(model.GlobalSettings),
        "connectors": {
            "type": "array",
            "items": {"oneOf": [_connector(kind) for kind in model.CONNECTOR_KINDS.values()]},
        },
    }
    for key, kind in TABLES.items():
        properties[key] = {"type": "array", "items": _zone() if kind is model.Zone else _object(kind)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mailflow organization",
        "type": "object",
        "properties": properties,
        "required": ["name", "servers", "routing_groups", "recipient_policies"],
        "additionalProperties": False,
    }


def _zone() -> ObjectSchema:
    made = _object(model.Zone)
    made["properties"]["file"] = {"type": "string", "description": "A zone file beside this file, instead of records."}
    made["required"] = ["name"]
    return made


def _connector(kind: type[model.AnyConnector]) -> ObjectSchema:
    made = _object(kind)
    made["properties"] = {"kind": {"const": kind.kind}, **made["properties"]}
    made["required"] = ["kind", *made["required"]]
    return made


def _object(kind: type[DataclassInstance]) -> ObjectSchema:
    hints = _hints(kind)
    return {
        "type": "object",
        "description": (kind.__doc__ or "").split("Source:")[0].strip(),
        "properties": {name: _value(hint) for name, hint in hints.items()},
        "required": [item.name for item in fields(kind) if _required(item)],
        "additionalProperties": False,
    }


def _value(hint: object) -> Mapping[str, object]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        wanted = _value(next(item for item in arguments if item is not type(None)))
        return {"anyOf": [wanted, {"const": NO_LIMIT}]} if type(None) in arguments else wanted
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        made: dict[str, object] = {"type": "array", "items": _value(arguments[0])}
        if arguments[-1] is not Ellipsis:
            made |= {"minItems": len(arguments), "maxItems": len(arguments)}
        return made
    if isinstance(hint, type) and hint.__module__ == model.__name__:
        return _object(hint)
    if origin is not None:
        return {"type": "object", "additionalProperties": {"type": "string"}}
    simple: dict[object, dict[str, object]] = {
        bool: {"type": "boolean"},
        int: {"type": "integer", "minimum": 0},
        float: {"type": "number", "minimum": 0},
    }
    return simple.get(hint, {"type": "string"})
