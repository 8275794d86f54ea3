"""When a run has nothing more to do."""

from __future__ import annotations

from mailflow.transport.work import Clock, Steps


def test_a_run_without_work_is_over_at_once() -> None:
    clock = Clock()
    clock.run_before()
    assert clock.now == 0


def test_a_run_is_over_when_all_work_waits_for_what_never_happens() -> None:
    clock = Clock()
    seen: list[float] = []

    def wait() -> Steps:
        yield 3.0
        seen.append(clock.now)
        yield clock.event()

    clock.start(wait())
    clock.run_before()
    assert (seen, clock.now) == ([3.0], 3.0)


def test_a_run_is_over_when_the_last_work_has_ended() -> None:
    clock = Clock()
    seen: list[float] = []

    def pause() -> Steps:
        yield 2.0
        seen.append(clock.now)

    clock.start(pause())
    clock.run_before()
    assert (seen, clock.now) == ([2.0], 2.0)
