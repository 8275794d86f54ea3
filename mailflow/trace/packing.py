"""Long texts as a line of letters: compressed with gzip, which a browser unpacks by itself."""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib

LARGEST = 50_000_000
"""Bytes that a packed text may hold: a short text from outside must not fill the memory."""


def packed(text: str) -> str:
    """A text as letters, the same ones every time."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def unpacked(letters: str) -> str:
    """What `packed` was given.

    Raises:
        ValueError: the letters are damaged, or hold more than `LARGEST` bytes.
    """
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = reader.decompress(base64.b64decode(letters, validate=True), LARGEST)
    except (binascii.Error, zlib.error) as error:
        raise ValueError("these are not the letters of a packed text") from error
    if not reader.eof:
        raise ValueError("the packed text is cut off or too large")
    return found.decode()
