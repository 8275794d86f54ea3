"""Check how the sources of the player are written: format, lint.

python -m scripts.player_lint          check
python -m scripts.player_lint --fix    bring into form what can be
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from scripts.node import NoNodeError, tool


def main(arguments: Sequence[str]) -> int:
    """Run the formatter and the linter."""
    options = ["--write"] if "--fix" in arguments else []
    try:
        return tool("@biomejs/biome/bin/biome", "check", "--error-on-warnings", *options)
    except NoNodeError as error:
        print(f"mailflow: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
