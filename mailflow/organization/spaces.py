"""Address spaces: which domains a connector can reach, and how close a match is."""

from __future__ import annotations

from functools import lru_cache

from mailflow.facts import rule


@rule
def space_matches(pattern: str, domain: str) -> bool:
    """An address space matches a domain literally, ``*`` matches everything, ``*.net`` every name below net; only the
    part up to the first wildcard counts.

    Source: R103, R104.
    """
    fixed = _fixed_part(pattern.lower())
    return domain == fixed if "*" not in pattern else domain.endswith(fixed)


def specificity(pattern: str) -> tuple[int, int]:
    """How close a matching address space is: exact names first, then the longer fixed part (Source: R103, R104)."""
    return (0 if "*" in pattern else 1, len(_fixed_part(pattern.lower())))


@lru_cache(maxsize=1024)
def _fixed_part(pattern: str) -> str:
    return pattern.removeprefix("@").rpartition("*")[2]
