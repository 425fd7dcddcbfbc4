"""The built-in executors keep the contract of executors."""

import os
import signal

import pytest

from icon.pipeline.executors.local import LocalExecutor
from icon.pipeline.executors.options import LocalOptions, ProcessesOptions
from icon.pipeline.executors.processes import ProcessesExecutor
from icon.testing import ExecutorSuite


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
