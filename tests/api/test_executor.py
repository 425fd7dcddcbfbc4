"""`icon.run(executor=...)`: the files of one process, and arguments that do not fit are refused before a folder is."""

import json
import re
from typing import ClassVar

import pytest

import icon
from icon.errors import ConfigError, UnknownStrategyError
from icon.pipeline.executors.local import LocalExecutor
from icon.pipeline.executors.options import LocalOptions
from icon.plugins import WorkerMeasured
from icon.testing import FakeBackend
from icon.testing.executor_suite import BACKEND, contents

WORKERS = {"executor": "processes", "executor_options": {"devices": ["cpu", "cpu"]}}


def written(path, kind, n):
    lines = [{"instruction": f"{kind} {number} of mine", "output": "word " * (number % 5 + 1)} for number in range(n)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def run_by(tmp_path):
    """Runs by a backend that workers can open, into a folder of that name."""
    plugin = tmp_path / "slow_backend.py"
    plugin.write_text(BACKEND)
    pool, tasks = written(tmp_path / "pool.jsonl", "question", 24), written(tmp_path / "tasks.jsonl", "task", 6)

    def by(name, **settings):
        given = {"backend": "slow", "plugins": [plugin], "selector": "top", "report": False, **settings}
        return icon.run(pool, assessment=tasks, out=tmp_path / name, **{"progress": False, **given}).path

    return by


def test_the_files_are_those_of_one_process_and_workers_measured(run_by):
    events = []
    alone = contents(run_by("alone", progress=events.append))
    assert not [event for event in events if isinstance(event, WorkerMeasured)]
    assert contents(run_by("workers", **WORKERS, progress=events.append)) == alone
    workers = {event.worker for event in events if isinstance(event, WorkerMeasured)}
    assert workers
    assert workers <= {"cpu (1)", "cpu (2)"}


def test_an_executor_that_is_an_object_measures_and_is_closed(run_by):
    class Watched(LocalExecutor):
        calls: ClassVar = []

        def measure(self, block, tasks):
            self.calls.append("measure")
            return super().measure(block, tasks)

        def close(self):
            self.calls.append("close")
            super().close()

    assert contents(run_by("object", executor=Watched(LocalOptions()))) == contents(run_by("alone"))
    assert "measure" in Watched.calls
    assert Watched.calls[-1] == "close"


def test_it_is_no_setting_so_the_same_run_goes_on_with_another(run_by):
    first = run_by("run")
    assert run_by("run", **WORKERS) == first


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"executor": "proceses"}, UnknownStrategyError, "Did you mean processes"),
        ({"executor": "processes"}, ConfigError, "devices"),
        ({"executor": ""}, UnknownStrategyError, "no executor named ''"),
        ({"executor": "processes", "executor_options": ["cpu"]}, ConfigError, "executor_options: found a list"),
        ({"executor": 5}, ConfigError, "executor: found an int"),
        ({"executor_options": {"devices": "cpu"}}, ConfigError, "local: devices: no such option"),
        (
            {"executor": LocalExecutor(LocalOptions()), "executor_options": {"a": 1}},
            ConfigError,
            "executor_options: the",
        ),
        (
            {**WORKERS, "backend": FakeBackend()},
            ConfigError,
            "executor and an open backend: its workers open the model",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_no_folder(run_by, tmp_path, given, error, said):
    with pytest.raises(error, match=re.escape(said)):
        run_by("refused", **given)
    assert not (tmp_path / "refused").exists()
