"""Compares the weights that the llama.cpp backend can evaluate: agreement with float32 first, speed second.

Run it with `python tests/benchmarks/bench_precision.py`; it prints a Markdown table and writes JSON. The rule in
`icon_llamacpp.requantise` follows from it. The reference is the torch backend in float32, one sequence at a time; for
speed every precision reads the same text in turn, so that other work on the machine slows all alike, and with one
thread its seconds are those of the processor. `--no-agreement` leaves the comparison out. For another build of
llama.cpp, such as one with OpenBLAS, set LLAMA_CPP_LIB_PATH to the folder of its libraries.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from scipy.stats import kendalltau

from icon.inference import processor
from icon.types import Target
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.models import resolve
from icon_llamacpp.options import LlamaCppOptions
from icon_llamacpp.requantise import choose
from icon_llamacpp.setup import Setup
from icon_llamacpp.trial import prefill_speeds
from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions

PRECISIONS = ("as-is", "q8_0", "bf16", "f16", "f32")
SHORTEST, TASKS = 48, 6


@dataclass(frozen=True)
class Row:
    """One line of the table; differences from float32 in nats, None where they were not measured."""

    precision: str
    tokens_per_second: float
    largest_token: float | None = None
    mean_token: float | None = None
    largest_nll: float | None = None
    rank_correlation: float | None = None


def paper_prompt(record: dict[str, str]) -> str:
    passage = f"\n\n### Input: {record['input']}" if record.get("input") else ""
    return f"### Instruction:\n{record['instruction']}{passage}\n\n### Response:"


def pairs(n_contexts: int) -> list[tuple[str, list[Target]]]:
    """Demonstrations of the embedded demo, spread over its shorter ones, each with the same short tasks."""
    pool, tasks = (
        [json.loads(line) for line in files("icon.samples.demo").joinpath(name).read_text("utf-8").splitlines()]
        for name in ("demo_pool.jsonl", "demo_assessment.jsonl")
    )
    contexts = sorted([paper_prompt(each) + each["output"] + "\n\n\n" for each in pool], key=len)[:SHORTEST]
    targets = sorted([Target(paper_prompt(each), each["output"]) for each in tasks], key=lambda each: len(str(each)))
    return [(context, targets[:TASKS]) for context in contexts[:: SHORTEST // n_contexts][:n_contexts]]


def logprobs(backend: LlamaCppBackend | TorchBackend, texts: Sequence[tuple[str, list[Target]]]) -> list[np.ndarray]:
    return [np.asarray(found.logprobs) for context, targets in texts for found in backend.score(context, targets)]


def row(precision: str, found: list[np.ndarray], wanted: list[np.ndarray], speed: float) -> Row:
    apart = [np.abs(ours - theirs) for ours, theirs in zip(found, wanted, strict=True)]
    ours, theirs = (np.array([-each.mean() for each in side]) for side in (found, wanted))
    # A candidate's score is its mean over the tasks: what decides who is selected.
    ranks = kendalltau(ours.reshape(-1, TASKS).mean(axis=1), theirs.reshape(-1, TASKS).mean(axis=1)).statistic
    tokens = np.concatenate(apart)
    largest = float(np.abs(ours - theirs).max())
    return Row(precision, round(speed), float(tokens.max()), float(tokens.mean()), largest, float(ranks))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--contexts", type=int, default=24)
    parser.add_argument("--tokens", type=int, default=512, help="length of the text that is timed")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=processor.usable_cores())
    parser.add_argument("--no-agreement", action="store_true", help="time them alone")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    given = parser.parse_args()
    setup = Setup(resolve(given.model), given.threads)
    setups = {name: choose(setup, name).setup for name in PRECISIONS}
    clock = time.process_time if given.threads == 1 else time.perf_counter
    speeds = prefill_speeds(setups, n_tokens=given.tokens, repeats=given.repeats, clock=clock)
    if given.no_agreement:
        rows = [Row(name, round(speed)) for name, speed in speeds.items()]
    else:
        rows = compared(given.model, pairs(given.contexts), speeds)
    print(f"{processor.name()}, {setup.threads} threads\n")
    print("| precision | tokens/s | largest token | mean token | largest NLL per pair | rank correlation (Kendall) |")
    print("| --- | --- | --- | --- | --- | --- |")
    for each in rows:
        apart = (each.largest_token, each.mean_token, each.largest_nll)
        cells = ["-" if value is None else f"{value:.1e}" for value in apart]
        ranks = "-" if each.rank_correlation is None else f"{each.rank_correlation:.3f}"
        print(f"| {each.precision} | {each.tokens_per_second} | {' | '.join(cells)} | {ranks} |")
    given.out.mkdir(exist_ok=True)
    (given.out / "precision.json").write_text(json.dumps([asdict(each) for each in rows], indent=1))


def compared(model: str, texts: list[tuple[str, list[Target]]], speeds: dict[str, float]) -> list[Row]:
    """How far each precision is from torch in float32, beside its speed."""
    with TorchBackend(TorchOptions(model=model, dtype="float32", device="cpu", attention="plain")) as reference:
        wanted = logprobs(reference, texts)
    rows = []
    for name, speed in speeds.items():
        with LlamaCppBackend(LlamaCppOptions(model=model, precision=name)) as backend:
            rows.append(row(name, logprobs(backend, texts), wanted, speed))
    return rows


if __name__ == "__main__":
    main()
