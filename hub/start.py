"""What the hub starts for a learner: the course copied or refreshed in the learner's folder, then JupyterLab in it.

Runs as the learner, so that everything it writes is the learner's. A notebook that the learner changed is never
overwritten: a newer one is put beside it. If the copy fails, the server starts all the same with what is there.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from mailflow.commands import jupyter, working_copy
from mailflow.commands.terminal import Refused, say

FOLDER = "mailflow-course"
"""Below the learner's home, unless ``MAILFLOW_FOLDER`` names another place."""


def main() -> None:
    """Bring the copy up to date, say in the server's log what a learner should know, and become the server."""
    folder = Path(os.environ.get("MAILFLOW_FOLDER") or Path.cwd() / FOLDER)
    try:
        for line in working_copy.bring(folder):
            say(line)
    except Refused as error:
        say(f"the course could not be refreshed: {error}")
    paths = [str(jupyter.SETTINGS), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    os.environ |= {"MALLOC_TRIM_THRESHOLD_": jupyter.TRIM, "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}
    # Kernels that start at the same moment may choose the same TCP ports, and then one of them dies. Files in a folder of the learner's
    # own have no such race, and nobody else can talk to the kernel. The path of such a file must be short.
    os.environ["JUPYTER_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="mailflow-")
    place = [f"--ServerApp.root_dir={folder}"] if folder.is_dir() else []
    settings = [*place, "--KernelManager.transport=ipc", "--log-level=ERROR"]
    command = [sys.executable, "-m", "jupyterhub.singleuser", *settings, *sys.argv[1:]]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
