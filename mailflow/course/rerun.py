"""Run an attempt that somebody else wrote once more, in a process of its own with limits on time and memory.

The limits keep a mistake from taking the machine down. They are no sandbox: the code may read what you may read. Where the
system knows no limit on memory, `limits` says so.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import mailflow
from mailflow.course.exercises import check
from mailflow.course.feedback import Feedback
from mailflow.course.handed_in import Attempt, plain
from mailflow.facts.words import counted

SECONDS = 60
MEGABYTES = 1024
MOST_ANSWER = 10_000
"""Bytes of an answer that are read; a true one is a line or two."""

KEPT = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "PYTHONPATH")
"""Of the environment an attempt sees this and no more."""


def limits(seconds: int, megabytes: int) -> str:
    """What holds for each attempt, in words."""
    known = sys.platform not in ("win32", "darwin")
    memory = f"{megabytes:,} MB of memory" if known else "no limit on memory, which this system does not hold"
    return f"each in a process of its own, with {counted(seconds, 'second')} and {memory}"


def rerun(attempt: Attempt, seconds: int = SECONDS, megabytes: int = MEGABYTES) -> tuple[bool | None, str]:
    """Whether the attempt solves its task when it is run now, and what the check says; None where nothing was answered.

    Args:
        seconds: after so many it is ended.
        megabytes: more memory it does not get.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        asked, answer = Path(folder, "asked.json"), Path(folder, "answer.json")
        told = {"task": attempt.task, "before": attempt.before, "code": attempt.code, "limits": [seconds, megabytes]}
        asked.write_text(json.dumps(told), encoding="utf-8")
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        own = {"HOME": folder, "MAILFLOW_PROGRESS": "off", "MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"}
        root = str(Path(mailflow.__file__).resolve().parent.parent)
        path = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH", ""))))
        process = subprocess.Popen(
            [sys.executable, "-m", "mailflow.course.rerun", str(asked), str(answer)],
            cwd=folder,
            env={**environment, **own, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False, f"It was ended after {counted(seconds, 'second')}."
        finally:
            _end(process)
        return _answer(answer, megabytes)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it started."""
    if hasattr(os, "killpg"):  # pragma: no branch: Windows has no groups of processes
        with suppress(ProcessLookupError, PermissionError):  # all of it has ended already
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _answer(path: Path, megabytes: int) -> tuple[bool | None, str]:
    """What the process wrote; it may have been ended before, or have written anything."""
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(MOST_ANSWER))
        solved, text = data["solved"], data["text"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False, f"It ended without an answer; perhaps {megabytes:,} MB are too little for it."
    return (solved if isinstance(solved, bool) else None), plain(str(text))


def main(words: Sequence[str]) -> int:
    """The process: run what the first file tells, and write what the check says into the second."""
    asked, answer = map(Path, words)
    told = json.loads(asked.read_text(encoding="utf-8"))
    bound(*told["limits"])
    found = judged(told["task"], told["before"], told["code"])
    answer.write_text(json.dumps({"solved": found.solved, "text": found.text[:2000]}), encoding="utf-8")
    return 0


def bound(seconds: int, megabytes: int) -> None:
    """Take limits upon this process, where the system knows them."""
    try:
        import resource  # Windows has no such module
    except ImportError:
        return
    for limit, most in (
        (resource.RLIMIT_AS, megabytes << 20),
        (resource.RLIMIT_CPU, seconds + 1),
        (resource.RLIMIT_FSIZE, 10 << 20),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # macOS takes no limit on memory
            resource.setrlimit(limit, (most, most))


def judged(task: str, before: Sequence[str], code: str) -> Feedback:
    """Run the cells before, whatever becomes of them, then the cell with the check, and return what the check says."""
    names: dict[str, Any] = {"__name__": "__main__"}
    said: list[Feedback] = []

    def note(asked: str, attempt: object, *, show: str = "") -> Feedback:
        if asked != task:  # its own turn comes
            return Feedback(asked, None, "")
        said.append(check(asked, attempt))
        return said[-1]

    setattr(mailflow, "check", note)  # noqa: B010  # to a type checker it is a function that nobody replaces
    try:
        for cell in before:
            with suppress(BaseException):  # another cell may fail, or want to leave: the check says what comes of that
                exec(compile(cell, "<cell>", "exec"), names)
        exec(compile(code, "<cell>", "exec"), names)
    except BaseException as error:
        said.append(Feedback(task, False, f"The cell fails: {type(error).__name__}: {error}"))
    finally:
        setattr(mailflow, "check", check)  # noqa: B010
    return said[-1] if said else Feedback(task, False, "The cell checks nothing when it is run.")


if __name__ == "__main__":  # pragma: no cover: what the process calls, and tests call main
    sys.exit(main(sys.argv[1:]))
