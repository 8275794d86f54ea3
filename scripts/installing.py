"""Install the pinned packages with uv or with pip of any age, show how far it is, and say in one line what failed.

Nothing is resolved here: a lock names every package with its hash, and ``--no-deps`` keeps the installer from asking for
more. An old pip would refuse a lock that names ``coverage`` where a package asks for ``coverage[toml]``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--retries", "3", "--progress-bar", "off")
LOCKED = ("--no-deps", "--require-hashes")
EDITABLE = ("--no-deps", "--no-build-isolation", "--editable")

NETWORK = re.compile(
    r"NewConnectionError|Failed to establish a new connection|Name or service not known|name resolution|"
    r"Network is unreachable|Connection refused|ConnectTimeout|Read timed out|ProxyError|dns error|"
    r"error sending request|tcp connect error|Could not find a version that satisfies the requirement \S+ \(from versions: none\)",
    re.IGNORECASE,
)
CAUSES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"DO NOT MATCH THE HASHES|Hash mismatch", re.IGNORECASE),
        "a downloaded package is not the one that the lock names.",
        "Something between you and the package index changes files: try another network.",
    ),
    (
        re.compile(r"No space left on device|not enough space", re.IGNORECASE),
        "the disk is full.",
        "The course needs about 500 MB. Make room, then run the command again.",
    ),
    (
        re.compile(r"Permission denied|Access is denied", re.IGNORECASE),
        "a file of the environment cannot be written.",
        "Close what uses it (a running JupyterLab?), and check who owns the folder .venv.",
    ),
    (
        NETWORK,
        "the packages cannot be downloaded: no network, or no way to the package index.",
        "Check the network (behind a proxy: set HTTPS_PROXY), then run the command again.",
    ),
)
OFTEN = 10.0
"""Seconds between two lines of progress where nobody can overwrite a line."""


class InstallError(RuntimeError):
    """An installation failed: what is wrong, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def cause(printed: str, log: Path) -> InstallError:
    """What an installer's own words mean."""
    for pattern, problem, remedy in CAUSES:
        if pattern.search(printed):
            return InstallError(problem, remedy)
    errors = [line.strip() for line in printed.splitlines() if line.lstrip().lower().startswith("error")]
    said = errors[-1] if errors else "the installer ended without saying why"
    return InstallError(said, f"Everything that it printed stands in {log}.")


class Progress:
    """One line that says how many packages are there; a line every ten seconds where the output is no terminal."""

    def __init__(self, wanted: int, folder: Path) -> None:
        self._wanted = wanted
        self._folder = folder
        self._terminal = sys.stdout.isatty()
        self._fetched = 0
        self._unpacking = False
        self._told = time.monotonic()
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Progress:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()
        if self._terminal:
            print("\r\033[K", end="", flush=True)

    def heard(self, line: str) -> None:
        """Take a line of the installer into account."""
        self._fetched += line.startswith(("Collecting ", "Processing "))
        self._wanted -= line.startswith("Ignoring ")
        self._unpacking |= line.startswith("Installing collected packages")

    def _look(self) -> None:
        while not self._done.wait(0.25):
            if self._terminal or time.monotonic() - self._told > OFTEN:
                self._told = time.monotonic()
                there = sum(1 for _ in self._folder.glob("*.dist-info"))
                done = f"{min(there, self._wanted)} of {self._wanted} packages installed"
                fetched = f"{self._fetched} of {self._wanted} packages fetched"
                text = fetched if self._fetched and not self._unpacking else done
                start, end = ("\r\033[K", "") if self._terminal else ("", "\n")
                print(f"{start}mailflow: {text}", end=end, flush=True)


def counted(lock: Path) -> int:
    """How many packages a lock names; those for other systems included."""
    return len(re.findall(r"^[A-Za-z0-9._-]+==", lock.read_text(encoding="utf-8"), re.MULTILINE))


def run(command: Iterable[str | Path], log: Path, progress: Progress | None = None) -> None:
    """Run an installer; what it prints goes into ``log``.

    Raises:
        InstallError: it failed.
    """
    words: Sequence[str] = [str(word) for word in command]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    lines: list[str] = []
    with (
        log.open("a", encoding="utf-8") as kept,
        subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        assert process.stdout is not None
        kept.write(f"$ {' '.join(words)}\n")
        for line in process.stdout:
            kept.write(line)
            lines.append(line)
            if progress is not None:
                progress.heard(line)
    if process.returncode:
        raise cause("".join(lines), log)
