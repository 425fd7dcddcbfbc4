"""Fuzz for so many minutes, and keep what was found: `python -m tests.fuzzing --minutes 15 --keep FOLDER`.

With atheris installed (`--atheris TARGET`) the changes are guided by what code they reach, one target per process;
without it they are random. What is found is written to the folder, one file per finding, and becomes a case of
`tests/corpus`.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

HANGS = 120
"""Seconds after which the place of a hang is printed, and the process ended."""


def fuzz(names: list[str], minutes: float, seed: int, keep: Path) -> Counter[tuple[str, str]]:
    """Try changed inputs of these targets in turn; how many of each were read, refused or found."""
    from fuzzing.mutating import changed, seeds

    draw, inputs = random.Random(seed), seeds()
    counts: Counter[tuple[str, str]] = Counter()
    said: set[str] = set()
    end = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            for name in names:
                data = changed(draw.choice(inputs[name]), inputs[name], draw)
                (keep / "last").write_bytes(data)
                faulthandler.dump_traceback_later(HANGS, exit=True)
                counts[name, _ended(name, data, Path(folder), keep, said)] += 1
                faulthandler.cancel_dump_traceback_later()
    return counts


def _ended(name: str, data: bytes, folder: Path, keep: Path, said: set[str]) -> str:
    from fuzzing.targets import Finding, attempt

    try:
        return attempt(name, data, folder)
    except Finding as finding:
        line = f"{name}: {finding}"
        if line[:80] not in said:
            said.add(line[:80])
            file = keep / f"{name}-{sha256(data).hexdigest()[:12]}"
            file.write_bytes(data)
            print(f"{line}\n  {file}", flush=True)
        return "found"


def guided(name: str, minutes: float, keep: Path) -> None:
    """Fuzz one target with atheris, which does not return."""
    import atheris

    with atheris.instrument_imports(include=["icon", "jinja2", "tomllib"]):
        from fuzzing.mutating import seeds
        from fuzzing.targets import attempt

    folder = Path(tempfile.mkdtemp())
    start = keep / f"seeds-{name}"
    start.mkdir(exist_ok=True)
    for number, data in enumerate(seeds()[name]):
        (start / str(number)).write_bytes(data)

    def one(data: bytes) -> None:
        attempt(name, data, folder)

    atheris.Setup([sys.argv[0], str(start), f"-max_total_time={int(60 * minutes)}", f"-artifact_prefix={keep}/"], one)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzzing-found"))
    parser.add_argument("--atheris", action="store_true")
    parser.add_argument("targets", nargs="*", metavar="target", help="names of targets; all by default")
    asked = parser.parse_args()
    asked.keep.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    if asked.atheris:
        guided(asked.targets[0], asked.minutes, asked.keep)
    from fuzzing.targets import TARGETS

    counts = fuzz(asked.targets or list(TARGETS), asked.minutes, asked.seed, asked.keep)
    print("| target | read | refused | found |\n| --- | --- | --- | --- |")
    for name in TARGETS:
        print(f"| {name} | {counts[name, 'read']} | {counts[name, 'refused']} | {counts[name, 'found']} |")
    return 1 if any(ended == "found" for _, ended in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
