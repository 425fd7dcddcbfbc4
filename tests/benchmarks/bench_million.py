"""Memory and speed on a pool of a million rows and a gigabyte: reading, the leak guard, the plan, and the selection.

    python tests/benchmarks/bench_million.py [--rows 1000000] [--bytes 1000] [--folder FOLDER]

The pool is made on the fly in a temporary folder and deleted afterwards. Measurements are those of the scorer `length`,
which needs no model; so `icon run` here is everything but the passes. Each step is a process of its own. Its seconds
are processor seconds, its memory the peak of its resident set. `--bytes` are those of a row.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

READ = "import sys\nfrom icon.samples import load_samples\nprint(len(load_samples(sys.argv[1]).samples))"
ICON = [sys.executable, "-m", "icon"]
SETTINGS = ["--assessment", "tasks.jsonl", "--scorer", "length", "--baseline", "random", "--template", "alpaca"]


def make_pool(path: Path, rows: int, size: int) -> None:
    """Rows of about that many bytes, all distinct, with words that repeat as in text."""
    draw = random.Random(0)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 11))) for _ in range(20_000)]
    with path.open("w") as file:
        for number in range(rows):
            n = max(1, (size - 60) // 8)
            text = " ".join(draw.choices(words, k=n))
            cut = len(text) // 4
            file.write(json.dumps({"question": f"{number} {text[:cut]}", "answer": text[cut:] or "a"}) + "\n")


def make_tasks(path: Path) -> None:
    draw = random.Random(1)
    with path.open("w") as file:
        for number in range(64):
            words = " ".join(f"word{draw.randint(0, 999)}" for _ in range(40))
            file.write(json.dumps({"question": f"task {number} {words}", "answer": f"answer {number}"}) + "\n")


def measured(command: list[str], folder: Path) -> tuple[float, float, int]:
    """Processor seconds, seconds on the clock, and peak memory in bytes of a command, its children left out."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        assert process.stderr is not None
        sys.exit(process.stderr.read().decode()[-2000:])
    scale = 1 if sys.platform == "darwin" else 1024
    return used.ru_utime + used.ru_stime, time.monotonic() - start, used.ru_maxrss * scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--bytes", type=int, default=1000)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--most", type=int, default=12, help="GiB of address space that a step may take")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (asked.most * 1024**3, asked.most * 1024**3))
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        make_pool(folder / "pool.jsonl", asked.rows, asked.bytes)
        make_tasks(folder / "tasks.jsonl")
        megabytes = (folder / "pool.jsonl").stat().st_size / 1e6
        print(f"{asked.rows:,} rows, {megabytes:,.0f} MB")
        print("| step | processor s | s | rows per processor s | peak MB |\n| --- | --- | --- | --- | --- |")
        steps = {
            "reading": [sys.executable, "-c", READ, "pool.jsonl"],
            "plan (reading, guard, plan)": [*ICON, "plan", "pool.jsonl", *SETTINGS],
            "run (reading, guard, selection)": [*ICON, "run", "pool.jsonl", *SETTINGS, "--out", "run", "--no-report"],
        }
        for step, command in steps.items():
            busy, clock, peak = measured(command, folder)
            row = f"| {step} | {busy:.0f} | {clock:.0f} | {asked.rows / busy:,.0f} | {peak / 1e6:,.0f} |"
            print(row, flush=True)


if __name__ == "__main__":
    main()
