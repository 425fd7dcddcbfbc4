"""What `--devices` costs beside the model: a run whose model only waits, by one process and by two workers.

`python tests/benchmarks/bench_processes.py` makes a pool and tasks, and a backend in a plugin file that sleeps where a
GPU would work, so that it shows how long workers wait for one another and for the run's own process, on a machine of
any speed. Efficiency is the scoring seconds of one process over twice those of two workers, from run.json: without
the time to start and to open the model. The processor time of the run's own process is read from /proc until it ends,
that of its workers not included. The files of both runs are compared, times apart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tables import markdown

from icon.testing.executor_suite import contents

BACKEND = """
import time

from icon.plugins import Options, Strategy, hookimpl
from icon.testing import FakeBackend


class Settings(Options):
    device: str = "cpu"
    seconds: float = 0.1


class Waiting(FakeBackend):
    def __init__(self, options):
        super().__init__()
        self.seconds = options.seconds

    def score(self, context, targets):
        time.sleep(self.seconds)
        return super().score(context, targets)


@hookimpl
def icon_backends():
    return [Strategy("waiting", "a model that only waits", Waiting, Settings)]
"""
N_TASKS = 8
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """What a run took.

    Attributes:
        scoring: Seconds of scoring with the run's own scorer.
        whole: Seconds of the command by the clock.
        own: Processor seconds of the run's own process.
        parts: Number of its parts.
    """

    scoring: float
    whole: float
    own: float
    parts: int


def make(folder: Path, candidates: int) -> None:
    """Write the pool, the tasks and the plugin file."""
    for name, n in (("pool", candidates), ("tasks", N_TASKS)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i} " * (30 + i % 9)} for i in range(n)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "waiting.py").write_text(BACKEND)


def run(folder: Path, name: str, seconds: float, *more: str) -> Measured:
    """Make a run in a process of its own."""
    words = f"run pool.jsonl --assessment tasks.jsonl --plugin waiting.py --backend waiting --out {name} --no-report"
    words += f" -o backend.seconds={seconds} --selector top --baseline length --schedule exact"
    began, own = time.perf_counter(), 0.0
    process = subprocess.Popen([sys.executable, "-m", "icon", *words.split(), *more], cwd=folder)
    while process.poll() is None:
        own = _processor_seconds(process.pid) or own
        time.sleep(0.1)
    assert process.returncode == 0
    times = json.loads((folder / name / "run.json").read_bytes())["times"]["seconds"]
    parts = len(list((folder / name / "contributions").glob("part-0*")))
    return Measured(times["scoring: icon"], time.perf_counter() - began, own, parts)


def _processor_seconds(pid: int) -> float:
    """Processor seconds of a process, without those of its children; 0 once it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def main() -> None:
    """Make both runs, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidates", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=0.1, help="How long the model waits per context.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, given.candidates)
        one = run(folder, "one", given.seconds)
        two = run(folder, "two", given.seconds, "--devices", "cpu,cpu")
        same = contents(folder / "one") == contents(folder / "two")
    rows = [
        (who, f"{it.scoring:.1f}", f"{it.whole:.1f}", f"{it.own:.1f}", str(it.parts))
        for who, it in (("one process", one), ("two workers", two))
    ]
    print(markdown(("", "scoring, s", "command, s", "own processor, s", "parts"), rows))
    print(f"\nefficiency {one.scoring / two.scoring / 2:.2f}; files {'identical' if same else 'DIFFER'}")
    print(f"own processor time of the run with workers: {two.own / two.whole:.1%} of the command's seconds")


if __name__ == "__main__":
    main()
