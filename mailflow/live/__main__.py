"""`python -m mailflow.live` is `mailflow smtp` and `mailflow dns`."""

import sys

from mailflow.live.terminal import main

if __name__ == "__main__":  # pragma: no cover: a process of its own
    sys.exit(main())
