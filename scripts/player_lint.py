"""Check the sources of the player: how they are written, their types as their comments give them, and their own tests.

python -m scripts.player_lint          check
python -m scripts.player_lint --fix    bring into form what can be
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from scripts.node import ROOT, NoNodeError, node, tool

TESTS = ROOT / "tests" / "player" / "js"


def checks(*, fix: bool) -> tuple[Callable[[], int], ...]:
    """The formatter with the linter, the type checker, and the tests; each gives its exit status."""
    options = ["--write"] if fix else []
    return (
        lambda: tool("@biomejs/biome/bin/biome", "check", "--error-on-warnings", *options),
        lambda: tool("typescript/bin/tsc", "--project", "."),
        lambda: tool("typescript/bin/tsc", "--project", TESTS),
        lambda: node("--test", "--test-reporter=dot", *sorted(TESTS.glob("*.test.js"))),
    )


def main(arguments: Sequence[str]) -> int:
    """Run all checks up to the first that fails."""
    try:
        return next((status for check in checks(fix="--fix" in arguments) if (status := check())), 0)
    except NoNodeError as error:
        print(f"mailflow: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
