"""Who may use a listener, and how fast: fair shares for every address, so that nobody locks others out.

All of it belongs to the listener of this course, not to the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

REMEMBERED = 10_000
"""So many addresses a pace remembers; those that owe nothing are forgotten first."""


class Visit:
    """One connection: whose it is, when it was heard last (seconds of the loop's clock), and how to end it."""

    __slots__ = ("address", "heard", "leave")

    def __init__(self, address: str, leave: Callable[[], None], now: float) -> None:
        self.address = address
        self.leave = leave
        self.heard = now


class Clients:
    """The connections of a listener, ``most`` at once.

    As long as there is room, everybody comes in. When there is none, the address with the most connections gives one up, the
    one that has been silent for longest: at once for an address that has fewer, after ``patience`` seconds for one of its own.
    """

    def __init__(self, most: int, patience: float) -> None:
        self.most = most
        self.patience = patience
        self.count = 0
        self._visits: dict[str, set[Visit]] = {}

    def admit(self, address: str, leave: Callable[[], None], now: float) -> Visit | None:
        """A place for a connection that begins, or None when there is none."""
        if self.count >= self.most and not self._make_room(address, now):
            return None
        visit = Visit(address, leave, now)
        self._visits.setdefault(address, set()).add(visit)
        self.count += 1
        return visit

    def left(self, visit: Visit) -> None:
        """A connection is over. Saying so twice does no harm."""
        mine = self._visits.get(visit.address, set())
        if visit in mine:
            mine.remove(visit)
            self.count -= 1
            if not mine:
                del self._visits[visit.address]

    def _make_room(self, address: str, now: float) -> bool:
        most = max(map(len, self._visits.values()), default=0)
        fair = len(self._visits.get(address, ())) + 1 < most
        every = (visit for mine in self._visits.values() if len(mine) == most for visit in mine)
        longest = min(every, key=lambda visit: visit.heard, default=None)
        if longest is None or not (fair or now - longest.heard >= self.patience):
            return False
        self.left(longest)
        longest.leave()
        return True


class Pace:
    """How fast an address may do something: ``at_once`` times without waiting, then ``a_second`` times a second."""

    def __init__(self, at_once: int, a_second: float) -> None:
        self._ahead = at_once / a_second
        self._step = 1 / a_second
        self._due: dict[str, float] = {}

    def wait(self, address: str, now: float) -> float:
        """Seconds to wait before doing it once more. It counts from now on."""
        due = max(self._due.get(address, 0.0), now - self._ahead) + self._step
        self._due[address] = due
        if len(self._due) > REMEMBERED:
            self._due = dict(self._owing(now))
        return max(0.0, due - now)

    def back(self, address: str) -> None:
        """It does not count after all."""
        if address in self._due:
            self._due[address] -= self._step

    def _owing(self, now: float) -> Iterable[tuple[str, float]]:
        return ((address, due) for address, due in self._due.items() if due > now - self._ahead)


class Memory:
    """What a listener may keep, in bytes, of all its clients together: what it accepted and what is still arriving."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    @property
    def room(self) -> int:
        """How many bytes fit in."""
        return self.most - self.held
