"""What a validation says of a choice that must be better, of one that says nothing, and of one that must be worse.

Run it with `python tests/benchmarks/bench_planted.py --runs FOLDER`; it needs the real data (../shared/data or
$ICON_TEST_DATA), the torch backend with its embedded model, and icon-validate. Half of a pool of Alpaca records has
spoilt responses (`board/corrupting.py`). A selector that knows which keeps sound records only, or any, or spoilt ones
only, and `icon validate` says of each choice what training on it is worth beside random draws, which are the same for
all three. What is done is kept in FOLDER, and a stopped benchmark goes on from it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from board.corrupting import corrupted
from planted_selector import SOUND, SPOILT
from tables import markdown, publish
from workload import data_folder, positive

import icon
from icon.types import Sample

PLUGIN = Path(__file__).with_name("planted_selector.py")

CHOICES = {SOUND: "sound records only", "any": "any records", SPOILT: "spoilt records only"}
"""What the selector keeps first, and how the table calls it."""

LONGEST, SHORTEST = 700, 40
"""Most characters of a record, and fewest of a response: every response has tokens beyond the first two."""

TASKS = 8
"""Assessment samples, which a run must have and nothing here is scored on."""


def make(source: Path, folder: Path, n: int, n_judge: int) -> None:
    """Write pool.jsonl, tasks.jsonl and judge.jsonl, of different records.

    Args:
        source: A file of records.
        folder: Where the files go.
        n: Records of the pool, every second one of them spoilt.
        n_judge: Judge samples.

    Raises:
        SystemExit: There are too few records.
    """
    fitting = [one for one in icon.load_samples(source) if len(one.text) <= LONGEST and len(one.response) >= SHORTEST]
    if len(fitting) < n + n_judge + TASKS:
        raise SystemExit(f"{source}: {len(fitting)} records of a fitting length; needed: {n + n_judge + TASKS}")
    judge, tasks, pool = fitting[:n_judge], fitting[n_judge : n_judge + TASKS], fitting[n_judge + TASKS :][:n]
    planted = [
        record(corrupted(one, place // 2, pool), SPOILT) if place % 2 else record(one, SOUND)
        for place, one in enumerate(pool)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for name, records in (("pool", planted), ("tasks", map(record, tasks)), ("judge", map(record, judge))):
        lines = "".join(json.dumps(each) + "\n" for each in records)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")


def record(sample: Sample, group: str = "") -> dict[str, str]:
    """A sample as an Alpaca record."""
    return {"instruction": sample.instruction, "input": sample.passage, "output": sample.response, "group": group}


def command(*words: str | Path) -> str:
    """Run icon; its standard output.

    Raises:
        SystemExit: It failed.
    """
    done = subprocess.run([sys.executable, "-m", "icon", *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"icon {words[0]}: {done.stderr}")
    return done.stdout


def verdicts(folder: Path, kept: int, model: Sequence[str], training: Sequence[str]) -> dict[str, Any]:
    """What `icon validate` says of each choice, by what it keeps first."""
    run, given = folder / "run", folder / "pool.jsonl"
    if not (run / "selected.jsonl").exists():
        words = ["--assessment", folder / "tasks.jsonl", "--scorer", "random", "--baseline", "length", "--no-report"]
        command("run", given, *words, "--selector", "top", "--keep", str(kept), "--out", run, *model)
    found = {}
    for first in CHOICES:
        done = folder / f"verdict-{first}.json"
        if not done.exists():
            command("select", run, "--plugin", PLUGIN, "--selector", "planted", "-o", f"selector.first={first}")
            said = command("validate", run, "--judge", folder / "judge.jsonl", "--no-tokens", "--json", *training)
            done.write_text(said, encoding="utf-8")
        found[first] = json.loads(done.read_text("utf-8"))["tables"]["steps"]
    return found


def main() -> None:
    """Make the pool, choose, validate, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", type=positive, default=480, help="records of the pool")
    parser.add_argument("--kept", type=positive, default=72, help="records that are kept")
    parser.add_argument("--judge", type=positive, default=64, help="judge samples")
    parser.add_argument("--blocks", type=positive, default=4, help="blocks that are trained")
    parser.add_argument("--runs", type=Path, help="where everything is kept; a stopped benchmark goes on from it")
    parser.add_argument("--toy", action="store_true", help="a tiny random model and the demo, to try the benchmark")
    parser.add_argument("--out", type=Path, default=Path("bench-results/planted.json"), help="where the JSON goes")
    given = parser.parse_args()
    data = None if given.toy else data_folder()
    if data is None and not given.toy:
        print("the planted pool is made of real data only: left out")
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.runs or Path(scratch)
        model, training = ["--backend", "torch"], ["--blocks", str(given.blocks)]
        if data is None:
            import tiny

            source = Path(str(files("icon.samples.demo").joinpath("demo_pool.jsonl")))
            model += ["--model", str(tiny.save(folder / "model"))]
            training = ["--blocks", "1", "--draws", "2", "--epochs", "1"]
        else:
            source = data / "alpaca_4000.jsonl"
        settings = {"pool": given.pool, "kept": given.kept, "judge": given.judge, "training": training}
        if (kept := folder / "settings.json").exists() and json.loads(kept.read_text("utf-8")) != settings:
            raise SystemExit(f"{folder} has a benchmark of other settings; valid: those of {kept}, or another folder")
        make(source, folder, given.pool, given.judge)
        kept.write_text(json.dumps(settings) + "\n", encoding="utf-8")
        found = verdicts(folder, given.kept, model, training)
    rows = [row_of(CHOICES[first], verdict) for first, verdict in found.items()]
    header = ["selection", "difference to random draws", "from", "to", "draws beaten", "verdict"]
    one, gain = found[SOUND], found[SOUND]["gain"]
    notes = (
        f"{given.kept} of {given.pool} records kept, {one['n_draws']} draws, {one['n_samples']} judge samples; "
        f"nats per token behind the second. The mean draw gains {gain['gain']:.4f} over the bare model "
        f"({gain['bare']:.4f}); standard deviation of the draws: {gain['sd']:.4f}."
    )
    publish(given.out, f"{markdown(header, rows)}\n\n{notes}", found)


def row_of(name: str, verdict: dict[str, Any]) -> list[Any]:
    """A line of the table."""
    beaten = f"{verdict['beaten']} of {verdict['n_draws']}"
    return [name, *(float(verdict[key]) for key in ("difference", "low", "high")), beaten, verdict["outcome"]]


if __name__ == "__main__":
    main()
