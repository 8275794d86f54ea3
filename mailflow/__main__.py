"""`python -m mailflow` is the command `mailflow`."""

import sys

from mailflow.commands import main

if __name__ == "__main__":  # pragma: no cover: a process of its own
    sys.exit(main())
