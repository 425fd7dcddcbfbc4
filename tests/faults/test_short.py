"""The short form of the campaign: some cases of every class, each survived, or skipped with its reason."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CAMPAIGN = Path(__file__).parent


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the campaign forks its commands")
def test_some_faults_of_every_class_are_survived(tmp_path):
    """Kills, full disks, damaged files, two commands at once, and backends that die, hang or lie."""
    command = [sys.executable, str(CAMPAIGN), "--short", "--results", str(tmp_path / "results.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    survived = [line for line in done.stdout.splitlines() if line.endswith("survived")]
    assert {line.split()[1].partition("/")[0] for line in survived} >= {"kills", "corruptions", "pairs", "backends"}
