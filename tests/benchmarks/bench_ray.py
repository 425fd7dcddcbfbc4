"""Two workers, of Ray and (with torch) of the executor `processes`, against one process: one thread each.

Run it with `python tests/benchmarks/bench_ray.py`. Each arm is a process of its own that makes one run with the
embedded model; the times are those of the measuring, without the start of workers and models. Efficiency is the time of
one process over twice that of two workers. With --apart, two runs that know nothing of each other, at once, say what
the machine itself loses with two processes: their efficiency is the time of a run alone over that of one beside
another. On a machine with other work, the processor seconds of the workers say more.
The files of all runs are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from tables import markdown, publish
from workload import data_folder

from icon.config import resolve
from icon.pipeline import stages
from icon.pipeline.builtin import default_plugins
from icon.plugins import Executor, StageFinished, StageStarted, hookimpl
from icon.runs.directory import RunDirectory
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run
from icon.testing.executor_suite import contents

ARMS = ("one process", "processes, two", "ray, two")
APART = "two runs at once"
DEMO = {"pool": "demo_pool.jsonl", "tasks": "demo_assessment.jsonl"}
STAGE = "scoring: icon"
ALONE = {**os.environ, "OMP_NUM_THREADS": "1"}
HEADER = ("arm", "seconds", "efficiency", "processor seconds of workers", "of this process", "share of this process")


def executor_of(arm: str) -> Executor | None:
    """The executor of an arm; None for this process."""
    if arm == ARMS[0]:
        return None
    if arm == ARMS[1]:
        from icon.pipeline.executors.options import ProcessesOptions
        from icon.pipeline.executors.processes import ProcessesExecutor

        return ProcessesExecutor(ProcessesOptions(devices=("cpu", "cpu")))
    os.environ.setdefault("RAY_worker_niceness", "0")  # other work on the machine weighs the same on every arm
    from icon_ray.executor import RayExecutor
    from icon_ray.options import RayOptions

    return RayExecutor(RayOptions(workers=2))


def pids_of(executor: Executor | None) -> Sequence[int]:
    """Process ids of the workers."""
    if executor is None:
        return [os.getpid()]
    pids: Sequence[int] = getattr(executor, "pids", ())
    return pids or [int(member.name.rpartition("/")[2]) for member in executor.members]  # type: ignore[attr-defined]


def processor_seconds(pid: int) -> float:
    """Seconds of user and system that a process has used, from the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Clock:
    """Takes the times at the beginning and at the end of the measuring.

    Args:
        pids: Gives the process ids of the workers.
    """

    def __init__(self, pids: Callable[[], Sequence[int]]) -> None:
        self._pids = pids
        self.times: dict[str, float] = {}

    @hookimpl
    def icon_event(self, event: object) -> None:
        """Note the times."""
        if isinstance(event, StageStarted) and event.stage == STAGE:
            self._start = time.perf_counter(), time.process_time(), sum(map(processor_seconds, self._pids()))
        if isinstance(event, StageFinished) and event.stage == STAGE:
            wall, own, workers = self._start
            self.times = {
                "seconds": time.perf_counter() - wall,
                "own": time.process_time() - own,
                "workers": sum(map(processor_seconds, self._pids())) - workers,
            }


def measure(arm: str, backend: str, out: Path, pool: Path, tasks: Path) -> dict[str, float]:
    """Make the run of an arm in this process; gives its times."""
    settings: dict[str, Any] = {"pool": str(pool), "assessment": "file", "assessment_options": {"path": str(tasks)}}
    settings |= {"schedule": "exact", "selector": "top", "baselines": (), "report": False}
    options = {"threads": 1} if backend == "llamacpp" else {}  # torch takes OMP_NUM_THREADS
    config = resolve({**settings, "backend": backend, "backend_options": options})
    executor, directory, plugins = executor_of(arm), RunDirectory(out), default_plugins()
    clock = Clock(lambda: pids_of(executor))
    plugins.register(clock, "bench")
    run = Run(directory, directory.open(config), plugins)
    model = Model(run, executor=executor)
    try:
        stages.run_stages(run, model, PoolReader(run))
    finally:
        model.close()
    return clock.times


