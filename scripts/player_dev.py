"""Show the player while its sources are edited: pages that load themselves anew as soon as a module or a style is saved.

    python -m scripts.player_dev [PORT]

Serves a page for each ready-made organization and one for the relay lab, on this machine only, until Ctrl+C. A player
stays at its step. No kernel is behind the pages; `make player` bundles what a notebook shows.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import mailflow
from mailflow.organization.model import Mailbox
from mailflow.player.page import options
from mailflow.player.questions import questions
from mailflow.player.source import PARTS
from mailflow.transport.matrix import relay_matrix
from scripts.node import ROOT, NoNodeError, packages, program

PORT = 8765
SOURCES = ROOT / "mailflow" / "player"
VIEWS = ("Map", "Server", "Link state")
PLAYER_CODE = """import { mount } from "./js/whole.js";
const told = await (await fetch(`${name}.json`)).json();
const cursor = Number(sessionStorage.getItem(name) ?? 0);
const keep = (value) => sessionStorage.setItem(name, String(value));
globalThis.player = mount(document.querySelector("main"), told.trace, { ...told.options, cursor }, { cursor: keep });
"""
LAB_CODE = """import { lab } from "./js/relay_lab.js";
const told = await (await fetch(`${name}.json`)).json();
lab(document.querySelector("main"), told, { settings: {}, client: "stranger", recipient: "foreign", found: [] });
"""


def run_of(name: str) -> mailflow.Trace:
    """A run in a ready-made organization: two messages, and a connector that fails in between, where there is one."""
    organization = mailflow.load(name)
    boxes = [item.primary for item in organization.recipients if isinstance(item, Mailbox)]
    scenario = mailflow.Scenario(organization).send(mailflow.Message.write(boxes[0], boxes[-1:], subject="First"))
    for connector in list(organization.connector)[:1]:
        scenario.fail(connector, at=100).restore(connector, at=900)
    return scenario.send(mailflow.Message.write(boxes[-1], boxes[:1], subject="Second"), at=101).run(until=2000)


def pages() -> Iterator[tuple[str, str, str, object]]:
    """Name, style, code and data of each page."""
    for title in mailflow.ready_made():
        trace = run_of(title)
        told = options(trace, questions(trace, ["queue"]), PARTS, views=VIEWS, title="")
        yield title.replace(" ", "-"), "whole", PLAYER_CODE, {"trace": trace.to_dict(), "options": told}
    yield "relay-lab", "relay_lab", LAB_CODE, relay_matrix(mailflow.load("one server"), "LON01")


def write(folder: Path) -> list[str]:
    """Write all pages into a folder, and an index of them; their names."""
    names = []
    for name, style, code, data in pages():
        (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
        script = f"""const name = {json.dumps(name)};
new EventSource("/esbuild").addEventListener("change", () => location.reload());
"""
        head = f'<link rel="stylesheet" href="css/{style}.css"><body><main></main>'
        page = f'<!doctype html><meta charset="utf-8"><title>{escape(name)}</title>{head}'
        # An import stands before everything else.
        first, _, rest = code.partition("\n")
        (folder / f"{name}.html").write_text(
            f'{page}<script type="module">{first}\n{script}{rest}</script>', encoding="utf-8"
        )
        names.append(name)
    links = "".join(f'<li><a href="{name}.html">{escape(name)}</a>' for name in names)
    (folder / "index.html").write_text(f"<!doctype html><title>The player</title><ul>{links}</ul>", encoding="utf-8")
    return names


def served(folder: Path, port: int, sources: Path = SOURCES) -> subprocess.Popen[bytes]:
    """Start to serve a folder with the bundles of the sources, each made anew when a source is saved.

    It ends when its input is closed, and not by Ctrl+C: the process itself is but a shell around another one.

    Raises:
        NoNodeError: there is no Node.
    """
    entries = [str(sources / kind / f"{name}.{kind}") for kind in ("js", "css") for name in ("whole", "relay_lab")]
    command = [program("node"), str(packages() / "esbuild" / "bin" / "esbuild"), *entries, "--bundle", "--format=esm"]
    command += ["--sourcemap", "--watch", f"--outdir={folder}", f"--outbase={sources}"]
    command += [f"--servedir={folder}", f"--serve=127.0.0.1:{port}"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def main(arguments: Sequence[str]) -> int:
    """Write the pages and serve them until Ctrl+C."""
    port = int(arguments[0]) if arguments else PORT
    with tempfile.TemporaryDirectory() as name:
        write(Path(name))
        try:
            with served(Path(name), port) as server:
                return server.wait()
        except NoNodeError as error:
            print(f"mailflow: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
