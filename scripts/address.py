"""The public address of the repository: one setting, and every link that is made of it.

``address`` in the section ``[tool.mailflow]`` of ``pyproject.toml`` is the address of the repository, such as
``https://github.com/OWNER/NAME``. While it is empty there is no such place, and every link that needs one is left out.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
START = "notebooks/00-start-here.ipynb"
BINDER = "https://mybinder.org"
HUB = "https://YOUR-HUB"
"""Stands where a teacher writes the address of a JupyterHub."""

PROVIDERS = {"github.com": "gh", "gitlab.com": "gl"}
"""What Binder calls the code hosts that it knows; any other one is reached as plain git."""

PAGES = {"github.com": "github.io", "gitlab.com": "gitlab.io"}
"""Where a code host shows the pages of its repositories."""

BEGIN, END = "<!-- links: made from `address` in pyproject.toml -->\n", "<!-- end of links -->\n"


class Address(NamedTuple):
    """Where the repository lies, such as ``github.com`` and ``OWNER/NAME``."""

    host: str
    path: str

    @property
    def repository(self) -> str:
        """The repository itself."""
        return f"https://{self.host}/{self.path}"

    @property
    def name(self) -> str:
        """The last part of its path: the folder that a clone makes."""
        return self.path.rpartition("/")[2]

    @property
    def site(self) -> str:
        """The pages of the code host; empty where it shows none at a known place."""
        owner, _, rest = self.path.partition("/")
        return f"https://{owner}.{PAGES[self.host]}/{rest}/" if self.host in PAGES else ""

    def binder(self, notebook: str = START) -> str:
        """Opens a notebook with a kernel on Binder."""
        provider = PROVIDERS.get(self.host, "git")
        place = {"gh": self.path, "gl": quote(self.path, safe="")}.get(provider, quote(self.repository, safe=""))
        return f"{BINDER}/v2/{provider}/{place}/HEAD?{urlencode({'labpath': notebook})}"

    def pulled(self, notebook: str = START, hub: str = HUB) -> str:
        """Fetches the course into a learner's folder on a JupyterHub (nbgitpuller) and opens a notebook there."""
        wanted = {"repo": self.repository, "urlpath": f"lab/tree/{self.name}/{notebook}"}
        return f"{hub}/hub/user-redirect/git-pull?{urlencode(wanted)}"


def read(text: str) -> Address | None:
    """The address as it is written, or None for an empty one.

    Raises:
        ValueError: it is no https address of a repository.
    """
    if not text:
        return None
    parts = urlsplit(text)
    path = parts.path.strip("/").removesuffix(".git")
    plain = re.fullmatch(r"[\w.-]+(/[\w.-]+)+", path) and re.fullmatch(r"[a-z0-9.-]+", parts.netloc)
    if parts.scheme != "https" or not plain or parts.query or parts.fragment:
        raise ValueError(f"pyproject.toml: address = {text!r} must be like https://github.com/OWNER/NAME, or empty")
    return Address(parts.netloc, path)


def address(root: Path = ROOT) -> Address | None:
    """The address that ``pyproject.toml`` gives, or None.

    Raises:
        ValueError: it is no https address of a repository.
    """
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return read(settings["tool"]["mailflow"]["address"])


def links(known: Address | None) -> str:
    """What the README says of the places where the course can be opened at once; nothing without an address."""
    if known is None:
        return ""
    badge = f"[![Open in Binder]({BINDER}/badge_logo.svg)]({known.binder()})"
    pages = f" · [Read it as pages with living players]({known.site})" if known.site else ""
    return (
        f"\n{badge}{pages} · [Repository]({known.repository})\n\n"
        f"On a JupyterHub with nbgitpuller, this link brings the course to each learner: `{known.pulled()}`\n\n"
    )


def readme(text: str, known: Address | None) -> str:
    """The README with the links that the address gives.

    Raises:
        ValueError: the README has no place for them.
    """
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise ValueError(f"README.md has no place for links: {BEGIN.strip()} and {END.strip()}")
    return before + BEGIN + links(known) + END + after
