"""JupyterHub for one class on one machine: each learner has a server, and a copy of the course that is the learner's own.

    jupyterhub -f hub/jupyterhub_config.py

hub/README.md says how a teacher starts it, updates the course and collects what was handed in. What differs from class
to class is in the environment:

    MAILFLOW_CLASS      names of the learners, with commas; without it, anybody who knows the password may come in
    MAILFLOW_PASSWORD   what learners type, 8 characters or more
    MAILFLOW_TEACHER    the teacher's password, 32 characters or more; the teacher's name is "teacher"
    MAILFLOW_HUB        where learners' folders and the hub's own files lie; by default "my-hub" beside this folder
    MAILFLOW_ADDRESS    where to listen; by default http://127.0.0.1:8000, which only this machine reaches
    MAILFLOW_PROXY      the command that starts the proxy, by default configurable-http-proxy

The Littlest JupyterHub reads the same file from its folder jupyterhub_config.d after its own settings. It has users,
passwords, limits and a proxy already; then only what belongs to the course is set.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # JupyterHub puts it there before it reads this file

ROOT = Path(__file__).resolve().parent.parent
NAME = r"[a-z][a-z0-9_-]{0,31}"
BELL_S = 180
"""So long a server may take when thirty start at once: JupyterHub's own 30 seconds are too short on two processors."""
MEMORY = "512M"
"""For a learner's server and kernels together, where the spawner can hold it: more than twice what the course needs, so that a
loop that eats memory ends alone."""


def refuse(problem: str) -> None:
    """End with one line instead of a traceback."""
    print(f"mailflow hub: {problem}", file=sys.stderr)
    raise SystemExit(1)


def password(name: str, length: int, whose: str) -> str:
    """A password from the environment, or the end."""
    found = os.environ.get(name, "")
    if len(found) < length:
        refuse(f"{name} is missing or too short. Set it to {length} characters or more: {whose}.")
    return found


def names() -> set[str]:
    """The learners, as they log in."""
    found = {name.strip().lower() for name in os.environ.get("MAILFLOW_CLASS", "").split(",") if name.strip()}
    for name in sorted(found):
        if not re.fullmatch(NAME, name):
            refuse(
                f"{name!r} in MAILFLOW_CLASS cannot log in: small letters, digits, - and _ only, and a letter first."
            )
    return found


def alone() -> None:
    """Everything that a machine without any other settings needs. All servers run as the user who starts the hub."""
    home = Path(os.environ.get("MAILFLOW_HUB") or ROOT / "my-hub").resolve()
    proxy = shlex.split(os.environ.get("MAILFLOW_PROXY") or "configurable-http-proxy")
    if not shutil.which(proxy[0]):
        refuse(f"{proxy[0]} is missing. Install Node.js, then: npm install -g configurable-http-proxy")
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    c.JupyterHub.bind_url = os.environ.get("MAILFLOW_ADDRESS") or "http://127.0.0.1:8000"
    c.JupyterHub.hub_ip = "127.0.0.1"
    c.JupyterHub.db_url = f"sqlite:///{home / 'hub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(home / "cookie_secret")
    c.ConfigurableHTTPProxy.pid_file = str(home / "proxy.pid")
    c.ConfigurableHTTPProxy.command = [*proxy, "--log-level=warn"]

    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = password("MAILFLOW_PASSWORD", 8, "learners type it when they log in")
    c.SharedPasswordAuthenticator.admin_password = password("MAILFLOW_TEACHER", 32, '"teacher" logs in with it')
    c.Authenticator.admin_users = {"teacher"}
    c.Authenticator.username_pattern = NAME
    c.Authenticator.allowed_users = names()
    c.Authenticator.allow_all = not c.Authenticator.allowed_users

    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(home / "learners" / "{username}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        c.Spawner.args = ["--allow-root"]  # in a container there is often nobody else


def course() -> None:
    """What belongs to the course, whoever starts the servers."""
    c.Spawner.cmd = [sys.executable, str(ROOT / "hub" / "start.py")]
    c.Spawner.default_url = "/lab/tree/00-start-here.ipynb"
    c.Spawner.start_timeout = BELL_S
    c.Spawner.http_timeout = BELL_S
    c.Spawner.mem_limit = MEMORY
    c.JupyterHub.concurrent_spawn_limit = 100
    c.JupyterHub.services = [
        {"name": "idle-culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=7200"]}
    ]
    scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    c.JupyterHub.load_roles = [{"name": "idle-culler", "services": ["idle-culler"], "scopes": scopes}]


if "tljh" not in str(c.JupyterHub.get("spawner_class", "")):
    alone()
course()
