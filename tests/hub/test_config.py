"""The hub's settings: what stands in the environment is checked, and each refusal is one line that says what to do."""

import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from traitlets.config import Config

CONFIG = Path(__file__).resolve().parents[2] / "hub" / "jupyterhub_config.py"
GOOD = {"MAILFLOW_PASSWORD": "longenough", "MAILFLOW_TEACHER": "x" * 32, "MAILFLOW_PROXY": sys.executable}


Read = Callable[..., Config]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Read:
    """Reads the settings as JupyterHub does, in an environment that differs from a good one by what is given."""

    def reading(config: Config | None = None, **changed: str) -> Config:
        found = Config() if config is None else config
        for name, value in {**GOOD, "MAILFLOW_HUB": str(tmp_path / "hub"), **changed}.items():
            monkeypatch.setenv(name, value)
        runpy.run_path(str(CONFIG), {"get_config": lambda: found})
        return found

    return reading


def test_it_listens_to_this_machine_only_and_waits_long_enough_for_a_bell(read: Read) -> None:
    config = read(MAILFLOW_CLASS="Anna, ben,")
    assert config.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert config.JupyterHub.hub_ip == "127.0.0.1"
    assert config.Authenticator.allowed_users == {"anna", "ben"}
    assert config.Authenticator.allow_all is False
    assert config.Spawner.start_timeout >= 120 <= config.Spawner.http_timeout
    assert config.Spawner.default_url.endswith("00-start-here.ipynb")


def test_without_names_everybody_with_the_password_may_come_in(read: Read) -> None:
    assert read().Authenticator.allow_all is True


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"MAILFLOW_PASSWORD": "short"}, "MAILFLOW_PASSWORD is missing or too short. Set it to 8 characters or more"),
        ({"MAILFLOW_TEACHER": ""}, "MAILFLOW_TEACHER is missing or too short. Set it to 32 characters or more"),
        ({"MAILFLOW_CLASS": "anna,../ben"}, "'../ben' in MAILFLOW_CLASS cannot log in: small letters"),
        ({"MAILFLOW_PROXY": "no-such-proxy"}, "no-such-proxy is missing. Install Node.js"),
    ],
)
def test_a_fault_is_one_line(
    read: Read, changed: dict[str, str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        read(**changed)
    said = capsys.readouterr().err
    assert re.fullmatch(rf"mailflow hub: {re.escape(line)}.*\n", said)


def test_the_littlest_jupyterhub_keeps_its_own_users_and_proxy(read: Read) -> None:
    config = Config()
    config.JupyterHub.spawner_class = "tljh.user_creating_spawner.UserCreatingSpawner"
    read(config, MAILFLOW_PASSWORD="", MAILFLOW_TEACHER="", MAILFLOW_PROXY="no-such-proxy")
    assert config.JupyterHub.spawner_class == "tljh.user_creating_spawner.UserCreatingSpawner"
    assert "authenticator_class" not in config.JupyterHub
    assert config.Spawner.cmd[1].endswith("start.py")
    assert config.Spawner.mem_limit == "512M"
