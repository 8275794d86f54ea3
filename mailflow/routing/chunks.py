"""How a packet crosses port 25: X-LINK2STATE commands, a first chunk, next ones, and a last one.

Source: R70, R74.
"""

from __future__ import annotations

import re

from mailflow.facts import rule

CHUNK = 512
"""Characters in one chunk. This model's choice: no document gives a size."""

_COMMAND = re.compile(r"X-LINK2STATE(?: (FIRST|NEXT|LAST))?(?: (FIRST|LAST))? CHUNK=(.*)", re.DOTALL)


class ChunkError(ValueError):
    """Chunks in the wrong order."""


def commands(packet: str, size: int = CHUNK) -> list[str]:
    """The commands that carry a packet: FIRST, then NEXT, and LAST on the last one (Source: R74)."""
    pieces = [packet[start : start + size] for start in range(0, len(packet), size)] or [""]
    marks = ["FIRST", *["NEXT"] * (len(pieces) - 2), "LAST"] if len(pieces) > 1 else ["FIRST LAST"]
    return [f"X-LINK2STATE {mark} CHUNK={piece}" for mark, piece in zip(marks, pieces, strict=True)]


class Assembler:
    """The receiving side: takes commands and gives the packet once the last one is there."""

    def __init__(self) -> None:
        self._pieces: list[str] | None = None

    @rule
    def take(self, command: str) -> str | None:
        """A packet starts with FIRST, goes on with NEXT or no mark, and ends with LAST; anything else is refused.

        Raises:
            ChunkError: a chunk without a FIRST before it, or a second FIRST.

        Source: R74, O29.
        Sure: documented.
        """
        found = _COMMAND.fullmatch(command)
        if found is None:
            raise ChunkError("write X-LINK2STATE FIRST, NEXT or LAST, then CHUNK= and the data")
        marks = {found[1], found[2]}
        if "FIRST" in marks:
            if self._pieces is not None:
                raise ChunkError("FIRST again before the LAST chunk of the packet under way")
            self._pieces = []
        if self._pieces is None:
            raise ChunkError("a chunk without a FIRST one before it")
        self._pieces.append(found[3])
        if "LAST" not in marks:
            return None
        packet, self._pieces = "".join(self._pieces), None
        return packet
