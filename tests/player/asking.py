"""The player's own modules in a process of Node, asked from Python."""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from scripts.node import ROOT, program

Ask = Callable[[Mapping[str, Any]], dict[str, Any]]


@contextmanager
def asking(script: str) -> Iterator[Ask]:
    """Ask a script of tests/player/js, which answers each line with one; it ends well when nobody asks any more."""
    command = [program("node"), str(ROOT / "tests" / "player" / "js" / script)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        entry, answers = process.stdin, process.stdout

        def ask(asked: Mapping[str, Any]) -> dict[str, Any]:
            entry.write(json.dumps(asked).encode() + b"\n")
            entry.flush()
            answer: dict[str, Any] = json.loads(answers.readline())
            return answer

        yield ask
        entry.close()
    assert process.returncode == 0
