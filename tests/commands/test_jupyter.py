"""JupyterLab started for a learner: a real one, and small programs in its place for what rarely happens."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from mailflow.commands import jupyter, main, working_copy
from mailflow.commands.terminal import Refused

ROOT = Path(__file__).resolve().parents[2]
# Writes down what JupyterLab would, and answers as long as it runs.
SERVER = """
import http.server, json, os, pathlib, sys
server = http.server.HTTPServer(("127.0.0.1", 0), type("Quiet", (http.server.BaseHTTPRequestHandler,), {
    "do_GET": lambda self: (self.send_response(200), self.end_headers()), "log_message": print}))
port = server.server_port
facts = dict(url=f"http://127.0.0.1:{port}/", token=os.environ["JUPYTER_TOKEN"], root_dir=sys.argv[1], port=port, pid=os.getpid())
path = pathlib.Path(os.environ["JUPYTER_RUNTIME_DIR"], f"jpserver-{os.getpid()}.json")
path.write_text(json.dumps(facts))
%s
"""

ANSWER_FOR_A_SECOND = "import threading\nthreading.Timer(1, server.shutdown).start()\nserver.serve_forever()"


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own for what running servers write down, and no display."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Start a small program instead of JupyterLab."""

    def use(code: str) -> None:
        monkeypatch.setattr(
            jupyter, "command", lambda folder, port, verbose=False: [sys.executable, "-c", code, str(folder)]
        )

    return use


def in_time(seconds: float, action: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()


def terminate_me() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def get(address: str) -> tuple[int, str]:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=10) as answer:
        return answer.status, answer.read().decode()


def test_a_real_start_on_a_taken_port_answers_with_the_settings_of_the_course_and_ends_cleanly(
    tmp_path: Path, runtime: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = [sys.executable, "-m", "mailflow", "lab", str(tmp_path / "mine"), "--port", str(port)]
        # A session of its own, so that Ctrl+C can be sent to it as a terminal does: to all of its processes.
        with subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        ) as running:
            assert running.stdout is not None
            try:
                told = [running.stdout.readline()]
                while told[-1] and not told[-1].startswith("http"):
                    told.append(running.stdout.readline())
                address = told[-1].strip()
                assert address, told
                base, token = address.split("lab/")[0], address.split("?token=")[1]
                assert f"port {port} is taken" in told[-3]
                assert told[-2] == "mailflow: open this address in a browser:\n"
                assert len(told) <= 6, "nothing buries the address"
                assert any("you are root" in line and "--allow-root" in line for line in told) == jupyter.is_root()
                assert f"127.0.0.1:{port}/" not in address
                status, text = get(address)
                assert status == 200
                assert "JupyterLab" in text
                with pytest.raises(urllib.error.HTTPError):
                    get(f"{base}api/contents")
                plugin = json.loads(
                    get(f"{base}lab/api/settings/@jupyter-widgets/jupyterlab-manager:plugin?token={token}")[1]
                )
                assert plugin["schema"]["properties"]["saveState"]["default"] is True
                assert '<img alt="Step' in get(f"{base}nbconvert/html/00-start-here.ipynb?token={token}")[1]
            finally:
                os.killpg(running.pid, signal.SIGINT)
            assert running.stdout.read() == f"mailflow: stopped. Your work is in {tmp_path / 'mine'}.\n"
            assert running.wait(20) == 0
    assert not list(runtime.glob("jpserver-*.json"))
    with pytest.raises(urllib.error.URLError):
        get(address)


