"""Measures the judging matrix: what every way of choosing is judged by, kept as judging_matrix.json.

120 Alpaca candidates in front of 192 assessment samples, all of them measured, so that any choice made from some of the
samples can be judged on others. It takes about an hour and a quarter on two cores and goes on where it was stopped:
`python tests/benchmarks/make_judging_matrix.py`. No text of the data is kept, row numbers and NLLs only.

Assessment samples are at most 128 tokens long with their prompt, so that the matrix can be computed at all: 199 of the
1,020 are, and 192 of them are drawn, stratified by task group.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workload import data_folder

from icon.api import load_samples
from icon.assessment.draw import stratified_draw
from icon.samples.templates import load_template
from icon.scorers._control import random_context
from icon.types import Sample, Target
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions

CANDIDATES, TASKS, LONGEST = 120, 192, 128
BANK = (16, 32, 64, 128, 256, 512)
"""Token lengths of the random contexts; two of each in front of every sample, two more in front of the first ones."""
PAIRED_TASKS = 32
"""How many assessment samples are measured behind controls of exactly each candidate's length, under two seeds."""
SEED = 1_000_000
"""Far from the seeds that choices are made with."""
HERE = Path(__file__).resolve().parent / "judging_matrix.json"


class Measuring:
    """Contexts measured one by one and kept in a file as they come, by name."""

    def __init__(self, backend: LlamaCppBackend, targets: list[Target], path: Path) -> None:
        self.backend, self.targets, self.path = backend, targets, path
        self.found: dict[str, list[float]] = {}
        if path.is_file():
            self.found = dict(json.loads(line) for line in path.read_text("utf-8").splitlines())

    def add(self, name: str, context: str, n_targets: int | None = None) -> None:
        """Measure what is not there yet."""
        if name in self.found:
            return
        results = self.backend.score(context, self.targets[:n_targets])
        if faults := [each.reason for each in results if each.status != "ok"]:
            raise SystemExit(f"{name}: {faults[0]}")
        self.found[name] = [round(each.nll, 6) for each in results]
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([name, self.found[name]]) + "\n")


def count(backend: LlamaCppBackend) -> Callable[[str], int]:
    """Number of tokens of a text."""
    return lambda text: len(backend.tokenize(text))


def draw(folder: Path, length: Callable[[Target], int]) -> tuple[list[Sample], list[Sample]]:
    """The candidates and the assessment samples."""
    template = load_template("paper", None)
    pool = load_samples(folder / "alpaca_4000.jsonl")
    candidates = random.Random(SEED).sample(pool, CANDIDATES)
    tasks = [
        each for each in load_samples(folder / "assessment_1020.jsonl") if length(template.target(each)) <= LONGEST
    ]
    return candidates, stratified_draw(tasks, TASKS, SEED, lambda each: each.group or "")


def main() -> None:
    """Measure, and write the matrix."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE, help="where the matrix goes; what is measured lies beside it")
    given = parser.parse_args()
    folder = data_folder()
    if folder is None:
        raise SystemExit(1)
    template = load_template("paper", None)
    with LlamaCppBackend(LlamaCppOptions()) as backend:
        tokens = count(backend)
        candidates, tasks = draw(folder, lambda each: tokens(each.prompt) + tokens(each.response))
        targets = [template.target(each) for each in tasks]
        demonstrations = [template.demonstration(each) + template.separator for each in candidates]
        lengths = [tokens(each) for each in demonstrations]
        measuring = Measuring(backend, targets, given.out.with_suffix(".measured.jsonl"))

        def controls(sizes: Iterable[int], seed: int, draw: int, n_targets: int | None, kind: str) -> None:
            for size in sizes:
                text = random_context(size, tokens, ending=template.separator, seed=seed, draw=draw)
                measuring.add(f"{kind}/{size}/{draw}/{seed}", text, n_targets)

        measuring.add("baseline", "")
        controls(BANK, SEED, 0, None, "bank")
        controls(BANK, SEED, 1, None, "bank")
        for place, text in enumerate(demonstrations):
            measuring.add(f"candidate/{place}", text)
        controls(BANK, SEED, 2, PAIRED_TASKS, "bank")
        controls(BANK, SEED, 3, PAIRED_TASKS, "bank")
        for seed in (SEED, SEED + 1):
            controls(sorted(set(lengths)), seed, 0, PAIRED_TASKS, "paired")
        found: dict[str, Any] = {
            "model": asdict(backend.describe()),
            "candidates": [each.row for each in candidates],
            "demonstration_tokens": lengths,
            "tasks": [each.row for each in tasks],
            "groups": [each.group for each in tasks],
            "task_tokens": [[tokens(each.prompt), tokens(each.response)] for each in targets],
            "nll": measuring.found.pop("baseline"),
            "nll_candidates": [measuring.found.pop(f"candidate/{place}") for place in range(CANDIDATES)],
            "nll_controls": measuring.found,
        }
    given.out.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
