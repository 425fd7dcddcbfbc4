"""However the command ends amid the measuring, Ray ends with it, and the same command measures no part twice."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from icon.testing.executor_suite import contents, parts
from support.tiers import FULL

pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
pytestmark = pytest.mark.skipif(not FULL, reason="starts a Ray twice per case: the long tier has it")

SETTINGS = ["pool.jsonl", "--assessment", "tasks.jsonl", "--template", "plain", "--selector", "top", "--no-report"]
SETTINGS += ["--schedule", "exact", "--baseline", "random", "--keep", "3"]
TWO = ["--executor", "ray", "-o", "executor.workers=2"]


def of_ray(group):
    """Process ids of Ray's processes and its workers in a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if os.getsid(int(folder.name)) == group and ("/ray/" in words or words.startswith("ray::")):
                found.append(int(folder.name))
        except OSError:
            continue  # it has just ended
    return found


@pytest.fixture
def place():
    """A folder for temporary files, such as those that a Ray leaves whose starter was killed; its name is short."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        yield name


@pytest.mark.parametrize(
    ("number", "to_group", "code"),
    [(signal.SIGKILL, False, -9), (signal.SIGINT, True, 130), (signal.SIGTERM, False, 143)],
    ids=["killed", "Ctrl-C", "terminated"],
)
def test_ray_ends_with_the_command_and_the_same_command_goes_on(
    tiny_command_line, tiny_embedded, write_sums, place, number, to_group, code
):
    folder = write_sums(30, 32)  # three parts
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TMPDIR": place, "HOME": place}
    environment["PYTHONPATH"] = os.pathsep.join([str(tiny_embedded), environment.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "icon", "run", *SETTINGS, *TWO, "--out", "run"]
    given = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen(command, cwd=folder, env=environment, **given) as process:
        while not list((folder / "run").glob("contributions/part-0*")):
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.01)
        assert of_ray(process.pid)
        (os.killpg if to_group else os.kill)(process.pid, number)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == code, said
    end = time.monotonic() + 90  # Ray's own agents try for most of a minute to report that they are alone
    while of_ray(process.pid) and time.monotonic() < end:
        time.sleep(0.2)
    assert of_ray(process.pid) == []
    before = parts(folder / "run")
    # a process of its own: a Ray that was started in this one has the token of another home
    again = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    after = parts(folder / "run")
    assert before.items() <= after.items()
    assert len(before) < len(after)
    tiny_command_line("run", *SETTINGS, "--out", "one", code=0)
    assert contents(folder / "run") == contents(folder / "one")