def at_once(arm: str, outs: Sequence[Path], backend: str, pool: Path, tasks: Path) -> dict[str, float]:
    """Make runs of an arm at once, each in a process of its own; gives the means of their times."""
    command = [sys.executable, __file__, "--arm", arm, backend]
    processes = [
        subprocess.Popen([*command, *map(str, (out, pool, tasks))], stdout=subprocess.PIPE, text=True, env=ALONE)
        for out in outs
    ]
    said = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        sys.exit(f"a run of the arm {arm} failed")
    times = [json.loads(each.splitlines()[-1]) for each in said]
    found = {key: statistics.mean(each[key] for each in times) for key in times[0]}
    print(f"{arm}, {len(outs)} at once: {found['seconds']:.1f} s", flush=True)
    return found


def first_lines(source: Path, n: int, target: Path) -> Path:
    """The first lines of a file, as a file."""
    with source.open(encoding="utf-8") as lines:
        target.write_text("".join(line for line, _ in zip(lines, range(n), strict=False)), encoding="utf-8")
    return target


def main() -> None:
    """Measure, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("bench-results/ray.json"), help="where the JSON goes")
    parser.add_argument("--demo", nargs="+", choices=DEMO, default=(), help="take these from the demo: they are short")
    parser.add_argument("--apart", action="store_true", help="two runs beside each other as well")
    parser.add_argument("--candidates", type=int, default=90)
    parser.add_argument("--tasks", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--backend", choices=("llamacpp", "torch"), default="llamacpp")
    parser.add_argument("--arm", nargs=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.arm:
        arm, backend, *paths = given.arm
        print(json.dumps(measure(arm, backend, *map(Path, paths))))
        return
    folder = data_folder()
    if folder is None:
        return
    sources = {"pool": folder / "alpaca_4000.jsonl", "tasks": folder / "assessment_1020.jsonl"}
    sources |= {name: Path(str(files("icon.samples.demo").joinpath(DEMO[name]))) for name in given.demo}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        pool = first_lines(sources["pool"], given.candidates, place / "pool.jsonl")
        tasks = first_lines(sources["tasks"], given.tasks, place / "tasks.jsonl")
        rounds: list[dict[str, dict[str, float]]] = []
        for number in range(given.repeats):
            rounds.append({})
            for arm in ARMS if given.backend == "torch" else (ARMS[0], ARMS[2]):  # llama.cpp has no devices
                outs = [place / f"{number}-{arm.partition(',')[0]}"]
                rounds[-1][arm] = at_once(arm, outs, given.backend, pool, tasks)
            if not given.apart:
                continue
            outs = [place / f"{number}-apart-{which}" for which in range(2)]
            rounds[-1][APART] = at_once(ARMS[0], outs, given.backend, pool, tasks)
        runs = [contents(path) for path in sorted(place.iterdir()) if path.is_dir()]
    same = all(run == runs[0] for run in runs)
    rows = [row for one in rounds for row in _rows(one)]
    text = f"{markdown(HEADER, rows)}\n\nfiles apart from times: {'identical' if same else 'DIFFERENT'}"
    publish(given.out, text, {"rounds": rounds, "identical": same})


def _rows(times: dict[str, dict[str, float]]) -> list[list[Any]]:
    one = times[ARMS[0]]["seconds"]
    rows = []
    for arm, its in times.items():
        alone = arm in (ARMS[0], APART)
        efficiency = None if arm == ARMS[0] else one / its["seconds"] / (1 if alone else 2)
        share = None if alone else its["own"] / (its["own"] + its["workers"])
        rows.append([arm, its["seconds"], efficiency, its["workers"], None if alone else its["own"], share])
    return rows


if __name__ == "__main__":
    main()
