"""The relay lab: settings, clients and recipients, and the way of each pair through the rules, without a kernel."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape

import traitlets

from mailflow.facts.kinds import need
from mailflow.facts.mistake import InputError
from mailflow.organization import Organization
from mailflow.organization.change import virtual_server_of
from mailflow.player.esm_widget import EsmWidget
from mailflow.player.source import bundle, inline
from mailflow.transport.matrix import MatrixData, VerdictData, relay_matrix

__all__ = ["RelayLab", "relay_html", "relay_lab"]


class RelayLab(EsmWidget):
    """Who may relay through a server, under any of its settings.

    Attributes:
        settings: the option that the learner chose for each setting, by number; a setting left alone is missing.
        client: the key of the chosen client.
        recipient: the key of the chosen recipient.
        found: which of the ways to an open relay the learner found so far, by number.
    """

    _esm = traitlets.Unicode(bundle("relay_lab.js")).tag(sync=True)
    _css = traitlets.Unicode(bundle("relay_lab.css")).tag(sync=True)
    table = traitlets.Unicode().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    client = traitlets.Unicode().tag(sync=True)
    recipient = traitlets.Unicode().tag(sync=True)
    found = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, table: MatrixData, *, client: str, recipient: str) -> None:
        self._table = table
        super().__init__(table=json.dumps(table, ensure_ascii=False), client=client, recipient=recipient)

    def __repr__(self) -> str:
        return f"Relay lab: {self._table['server']}. Run this cell to change its settings."

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        data, _ = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/html": still(self._table)}, {}


def relay_lab(
    organization: Organization,
    server: str = "",
    *,
    virtual_server: str = "",
    client: str = "stranger",
    recipient: str = "foreign",
) -> RelayLab:
    """Show the relay lab of a server, by default the first one; of another virtual server than its default one, if named.

    Example:
        >>> import mailflow
        >>> mailflow.relay_lab(mailflow.load("one server"), client="printer")
        Relay lab: LON01. Run this cell to change its settings.

    Raises:
        ValueError: a server, virtual server, client or recipient that does not exist.
    """
    table = _table(organization, server, virtual_server)
    _known("client", client, (item["key"] for item in table["clients"]))
    _known("recipient", recipient, (item["key"] for item in table["recipients"]))
    return RelayLab(table, client=client, recipient=recipient)


def _table(organization: Organization, server: str, virtual_server: str) -> MatrixData:
    need("relay lab", organization, Organization, "organization", "give one from mailflow.load(...)")
    name = server or organization.servers[0].name
    _known("server", name, organization.server)
    virtual_server_of(organization.server[name], virtual_server)
    return relay_matrix(organization, name, virtual_server)


def _known(what: str, name: str, names: Iterable[str]) -> None:
    known = list(names)
    if name not in known:
        raise InputError(f"{what}: no {what} {name!r}; there is {', '.join(known[:8])}")


def start_row(table: MatrixData) -> tuple[int, list[list[VerdictData]]]:
    """The settings that the server has now, as a number, and the verdicts under them: a row for each client."""
    combination = 0
    for setting in table["settings"]:
        combination = combination * len(setting["options"]) + setting["start"]
    width = len(table["recipients"])
    first = combination * len(table["clients"]) * width
    verdicts = [table["verdicts"][cell] for cell in table["cells"][first : first + len(table["clients"]) * width]]
    return combination, [verdicts[start : start + width] for start in range(0, len(verdicts), width)]


def still(table: MatrixData) -> str:
    """The verdicts under the server's own settings as an HTML table, which every notebook viewer shows."""
    combination, rows = start_row(table)
    proof = table["open"][combination]
    relay = f"an open relay: {proof['recipient']} gets {proof['reply']}" if proof else "no open relay"
    head = "".join(f"<th>{escape(item['label'])}</th>" for item in table["recipients"])
    body = "".join(
        f"<tr><th>{escape(client['label'])}</th>"
        + "".join(f"<td>{'✓' if item['accepted'] else '✕'} {escape(item['reply'][:9])}</td>" for item in row)
        + "</tr>"
        for client, row in zip(table["clients"], rows, strict=True)
    )
    return (
        f"<p>Who may send through {escape(table['server'])}? With its own settings it is {escape(relay)}. "
        f"Run this cell to change the settings.</p><table><tr><th>from, to</th>{head}</tr>{body}</table>"
    )


def relay_html(lab: RelayLab) -> str:
    """A page with this relay lab that needs no kernel and no network, at the settings and the pair that it shows."""
    data = json.dumps(json.loads(lab.table), ensure_ascii=False).replace("<", "\\u003c")
    chosen = {
        "settings": lab.settings,
        "client": lab.client,
        "recipient": lab.recipient,
        "found": lab.found,
    }
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Relay lab</title>
<style>body {{ margin: 16px; }} @media (prefers-color-scheme: dark) {{ body {{ background: #0e1013; }} }}
{bundle("relay_lab.css")}</style></head>
<body><main><div id="lab"></div></main>
<script type="application/json" id="table">{data}</script>
<script>{inline(bundle("relay_lab_page.js"))}</script>
<script>globalThis.relayLab = mailflowRelay.lab(document.getElementById("lab"), JSON.parse(document.getElementById("table").textContent),
  {inline(json.dumps(chosen))});
</script></body></html>
"""
