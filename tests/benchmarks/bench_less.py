"""What the scorer `less` costs: processor seconds per candidate beside a pass, and what projection and rank change.

Run it with `python tests/benchmarks/bench_less.py`; it takes real records where they are (../shared/data or
$ICON_TEST_DATA), else the demo, and needs the torch backend with its embedded model. One thread. The passes forward are
NLLs of the same responses, one at a time; both sides are measured in turn in one process, so their ratio means most.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr
from tables import markdown, publish
from workload import data_folder

from icon.inference import embedded, sleeping_threads
from icon.plugins import ScoringTask
from icon.samples import load_samples, load_template
from icon.types import Sample

with sleeping_threads():
    import tiny
    import torch

    from icon_less.options import LessOptions
    from icon_less.scorer import LessScorer
    from icon_torch.backend import TorchBackend
    from icon_torch.options import TorchOptions

WAYS = {
    "rank 128, projected to 8,192 (the default)": LessOptions(),
    "rank 128, whole gradient": LessOptions(projection=0),
    "rank 8, projected to 8,192": LessOptions(rank=8),
}


def samples(folder: Path | None, name: str, n: int) -> list[Sample]:
    """The first n samples of a real file, or of the demo's file of that role."""
    real = {"pool": "alpaca_4000.jsonl", "assessment": "assessment_1020.jsonl"}[name]
    path = folder / real if folder else files("icon.samples.demo").joinpath(f"demo_{name}.jsonl")
    return load_samples(str(path)).samples[:n]


def measured(task: ScoringTask, pool: list[Sample]) -> list[dict[str, Any]]:
    """For each way: seconds per task and candidate, per candidate of a pass forward, and the cosines."""
    assert task.backend is not None
    found = []
    for what, options in WAYS.items():
        scorer = LessScorer(options)
        marks = [time.process_time()]
        scorer.prepare(task, [])
        marks.append(time.process_time())
        cosines = np.array([[row.value for row in rows] for rows in scorer.measure(pool)], dtype=np.float64)
        marks.append(time.process_time())
        for sample in pool:
            task.backend.score("", [task.template.target(sample)])
        marks.append(time.process_time())
        shared, own, forward = np.diff(marks)
        each = {"per_task": shared / len(task.assessment), "own": own / len(pool), "forward": forward / len(pool)}
        found.append({"what": what, **each, "cosines": cosines})
    return found


def table(found: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """The table for people, and the figures for programs; cosines are compared with the whole gradient's."""
    exact = next(each["cosines"] for each in found if "whole" in each["what"])
    figures = []
    for each in found:
        apart = each["cosines"] - exact
        ranks = spearmanr(each["cosines"].mean(1), exact.mean(1)).statistic
        given = {name: each[name] for name in ("what", "per_task", "own", "forward")}
        given |= {"times_a_pass": each["own"] / each["forward"], "off": float(np.sqrt(np.mean(apart**2)))}
        figures.append(given | {"spearman": float(ranks)})
    header = ("adapters", "s per task", "s per candidate", "times a pass", "cosines off by", "Spearman of the scores")
    keys = ("what", "per_task", "own", "times_a_pass", "off", "spearman")
    return markdown(
        header, [[float(row[key]) if key != "what" else row[key] for key in keys] for row in figures]
    ), figures


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=20)
    parser.add_argument("--tasks", type=int, default=8)
    parser.add_argument("--toy", action="store_true", help="a tiny random model and the demo, to try the benchmark")
    parser.add_argument("--out", type=Path, default=Path("bench-results/less.json"))
    given = parser.parse_args()
    torch.set_num_threads(1)
    folder = None if given.toy else data_folder()
    pool, tasks = samples(folder, "pool", given.candidates), samples(folder, "assessment", given.tasks)
    with tempfile.TemporaryDirectory() as made:
        model = str(tiny.save(Path(made))) if given.toy else str(embedded("icon-torch", "backends/torch"))
        with TorchBackend(TorchOptions(model=model, device="cpu", dtype="float32", threads=1)) as backend:
            task = ScoringTask(backend, load_template("alpaca"), tasks, 1, 1024, 2040, 1024, True)
            list(LessScorer(LessOptions()).prepare(task, []))  # the first passes of a process are slower
            text, figures = table(measured(task, pool))
            tokens = [len(backend.tokenize(sample.text)) for sample in pool]
    said = (
        f"{len(pool)} candidates of {np.mean(tokens):.0f} tokens in the mean, {len(tasks)} tasks, one thread\n\n{text}"
    )
    publish(given.out, said, {"figures": figures, "tokens": tokens})


if __name__ == "__main__":
    main()
