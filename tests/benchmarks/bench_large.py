"""Peak memory and rows per processor second on a pool of millions, beside a plain filter by `datasets`.

    python tests/benchmarks/make_large_pool.py FOLDER --rows 5000000
    python tests/benchmarks/bench_large.py FOLDER [--steps read,length,classifier] [--kinds jsonl,parquet]

The rows of both forms of the pool are the same. Each step is a process of its own: its seconds are processor seconds of
all its threads, its memory the peak of its resident set (`os.wait4`). `read` reads the pool into samples; `length` is a
whole `icon run --scorer length --selector top`, `classifier` one with `--selector classifier` on 2,000 scored
candidates, both without a report. `filter` is `datasets.load_dataset(...).filter(...)` by the length of a field, in one
process, from a cold cache, its result written as JSON Lines: what somebody would do without icon. `same` makes the runs
of the first 200,000 rows twice, once with the samples in memory as those of a small pool are and once with all of them
read again from the disk, and compares their files. `guard` looks for leaks of 1,000 assessment samples, every so many
rows of the pool, in one process and in one per processor.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

READ = "import sys\nfrom icon.samples import load_samples\nprint(len(load_samples(sys.argv[1]).samples))"
FILTER = """
import sys, datasets
datasets.disable_progress_bars()
kind, files = sys.argv[1], sys.argv[2]
pool = datasets.load_dataset(kind, data_files=files, split="train", cache_dir="cache")
pool.filter(lambda row: len(row["output"]) > 250).to_json("filtered.jsonl")
"""
HELD = """
import runpy, sys
from icon.samples import bounds
bounds.HELD = int(sys.argv.pop(1))
runpy.run_module("icon", run_name="__main__", alter_sys=True)
"""
PART = 200_000
GUARD = """
import sys, time
from icon.assessment.leak import find_leaks
from icon.pipeline.guarding import leaks_in
from icon.samples import load_samples
pool = load_samples(sys.argv[1]).samples
tasks, found = list(pool[:: max(1, len(pool) // 1000)]), []
for find in (find_leaks, leaks_in):
    start = time.monotonic()
    found.append(find(tasks, pool))
    seconds = time.monotonic() - start
    print(f"{find.__name__}: {len(found[-1]):,} of {len(pool):,} rows, {seconds:.0f} s", file=sys.stderr)
sys.exit(found[0] != found[1])
"""
FILES = ("scores.parquet", "selected.jsonl", "dropped.jsonl")
RUN = [sys.executable, "-m", "icon", "run"]
SETTINGS = ["--scorer", "length", "--template", "alpaca", "--keep", "15%", "--no-report"]


def steps_of(kind: str, folder: Path) -> dict[str, list[str]]:
    """The command of each step on one form of the pool."""
    pool = str(folder / ("pool.jsonl" if kind == "jsonl" else "shards"))
    files = pool if kind == "jsonl" else f"{pool}/*.parquet"
    return {
        "filter": [sys.executable, "-c", FILTER, "json" if kind == "jsonl" else "parquet", files],
        "read": [sys.executable, "-c", READ, pool],
        "length": [*RUN, pool, *SETTINGS, "--selector", "top", "--out", "length"],
        "classifier": [*RUN, pool, *SETTINGS, "--selector", "classifier", "--subset", "2000", "--out", "classifier"],
    }


def measured(command: list[str], folder: Path) -> tuple[float, float, int]:
    """Processor seconds, seconds on the clock, and peak memory in bytes of a command, its children left out."""
    start = time.monotonic()
    environment = {**os.environ, "HF_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(said[-2000:])
    scale = 1 if sys.platform == "darwin" else 1024
    return used.ru_utime + used.ru_stime, time.monotonic() - start, used.ru_maxrss * scale


def same(pool: Path, rows: int, folder: Path) -> str:
    """Whether runs of the first rows have the same files with their samples in memory and on the disk, as a line."""
    part = folder / "part.jsonl"
    with pool.open("rb") as lines, part.open("wb") as file:
        file.writelines(islice(lines, rows))
    found = []
    for selector in (["top"], ["classifier", "--subset", "2000"]):
        digests = []
        for name, held in (("memory", 2**62), ("disk", 0)):
            out = f"{selector[0]}-{name}"
            command = [sys.executable, "-c", HELD, str(held), "run", str(part), *SETTINGS, "--selector", *selector]
            measured([*command, "--out", out], folder)
            digests.append([hashlib.sha256((folder / out / each).read_bytes()).hexdigest() for each in FILES])
        found.append(f"{selector[0]} {'the same' if digests[0] == digests[1] else 'DIFFERENT'}")
    return f"the first {rows:,} rows in memory and from the disk: {', '.join(found)} ({', '.join(FILES)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where make_large_pool.py wrote the pool")
    parser.add_argument("--steps", default="same,guard,filter,read,length,classifier")
    parser.add_argument("--kinds", default="jsonl,parquet")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    with (folder / "pool.jsonl").open("rb") as file:
        rows = sum(1 for _ in file)
    print(f"{rows:,} rows, {(folder / 'pool.jsonl').stat().st_size / 1e6:,.0f} MB of JSON Lines")
    steps = asked.steps.split(",")
    if "same" in steps:
        steps.remove("same")
        with tempfile.TemporaryDirectory(dir=folder) as work:
            print(same(folder / "pool.jsonl", min(rows, PART), Path(work)), flush=True)
    if "guard" in steps:
        steps.remove("guard")
        subprocess.run([sys.executable, "-c", GUARD, str(folder / "pool.jsonl")], check=True)
    print("| pool | step | processor s | s | rows per processor s | peak MB |\n| --- | --- | --- | --- | --- | --- |")
    for kind in asked.kinds.split(","):
        commands = steps_of(kind, folder)
        for step in steps:
            with tempfile.TemporaryDirectory(dir=folder) as work:
                busy, clock, peak = measured(commands[step], Path(work))
            row = f"| {kind} | {step} | {busy:.0f} | {clock:.0f} | {rows / busy:,.0f} | {peak / 1e6:,.0f} |"
            print(row, flush=True)


if __name__ == "__main__":
    main()
