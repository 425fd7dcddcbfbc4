"""The built-in executors keep the contract of executors."""

import os
import signal

import pytest

from icon.pipeline.executors.local import LocalExecutor
from icon.pipeline.executors.options import LocalOptions, ProcessesOptions
from icon.pipeline.executors.processes import ProcessesExecutor
from icon.testing import ExecutorSuite
from icon.testing.executor_suite import contents


class TestLocal(ExecutorSuite):
    @pytest.fixture
    def make_executor(self):
        return lambda: LocalExecutor(LocalOptions())


class TestProcesses(ExecutorSuite):
    kills = (4, 12, 25, 45, 70)

    @pytest.fixture
    def make_executor(self):
        return lambda: ProcessesExecutor(ProcessesOptions(devices="cpu,cpu"))

    def kill_worker(self, executor):
        os.kill(executor.pids[0], signal.SIGKILL)

    def test_a_cascade_comes_to_the_files_of_one_process(self, perform, one, make_executor, tmp_path):
        """The cheap scorer, which needs the model, is measured by the workers as well."""
        settings = {"selector": "cascade", "selector_options": {"cheap": "ppl"}, "keep": "6", "schedule": "race"}
        found = contents(perform(tmp_path / "many", make_executor(), **settings))
        assert found == contents(one(**settings))
        assert any(name.startswith("contributions/ppl/") for name in found)
