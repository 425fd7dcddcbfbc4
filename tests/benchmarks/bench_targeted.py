"""Targeted selection on real data: which score finds the records of the target's kind in a mixed pool.

Run it with `python tests/benchmarks/bench_targeted.py`; it needs the real data (../shared/data or $ICON_TEST_DATA) and
the llama.cpp backend with its embedded model. The pool is drawn from Alpaca and GSM8K, the assessment set from other
GSM8K problems; all scores are of one run, so they share what passes they can. The share of GSM8K among the top 15% of
each score is set against its share of the pool, and the AUC tells how well the whole order separates the two.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
from pathlib import Path
from typing import Any

from tables import markdown, publish
from workload import data_folder

import icon
from icon.results.agreement import scores_of_run, top
from icon.scorers.formulas import auc
from icon.types import Keep

TARGET, OTHER = "gsm8k", "alpaca"
KEEP = 0.15
SCORERS = ("icon", "nuggets", "rds", "ifd", "length", "random")


def drawn(folder: Path, out: Path, *, size: int, share: float, tasks: int, seed: int) -> tuple[Path, Path]:
    """A mixed pool and target tasks that are not in it, written as JSON lines in the Alpaca form."""
    draw = random.Random(seed)
    problems = [_problem(each) for each in _records(folder / "gsm8k_400.jsonl")]
    others = [{**each, "source": OTHER} for each in _records(folder / "alpaca_4000.jsonl")]
    n_target = round(share * size)
    chosen = draw.sample(problems, n_target + tasks)
    pool = chosen[:n_target] + draw.sample(others, size - n_target)
    draw.shuffle(pool)
    return _write(out / "pool.jsonl", pool), _write(out / "tasks.jsonl", chosen[n_target:])


def measured(pool: Path, tasks: Path, out: Path, backend: str) -> dict[str, dict[str, float]]:
    """For each score: the share of the target among its top, and the AUC of target against the rest."""
    run = icon.run(
        pool,
        assessment=tasks,
        backend=backend,
        template="paper",
        out=out,
        scorer=SCORERS[0],
        baselines=SCORERS[1:],
        schedule="exact",
        selector="top",
        keep=str(KEEP),
        audit_field="source",
        report=False,
    )
    is_target = {
        row.id: json.loads(line)["source"] == TARGET
        for row, line in zip(sorted(run.rows, key=lambda each: each.row), pool.read_text().splitlines(), strict=True)
    }
    found = {}
    for name, scores in scores_of_run(run.rows, SCORERS[0]).items():
        best = top(scores, Keep(share=KEEP).of(len(scores)))
        sides = {side: [s for id_, s in scores.items() if is_target[id_] == side] for side in (True, False)}
        share = statistics.fmean(is_target[id_] for id_ in best)
        found[name] = {"share": share, "auc": auc(sides[True], sides[False]) or 0.0, "scored": len(scores)}
    return found


def _problem(record: dict[str, str]) -> dict[str, str]:
    return {"instruction": record["question"], "input": "", "output": record["answer"], "source": TARGET}


def _records(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _write(path: Path, records: list[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return path


def table(found: list[dict[str, dict[str, float]]], base: float) -> str:
    """A line a score: shares and AUCs of each draw, and their means."""
    header = ["score", f"share of {TARGET} in the top {KEEP:.0%}", "of each draw", "AUC"]
    rows: list[list[Any]] = []
    for name in SCORERS:
        shares = [each[name]["share"] for each in found]
        area = statistics.fmean(each[name]["auc"] for each in found)
        rows.append([name, f"{statistics.fmean(shares):.0%}", " ".join(f"{s:.0%}" for s in shares), area])
    return markdown(header, rows) + f"\n\nIn the pool: {base:.0%}."


def main() -> None:
    """Draw, run, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", type=int, default=120, help="records of each pool")
    parser.add_argument("--share", type=float, default=0.2, help="share of GSM8K in the pool")
    parser.add_argument("--tasks", type=int, default=12, help="assessment samples")
    parser.add_argument("--draws", type=int, default=3, help="pools drawn, each with other tasks")
    parser.add_argument("--backend", default="llamacpp")
    parser.add_argument("--runs", type=Path, help="where the runs are kept; a stopped benchmark goes on from them")
    parser.add_argument("--out", type=Path, default=Path("bench-results/targeted.json"), help="where the JSON goes")
    given = parser.parse_args()
    folder = data_folder()
    if folder is None or not (folder / "gsm8k_400.jsonl").is_file():
        print("targeted selection is measured on real data only: left out")
        return
    with tempfile.TemporaryDirectory() as temporary:
        found = []
        for seed in range(given.draws):
            place = (given.runs or Path(temporary)) / f"draw-{seed}"
            pool, tasks = drawn(folder, place, size=given.pool, share=given.share, tasks=given.tasks, seed=seed)
            found.append(measured(pool, tasks, place / "run", given.backend))
            print(table(found, given.share), flush=True)
    settings = {name: value for name, value in vars(given).items() if name not in ("out", "runs")}
    publish(given.out, table(found, given.share), {"settings": settings, "draws": found})


if __name__ == "__main__":
    main()
