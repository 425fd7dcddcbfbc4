"""Where the gain of demonstrations sits, by position of the response token, in each form of the prompt.

Run it with `python tests/benchmarks/bench_positions.py`. Candidates are drawn from the Alpaca records and assessment
samples from the 1,020 (of at most 150 tokens, more than two of them in the response); every candidate is measured on
every sample against the bank of random contexts, with the embedded model. Forms: the paper's, `alpaca` with its line
break, and the model's chat template; each as it is, with the first two tokens left out, and primed. Without the real
data there is nothing to measure, and it says so.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from tables import markdown, publish
from workload import data_folder, positive

from icon.api import load_samples
from icon.plugins import Backend, ScoringTask, Template
from icon.results.positions import positions
from icon.runs.outcome import ClassGain, Positions
from icon.samples.templates import load_template
from icon.scorers import IconOptions, IconScorer
from icon.scorers.rendering import render_primer
from icon.types import BackendInfo, Sample, Target, TokenLogProbs
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions

SEED, LONGEST, SKIP = 0, 150, 2
FORMS = {"paper": "directly after `### Response:`", "alpaca": "after a line break", "chat": "the model's chat template"}
HEADER = ["form", "way", "bare first token", "gain: first", "second", "rest", "share of gain: first", "second", "rest"]
HEADER += ["share of variance: first", "second", "rest", "rank correlation of the rest"]


class Remembering:
    """A backend that makes each pass once: ways that differ only in what counts share their passes."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._known: dict[tuple[str, tuple[Target, ...]], list[TokenLogProbs]] = {}

    def describe(self) -> BackendInfo:
        """The model."""
        return self.backend.describe()

    def tokenize(self, text: str) -> list[int]:
        """Its tokens."""
        return self.backend.tokenize(text)

    def score(self, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """Scored by the backend, or known."""
        key = context, tuple(targets)
        if key not in self._known:
            self._known[key] = self.backend.score(context, targets)
        return self._known[key]


def drawn(folder: Path, backend: Backend, n_candidates: int, n_samples: int) -> tuple[list[Sample], list[Sample]]:
    """Candidates and assessment samples that are short and have a token after the skipped ones."""
    draw, template = random.Random(SEED), load_template("paper")

    def fits(sample: Sample) -> bool:
        prompt, response = (len(backend.tokenize(text)) for text in asdict(template.target(sample)).values())
        return prompt + response <= LONGEST and response > SKIP

    def some(name: str, n: int) -> list[Sample]:
        known = [sample for sample in load_samples(folder / name) if fits(sample)]
        return draw.sample(known, n)

    return some("alpaca_4000.jsonl", n_candidates), some("assessment_1020.jsonl", n_samples)


def found(task: ScoringTask, candidates: Sequence[Sample]) -> Positions:
    """Where the gain of these candidates sits.

    Raises:
        SystemExit: No pair could be scored.
    """
    scorer = IconScorer(IconOptions())
    baseline = scorer.prepare(task, [])
    measured = dict(zip((one.id for one in candidates), scorer.measure(candidates), strict=True))
    result = positions(measured, baseline, task.skip_tokens)
    if result is None:
        raise SystemExit("no pair could be scored")
    return result


def ways(template: Template, backend: Backend, samples: Sequence[Sample]) -> dict[str, ScoringTask]:
    """As it is, with the first tokens left out, and primed."""
    plain = ScoringTask(backend, template, samples, SEED, 1024, 2040, 1024, True)
    skipping = replace(plain, skip_tokens=SKIP)
    return {"plain": plain, f"skip {SKIP}": skipping, "primed": replace(plain, primer=render_primer(template))}


def row(form: str, way: str, result: Positions) -> list[object]:
    """A line of the table."""
    classes: list[ClassGain] = [result.first, result.second, result.rest]
    shares = [own.share for own in classes] + [own.variance_share for own in classes]
    return [
        f"{form}: {FORMS[form]}",
        way,
        f"{result.bare_first:.1f}",
        *(f"{own.gain:+.2f}" for own in classes),
        *("" if share is None else f"{share:.0%}" for share in shares),
        "" if result.rest_rank is None else f"{result.rest_rank:.2f}",
    ]


def main() -> None:
    """Measure, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=positive, default=16)
    parser.add_argument("--samples", type=positive, default=10)
    parser.add_argument("--out", type=Path, default=Path("bench-results/positions.json"), help="where the JSON goes")
    given = parser.parse_args()
    folder = data_folder()
    if folder is None:
        print("positions: skipped, since the demo's records are too few and too short to say where a gain sits")
        return
    rows, results = [], {}
    with LlamaCppBackend(LlamaCppOptions(special_tokens=True)) as opened:
        backend = Remembering(opened)
        candidates, samples = drawn(folder, opened, given.candidates, given.samples)
        for form in FORMS:
            template = load_template(form, opened.chat_template())
            for way, task in ways(template, backend, samples).items():
                result = found(task, candidates)
                rows.append(row(form, way, result))
                results[f"{form}, {way}"] = result.model_dump(mode="json")
                print(" | ".join(map(str, rows[-1])), flush=True)
        info = opened.describe()
    text = f"{info.model}, {info.precision}; {len(candidates)} candidates on {len(samples)} samples, nats per response"
    publish(given.out, f"{text}\n\n{markdown(HEADER, rows)}", {"results": results, "model": asdict(info)})


if __name__ == "__main__":
    main()
