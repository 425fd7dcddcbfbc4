"""What commands that need no model take: processor seconds of a whole process, its children included.

Run it with `python tests/benchmarks/bench_start.py`; it makes a run without a model, or takes a finished one with
`--run`. Every command is started once to warm the disk cache, and then so many times in turn; the figure is the median.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tables import markdown, publish

PYTHON = (sys.executable, "-c")
ICON = (*PYTHON, "from icon.cli import main; main()")
DEMO = ("demo", "--scorer", "length", "--baseline", "random", "--selector", "top")
ROW = "17"


def commands(run: Path, folder: Path) -> dict[str, tuple[str, ...]]:
    """The commands by name; none of them opens a model where the run has its scores."""
    return {
        "python, without icon": (*PYTHON, "pass"),
        "icon --version": (*ICON, "--version"),
        "icon --help": (*ICON, "--help"),
        "icon run --help": (*ICON, "run", "--help"),
        "icon plugins": (*ICON, "plugins"),
        "icon backends": (*ICON, "backends"),
        "icon plan": (*ICON, "plan", *DEMO, "--out", str(folder / "planned")),
        "icon select": (*ICON, "select", str(run), "--selector", "top"),
        "icon report": (*ICON, "report", str(run)),
        "icon explain": (*ICON, "explain", str(run), ROW, "--no-tokens"),
        "icon compare": (*ICON, "compare", str(run)),
        "icon export": (*ICON, "export", str(run), "--to", "trl", "--out", str(folder / "trl"), "--force"),
        "icon doctor": (*ICON, "doctor", str(run)),
    }


def seconds(command: Sequence[str]) -> float:
    """Processor seconds of a process and its children, of user and system.

    Raises:
        RuntimeError: It ends with another code than 0.
    """
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if child.returncode:
            raise RuntimeError(f"{' '.join(command)}: exit code {child.returncode}\n{said.read()}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("bench-results/start.json"), help="where the JSON goes")
    parser.add_argument("--run", type=Path, help="a finished run, by default one that needs no model")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--only", nargs="*", default=[], help="words that a command's name must have one of")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = given.run or folder / "run"
        if given.run is None:
            seconds((*ICON, "run", *DEMO, "--out", str(run)))
        chosen = {
            name: words
            for name, words in commands(run, folder).items()
            if not given.only or any(word in name for word in given.only)
        }
        taken: dict[str, list[float]] = {name: [] for name in chosen}
        for repeat in range(given.repeats + 1):
            for name, words in chosen.items():
                found = seconds(words)
                if repeat:
                    taken[name].append(found)
    rows = [[name, median(found), min(found)] for name, found in taken.items()]
    publish(given.out, markdown(["command", "processor seconds", "least"], rows), {"seconds": taken})


if __name__ == "__main__":
    main()
