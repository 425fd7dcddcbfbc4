"""What commands that need no model take: processor seconds of a whole process, its children included.

Run it with `python tests/benchmarks/bench_start.py`. Every command is started once to warm the disk cache, and then so
many times in turn; the figure is the median. With `--beside FOLDER` another checkout is measured in the same turns. The
commands work on the demo's pool, selected by length; `--run` gives a finished run in place of that one.
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


def environment(checkout: Path | None) -> dict[str, str]:
    """The environment of commands, in which the packages of another checkout come before those that are installed."""
    if checkout is None:
        return dict(os.environ)
    places = [checkout, *sorted(checkout.glob("backends/*")), *sorted(checkout.glob("plugins/*"))]
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, places))}


def seconds(command: Sequence[str], variables: dict[str, str]) -> float:
    """Processor seconds of a process and its children, of user and system.

    Raises:
        RuntimeError: It ends with another code than 0.
    """
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, env=variables, cwd="/")
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
    parser.add_argument("--beside", type=Path, help="another checkout to measure as well")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--only", nargs="*", default=[], help="words that a command's name must have one of")
    given = parser.parse_args()
    checkouts = {"this": None} | ({"beside": given.beside.resolve()} if given.beside else {})
    with tempfile.TemporaryDirectory() as name:
        plans = {}
        for which, checkout in checkouts.items():
            folder, variables = Path(name) / which, environment(checkout)
            folder.mkdir()
            run = given.run.resolve() if given.run else folder / "run"
            if not given.run:
                seconds((*ICON, "run", *DEMO, "--out", str(run)), variables)
            plans[which] = commands(run, folder), variables
        chosen = [one for one in plans["this"][0] if not given.only or any(word in one for word in given.only)]
        taken: dict[str, dict[str, list[float]]] = {one: {which: [] for which in plans} for one in chosen}
        for repeat in range(given.repeats + 1):
            for one in chosen:
                for which, (every, variables) in plans.items():
                    found = seconds(every[one], variables)
                    if repeat:
                        taken[one][which].append(found)
    rows = [[one, *(median(each) for each in found.values())] for one, found in taken.items()]
    publish(given.out, markdown(["processor seconds", *plans], rows), {"seconds": taken})


if __name__ == "__main__":
    main()
