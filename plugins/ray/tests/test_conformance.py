"""The executor keeps the contract of executors: what two workers of a real Ray measure is what one process measures.

An actor costs two seconds of a processor, so the default tier has the race with a worker killed in it, and the long one
the whole suite.
"""

import os
import signal

import pytest

from icon.testing import ExecutorSuite
from icon.testing.executor_suite import EXACT, PLUGIN, contents
from icon_ray.executor import RayExecutor
from icon_ray.options import RayOptions
from support.tiers import of_tier

pytestmark = pytest.mark.usefixtures("local_ray")


class OfTwo(ExecutorSuite):
    @pytest.fixture
    def make_executor(self):
        return lambda: RayExecutor(RayOptions(workers=2, wait=180))

    def kill_worker(self, executor):
        (first, *_) = [member for member in executor.members if member.is_measuring]
        os.kill(int(first.name.rpartition("/")[2]), signal.SIGKILL)


class Short(OfTwo):
    test_files_are_those_of_one_process = None
    test_a_run_that_is_interrupted_goes_on_anywhere_and_measures_no_part_twice = None
    test_an_error_of_a_task_is_raised_and_what_is_finished_is_kept = None


class TestRay(of_tier(Short, OfTwo)):
    pass


FIRST_FAILS = """
        if options.missing:
            try:
                open(options.missing, "x").close()
            except FileExistsError:
                return
            raise BackendError("/models/none.gguf: there is no such file on this node")
"""


class TestOneThatCannotOpenTheModel:
    material, perform, one = ExecutorSuite.material, ExecutorSuite.perform, ExecutorSuite.one

    def test_the_others_go_on_without_it_and_a_warning_says_why(self, perform, one, material, tmp_path):
        plugin = (material / PLUGIN).read_text()
        start = plugin.index("        if options.missing")
        end = plugin.index("    def score")
        (material / PLUGIN).write_text(plugin[:start] + FIRST_FAILS.lstrip("\n") + "\n" + plugin[end:])
        settings = {"backend_options": {"missing": str(tmp_path / "claimed")}, **EXACT}
        many = perform(tmp_path / "many", RayExecutor(RayOptions(workers=2, wait=180)), **settings)
        found, expected = contents(many), contents(one(**settings))
        warnings = [line for lines in found["run.json"].pop("warnings").values() for line in lines]
        (line,) = [line for line in warnings if "cannot work" in line]
        assert line.startswith("the worker ")
        assert "/models/none.gguf: there is no such file on this node; the others go on without it" in line
        expected["run.json"].pop("warnings")
        assert found == expected
