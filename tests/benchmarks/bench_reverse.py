"""What the scorer `reverse` costs: beside the race of `icon` for the same decision, and beside the training run saved.

Run it with `python tests/benchmarks/bench_reverse.py --runs FOLDER`; it needs the real data (../shared/data or
$ICON_TEST_DATA) and the torch backend with its embedded model. `reverse` is run on a random subset of the Alpaca rows
(--subset 4000 for all of them), and a stopped benchmark goes on from FOLDER. The same scores are then selected from
anew under each way of comparing at equal length. Tokens for the whole file come from the
plans of `reverse` and of `icon`, which count them, and those for a pool of 52,000 from the same proportions. The
training run reads every record three times; a step forward and backward counts as three passes, and is timed as well.
Times are of the processor, so that other work on the machine does not count; a benchmark that went on from FOLDER knows
those of its last start only, and then speeds are not to be taken from it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

from scipy.stats import spearmanr
from tables import markdown, publish
from workload import data_folder, positive

import icon
from icon.inference import embedded, sleeping_threads
from icon.runs.manifest import load_manifest

with sleeping_threads():
    import tiny
    import torch
    from transformers import AutoModelForCausalLM

    from icon_torch.gguf import converted

WHOLE = 52_000
"""Records of the whole Alpaca data set."""
EPOCHS, STEP = 3, 3
"""Epochs of the published fine-tuning, and passes that a step forward and backward is worth."""
BATCH, STEPS = 4, 6
"""Records of a timed training step, and how many are timed after a first one."""


def settings(given: argparse.Namespace, folder: Path | None, model: str) -> dict[str, Any]:
    """What both scorers have in common."""
    tasks = folder / "assessment_1020.jsonl" if folder else demo_file("demo_assessment.jsonl")
    return {
        "assessment": tasks,
        "assessment_size": given.tasks,
        "backend": "torch",
        "backend_options": {"model": model, "threads": given.threads},
        "template": "alpaca",
        "baselines": (),
        "keep": "15%",
        "report": False,
    }


def demo_file(name: str) -> Path:
    """A file of the embedded demo."""
    return Path(str(files("icon.samples.demo").joinpath(name)))


def measured(pool: str, subset: int | None, common: dict[str, Any], out: Path) -> dict[str, float]:
    """Candidates, tokens and processor seconds of a run of `reverse`; it goes on from one that is there."""
    begun = time.process_time()
    run = icon.run(pool, out=out, scorer="reverse", subset=subset, selector="top", **common)
    times = load_manifest(run.path / "run.json").times
    return {
        "candidates": sum(row.score is not None for row in run.rows),
        "tokens": float(times.tokens_evaluated or 0),
        "seconds": time.process_time() - begun,
    }


def lengths_chosen(pool: str, out: Path) -> list[list[str]]:
    """How each way of comparing at equal length chooses from the same scores; the run ends as `measured` left it.

    Returns:
        Rows of: the way, rank correlation of the score with the response's length, and median characters of the
        responses selected and scored.
    """
    characters = {sample.id: len(sample.response) for sample in icon.load_samples(pool)}
    lines = []
    for how in ("none", "regress", "auto"):
        run = icon.select(out, equal_length=how)
        rows = [row for row in run.rows if row.score is not None]
        correlation = spearmanr([row.score for row in rows], [characters[row.id] for row in rows]).statistic
        chosen = statistics.median(characters[row.id] for row in rows if row.selected)
        scored = statistics.median(characters[row.id] for row in rows)
        name = f"{run.summary['equal_length']['how']}, the default" if how == "auto" else how
        lines.append([name, f"{correlation:+.2f}", f"{chosen:.0f}", f"{scored:.0f}"])
    return lines


def training_speed(model: str, pool: str) -> tuple[float, float]:
    """Tokens per processor second of a training step of all weights, and of a pass forward over the same texts."""
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-6)
    samples = icon.load_samples(pool)[: BATCH * (STEPS + 1)]
    steps, passes = [], []
    with icon.load_backend("torch", model=model) as backend:
        texts = [backend.tokenize(sample.text)[:512] for sample in sorted(samples, key=lambda one: len(one.text))]
    for start in range(0, len(texts), BATCH):
        rows = [torch.tensor(text) for text in texts[start : start + BATCH]]
        ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        n_tokens, begun = ids.numel(), time.process_time()
        with torch.inference_mode():
            network(input_ids=ids)
        between = time.process_time()
        network(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        steps.append(n_tokens / (time.process_time() - between))
        passes.append(n_tokens / (between - begun))
    return statistics.median(steps[1:]), statistics.median(passes[1:])


def rows_of(given: argparse.Namespace, found: dict[str, float], plans: dict[str, dict[str, Any]], own: float) -> Any:
    """The table: what, candidates scored, tokens, and tokens relative to the training run's.

    Args:
        given: The arguments.
        found: The run of `reverse`.
        plans: The plans of `reverse` and of `icon` for every row of the pool.
        own: Mean tokens of a record, prompt and response.
    """
    n = plans["reverse"]["candidates"]
    per = {name: plan["tokens"] / n for name, plan in plans.items()}
    training = EPOCHS * STEP * own
    speed = found["tokens"] / found["seconds"]
    lines = [["reverse, measured", found["candidates"], found["tokens"], found["seconds"], None]]
    for name, scored in (("reverse", n), ("icon, race", n), ("reverse", WHOLE), ("icon, race", WHOLE)):
        tokens = per[name.split(",")[0]] * scored
        lines.append([f"{name}, by the plan", scored, tokens, tokens / speed, tokens / (training * max(scored, WHOLE))])
    for scored in (5_000, 9_000):
        tokens = per["reverse"] * scored
        ratio = tokens / (training * WHOLE)
        lines.append([f"reverse on {scored:,} of {WHOLE:,}, by the plan", scored, tokens, tokens / speed, ratio])
    whole = training * WHOLE
    lines.append([f"training on all {WHOLE:,}, {EPOCHS} epochs", WHOLE, whole, whole / speed, 1.0])
    return lines


def main() -> None:
    """Run, plan, time, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subset", type=positive, default=400, help="records that reverse is run on")
    parser.add_argument("--tasks", type=positive, default=64, help="assessment samples")
    parser.add_argument("--threads", type=positive, help="threads of torch; by default its own choice")
    parser.add_argument("--runs", type=Path, help="where the run is kept; a stopped benchmark goes on from it")
    parser.add_argument("--toy", action="store_true", help="a tiny random model and the demo, to try the benchmark")
    parser.add_argument("--out", type=Path, default=Path("bench-results/reverse.json"), help="where the JSON goes")
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    folder = None if given.toy else data_folder()
    if folder is None and not given.toy:
        print("the scorer reverse is measured on real data only: left out")
        return
    with tempfile.TemporaryDirectory() as scratch:
        if folder is None:
            model, pool = str(tiny.save(Path(scratch) / "model")), str(demo_file("demo_pool.jsonl"))
        else:
            model = str(converted(embedded("icon-torch", "backends/torch"), torch.float32))
            pool = str(folder / "alpaca_4000.jsonl")
        common = settings(given, folder, model)
        out = (given.runs or Path(scratch)) / "reverse"
        found = measured(pool, given.subset, common, out)
        ways = lengths_chosen(pool, out)
        plans = {name: icon.plan(pool, scorer=name, **common) for name in ("reverse", "icon")}
        step, forward = training_speed(model, pool)
        with icon.load_backend("torch", model=model) as backend:
            lengths = [len(backend.tokenize(sample.text)) for sample in icon.load_samples(pool)]
    lines = rows_of(given, found, plans, statistics.fmean(lengths))
    text = markdown(["what", "candidates scored", "tokens", "processor seconds", "of the training run's tokens"], lines)
    scoring = found["tokens"] / found["seconds"]
    notes = (
        f"Tokens per processor second: {scoring:.0f} when scoring, {step:.0f} in a training step of all weights, "
        f"{forward:.0f} in a plain pass forward over the same batches; {forward / step:.1f} passes per step."
    )
    at_length = markdown(
        ["equal length", "score's rank correlation with length", "median characters, selected", "all scored"], ways
    )
    data = {"measured": found, "plans": plans, "step": step, "forward": forward, "at_length": ways}
    publish(given.out, f"{text}\n\n{notes}\n\n{at_length}", data)


if __name__ == "__main__":
    main()
