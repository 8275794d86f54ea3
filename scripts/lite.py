"""Build the browser edition: the notebooks of the course with a Python kernel in the page, for any static host.

    python -m scripts.lite           writes site/lite
    python -m scripts.lite FOLDER    writes there

JupyterLite is the JupyterLab, Pyodide the Python; both, and every package that runs in the page, come from the locks
(``requirements/lite.txt``, ``package-lock.json``) and are served by the site itself. The page asks no other host for
anything. Browsers give a page from ``file://`` no kernel, so a static host it must be; one on this machine will do.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

from scripts.lite_notebooks import in_a_page
from scripts.node import ROOT, NoNodeError, packages, program

COMPILER = ROOT / "scripts" / "lite_compile.mjs"
LOCK = ROOT / "requirements" / "lite.txt"
READY = ROOT / ".lite"
"""What is made once for each state of the locks: the packages, unpacked and compiled, and Python's own library, compiled."""
TARGET = ROOT / "site" / "lite"
START = "00-start-here.ipynb"

KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = (KERNEL, "@jupyter-widgets/jupyterlab-manager", "anywidget")
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "README.md")
STDLIB = "python_stdlib.zip"
PYTHON = "3.14"
TAG = "cpython-314"
OURS = "exchange-mailflow"
LIBRARY = f"/lib/python{PYTHON}"
SITE = f"{LIBRARY}/site-packages"
RUNTIME, PACKAGES = "static/pyodide", "static/packages"
BUILDERS = (
    *("doit", "jupyter-core", "jupyterlab-widgets", "jupyterlite-core", "jupyterlite-pyodide-kernel"),
    *("pkginfo", "platformdirs"),
)
"""What the lock has for this script, and not for the page."""
NEVER_ASKED_FOR = re.compile(
    r"\.(rst|png|bz2|map|orig|eot|ttf)$|(^|/)(tests?|nbextension|labextension|docs|django-stubs)/|\.dist-info/RECORD$"
    r"|^jedi/third_party/typeshed/stubs/|^(?!jedi/).*\.pyi$|/fa-[a-z-]+\d*\.svg$|/MathJax_"
    r"|^pygments/lexers/(?!__init__|_mapping|python|special|console|shell|markup|diff|_builtins)"
    r"|^mailflow/course/notebooks/"
)
"""Files of the packages and of JupyterLab that no page asks for: tests, pictures of documentation, types of other
libraries for jedi, languages to colour, fonts for old browsers, what a server would send."""
SETTINGS = {"@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 5}}
"""On top of those of the course. Nobody who closes a tab expects that the last two minutes are gone."""
UNUSED = (
    "@jupyterlab/mathjax-extension",
    "@jupyterlab/mermaid-extension",
    "@jupyterlite/application-extension:share-file",
)


class Wheel(NamedTuple):
    """A package as Pyodide loads it: its name as the index spells it, its version, and where it lies in the site."""

    name: str
    version: str
    path: Path


def ready(runtime: Path) -> Path:
    """The folder with the packages of the lock for the page's Python, and with its library: all compiled, and up to date.

    Raises:
        NoNodeError: there is no Node.
        subprocess.CalledProcessError: uv or Node failed; it has said why.
    """
    made_from = (LOCK, COMPILER, runtime / "package.json")
    wanted, stamp = "".join(path.read_text(encoding="utf-8") for path in made_from), READY / "made-from.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        with tempfile.TemporaryDirectory(dir=ROOT, prefix=".lite-") as name:
            fresh = Path(name, "fresh")
            prepare(runtime, fresh)
            (fresh / stamp.name).write_text(wanted, encoding="utf-8")
            with suppress(OSError):
                READY.rename(Path(name, "old"))
            with suppress(OSError):  # somebody else was faster, with the same
                fresh.rename(READY)
    return READY


def prepare(runtime: Path, folder: Path) -> None:
    """Make all that `ready` promises, in a folder."""
    command = ["pip", "install", "--quiet", "--target", str(folder / "packages"), "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--python-version", PYTHON, "--python-platform", "wasm32-pyodide2024"]
    command += ["--no-python-downloads", "--no-config", "--requirement", str(LOCK)]
    subprocess.run([program("uv"), *command, "--python", sys.executable], check=True)
    with zipfile.ZipFile(runtime / STDLIB) as archive:
        archive.extractall(folder / "library")
    compiled(runtime, {folder / "packages": SITE, folder / "library": LIBRARY}, course=ROOT)
    zipped(folder / "library", folder / STDLIB)


def compiled(runtime: Path, folders: Mapping[Path, str], course: Path | None = None) -> None:
    """Compile the sources below some folders for the places where they will lie in the page.

    With ``course``, the folder of mailflow, only what a kernel of the course imports: compiled modules are larger.

    Raises:
        NoNodeError: there is no Node.
        subprocess.CalledProcessError: it failed; it has said why.
    """
    listed = [{"folder": str(folder), "place": place} for folder, place in folders.items()]
    what = json.dumps({"folders": listed, "course": str(course) if course else None})
    quietly([program("node"), COMPILER, runtime, what], cwd=ROOT)


def quietly(command: Sequence[str | Path], cwd: Path, **environment: str) -> None:
    """Run a command, and say what it printed only if it fails.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    where = {**os.environ, **environment}
    done = subprocess.run(command, cwd=cwd, env=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    done.check_returncode()


def zipped(folder: Path, path: Path) -> None:
    """An archive of a folder, of compiled modules without their sources, whose bytes depend on nothing but the files."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            if not file.with_suffix(".pyc").exists() or file.suffix != ".py":
                added(archive, file, file.relative_to(folder).as_posix())


def added(archive: zipfile.ZipFile, file: Path, name: str) -> None:
    """Put a file into an archive, with no time."""
    archive.writestr(zipfile.ZipInfo(name), file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def build(target: Path) -> None:
    """Write the browser edition into a folder, instead of what was there.

    Raises:
        NoNodeError: there is no npm, which brings Pyodide.
        subprocess.CalledProcessError: a tool failed; it has said why.
    """
    runtime = packages() / "pyodide"
    made_once = ready(runtime)
    installed = made_once / "packages"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "lite")
        jupyterlite(installed, Path(folder), made)
        for path in [path for path in made.rglob("*") if path.is_file()]:
            if NEVER_ASKED_FOR.search(path.relative_to(made).as_posix()):
                path.unlink()
        for name in PYODIDE:
            copied(runtime / name, made / RUNTIME / name)
        copied(made_once / STDLIB, made / RUNTIME / STDLIB)
        mailflow = unpacked(Path(folder))
        compiled(runtime, {mailflow: SITE})
        wheels = [*kernel_wheels(made), *course_wheels((installed, mailflow), made / PACKAGES)]
        described(runtime, made, wheels)
        configured(made, [wheel.name for wheel in wheels])
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, target)


