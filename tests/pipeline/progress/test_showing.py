"""A run shows its progress wherever it runs: lines without a terminal, a display in a notebook, a caller's function."""

import io
import json
import re
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from icon.errors import ConfigError, IconError, InterruptedRun
from icon.pipeline.progress import Tally, showing
from icon.pipeline.progress._bar import BarView
from icon.pipeline.progress._lines import Lines
from icon.plugins import (
    BudgetSpent,
    CandidateMeasured,
    PassesMeasured,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    Warned,
    hookimpl,
)
from icon.plugins.manager import Plugins
from icon.types import Budget


class Somewhere(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, terminal):
        super().__init__()
        self._terminal = terminal

    def isatty(self):
        return self._terminal


@pytest.fixture
def run():
    """As much of a run as progress needs."""
    config = SimpleNamespace(budget_amount=None)
    return SimpleNamespace(
        plugins=Plugins(entry_points=False), config=config, watch=SimpleNamespace(started=time.perf_counter())
    )


def perform(run):
    run.plugins.emit(StageStarted("reading", 2))
    run.plugins.emit(CandidateMeasured("a", 10))
    run.plugins.emit(StageFinished("reading", 1.25))


def test_without_a_terminal_every_stage_ends_with_a_line_on_standard_error(run, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", Somewhere(False))
    with showing(run):
        perform(run)
    assert sys.stderr.getvalue() == "icon: reading: done in 1.2 s\n"
    assert capsys.readouterr().out == ""


def test_a_stage_that_fails_is_not_said_to_be_done(start, files, tmp_path):
    lines, heard = [], Heard()
    Path(files[0]).write_text('{"instruction": 1')
    view = Lines(Tally(None, 0.0), lines.append)
    with pytest.raises(IconError):
        start(*files, tmp_path / "run", heard, view)
    assert [event.complete for event in heard.of(StageFinished)] == [False]
    assert re.fullmatch(r"icon: reading the pool: ended early after [\d.]+ s", lines[0])


def test_a_long_stage_says_where_it_stands_though_no_event_comes():
    tally, lines, said = Tally(Budget(120, "seconds"), time.perf_counter() - 65), [], threading.Event()

    def write(line):
        lines.append(line)
        said.set()

    view = Lines(tally, write, every=0.01)
    with view:
        view.icon_event(RunStarted("run", {}))
        view.icon_event(StageStarted("scoring: icon", 200))
        said.clear()
        assert said.wait(10)
    assert lines[-1] == "icon: scoring: icon: 1:05 since the start, 0 of 200, 1:05/2:00 of the budget spent"
    count = len(lines)
    time.sleep(0.05)
    assert len(lines) == count  # it ends with the block


def test_a_stream_that_is_closed_does_not_end_the_run(run, monkeypatch):
    stream = Somewhere(False)
    monkeypatch.setattr(sys, "stderr", stream)
    with showing(run):
        stream.close()
        perform(run)


def test_on_a_terminal_it_is_a_bar_that_is_gone_at_the_end(run, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Somewhere(True))
    with showing(run):
        perform(run)
    assert "✓ reading 1.2 s" in re.sub(r"\x1b\[[\d;?]*\w", "", sys.stderr.getvalue())


@pytest.mark.parametrize("terminal", [True, False])
def test_of_warnings_only_those_that_cannot_wait_are_shown(run, monkeypatch, terminal):
    monkeypatch.setattr(sys, "stderr", Somewhere(terminal))
    with showing(run):
        run.plugins.emit(Warned("later"))
        run.plugins.emit(Warned("all [red]are kept", at_once=True))
        perform(run)
    said = re.sub(r"\x1b\[[\d;?]*\w", "", sys.stderr.getvalue())
    assert "all [red]are kept" in said.partition("reading")[0]
    assert "later" not in said


def test_false_shows_nothing_and_true_as_much_as_auto(run, monkeypatch):
    said = {}
    for progress in (False, True, "auto"):
        monkeypatch.setattr(sys, "stderr", Somewhere(False))
        with showing(run, progress):
            perform(run)
        said[progress] = sys.stderr.getvalue()
    assert said[False] == ""
    assert said[True] == said["auto"] != ""


def test_a_function_gets_the_events_and_nothing_is_shown(run, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Somewhere(False))
    events = []
    with showing(run, events.append):
        perform(run)
    perform(run)  # of another call
    assert [type(event) for event in events] == [StageStarted, CandidateMeasured, StageFinished]
    assert sys.stderr.getvalue() == ""


def test_a_function_that_raises_is_a_warning_and_the_run_goes_on(run):
    def broken(event):
        raise ValueError("no room")

    with pytest.warns(UserWarning, match=r"progress.*no room"), showing(run, broken):
        perform(run)


def test_another_setting_is_refused_with_what_is_valid(run):
    with pytest.raises(ConfigError, match=r"progress: found 'yes'; valid: 'auto', True, False"), showing(run, "yes"):
        pass


def test_in_a_notebook_one_output_is_updated(run, monkeypatch):
    pictures = []
    handle = SimpleNamespace(update=lambda shown: pictures.append(shown))

    def display(first, display_id):
        assert display_id is True
        pictures.append(first)
        return handle

    shell = SimpleNamespace(kernel=object())
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display, HTML=str))
    monkeypatch.setattr(sys, "stderr", Somewhere(False))
    with showing(run):
        run.plugins.emit(StageStarted("reading", 2))
    assert any("reading" in shown for shown in pictures)
    assert pictures[-1] == ""
    assert sys.stderr.getvalue() == ""


