"""`python tests/faults`: goes on with the campaign where it was stopped, and prints the table.

python tests/faults                          every case, resumable (nox -s faults)
python tests/faults --class kills --most 50  some of one class
python tests/faults --only NAME              one case alone, with all that it found
python tests/faults --again                  what failed, once more
python tests/faults --short                  the form that CI runs
python tests/faults --table                  the table of what is done
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: a process with threads is not forked
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from faults.classes import Absent, Skipped, backends, corruptions, disks, kills, pairs  # noqa: E402
from faults.flows import References  # noqa: E402
from faults.processes import Child  # noqa: E402
from faults.results import Results  # noqa: E402
from faults.workplace import Workplace  # noqa: E402

CLASSES = {"kills": kills, "disks": disks, "corruptions": corruptions, "pairs": pairs, "backends": backends}


def main():
    """Run or print; exit code 1 where a case is not survived."""
    options = _options()
    results = Results(options.results, fresh=options.fresh or options.short)
    if options.table:
        print(results.table())
        return 0
    scratch = Path(tempfile.mkdtemp(prefix="icon-faults-", dir=options.scratch))
    try:
        place = Workplace(scratch, real=options.real)
        if not options.real:
            place.warm_up()
        references = References(place)
        names = _names(options, results, references)
        for number, name in enumerate(names, start=1):
            _one(references, results, name, f"{number}/{len(names)}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(results.table())
    return 1 if any(results.failed(name) for name in names) else 0


def _names(options, results, references):
    """The cases to run now."""
    if options.only:
        return options.only
    if options.again:
        return [name for name in results.known if results.failed(name)]
    names = []
    for kind in options.kind or CLASSES:
        all_of_kind = CLASSES[kind].cases(references, options.short)
        names += [name for name in all_of_kind if name not in results.known][: options.most]
    return names


def _one(references, results, name, place):
    """Run one case, note and print it."""
    start = time.monotonic()
    Child.codes.clear()
    try:
        faults, how = CLASSES[name.partition("/")[0]].run(references, name), "tried"
    except Absent:
        return
    except Skipped as reason:
        faults, how = [str(reason)], "skipped"
    except Exception:  # noqa: BLE001  what the campaign cannot do is a failure of the case
        faults, how = [traceback.format_exc()], "tried"
    results.note(name, how, faults, time.monotonic() - start, any(Child.codes))
    if how == "skipped" or not faults:
        print(f"{place} {name}: {'skipped: ' + faults[0] if faults else 'survived'}", flush=True)
        return
    print(f"{place} {name}: NOT SURVIVED; alone: python tests/faults --only {name}", flush=True)
    for fault in faults:
        print(f"    {fault}", flush=True)


def _options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--class", dest="kind", action="append", choices=list(CLASSES), help="a class of faults")
    parser.add_argument("--most", type=int, help="most cases per class")
    parser.add_argument("--only", action="append", help="one case, by its name")
    parser.add_argument("--again", action="store_true", help="what failed before")
    parser.add_argument("--fresh", action="store_true", help="forget earlier results")
    parser.add_argument("--short", action="store_true", help="a few cases of each class")
    parser.add_argument("--table", action="store_true", help="print the table of earlier results")
    parser.add_argument("--real", action="store_true", help="start a new Python for every command")
    parser.add_argument("--results", type=Path, help="file of results")
    memory = Path("/dev/shm")
    parser.add_argument("--scratch", type=Path, default=memory if memory.is_dir() else None, help="folder to work in")
    options = parser.parse_args()
    name = "faults-short.jsonl" if options.short else "faults.jsonl"  # the short form begins anew each time
    options.results = options.results or ROOT / ".nox" / name
    return options


if __name__ == "__main__":
    sys.exit(main())
