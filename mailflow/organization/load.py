"""Reading an organization file: TOML to objects, with every fault named by its place.

The steps: parse TOML, turn tables into objects (cattrs), fill in what may be left out, and check that all names lead
somewhere.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Literal, TypeVar, get_args, get_origin, get_type_hints

from mailflow.facts.closest import closest
from mailflow.facts.kinds import misfit
from mailflow.facts.mistake import Mistake
from mailflow.facts.words import counted
from mailflow.organization import model
from mailflow.organization.check import faults
from mailflow.organization.model import CONNECTOR_KINDS, AnyConnector, Organization

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
D = TypeVar("D", bound="DataclassInstance")
Row = Mapping[str, object]
"""One table of a file, or the settings of one object: nothing is known yet of its values."""

RECIPIENT_TABLES = {
    "mailboxes": model.Mailbox,
    "contacts": model.Contact,
    "groups": model.Group,
    "query_based_groups": model.QueryGroup,
}
TABLES: dict[str, type[DataclassInstance]] = {
    "servers": model.Server,
    "server_policies": model.ServerPolicy,
    "routing_groups": model.RoutingGroup,
    "recipient_policies": model.RecipientPolicy,
    "zones": model.Zone,
    "external_hosts": model.ExternalHost,
    **RECIPIENT_TABLES,
}
SINGULAR = {
    "servers": "server",
    "server_policies": "server policy",
    "routing_groups": "routing group",
    "recipient_policies": "recipient policy",
    "zones": "zone",
    "external_hosts": "external host",
    "mailboxes": "mailbox",
    "contacts": "contact",
    "groups": "group",
    "query_based_groups": "query-based group",
    "connectors": "connector",
}
NO_LIMIT = "no limit"
"""How a file says that a limit with a default does not apply."""

_MOVED: Mapping[tuple[type, str], str] = {
    (model.MailboxStore, "journal_kind"): (
        "the kind of journaling is no setting of a store; write envelope_journaling = true under [global_settings], "
        "or bcc_journaling = true for a server; with neither it is standard"
    )
}
"""Keys that files of earlier versions have, and where each of them stands now."""

TOP_KEYS = ("name", "title", "mode", "global_settings", "connectors", *TABLES)


class OrganizationError(Mistake, ValueError):
    """An organization file with faults. ``faults`` lists each with its place and remedy; the text shows one a line.

    Example:
        >>> import mailflow
        >>> mailflow.load("one sever")
        Traceback (most recent call last):
            ...
        mailflow.organization.load.OrganizationError: one sever: 1 fault
          no such file, and no ready-made organization; did you mean 'one server'?
    """

    def __init__(self, source: str, found: list[str]) -> None:
        self.source = source
        self.faults = tuple(found)
        count = counted(len(found), "fault")
        super().__init__("\n".join([f"{source}: {count}", *(f"  {line}" for line in found)]))


def ready_made() -> tuple[str, ...]:
    """The names of the organizations that come with the package.

    Example:
        >>> import mailflow
        >>> mailflow.ready_made()
        ('four corners', 'hub and spokes', 'one server', 'two servers', 'two sites', 'worldwide')
    """
    return tuple(
        sorted(
            item.name.removesuffix(".toml").replace("-", " ")
            for item in _folder().iterdir()
            if item.name.endswith(".toml")
        )
    )


def _folder() -> Path:
    return Path(__file__).with_name("ready")


def load(name: str | os.PathLike[str]) -> Organization:
    """Open a ready-made organization by its name, or an organization file by its path.

    Example:
        >>> import mailflow
        >>> mailflow.load("one server").domain
        'contoso.com'

    Raises:
        OrganizationError: no such organization, a file that cannot be read, or faults in it.
    """
    if not isinstance(name, (str, os.PathLike)) or not str(name).strip():
        remedy = f"ready-made are {', '.join(map(repr, ready_made()))}"
        raise OrganizationError("load", [misfit("name", name, "name or path", remedy)])
    text = os.fspath(name)
    if text.replace("-", " ") in ready_made():
        resource = _folder() / f"{text.replace(' ', '-')}.toml"
        organization = _read(resource.read_text(encoding="utf-8"), text, None, zones=False)
        # Written where the cached property keeps its value. A field would do for a frozen dataclass, but `replace` copies
        # fields: a changed organization would still pass for the ready-made one.
        vars(organization)["ready_made"] = text.replace("-", " ")
        return organization
    path = Path(text)
    try:
        return loads(path.read_text(encoding="utf-8"), name=text, folder=path.parent)
    except UnicodeDecodeError as error:
        raise OrganizationError(
            text, [f"byte {error.start}: not UTF-8 text; an organization file is a TOML text"]
        ) from error
    except (PermissionError, IsADirectoryError) as error:
        raise OrganizationError(text, [f"cannot be read ({error.strerror}); give an organization file"]) from error
    except (OSError, ValueError) as error:
        if isinstance(error, OrganizationError):
            raise
        known = ready_made()
        meant = closest(text, known)
        hint = f"did you mean {meant!r}?" if meant else f"ready-made are {', '.join(map(repr, known))}"
        raise OrganizationError(text, [f"no such file, and no ready-made organization; {hint}"]) from error


def loads(text: str, *, name: str = "<text>", folder: Path | None = None) -> Organization:
    """Read an organization from TOML text. ``folder`` is where zone files named in it lie.

    Example:
        >>> import mailflow
        >>> organization = mailflow.loads('''
        ... name = "Tiny"
        ... servers = [{name = "A", routing_group = "First", mailbox_stores = [{name = "Store"}]}]
        ... routing_groups = [{name = "First"}]
        ... recipient_policies = [{name = "Default", domains = [{domain = "tiny.example"}]}]
        ... mailboxes = [{name = "ann", server = "A"}]
        ... ''')
        >>> organization.recipients[0].primary
        'ann@tiny.example'

    Raises:
        OrganizationError: faults in the text, all of them.
    """
    if not isinstance(text, str):
        raise OrganizationError(
            "loads", [misfit("text", text, "TOML text", "for a file, write load(path); for bytes, decode them first")]
        )
    return _read(text, name, folder, zones=True)


def _read(text: str, name: str, folder: Path | None, *, zones: bool) -> Organization:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OrganizationError(name, [f"not TOML: {error}"]) from error
    reader = _Reader(folder)
    organization = reader.organization(data)
    if organization is None or reader.faults:
        raise OrganizationError(name, reader.faults)
    return complete(organization, source=name, zones=zones)


def complete(organization: Organization, *, source: str = "organization", zones: bool = True) -> Organization:
    """Fill in what an administrator may leave out (FQDN, master, store, addresses) and check everything; the records of
    ``zones`` too, unless they are known to be sound.

    Raises:
        OrganizationError: faults, all of them.
    """
    found = faults(organization, zones=zones)
    if not found:
        organization = _filled(organization)
        found = faults(organization, zones=False)
    if found:
        raise OrganizationError(source, found)
    return organization


def with_values(item: D, given: Row, place: str) -> D:
    """A copy of an object with other settings, which are objects or the plain data of a file.

    Raises:
        OrganizationError: a value is of the wrong kind.
    """
    reader = _Reader(None)
    hints = _hints(type(item))
    settings = {key: reader.value(_as_in_a_file(value), hints[key], key) for key, value in given.items()}
    if reader.faults:
        raise OrganizationError(place, reader.faults)
    return replace(item, **settings)


def made(kind: type[T], values: Row) -> T:
    """One object from values that are known to be of its kinds, by name.

    Raises:
        TypeError: a value is missing, or has a name that the class does not know.
    """
    return kind(**values)


def _as_in_a_file(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _as_in_a_file(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, (list, tuple)):
        return [_as_in_a_file(item) for item in value]
    return NO_LIMIT if value is None else value


def _filled(organization: Organization) -> Organization:
    domain = organization.domain
    servers = tuple(
        replace(item, fqdn=item.fqdn or f"{item.name}.{domain}".lower(), ip=item.ip or f"192.0.2.{10 + number % 240}")
        for number, item in enumerate(organization.servers)
    )
    first = {item.routing_group: item.name for item in reversed(servers)}
    stores = {item.name: item.mailbox_stores[0].name if item.mailbox_stores else "" for item in servers}
    recipients = []
    for item in organization.recipients:
        item = replace(
            item, display_name=item.display_name or item.name, addresses=item.addresses or (f"{item.name}@{domain}",)
        )
        if isinstance(item, model.Mailbox):
            item = replace(item, store=item.store or stores[item.server])
        recipients.append(item)
    return replace(
        organization,
        title=organization.title or organization.name,
        servers=servers,
        routing_groups=tuple(
            replace(item, master=item.master or first.get(item.name, "")) for item in organization.routing_groups
        ),
        recipients=tuple(recipients),
    )


class _Reader:
    """Turns plain TOML data into objects; collects faults instead of stopping at the first."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.faults: list[str] = []

    def organization(self, data: Row) -> Organization | None:
        for key in data:
            if key not in TOP_KEYS:
                self.faults.append(f"{key}: unknown key{_meant(key, TOP_KEYS)}")
        for key in ("name", "servers", "routing_groups", "recipient_policies"):
            if key not in data:
                self.faults.append(f"{key}: is missing")
        tables = {key: tuple(self._table(key, kind, data)) for key, kind in TABLES.items()}
        settings = self.build(model.GlobalSettings, data.get("global_settings", {}), "global_settings")
        connectors = tuple(self._connectors(data))
        if self.faults:
            return None
        recipients = tuple(item for key in RECIPIENT_TABLES for item in tables.pop(key))
        hints = _hints(Organization)
        plain = {key: self.value(data[key], hints[key], key) for key in ("name", "title", "mode") if key in data}
        whole = {**plain, **tables, "global_settings": settings, "connectors": connectors, "recipients": recipients}
        return None if self.faults else made(Organization, whole)

    def _rows(self, key: str, data: Row) -> Iterator[tuple[str, Row]]:
        rows = data.get(key, [])
        if not isinstance(rows, list):
            self.faults.append(f"{key}: must be a list of tables; write [[{key}]]")
            return
        for number, row in enumerate(rows):
            if isinstance(row, dict):
                name = row.get("name")
                yield (
                    f'{SINGULAR[key]} "{name}"' if isinstance(name, str) else f"{SINGULAR[key]} number {number + 1}",
                    row,
                )
            else:
                self.faults.append(f"{SINGULAR[key]} number {number + 1}: must be a table, is {_shown(row)}")

    def _table(self, key: str, kind: type[DataclassInstance], data: Row) -> Iterator[DataclassInstance]:
        for place, row in self._rows(key, data):
            found = self.build(kind, self._zone(row, place) if key == "zones" else row, place)
            if found is not None:
                yield found

    def _zone(self, row: Row, place: str) -> Row:
        """Read the records from the file that a zone names."""
        name = row.get("file")
        if not isinstance(name, str):
            return row
        path = (self.folder or Path()) / name
        try:
            records = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            self.faults.append(
                f"{place}.file: cannot read {name!r} ({error.__class__.__name__}); it is looked"
                f" for beside the organization file"
            )
            records = ""
        return {**{key: value for key, value in row.items() if key != "file"}, "records": records}

    def _connectors(self, data: Row) -> Iterator[AnyConnector]:
        for place, row in self._rows("connectors", data):
            word = row.get("kind")
            kind = CONNECTOR_KINDS.get(word) if isinstance(word, str) else None
            if kind is None:
                self.faults.append(
                    f"{place}.kind: must be one of {', '.join(map(repr, CONNECTOR_KINDS))}, is {_shown(word)}"
                )
                continue
            found = self.build(kind, {key: value for key, value in row.items() if key != "kind"}, place)
            if found is not None:
                yield found

    def build(self, kind: type[D], row: object, place: str) -> D | None:
        """One object from one table; None, with the faults noted, when that cannot be."""
        if not isinstance(row, dict):
            self.faults.append(f"{place}: must be a table, is {_shown(row)}")
            return None
        hints = _hints(kind)
        before = len(self.faults)
        for key in row:
            if key not in hints:
                self.faults.append(f"{place}.{key}: {_MOVED.get((kind, key)) or f'unknown key{_meant(key, hints)}'}")
        for item in fields(kind):
            if item.name not in row and _required(item):
                self.faults.append(f"{place}.{item.name}: is missing")
        values = {key: self.value(value, hints[key], f"{place}.{key}") for key, value in row.items() if key in hints}
        return made(kind, values) if len(self.faults) == before else None

    def value(self, value: object, kind: object, place: str) -> object:
        """One value of the wanted type; a fault is noted when it is another."""
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is UnionType:
            if value == NO_LIMIT and type(None) in arguments:
                return None
            wanted = next(item for item in arguments if item is not type(None))
            return self.value(value, wanted, place)
        if origin is Literal:
            return self._checked(
                value,
                value in arguments if isinstance(value, str) else False,
                f"one of {', '.join(map(repr, arguments))}",
                place,
            )
        if origin is tuple:
            return self._tuple(value, arguments, place)
        if isinstance(kind, type) and kind.__module__ == model.__name__:
            return self.build(kind, value, place)
        if origin is not None:
            sound = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
            return self._checked(value, sound, "a table of texts", place)
        if kind is bool:
            return self._checked(value, isinstance(value, bool), "true or false", place)
        if kind in (int, float):
            number = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
            return self._checked(
                value,
                number and (kind is float or isinstance(value, int)),
                "a whole number, 0 or more" if kind is int else "a number, 0 or more",
                place,
            )
        return self._checked(value, isinstance(value, str), "a text in quotes", place)

    def _tuple(self, value: object, arguments: tuple[object, ...], place: str) -> object:
        if not isinstance(value, list):
            return self._checked(value, False, "a list in [ ]", place)
        if arguments[-1] is not Ellipsis:
            if len(value) != len(arguments):
                return self._checked(value, False, f"a list of {len(arguments)} numbers", place)
            return tuple(self.value(item, arguments[0], place) for item in value)
        named = isinstance(arguments[0], type) and arguments[0].__module__ == model.__name__
        return tuple(
            self.value(item, arguments[0], _nested(place, item, number) if named else place)
            for number, item in enumerate(value)
        )

    def _checked(self, value: object, sound: bool, wanted: str, place: str) -> object:
        if not sound:
            self.faults.append(f"{place}: must be {wanted}, is {_shown(value)}")
        return value


@cache
def _hints(kind: type[DataclassInstance]) -> dict[str, object]:
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind)}


def _required(item: Field[object]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _nested(place: str, item: object, number: int) -> str:
    name = item.get("name") or item.get("domain") or item.get("pattern") if isinstance(item, dict) else None
    return f'{place} "{name}"' if isinstance(name, str) else f"{place} number {number + 1}"


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, Mapping) else "a table"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _meant(key: str, known: Iterable[str]) -> str:
    meant = closest(key, known)
    return f'; did you mean "{meant}"?' if meant else f"; known are {', '.join(known)}"
