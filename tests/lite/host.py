"""A static host as they all are: files and nothing else, compressed on the way."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PACKED = (".whl", ".zip", ".png", ".woff2", ".woff", ".ico")
"""What is compressed already."""


class Sent:
    """What a host has sent so far: bytes on the wire, bytes of the files, and the paths that it does not have."""

    def __init__(self) -> None:
        self.wire = self.files = 0
        self.missing: list[str] = []
        self._lock = threading.Lock()

    def add(self, wire: int, files: int) -> None:
        with self._lock:
            self.wire += wire
            self.files += files


def on_the_wire(path: Path) -> bytes:
    """A file as a host sends it."""
    body = path.read_bytes()
    return body if path.suffix in PACKED else _squeezed(body)


@cache
def _squeezed(body: bytes) -> bytes:
    return gzip.compress(body, 6)


class _Handler(SimpleHTTPRequestHandler):
    """Any host: it knows no header that only some of them can set."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, sent: Sent, **more: object) -> None:
        self.sent = sent
        super().__init__(*arguments, **more)  # type: ignore[arg-type]  # what the server hands to any handler

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.sent.missing.append(self.path)
            return self.send_error(HTTPStatus.NOT_FOUND)
        squeezed, plain = on_the_wire(path), path.suffix in PACKED
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(squeezed)))
        if not plain:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(squeezed)
        self.sent.add(len(squeezed), path.stat().st_size)
        return None

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def hosted(folder: Path) -> Iterator[tuple[str, Sent]]:
    """The address of a host on loopback that serves a folder, and what it has sent."""
    sent = Sent()
    handler = partial(_Handler, directory=str(folder), sent=sent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", sent
        server.shutdown()
