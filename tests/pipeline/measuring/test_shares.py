"""Several processes measure one race: each waits for the others, and all come to what one process comes to."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from icon.errors import ConfigError, InterruptedRun
from icon.pipeline import _sharing
from icon.pipeline.measuring import Share

TESTS = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])}
SETTINGS = {"capture": 1, "baselines": ()}
PROCESS = """
import sys
from pathlib import Path
from icon.pipeline import builtin
from icon.pipeline import measuring
from icon.pipeline.measuring import Share
from icon.plugins import Strategy, hookimpl
from icon.plugins.manager import Plugins
from icon.pipeline import _sharing
from icon.testing import FakeBackend
from support.opened import Opened

class FakeBackends:
    @hookimpl
    def icon_backends(self):
        return [Strategy("fake", "no model at all", lambda options: FakeBackend())]

folder, index = Path(sys.argv[1]), int(sys.argv[2])
measuring.TOKENS_PER_PART, _sharing.POLL_SECONDS = 900, 0.02
plugins = Plugins([builtin], entry_points=False)
plugins.register(FakeBackends(), "test-0")
Opened.at(folder, plugins=plugins, recording=index == 0).share(Share(index, 2))
"""


@pytest.fixture
def assessed(prepare, pool, tasks, tmp_path, small_parts):
    """A run directory with its assessment set."""
    prepare(pool, tasks, tmp_path / "run", **SETTINGS).assess()
    return tmp_path / "run"


@pytest.fixture
def second(assessed):
    """A process that measures the second share of two; where it still runs in the end it is killed."""
    command = [sys.executable, "-c", PROCESS, str(assessed), "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    yield process
    process.kill()
    process.communicate()


def test_a_share_waits_for_the_other_before_the_next_slice_and_both_come_to_what_one_process_comes_to(
    second, prepare, start, contents, whole, assessed, pool, tasks, monkeypatch
):
    first_slice = assessed / "contributions/slice-00"
    while len(list(first_slice.glob("part-0*"))) < 4:  # of nine, those with an odd number
        assert second.poll() is None, second.communicate()
        time.sleep(0.02)
    time.sleep(0.5)
    assert second.poll() is None
    assert len(list(first_slice.glob("part-0*"))) == 4
    assert not (assessed / "contributions/slice-01").exists()
    monkeypatch.setattr(_sharing, "POLL_SECONDS", 0.02)
    prepare(pool, tasks, assessed, **SETTINGS).share(Share(0, 2))
    _, said = second.communicate(timeout=60)
    assert (second.returncode, said) == (0, "")
    assert len(list((assessed / "contributions").glob("slice-*"))) > 1
    assert start(pool, tasks, assessed, **SETTINGS).model.tokens_evaluated == 0
    assert contents(assessed) == contents(whole(**SETTINGS))


def test_a_share_of_a_race_with_a_budget_is_refused(prepare, pool, tasks, tmp_path):
    opened = prepare(pool, tasks, tmp_path / "budget", **SETTINGS, budget="2k tokens")
    opened.assess()
    with pytest.raises(ConfigError, match="budget: found the share 1/2; valid: one process"):
        opened.share(Share(0, 2))


@pytest.mark.parametrize("stop", [1, 10])
def test_a_share_that_is_interrupted_says_so(prepare, stop_after, assessed, pool, tasks, stop):
    opened = prepare(pool, tasks, assessed, stop_after(stop), **SETTINGS)
    with pytest.raises(InterruptedRun, match="what is finished is kept"):
        opened.share(Share(0, 2))