def copied(source: Path, target: Path) -> None:
    """Copy a file, into a folder that need not be there yet."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def jupyterlite(installed: Path, folder: Path, made: Path) -> None:
    """JupyterLab, the extensions and the notebooks."""
    contents = folder / "contents"
    contents.mkdir()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = in_a_page(json.loads(path.read_text(encoding="utf-8")))
        (contents / path.name).write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    course = ROOT / "mailflow" / "course" / "jupyter" / "labconfig" / "default_setting_overrides.json"
    overrides = folder / "overrides.json"
    overrides.write_text(json.dumps(json.loads(course.read_text(encoding="utf-8")) | SETTINGS), encoding="utf-8")
    config = {
        "apps": ["lab"],
        "contents": [str(contents)],
        "federated_extensions": [str(installed / "share" / "jupyter" / "labextensions" / name) for name in EXTENSIONS],
        "ignore_sys_prefix": True,
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "output_dir": str(made),
        "cache_dir": str(folder / "cache"),
        "settings_overrides": [str(overrides)],
    }
    (folder / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": config}), encoding="utf-8")
    quietly([sys.executable, "-m", "jupyterlite_core", "build"], folder, PYTHONPATH=str(installed))


def kernel_wheels(made: Path) -> Iterator[Wheel]:
    """The wheels that come inside the kernel: itself, and what stands in for packages of a server."""
    for path in sorted((made / "extensions" / KERNEL / "static" / "pypi").glob("*.whl")):
        name, version = path.name.split("-")[:2]
        if not version.startswith("3."):  # an older widgetsnbextension
            yield Wheel(name.replace("_", "-"), version, path)


def course_wheels(roots: Iterable[Path], into: Path) -> Iterator[Wheel]:
    """Every package that runs in the page, without what no page asks for."""
    into.mkdir(parents=True)
    for item in (item for root in roots for item in distributions(path=[str(root)])):
        name = re.sub(r"[._-]+", "-", item.name).lower()
        if name not in BUILDERS:
            yield Wheel(name, item.version, packed(item, into))


def unpacked(folder: Path) -> Path:
    """What a wheel of the tree installs."""
    target = folder / "mailflow"
    with zipfile.ZipFile(wheel_of_the_tree(folder)) as archive:
        archive.extractall(target)
    return target


def wheel_of_the_tree(folder: Path) -> Path:
    """A wheel of mailflow, built from a copy, so that building leaves nothing behind."""
    source = folder / "source"
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in ("mailflow", "notebooks"):
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    code = "from setuptools.build_meta import build_wheel; build_wheel('dist')"
    quietly([sys.executable, "-c", code], source)
    return next((source / "dist").glob("*.whl"))


def packed(item: Distribution, into: Path) -> Path:
    """The files of an installed package as an archive. A module that is compiled leaves its source at home: only mailflow's
    goes along, for whoever wants to read it.
    """
    path = into / f"{item.name.replace('-', '_').lower()}-{item.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(str(name) for name in item.files or () if not {"..", "__pycache__"} & {*name.parts}):
            file = Path(str(item.locate_file(name)))
            code = file.with_suffix(".pyc")
            if NEVER_ASKED_FOR.search(name):
                continue
            if file.suffix != ".py" or not code.exists():
                added(archive, file, name)
            elif item.name == OURS:
                added(archive, file, name)
                added(archive, code, f"{Path(name).parent.as_posix()}/__pycache__/{file.stem}.{TAG}.pyc")
            else:
                added(archive, code, f"{name}c")
    return path


def described(runtime: Path, made: Path, wheels: Iterable[Wheel]) -> None:
    """Pyodide's own list of packages: exactly those of the site. It holds each against its hash when it loads it."""
    info = json.loads((runtime / "pyodide-lock.json").read_text(encoding="utf-8"))["info"]
    listed = {wheel.name: entry(wheel, made / RUNTIME) for wheel in wheels}
    lock = {"info": info, "packages": dict(sorted(listed.items()))}
    (made / RUNTIME / "pyodide-lock.json").write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")