def test_being_terminated_ends_the_server_too(
    instead: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    instead(SERVER % "server.serve_forever()")
    in_time(1.5, terminate_me)
    before = signal.getsignal(signal.SIGTERM)
    assert jupyter.open_lab(tmp_path, "00-start (new).ipynb") == 0
    assert signal.getsignal(signal.SIGTERM) == before
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"mailflow: stopped. Your work is in {tmp_path}."
    assert "/lab/tree/00-start%20%28new%29.ipynb?token=" in lines[-2]
    with pytest.raises(urllib.error.URLError):
        get(lines[-2])


def test_whoever_kills_this_program_soon_after_ctrl_c_leaves_no_server_behind(runtime: Path, tmp_path: Path) -> None:
    code = "import sys; from mailflow.commands import jupyter as j; from pathlib import Path; "
    code += "j.command = lambda folder, port, verbose: [sys.executable, '-c', sys.argv[1], str(folder)]; "
    code += "j.open_lab(Path(sys.argv[2]), '00.ipynb')"
    words = [sys.executable, "-c", code, SERVER % "server.serve_forever()", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True) as running:
        assert running.stdout is not None
        address = ""
        while not address.startswith("http"):
            address = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        time.sleep(0.2)  # subprocess.run kills what it started after 0.25 s
        running.kill()
    with pytest.raises(urllib.error.URLError):
        get(address)


def test_a_server_that_will_not_end_is_killed(
    instead: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jupyter, "PATIENCE_S", 0.2)
    instead(SERVER % "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nserver.serve_forever()")
    in_time(1.5, terminate_me)
    assert jupyter.open_lab(tmp_path, "00.ipynb") == 0


def test_shut_down_from_its_menu_it_ends_as_well(
    instead: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    instead(SERVER % ANSWER_FOR_A_SECOND)
    assert jupyter.open_lab(tmp_path, "00.ipynb", port=1) == 0
    assert "port 1 is taken; JupyterLab has port" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import sys; print('a log'); sys.exit('no port is free\\n')", "with an error: no port is free"),
        ("raise SystemExit(3)", "it said nothing; --verbose may show more"),
    ],
)
def test_a_server_that_fails_is_quoted_in_one_line(
    instead: Callable[[str], None], tmp_path: Path, code: str, told: str
) -> None:
    instead(code)
    with pytest.raises(Refused, match=told) as refused:
        jupyter.open_lab(tmp_path, "00.ipynb")
    assert "\n" not in str(refused.value)


