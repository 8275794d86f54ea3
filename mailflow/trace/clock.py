"""The clock of a scenario: seconds since a fixed morning in 2003."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

START: Final = datetime(2003, 10, 6, 9, 0, tzinfo=UTC)
"""When every scenario begins: a Monday at 09:00 UTC."""

_DAY = 86_400


def clock(seconds: float) -> str:
    """Seconds since the start as the clock of a transcript: ``hh:mm:ss.mmm``."""
    millis = round(seconds * 1000)
    return f"{millis // 3_600_000:02d}:{millis // 60_000 % 60:02d}:{millis // 1000 % 60:02d}.{millis % 1000:03d}"


def seconds_until_open(schedule: Sequence[str], now: float) -> float:
    """Seconds until one of the "HH:MM-HH:MM" windows (UTC) opens; 0 inside a window or without any. A window may
    cross midnight.
    """
    if not schedule:
        return 0.0
    of_day = (START.hour * 3600 + START.minute * 60 + now) % _DAY
    return min(_until(window, of_day) for window in schedule)


def time_of_day(now: float) -> str:
    """The time of day, in UTC, as ``hh:mm``."""
    of_day = int(START.hour * 3600 + START.minute * 60 + now) % _DAY
    return f"{of_day // 3600:02d}:{of_day // 60 % 60:02d}"


def _until(window: str, of_day: float) -> float:
    start, end = (int(part[:2]) * 3600 + int(part[3:5]) * 60 for part in window.split("-"))
    inside = start <= of_day < end if start < end else of_day >= start or of_day < end
    return 0.0 if inside or start == end else (start - of_day) % _DAY
