"""Build the site: ``python -m scripts.website [FOLDER]``; by default into ``site/``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import mailflow
from mailflow.player.source import bundle, script, style
from scripts.address import address
from scripts.contents import ROOT
from scripts.website.staging import BROWSER_EDITION, stage

HERE = Path(__file__).resolve().parent
SITE = ROOT / "site"
KEPT = "lite"
"""A folder of the site that is built by itself, and stays."""

SHARED: Mapping[str, Callable[[], str]] = {
    "player.js": script,
    "player.css": style,
    "relay_lab.js": lambda: bundle("relay_lab_page.js"),
    "relay_lab.css": lambda: bundle("relay_lab.css"),
}
"""What all pages share: the player with all of its parts, and the relay lab."""

UNUSED = (
    ".buildinfo",
    "objects.inv",
    "_sources",
    "_static/basic.css",
    "_static/pygments.css",
    "_static/mystnb.*.css",
    "_static/sphinx_highlight.js",
    "_static/*.png",
)
"""What Sphinx and MyST-NB write and no page of this theme loads."""

SETTINGS: dict[str, Any] = {
    "project": "mailflow",
    "author": "",
    "html_title": "mailflow",
    "version": mailflow.__version__,
    "release": mailflow.__version__,
    "extensions": ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "scripts.website.extension"],
    "html_theme": "theme",
    "html_theme_path": [str(HERE)],
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_use_index": False,
    "html_domain_indices": False,
    "html_permalinks_icon": "#",
    "html_extra_path": [],
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},
    "myst_enable_extensions": ["colon_fence", "deflist"],
    "default_role": "py:obj",
    "add_module_names": False,
    "python_use_unqualified_type_names": True,
    "maximum_signature_line_length": 70,
    "autodoc_member_order": "bysource",
    "autodoc_preserve_defaults": True,
    "toc_object_entries": False,
    "smartquotes": False,
}


def build(output: Path) -> str:
    """Build the site into a folder, in place of what was there, and return what Sphinx warned of.

    The browser edition, which is built by itself, stays.

    Raises:
        ValueError: a notebook does not store what it shows, or the address in pyproject.toml is none.
    """
    with tempfile.TemporaryDirectory() as name:
        sources, made, trees = (Path(name, part) for part in ("sources", "made", "trees"))
        stage(sources, address(), browser_edition=(output / BROWSER_EDITION).is_file())
        warnings = pages(sources, made, trees)
        for shared, text in SHARED.items():
            (made / "_static" / shared).write_text(text(), encoding="utf-8")
        for unused in UNUSED:
            for path in made.glob(unused):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        put(made, output)
    return warnings


def pages(sources: Path, made: Path, trees: Path) -> str:
    """Let Sphinx make the pages; what it warned of."""
    with (sources.parent / "warnings").open("w+", encoding="utf-8") as warned:
        app = Sphinx(
            sources, None, made, trees, "html", confoverrides=SETTINGS, status=None, warning=warned, freshenv=True
        )
        app.build()
        warned.seek(0)
        return warned.read()


def put(made: Path, output: Path) -> None:
    """Put what was made in place of what was there."""
    output.mkdir(parents=True, exist_ok=True)
    for old in output.iterdir():
        if old.name != KEPT:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for new in made.iterdir():
        shutil.move(new, output / new.name)


def main(arguments: list[str]) -> int:
    """Build, and say where the site is; a warning of Sphinx is a failure."""
    output = Path(arguments[0]) if arguments else SITE
    warnings = build(output)
    if warnings:
        print(warnings, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in output.rglob("*.*") if path.is_file() and KEPT not in path.parts)
    print(f"mailflow: the site is in {output}, {size / 1e6:.1f} MB; open {output / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