def test_the_log_is_shown_when_it_is_asked_for(
    instead: Callable[[str], None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    instead("print('a log of the server')")
    jupyter.open_lab(tmp_path, "00.ipynb")
    assert "a log" not in capfd.readouterr().out
    jupyter.open_lab(tmp_path, "00.ipynb", verbose=True)
    assert "a log of the server" in capfd.readouterr().out


def test_without_jupyterlab_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(jupyter, "find_spec", lambda _: None)
    assert main(["lab", str(tmp_path / "mine")]) == 2
    assert "-m pip install jupyterlab" in capsys.readouterr().err


def test_a_folder_that_is_open_already_is_not_opened_twice(
    instead: Callable[[str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    runtime: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (runtime / "jpserver-1.json").write_text("{")
    (runtime / "jpserver-2.json").write_text(
        json.dumps({"url": "http://127.0.0.1:1/", "token": "", "root_dir": str(tmp_path), "port": 1, "pid": 2})
    )
    monkeypatch.setenv("JUPYTER_TOKEN", "secret")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with subprocess.Popen([sys.executable, "-c", SERVER % "server.serve_forever()", str(tmp_path)]) as running:
        try:
            while not (runtime / f"jpserver-{running.pid}.json").exists():
                time.sleep(0.05)
            time.sleep(0.2)
            instead("raise SystemExit('a second server')")
            assert jupyter.open_lab(tmp_path, "03.ipynb") == 0
        finally:
            running.terminate()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "mailflow: JupyterLab has this folder open already."
    assert lines[-1].endswith("/lab/tree/03.ipynb?token=secret")


def test_a_record_without_a_server_counts_for_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        server = {"port": probe.getsockname()[1], "url": f"http://127.0.0.1:{probe.getsockname()[1]}/", "token": ""}
        assert jupyter._listens(server)
    assert not jupyter._listens(server)
    assert not jupyter._is_alive(server)


def test_with_a_display_the_browser_is_opened_at_the_right_address(
    instead: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(jupyter, "has_browser", lambda: True)
    instead(SERVER % ANSWER_FOR_A_SECOND)
    assert jupyter.open_lab(tmp_path, "00.ipynb") == 0
    lines = capsys.readouterr().out.splitlines()
    assert opened == [line for line in lines if line.startswith("http")]
    assert "mailflow: the course is open in your browser. Its address:" in lines
    opened.clear()
    assert jupyter.open_lab(tmp_path, "00.ipynb", browser=False) == 0
    assert opened == []


def test_a_text_browser_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: object())
    monkeypatch.setattr(sys, "platform", "linux")
    assert not jupyter.has_browser()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert jupyter.has_browser()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delenv("WAYLAND_DISPLAY")
    assert jupyter.has_browser()

    def missing() -> None:
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", missing)
    assert not jupyter.has_browser()


def test_the_command_keeps_to_this_machine_and_shows_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jupyter, "is_root", lambda: False)
    words = jupyter.command(tmp_path, 8888)
    assert "--allow-root" not in words
    assert {"--ip=127.0.0.1", "--no-browser", "--port=8888", "--log-level=ERROR"} <= set(words)
    assert "--log-level=INFO" in jupyter.command(tmp_path, 8888, verbose=True)
    monkeypatch.setattr(jupyter, "is_root", lambda: True)
    assert "--allow-root" in jupyter.command(tmp_path, 8888)
    assert not any("token" in word.lower() for word in words)


def test_settings_of_an_administrator_stay_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/srv/jupyter")
    assert jupyter.environment("secret")["JUPYTER_CONFIG_PATH"] == os.pathsep.join(
        [str(jupyter.SETTINGS), "/srv/jupyter"]
    )
    monkeypatch.delenv("JUPYTER_CONFIG_PATH")
    assert jupyter.environment("secret")["JUPYTER_CONFIG_PATH"] == str(jupyter.SETTINGS)
    assert jupyter.environment("secret")["JUPYTER_TOKEN"] == "secret"


def test_a_kernel_gives_memory_back_unless_somebody_set_it_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    assert int(jupyter.environment("secret")["MALLOC_TRIM_THRESHOLD_"]) < 2**20
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "5")
    assert jupyter.environment("secret")["MALLOC_TRIM_THRESHOLD_"] == "5"


def test_the_lab_opens_the_learners_own_copy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[tuple[Path | str | dict[str, object], ...]] = []

    def open_lab(*place: Path | str, **options: object) -> int:
        opened.append((*place, options))
        return 0

    monkeypatch.setattr(jupyter, "open_lab", open_lab)
    monkeypatch.setattr(working_copy, "usual", lambda: tmp_path / "usual")
    options = {"port": 8888, "browser": True, "verbose": False}
    assert main(["lab"]) == 0
    assert opened.pop() == (tmp_path / "usual", "00-start-here.ipynb", options)
    monkeypatch.chdir(tmp_path)
    assert main(["lab", "mine", "--again", "3", "--no-browser", "--port", "9000", "--verbose"]) == 0
    name = "03-queues-and-the-categorizer.ipynb"
    assert opened.pop() == (tmp_path / "mine", name, {"port": 9000, "browser": False, "verbose": True})
    assert (tmp_path / "mine" / name).read_bytes() == (ROOT / "notebooks" / name).read_bytes()
    assert capsys.readouterr().out == f"mailflow: {name} is as it was at the start.\n"


@pytest.mark.parametrize("root", [True, False])
def test_only_the_superuser_hears_of_allow_root(
    instead: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    root: bool,
) -> None:
    monkeypatch.setattr(jupyter, "is_root", lambda: root)
    instead(SERVER % ANSWER_FOR_A_SECOND)
    assert jupyter.open_lab(tmp_path, "00.ipynb") == 0
    assert ("you are root" in capsys.readouterr().out) == root


def test_nothing_is_said_of_the_port_that_was_asked_for(
    instead: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    instead(SERVER.replace('("127.0.0.1", 0)', f'("127.0.0.1", {port})') % ANSWER_FOR_A_SECOND)
    assert jupyter.open_lab(tmp_path, "00.ipynb", port=port) == 0
    told = capsys.readouterr().out
    assert f"http://127.0.0.1:{port}/lab/tree/00.ipynb" in told
    assert "is taken" not in told


@pytest.mark.skipif(os.name == "nt", reason="a process cannot be asked to end there")
@pytest.mark.parametrize(("system", "code"), [("posix", -signal.SIGTERM), ("nt", 3)])
def test_on_windows_jupyterlab_has_heard_ctrl_c_and_is_left_to_end_by_itself(
    monkeypatch: pytest.MonkeyPatch, system: str, code: int
) -> None:
    monkeypatch.setattr(jupyter, "os", SimpleNamespace(name=system))
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1); raise SystemExit(3)"]) as running:
        jupyter._end(running)
    assert running.returncode == code


def test_jupyterlab_knows_every_setting_of_the_course() -> None:
    overrides = json.loads((jupyter.SETTINGS / "labconfig" / "default_setting_overrides.json").read_text())
    share = Path(sys.prefix, "share", "jupyter")
    for plugin, settings in overrides.items():
        package, name = plugin.split(":")
        places = [
            share / "lab" / "schemas" / package / f"{name}.json",
            share / "labextensions" / package / "schemas" / package / f"{name}.json",
        ]
        schema = next(json.loads(path.read_text(encoding="utf-8")) for path in places if path.exists())
        assert settings.keys() <= schema["properties"].keys(), plugin
