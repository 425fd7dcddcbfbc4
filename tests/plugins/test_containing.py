"""A plugin that raises what nobody catches, or leaves the process, is a fault with its name and never a silent end.

In the process where an exception is the end; as a true process where the plugin would take the process with it.
"""

import json
import os
import subprocess
import sys
import threading

import pytest

from icon.plugins.containing import EscapedError, contained
from support.plugin_site import PluginSite

LEAVING = {
    "BaseException": ("raise BaseException('enough')", "BaseException: enough"),
    "own class": ("class Stop(BaseException): pass\nraise Stop('enough')", "Stop: enough"),
    "GeneratorExit": ("raise GeneratorExit", "GeneratorExit"),
    "CancelledError": ("import asyncio\nraise asyncio.CancelledError('enough')", "CancelledError: enough"),
    "SystemExit": ("raise SystemExit(0)", "SystemExit: 0"),
    "os._exit": ("import os\nos._exit(0)", "os._exit(0) would end icon without a word"),
    "from os import _exit": ("from os import _exit\n_exit(0)", "os._exit(0) would end icon without a word"),
    "exec": ("import os\nos.execv('/bin/true', ['true'])", "os.execv('/bin/true', ['true']) would end icon"),
    "execlp": ("import os\nos.execlp('true', 'true')", "os.execv"),
}
"""Code at import, and what is said of it."""


@pytest.fixture
def inputs(tmp_path):
    for name, n in (("pool", 6), ("tasks", 2)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i}"} for i in range(n)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return ["pool.jsonl", "--assessment", "tasks.jsonl", "--scorer", "length", "--keep", "2", "--no-report"]


@pytest.mark.parametrize("way", LEAVING)
def test_an_installed_plugin_that_leaves_at_import_is_a_fault_and_the_command_goes_on(command_line, tmp_path, way):
    code, said = LEAVING[way]
    site = PluginSite(tmp_path / "site")
    site.install("icon-leaver", code)
    done = command_line("plugins", "--json", paths=[site.folder], code=0)
    (entry,) = [each for each in json.loads(done.stdout)["plugins"] if each["distribution"] == "icon-leaver"]
    assert said in entry["faults"][0]["what"]
    assert "icon_leaver.py, line" in entry["faults"][0]["where"]


@pytest.mark.parametrize("way", LEAVING)
def test_a_plugin_file_that_leaves_at_import_is_an_error_that_names_it(command_line, tmp_path, inputs, way):
    code, said = LEAVING[way]
    (tmp_path / "leaver.py").write_text(code)
    done = command_line("run", *inputs, "--plugin", "leaver.py", "--out", "mine", code=2)
    told = " ".join(done.stderr.split())
    assert said in told
    assert "leaver.py, line" in told
    assert not (tmp_path / "mine").exists()


SCORER = """
import os
from icon.plugins import Strategy, hookimpl
from icon.testing import FakeBackend


class Leaver(FakeBackend):
    def score(self, context, targets):
        {leave}


@hookimpl
def icon_backends():
    return [Strategy("leaver", "leaves in the middle", lambda options: Leaver())]
"""


@pytest.mark.parametrize(
    ("leave", "said"),
    [
        ("raise BaseException('enough')", "BaseException: enough"),
        ("os._exit(0)", "os._exit(0)"),
        ("exit(0)", "SystemExit: 0"),
    ],
)
def test_a_backend_that_leaves_while_it_measures_is_an_error_and_the_run_can_go_on(
    command_line, tmp_path, inputs, leave, said
):
    inputs.remove("length")
    inputs.remove("--scorer")
    (tmp_path / "leaver.py").write_text(SCORER.format(leave=leave))
    done = command_line("run", *inputs, "--plugin", "leaver.py", "--backend", "leaver", "--out", "mine", code=1)
    told = " ".join(done.stderr.split())
    assert said in told
    assert "leaver" in told


def test_a_true_process_does_not_end_with_0_in_the_middle_of_nothing(tmp_path, inputs):
    """It printed nothing, wrote nothing, and its exit code said that all was well."""
    (tmp_path / "leaver.py").write_text("import os\nos._exit(0)")
    command = [sys.executable, "-m", "icon", "run", *inputs, "--plugin", "leaver.py", "--out", "mine"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "os._exit(0)" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_and_plain_errors_pass():
    with pytest.raises(KeyboardInterrupt), contained():
        raise KeyboardInterrupt
    with pytest.raises(ValueError, match="plain"), contained():
        raise ValueError("plain")


def test_outside_and_in_forked_processes_leaving_is_as_ever():
    before = os._exit
    with contained(), contained():
        with pytest.raises(EscapedError), contained():
            os._exit(0)
        if hasattr(os, "fork"):
            if not (child := os.fork()):
                os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert os._exit is before


def test_another_thread_may_end_the_process_while_a_plugin_runs():
    """The watchdog of a cluster or of a test runner ends a process that hangs in a plugin."""
    code = """
import os, threading
from icon.plugins.containing import contained
dog = threading.Thread(target=lambda: os._exit(7))
with contained():
    dog.start()
    dog.join()
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 7


def test_a_thread_is_contained_until_its_own_code_has_ended():
    """Whichever of two threads ends first, the other's plugin cannot leave, and at the end all is as before."""
    before, inside, go_on = os._exit, threading.Barrier(2, timeout=60), threading.Event()
    found = []

    def other():
        try:
            with contained():
                inside.wait()
                assert go_on.wait(60)
                os._exit(0)
        except EscapedError as error:
            found.append(error.kind)

    thread = threading.Thread(target=other)
    thread.start()
    with contained():
        inside.wait()
    go_on.set()
    thread.join()
    assert found == ["os._exit"]
    assert os._exit is before


def test_many_threads_leave_the_process_as_it_was():
    """A count that two threads change at once went wrong, and `os._exit` was refused for good."""
    before, interval = os._exit, sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def work():
        for _ in range(2000):
            with contained():
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert os._exit is before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_process_contains_its_own_plugins():
    with contained():
        if not (child := os.fork()):
            try:
                with contained():
                    os._exit(3)
            except EscapedError:
                os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
