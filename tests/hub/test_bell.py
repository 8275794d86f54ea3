"""A small class at a real hub: two learners log in, start their servers, and see a player."""

import sys

import pytest

from benchmarks.class_of_thirty import main
from scripts import node

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform == "win32", reason="no JupyterHub runs on Windows"),
]


@pytest.mark.usefixtures("chromium")
def test_two_learners_at_the_bell(capfd: pytest.CaptureFixture[str]) -> None:
    proxy = node.packages() / ".bin" / "configurable-http-proxy"
    assert main(["--learners", "2", "--proxy", f"{node.program('node')} {proxy}"]) == 0
    told = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == ["server", "player", "finished", "memory"]
    print(*told, sep="\n")