def test_the_bar_of_a_budget_moves_with_the_clock():
    written = io.StringIO()
    view = BarView(
        Tally(Budget(1000, "seconds"), time.perf_counter() - 250), Console(file=written, force_terminal=True, width=100)
    )
    with view:
        view.icon_event(RunStarted("run", {}))
        view.icon_event(StageStarted("scoring", 200))
        view.progress.refresh()
    assert "4:10/16:40" in written.getvalue()
    assert "0/200" in written.getvalue()


class Heard:
    """Keeps the events of a run."""

    def __init__(self):
        self.events = []

    @hookimpl
    def icon_event(self, event):
        self.events.append(event)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


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


def test_a_run_on_the_command_line_says_its_stages_without_a_terminal_and_json_stays_alone(
    command_line, files, tmp_path
):
    words = ["run", files[0], "--assessment", files[1], "--scorer", "length", "--selector", "top", "--keep", "3"]
    done = command_line(*words, "--no-report", "--json", "--out", tmp_path / "run", code=0)
    assert json.loads(done.stdout)["selected"] == 3
    assert re.search(r"^icon: selecting: done in [\d.]+ s$", done.stderr, re.MULTILINE)


def test_observers_hear_of_passes_before_the_first_candidate_and_of_both_ends_of_a_run(start, files, tmp_path):
    heard = Heard()
    start(*files, tmp_path / "run", heard, baselines=())
    assert isinstance(heard.events[0], RunStarted)
    assert heard.events[0].settings["scorer"] == "icon"
    kinds = [type(event) for event in heard.events]
    assert kinds.index(PassesMeasured) < kinds.index(CandidateMeasured)
    last = heard.events[-1]
    assert (type(last), last.status, last.run) == (RunFinished, "done", str(tmp_path / "run"))
    assert last.figures["candidates"] == 12
    assert last.figures["selected"] == len((tmp_path / "run/selected.jsonl").read_text().splitlines())


def test_observers_hear_that_a_run_was_stopped_or_failed(start, stop_after, files, tmp_path):
    heard = Heard()
    with pytest.raises(InterruptedRun):
        start(*files, tmp_path / "run", heard, stop_after(2), baselines=())
    assert heard.events[-1].status == "interrupted"
    heard = Heard()
    with pytest.raises(IconError):
        start(*files, tmp_path / "other", heard, baselines=(), keep="3", selector="nobody")
    assert heard.events[-1].status == "failed"


def test_what_is_spent_of_a_budget_of_passes_is_heard_after_every_part(start, files, tmp_path):
    heard = Heard()
    start(*files, tmp_path / "run", heard, baselines=(), budget="40 passes", keep="2")
    spent = [event.spent for event in heard.of(BudgetSpent)]
    assert spent == sorted(spent)
    assert 0 < spent[-1] <= 40
    assert {(event.amount, event.unit) for event in heard.of(BudgetSpent)} == {(40, "passes")}
