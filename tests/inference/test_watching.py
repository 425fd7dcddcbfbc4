"""No call of a model is begun that would end too late, and what happens after each call is heard of."""

from types import SimpleNamespace

import pytest

from icon.inference import watching as module
from icon.inference.received import scored
from icon.inference.watching import OutOfTime, Watched, between_passes, watching
from icon.testing import FakeBackend
from icon.types import Target

TEN = Target("12345", "12345")


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is set, in seconds."""
    found = SimpleNamespace(now=0.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: found.now))
    return found


class Timed(FakeBackend):
    """Takes so many seconds per call."""

    def __init__(self, clock, seconds):
        super().__init__()
        self.clock, self.seconds = clock, seconds

    def score(self, context, targets):
        self.clock.now += self.seconds
        return super().score(context, targets)


def test_a_call_that_would_end_too_late_is_not_begun(clock):
    backend = Timed(clock, 4.0)
    with watching(Watched(until=10.0)):
        scored(backend, "", [TEN])  # 0.4 seconds per character
        assert clock.now == 4.0
        scored(backend, "", [TEN])
        with pytest.raises(OutOfTime):
            scored(backend, "", [TEN])  # it would end at 12
        assert clock.now == 8.0


def test_a_machine_that_has_become_slower_is_believed_at_once(clock):
    backend = Timed(clock, 1.0)
    with watching(Watched(until=10.0)):
        scored(backend, "", [TEN])
        backend.seconds = 5.0
        scored(backend, "", [TEN])
        with pytest.raises(OutOfTime):
            scored(backend, "", [TEN])  # at its average pace it would end at 9, at its last at 11


def test_outside_of_what_is_watched_nothing_is_limited(clock):
    backend = Timed(clock, 100.0)
    with watching(Watched(until=10.0)):
        scored(backend, "", [TEN])
    scored(backend, "", [TEN])
    between_passes()


def test_between_two_passes_of_a_call_time_may_be_up(clock):
    with watching(Watched(until=10.0)):
        clock.now = 9.9
        between_passes()
        clock.now = 10.0
        with pytest.raises(OutOfTime):
            between_passes()


def test_each_call_is_heard_of_after_it(clock):
    heard = []
    backend = Timed(clock, 1.0)
    with watching(Watched(on_call=lambda: heard.append(clock.now))):
        scored(backend, "", [TEN])
        scored(backend, "", [TEN, TEN])
    assert heard == [1.0, 2.0]


def test_a_long_call_is_heard_of_between_its_passes(clock):
    heard = []
    with watching(Watched(on_call=lambda: heard.append(clock.now))):
        between_passes()
    between_passes()  # of work that nobody watches
    assert heard == [0.0]
