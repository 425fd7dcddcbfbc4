"""A tracker that raises is left out alone; one that is slow stops nothing; a call that is refused begins none."""

import io
import sys
import threading
import time

import pytest

from icon import network
from icon.errors import PluginError
from icon.plugins import PassesMeasured, RunFinished, RunStarted, StageFinished, StageStarted, Warned
from icon_observers import Observing, hooks
from icon_observers.quiet import unheard


class Noting:
    """A tracker that notes its calls, and raises in one of them."""

    def __init__(self, calls, bad=""):
        self._calls, self._bad = calls, bad

    def _noted(self, call, *what):
        self._calls.append((call, *what))
        if call == self._bad:
            raise OSError("server gone for a moment")

    def begin(self, name, settings):
        self._noted("begin", name)

    def log(self, step, figures):
        self._noted("log", step, dict(figures))

    def end(self, status, figures):
        self._noted("end", status)


def two_stages(observer, run="runs/mine"):
    """The events of a run of two stages."""
    observer(RunStarted(run, {}))
    for stage in ("reading", "scoring"):
        observer(StageStarted(stage))
        observer(StageFinished(stage, 1.0))
    observer(RunFinished(run, "done", {}))


@pytest.mark.parametrize("bad", ["make", "begin", "log", "end"])
def test_a_tracker_that_raises_is_left_out_alone_and_named_at_the_end(bad):
    good, other = [], []

    def make():
        if bad == "make":
            raise OSError("server gone for a moment")
        return Noting(other, bad)

    observer = Observing(lambda: Noting(good), make, names=("wandb", "mlflow"))
    with pytest.raises(PluginError, match=r"^mlflow was left out \(OSError: server gone for a moment\); ") as error:
        two_stages(observer)
    assert "wandb" not in str(error.value)
    assert good[0] == ("begin", "mine")
    assert good[-2][2] == {"progress/candidates": 0.0, "seconds/reading": 1.0, "seconds/scoring": 1.0}
    assert good[-1] == ("end", "done")
    ends = {"make": [], "begin": ["failed"], "log": ["failed"], "end": ["done", "failed"]}[bad]
    assert [what for call, *what in other if call == "end"] == [[status] for status in ends]
    assert sum(call[0] == "log" for call in other) == (bad == "log") or bad == "end"


def test_a_tracker_that_wants_to_end_the_process_is_left_out_like_any_other():
    class Leaving(Noting):
        def log(self, step, figures):
            sys.exit("no account")

    calls = []
    with pytest.raises(PluginError, match=r"^tracker 1 was left out \(SystemExit: no account\)"):
        two_stages(Observing(lambda: Leaving(calls)))
    assert calls == [("begin", "mine"), ("end", "failed")]


def test_a_slow_tracker_stops_nothing_and_has_the_newest_figures_in_the_end():
    calls, go = [], threading.Event()

    class Slow(Noting):
        def begin(self, name, settings):
            go.wait(10)
            super().begin(name, settings)

    observer = Observing(lambda: Slow(calls), clock=iter(range(0, 10**6, 10)).__next__)
    begun = time.monotonic()
    observer(RunStarted("runs/mine", {}))
    observer(StageStarted("scoring"))
    for tokens in range(1, 1001):
        observer(PassesMeasured(tokens))
    assert time.monotonic() - begun < 5
    go.set()
    observer(RunFinished("runs/mine", "done", {}))
    assert [call[0] for call in calls] == ["begin", "log", "end"]
    assert calls[1] == ("log", 999, {"progress/candidates": 0.0, "progress/tokens": 1000.0})


def test_the_end_of_a_run_waits_some_seconds_for_all_trackers_together_and_says_so(monkeypatch):
    monkeypatch.setitem(Observing.__call__.__globals__, "WAIT", 0.2)  # the module's name is a function's as well
    never = threading.Event()

    class Hanging(Noting):
        def begin(self, name, settings):
            never.wait(30)

    observer = Observing(*[lambda: Hanging([])] * 3, names=("wandb", "mlflow", "trackio"))
    begun = time.monotonic()
    with pytest.raises(PluginError, match=r"wandb was left out .*; mlflow was left out .* did not take everything"):
        two_stages(observer)
    never.set()
    assert time.monotonic() - begun < 3


def test_a_call_that_is_refused_before_its_first_stage_begins_no_tracker():
    calls = []
    observer = Observing(lambda: Noting(calls))
    observer(RunStarted("runs/mine", {}))
    observer(Warned("no such model"))
    observer(RunFinished("runs/mine", "failed", {}))
    assert calls == []


def test_runs_in_two_threads_of_one_process_have_trackers_of_their_own(monkeypatch):
    calls, both = {}, threading.Barrier(2, timeout=10)

    def made(*_):
        return Observing(lambda: Noting(calls.setdefault(threading.current_thread(), [])))

    monkeypatch.setattr(hooks, "observing", made)
    monkeypatch.setenv(hooks.VARIABLE, "wandb")

    def run(name):
        hooks.icon_event(RunStarted(f"runs/{name}", {}))
        both.wait()
        hooks.icon_event(StageStarted(name))
        both.wait()
        hooks.icon_event(StageFinished(name, 1.0))
        both.wait()
        hooks.icon_event(RunFinished(f"runs/{name}", "done", {}))

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(noted[0][1] for noted in calls.values()) == ["one", "two"]
    for (_, name), (_, _, figures), end in calls.values():
        assert figures == {"progress/candidates": 0.0, f"seconds/{name}": 1.0}
        assert end == ("end", "done")


def test_a_tracker_s_thread_knows_that_the_command_stays_offline(monkeypatch):
    monkeypatch.delenv(network.OFFLINE, raising=False)
    from icon_observers.observing import offline

    seen = []

    class Asking(Noting):
        def begin(self, name, settings):
            seen.append(offline())

    with network.limited(network.BY_USER):
        two_stages(Observing(lambda: Asking([])))
    two_stages(Observing(lambda: Asking([])))
    assert seen == [True, False]


def test_what_a_tracker_prints_is_lost_and_what_other_threads_print_meanwhile_is_not(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    there = sys.stdout
    with unheard():
        print("a tracker's words")
        beside = threading.Thread(target=print, args=("result",))
        beside.start()
        beside.join()
    print("later")
    assert there.getvalue() == "result\nlater\n"
    assert sys.stdout is there
