"""Words that depend on a number or on the word behind them, for sentences that are put together."""

from __future__ import annotations

from collections.abc import Iterable


def counted(number: int, word: str) -> str:
    """So many of something, as a person says it: "1 message", "2 messages"."""
    return f"1 {word}" if number == 1 else f"{number} {word}s"


def listed(items: Iterable[str], joined_by: str = "and") -> str:
    """Several things, as a person says them: "A", "A and B", "A, B and C"; nothing of none."""
    *front, last = (*items,) or ("",)
    return f"{', '.join(front)} {joined_by} {last}" if front else last


def a(word: str) -> str:
    """A word with its article: "a list", "an int"."""
    return f"{'an' if word.startswith(tuple('aeiouAEIOU')) else 'a'} {word}"
