"""What every listener of the course does: answer on this machine only, in a thread of its own, and stop cleanly."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self, TypeVar

from mailflow.facts.kinds import need
from mailflow.facts.mistake import InputError, Mistake

T = TypeVar("T")


def on_loopback(host: str) -> str:
    """The host itself, if it is this machine.

    Raises:
        ValueError: the host is not a loopback address.
    """
    try:
        inside = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise InputError(f"host={host!r}: listeners of this course answer on this machine only; use 127.0.0.1")
    return host


def refused(error: OSError, host: str, port: int) -> OSError:
    """Why a port was not given, in words that say what to do; other errors stay as they are."""
    reasons = {errno.EADDRINUSE: "the port is in use", errno.EACCES: "this port needs an administrator's rights"}
    if error.errno not in reasons:
        return error
    remedy = "choose another one, such as 0, which takes a free one"
    return OSError(error.errno, f"{reasons[error.errno]}; {remedy}", f"{host} port {port}")


class NoSocketsError(Mistake, RuntimeError):
    """Python runs in a page, where nothing can listen on a port. A notebook shows this as one line."""

    def __init__(self) -> None:
        super().__init__(
            "a page in a browser has no sockets, so no server can listen in it: run this in JupyterLab (make lab)"
        )


class Background:
    """An event loop in a thread of its own."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Callable[[], Awaitable[T]], seconds: float = 10.0) -> T:
        """Run a coroutine on the loop and wait for its result."""

        async def wrapped() -> T:
            return await work()

        done: Future[T] = asyncio.run_coroutine_threadsafe(wrapped(), self.loop)
        return done.result(seconds)

    def stop(self) -> None:
        """Cancel what still runs, and end the thread."""
        self.run(_cancel_all)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10.0)
        self.loop.close()


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class Listener:
    """Something that answers on a port of this machine while it runs: use it in a ``with`` statement, or `start` and
    `stop`.

    Raises:
        ValueError: ``host`` is not this machine, or ``port`` is no port.
    """

    def __init__(self, name: str, host: str, port: int) -> None:
        remedy = "ports are 1 to 65535, and 0 takes a free one"
        need("port", port, int, "port", remedy)
        if not 0 <= port < 65536:
            raise InputError(f"port: {port} is no port; {remedy}")
        self.host = on_loopback(host)
        self.port = port
        self._name = name
        self._background: Background | None = None

    @property
    def running(self) -> bool:
        """Whether it listens now."""
        return self._background is not None

    def start(self) -> Self:
        """Begin to listen.

        Raises:
            NoSocketsError: it is asked to in a page.
            OSError: the port is in use, or not for everybody.
        """
        if sys.platform == "emscripten":
            raise NoSocketsError
        self._background = Background(self._name)
        try:
            self._background.run(self._listen)
        except OSError as error:
            self.stop()
            raise refused(error, self.host, self.port) from error
        return self

    def stop(self) -> None:
        """Stop listening and end what is under way."""
        if self._background is not None:
            self._background.loop.call_soon_threadsafe(self._close)
            self._background.stop()
            self._background = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def _listen(self) -> None:
        """Open the sockets, and set `port` to the one that was taken."""
        raise NotImplementedError

    def _close(self) -> None:
        """Close the sockets that `_listen` has opened, which may be some of them, or none."""
        raise NotImplementedError
