"""Measures the three fresh matrices that races are judged on once: race_matrix_alpaca, _mixed and _paper_set.json.

Each has 40 candidates in front of 48 samples in the model's chat form, the default of a run, so that a race made on
judging_matrix.json can be judged on data that nobody looked at while it was made:
`python tests/benchmarks/make_race_matrices.py`. It takes about half an hour on one idle core, needs icon-torch and the
real data, and goes on where it was stopped. No text of the data is kept, row numbers and NLLs only.

- alpaca: Alpaca candidates, and other Alpaca records as samples.
- mixed: 20 Alpaca and 20 GSM8K candidates, and other GSM8K problems as samples.
- paper_set: Alpaca candidates, and samples of the paper's assessment set, stratified by group. They are chosen by the
  length of their prompt, so that answers of one to three tokens, whose perplexities explode, are as frequent as there.

So that they can be measured at all, a demonstration has at most 128 tokens, the samples are drawn from the half (of the
maths problems: the fifth) whose prompts are shortest, and a response is cut to 16 tokens, as `--max-response-tokens 16`
does.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from judging import LONGEST
from make_judging_matrix import SEED, Measuring
from workload import data_folder, positive

from icon.api import load_samples
from icon.assessment.draw import draw_order, stratified_draw
from icon.config import RunConfig
from icon.plugins import Backend, ScoringTask
from icon.samples.templates.loading import load_template
from icon.scorers import IconOptions, IconScorer
from icon.scorers._bank import control_lengths
from icon.scorers._control import random_context
from icon.scorers.rendering import render_demonstration, render_target
from icon.scorers.task import scoring_task
from icon.types import Sample

CANDIDATES, TASKS = 40, 48
RESPONSE_TOKENS, DEMONSTRATION_TOKENS = 16, 128
"""What is kept of a sample's response, and the longest demonstration of a candidate."""
NAMES = ("alpaca", "mixed", "paper_set")
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Drawn:
    """What one matrix is measured on."""

    candidates: list[Sample]
    tasks: list[Sample]


def draw(name: str, folder: Path, task: ScoringTask) -> Drawn:
    """Candidates and samples of a matrix, drawn from those that are short enough."""
    alpaca = draw_order(load_samples(folder / "alpaca_4000.jsonl"), SEED + NAMES.index(name))
    maths = draw_order(load_samples(folder / "gsm8k_400.jsonl"), SEED + NAMES.index(name))
    shown = (one for one in alpaca if render_demonstration(one, task).n_tokens <= DEMONSTRATION_TOKENS)
    if name == "mixed":
        solved = iter(maths)
        candidates = [one for _ in range(CANDIDATES // 2) for one in (next(shown), next(solved))]
        return Drawn(candidates, _shortest(list(solved), 5, task)[:TASKS])
    candidates = _first(shown, CANDIDATES)
    if name == "alpaca":
        return Drawn(candidates, _shortest(_first(shown, 8 * TASKS), 2, task)[:TASKS])
    whole = _shortest(load_samples(folder / "assessment_1020.jsonl"), 2, task)
    return Drawn(candidates, stratified_draw(whole, TASKS, SEED, lambda one: one.group or ""))


class Matrix:
    """One matrix: what is measured lies in a file beside it."""

    def __init__(self, name: str, folder: Path, task: ScoringTask, backend: Backend, out: Path) -> None:
        self.out, self.backend = out / f"race_matrix_{name}.json", backend
        self.drawn = draw(name, folder, task)
        self.targets = [render_target(one, task)[0] for one in self.drawn.tasks]
        self.shown = [render_demonstration(one, task) for one in self.drawn.candidates]
        kept = self.out.with_suffix(".measured.jsonl")
        self.measuring = Measuring(backend, self.targets, kept)

    @property
    def tokens(self) -> int:
        """Tokens of all samples together, the chat template's own included, of which most are shared."""
        count = _count(self.backend)
        return sum(count(one.prompt) + count(one.response) for one in self.targets)

    def shared(self) -> None:
        """The passes without a context, and those behind the bank's contexts."""
        self.measuring.add("baseline", "")
        lengths = control_lengths("random", [one.n_tokens for one in self.shown], LONGEST)
        for size in sorted(set(lengths)):
            for which in (0, 1):
                text = random_context(size, _count(self.backend), ending="", seed=SEED, draw=which)
                self.measuring.add(f"bank/{size}/{which}/{SEED}", text)

    def candidate(self, place: int) -> None:
        """All samples behind one candidate."""
        self.measuring.add(f"candidate/{place}", self.shown[place].text)

    def write(self, n_candidates: int) -> None:
        """The matrix as JSON, with so many candidates."""
        found, count = dict(self.measuring.found), _count(self.backend)
        data: dict[str, Any] = {
            "model": asdict(self.backend.describe()),
            "candidates": [one.row for one in self.drawn.candidates[:n_candidates]],
            "demonstration_tokens": [one.n_tokens for one in self.shown[:n_candidates]],
            "tasks": [one.row for one in self.drawn.tasks],
            "groups": [one.group for one in self.drawn.tasks],
            "task_tokens": [[count(one.prompt), count(one.response)] for one in self.targets],
            "nll": found.pop("baseline"),
            "nll_candidates": [found.pop(f"candidate/{place}") for place in range(n_candidates)],
            "nll_controls": {key: values for key, values in found.items() if key.startswith("bank/")},
        }
        self.out.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


def main() -> None:
    """Measure all three, and write each as far as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, default=HERE, help="the folder that the matrices are written to, part by part"
    )
    parser.add_argument("--candidates", type=positive, default=CANDIDATES, help="how many candidates of each")
    parser.add_argument("--threads", type=int, default=1, help="threads of the model")
    given = parser.parse_args()
    folder = data_folder()
    if folder is None:
        raise SystemExit(1)
    from icon_torch.backend import TorchBackend
    from icon_torch.options import TorchOptions

    with TorchBackend(TorchOptions(threads=given.threads, special_tokens=True)) as backend:
        template = load_template("chat", backend.chat_template())
        config = RunConfig(template="chat", max_response_tokens=RESPONSE_TOKENS, on_too_long="truncate")
        task = scoring_task(config, IconScorer(IconOptions()), [], template, backend)
        matrices = [Matrix(name, folder, task, backend, given.out) for name in NAMES]
        for matrix in matrices:
            print(matrix.out.name, matrix.tokens, "tokens of samples behind a candidate", flush=True)
            matrix.shared()
        for some in (matrices[::2], matrices[1::2]):  # the maths problems, whose prompts are the longest, come last
            for place in range(given.candidates):
                for matrix in some:
                    matrix.candidate(place)
                    matrix.write(place + 1)


def _shortest(samples: list[Sample], part: int, task: ScoringTask) -> list[Sample]:
    """The half, or the fifth, of the samples whose prompts are shortest, in their order."""
    assert task.backend is not None
    lengths = [len(task.backend.tokenize(task.template.target(one).prompt)) for one in samples]
    limit = sorted(lengths)[len(samples) // part]
    return [one for one, length in zip(samples, lengths, strict=True) if length <= limit]


def _first(samples: Iterator[Sample], n: int) -> list[Sample]:
    return [one for _, one in zip(range(n), samples, strict=False)]


def _count(backend: Backend) -> Callable[[str], int]:
    """Number of tokens of a text."""
    return lambda text: len(backend.tokenize(text))


if __name__ == "__main__":
    main()
