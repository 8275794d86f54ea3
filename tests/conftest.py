"""What every test can use: ready-made organizations, and runs of a single message."""

import os
import shutil
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict, TypeVar, Unpack

import pytest
from hypothesis import HealthCheck, Phase, is_hypothesis_test, settings

import mailflow
from mailflow.organization import Organization
from mailflow.organization.model import AnyConnector, AnyRecipient
from mailflow.simulation.scenario import Way
from mailflow.trace import Trace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# What a test solves is nobody's progress; those about progress name a file of their own.
os.environ["MAILFLOW_PROGRESS"] = "off"

# A shell that runs the tests in the background has them ignore Ctrl-C, and so the programs that a test stops by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "mailflow",
    deadline=None,
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    # A scenario takes minutes to shrink; run with --hypothesis-profile=default for the smallest example.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
# Far more, and other ones each time: `make soak`.
settings.register_profile(
    "soak", settings.get_profile("mailflow"), max_examples=5_000, derandomize=False, print_blob=True
)
settings.load_profile("mailflow")

WINDOWED = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
CHROMIUM = Path(os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or WINDOWED)
"""The headless shell, where it is installed, lays out and paints as Chromium does and opens a page in half the time."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


LONGEST = (
    "browser/test_geometry.py",
    "player/test_questions.py",
    "player/test_server.py",
    "lite/test_lite.py",
    "site/test_site.py",
    "player/test_tape.py",
    "player/test_player.py",
    "browser/test_lab.py",
    "player/test_relay_lab.py",
    "player/test_layout.py",
    "player/test_breaking.py",
    "player/test_beats.py",
    "player/test_link_state.py",
    "course/test_exercises.py",
    "notebooks/test_claims.py",
    "browser/test_focus.py",
    "simulation/test_properties.py",
    "player/test_pace.py",
    "setup/test_soak.py",
    "commands/test_jupyter.py",
)
"""The files with the most to do, longest first, so that neither of two processes waits for the other at the end."""


UNCOVERED = ("browser", "hub", "lite", "site")
"""The folders whose tests go through the whole: what they reach by the way counts for no coverage."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what counts for no coverage: what is drawn at random or goes through the whole would take thrice the time under
    coverage and prove nothing, as a line must not count as tested because of the luck of a draw, or because a picture was
    looked at. So do the many variants of what another test shows already: those are marked where they stand.

    Files in which all counts come first: what a function keeps for good is made once, and must be when that counts. Then the
    longest come before the others.
    """
    here = Path(__file__).parent
    for item in items:
        drawn = isinstance(item, pytest.Function) and is_hypothesis_test(item.function)
        if drawn or item.get_closest_marker("browser") or item.path.relative_to(here).parts[0] in UNCOVERED:
            item.add_marker("no_cover")
    later = {item.path for item in items if item.get_closest_marker("no_cover")}
    rank = {here / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (item.path in later, rank.get(item.path, len(rank))))


Made = TypeVar("Made", bound=AnyConnector | AnyRecipient)
Script = Callable[[mailflow.Scenario], object]
"""What is done in a scenario before a message is sent; what it returns does not count."""


class Wording(TypedDict, total=False):
    """What can be said of a message besides its sender and recipients: see `mailflow.Message.write`."""

    subject: str
    text: str
    html: str
    cc: Iterable[str]
    bcc: Iterable[str]
    attachments: Mapping[str, bytes | int] | None
    priority: Literal["high", "normal", "low"]
    deliver_after: datetime | None
    receipt: bool


class Sending(TypedDict, total=False):
    """How a message enters: see `mailflow.Scenario.send`."""

    at: float
    sender: str | None
    to: str | list[str] | None
    by: Way | None
    server: str | None
    client: str
    account: str
    tls: bool
    virtual_server: str
    hello: str
    data: bool
    helo: bool
    ret: str
    envid: str
    notify: str | Mapping[str, str]
    orcpt: Mapping[str, str]


class SendOne(Protocol):
    """Run one message in a ready-made organization."""

    def __call__(
        self,
        sender: str,
        to: str | list[str],
        *,
        org: str = "one server",
        parameters: mailflow.Parameters | None = None,
        seed: int = 0,
        way: Sending | None = None,
        **fields: Unpack[Wording],
    ) -> Trace: ...


@pytest.fixture
def send() -> SendOne:
    """Run one message in a ready-made organization."""

    def run(
        sender: str,
        to: str | list[str],
        *,
        org: str = "one server",
        parameters: mailflow.Parameters | None = None,
        seed: int = 0,
        way: Sending | None = None,
        **fields: Unpack[Wording],
    ) -> Trace:
        scenario = mailflow.Scenario(mailflow.load(org), parameters=parameters, seed=seed)
        return scenario.send(mailflow.Message.write(sender, to, **fields), **(way or {})).run()

    return run


def changed(organization: Organization, server: str, **changes: Any) -> Organization:
    """The organization with some fields of one server replaced."""
    servers = tuple(replace(item, **changes) if item.name == server else item for item in organization.servers)
    return replace(organization, servers=servers)


def altered(item: Made, **changes: Any) -> Made:
    """The connector or recipient with some fields replaced, whichever kind it is."""
    return replace(item, **changes)


def ends(trace: Trace, message: str = "m1") -> dict[str, tuple[str, str]]:
    """The state and detail of each recipient of a message at the end."""
    return {address: (state, detail) for address, state, detail in trace.status()[message]}


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """A real browser. Without one the test is skipped, or fails where a browser is required."""
    need_browser(CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def windowed(chromium: "Browser") -> "Iterator[Browser]":
    """A real browser that can fill the screen, which the headless shell cannot."""
    need_browser(WINDOWED)
    browser = chromium.browser_type.launch(executable_path=str(WINDOWED), args=CHROMIUM_ARGUMENTS)
    yield browser
    browser.close()


def need_browser(path: Path) -> None:
    """Skip the test where there is no such browser, or fail where one is required."""
    if not path.exists():
        give_up = pytest.fail if os.environ.get("MAILFLOW_REQUIRE_BROWSER") else pytest.skip
        give_up(f"no browser at {path}; install Chromium or set CHROMIUM to its path")


@pytest.fixture
def all_of_them(request: pytest.FixtureRequest) -> bool:
    """Whether there is time for everything: `make soak`."""
    return bool(request.config.getoption("--hypothesis-profile") == "soak")
