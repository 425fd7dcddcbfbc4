"""kill -9 at any moment, and several processes: the same arms and the same verdict as of one that nobody disturbed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

from support.tiers import of_tier
from support.validating import QUICK, without_seconds


def losses(run):
    """Every arm's losses by the name of its file."""
    found = {}
    for path in sorted((run / "validation" / "arms").glob("*.json")):
        stored = json.loads(path.read_text())["arm"]
        found[path.name] = {name: value for name, value in stored.items() if name != "seconds"}
    return found


def test_a_killed_validation_goes_on_to_the_same_arms_and_verdict(validate, run, tmp_path):
    whole = without_seconds(json.loads(validate("--json").stdout))
    wanted = losses(run)
    killed = tmp_path / "killed"
    shutil.copytree(run, killed, ignore=shutil.ignore_patterns("validation"))
    for reached in of_tier(["steps-random-01*"], ["steps-selection*", "steps-random-02*", "steps-longest*"]):
        _kill_at(killed, reached)
        assert not (killed / "validation" / "verdict.json").exists()
    run.rename(tmp_path / "aside")
    killed.rename(run)
    assert without_seconds(json.loads(validate("--json").stdout)) == whole
    assert losses(run) == wanted


def _kill_at(run, reached):
    command = [sys.executable, "-m", "icon", "validate", str(run), *QUICK]
    given = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=run.parent, env={**os.environ, "HF_HUB_OFFLINE": "1"}, **given) as process:
        while not any((run / "validation" / "arms").glob(reached)):
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def test_several_devices_train_the_same_arms(validate, run, tmp_path):
    whole = without_seconds(json.loads(validate("--json").stdout))
    wanted = losses(run)
    shutil.rmtree(run / "validation")
    outcome = json.loads(validate("--devices", "cpu,cpu", "--json").stdout)
    assert outcome["notes"] == whole["notes"], "each process trained its share"
    assert without_seconds(outcome) == whole
    assert losses(run) == wanted
