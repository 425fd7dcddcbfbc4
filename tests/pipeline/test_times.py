"""The seconds of a run add up over its starts, however each of them ended."""

import json
import time
from types import SimpleNamespace

import pytest

from icon.errors import InterruptedRun
from icon.pipeline.ending import Terminated
from icon.plugins import CandidateMeasured, hookimpl
from icon.runs import stopwatch
from icon.testing import FakeBackend


class Ticking(FakeBackend):
    """Takes a second per call on a clock of its own."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def score(self, context, targets):
        self.clock.now += 1.0
        return super().score(context, targets)


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands but for what the backend takes."""
    found = SimpleNamespace(now=5000.0)
    monkeypatch.setattr(time, "perf_counter", lambda: found.now)
    return found


@pytest.fixture
def files(tmp_path):
    """A pool of twelve and three tasks."""
    paths = []
    for name, many in (("pool", 12), ("tasks", 3)):
        rows = [{"instruction": f"{name} {n}", "output": f"{name} {n * n}"} for n in range(many)]
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        paths.append(str(path))
    return paths


class Ending:
    """Ends the process's work once so many candidates are measured."""

    def __init__(self, n, how):
        self.left, self.how = n, how

    @hookimpl
    def icon_event(self, event):
        if isinstance(event, CandidateMeasured):
            self.left -= 1
            if self.left == 0:
                raise self.how


def times_of(folder):
    return json.loads((folder / "run.json").read_text())["times"]


@pytest.mark.parametrize("how", [KeyboardInterrupt(), Terminated(15)], ids=["ctrl-c", "sigterm"])
def test_after_a_stop_and_going_on_all_seconds_are_there(start, files, tmp_path, clock, how):
    begun, settings = clock.now, {"baselines": (), "make": lambda: Ticking(clock)}
    with pytest.raises(InterruptedRun):
        start(*files, tmp_path / "run", Ending(5, how), **settings)
    stopped = times_of(tmp_path / "run")
    assert stopped["total_seconds"] == clock.now - begun > 0
    clock.now += 7200  # two hours between the two starts, which are nobody's
    again = clock.now
    start(*files, tmp_path / "run", **settings)
    both = times_of(tmp_path / "run")
    assert both["total_seconds"] == stopped["total_seconds"] + clock.now - again
    assert both["total_seconds"] >= sum(both["seconds"].values())
    assert both["tokens_evaluated"] > stopped["tokens_evaluated"] > 0


def test_a_kill_loses_no_more_than_a_minute_of_the_count(start, files, tmp_path, clock, monkeypatch):
    """Nothing runs after a kill: what run.json has in the middle of the measuring is all there is."""
    monkeypatch.setattr(stopwatch, "EVERY", 3.0)
    monkeypatch.setattr("icon.pipeline.measuring.LARGEST_PART", 1)
    begun, seen = clock.now, []

    class Looking:
        @hookimpl
        def icon_event(self, event):
            if isinstance(event, CandidateMeasured):
                seen.append((clock.now - begun, times_of(tmp_path / "run")["total_seconds"]))

    start(*files, tmp_path / "run", Looking(), baselines=(), make=lambda: Ticking(clock))
    assert len(seen) == 12
    # the first candidate's part has the passes that all share; then there is a part every second
    assert all(counted >= passed - 3.0 - 1.0 for passed, counted in seen[1:])
    assert seen[-1][1] > seen[0][1]