def entry(wheel: Wheel, beside: Path) -> dict[str, Any]:
    """How Pyodide's list describes a package."""
    return {
        "name": wheel.name,
        "version": wheel.version,
        "file_name": os.path.relpath(wheel.path, beside).replace(os.sep, "/"),
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.path.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": [],
        "depends": [],
        "unvendored_tests": False,
    }


def configured(made: Path, names: Sequence[str]) -> None:
    """What JupyterLite reads when it starts: where everything is, what is loaded at once, and that nothing else is asked."""
    path = made / "jupyter-lite.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    config = whole["jupyter-config-data"]
    config |= {"appName": "mailflow", "disabledExtensions": [*UNUSED], "showLoadingIndicator": True}
    config.setdefault("litePluginSettings", {})[f"{KERNEL}:kernel"] = {
        "pyodideUrl": f"./{RUNTIME}/pyodide.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"lockFileURL": f"./{RUNTIME}/pyodide-lock.json", "packages": [*names]},
    }
    path.write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (made / "index.html").write_text(DOOR, encoding="utf-8")


DOOR = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>mailflow in the browser</title>
<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{{}}</script>
<meta http-equiv="refresh" content="0; url=lab/index.html?path={START}">
</head>
<body><p><a href="lab/index.html?path={START}">Open the course</a></p></body>
</html>
"""


def main(arguments: Sequence[str]) -> int:
    """Build, and say where it lies and how to open it."""
    target = Path(arguments[0]) if arguments else TARGET
    try:
        build(target)
    except (NoNodeError, subprocess.CalledProcessError) as error:
        print(f"mailflow: {error}", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"mailflow: {target}, {size / 1e6:.1f} MB. Any static host serves it, this one here, too:")
    print(f"  {sys.executable} -m http.server --bind 127.0.0.1 --directory {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
