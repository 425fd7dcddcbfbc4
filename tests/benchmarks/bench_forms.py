"""What one decision takes in each form, on the same pairs: as published, shared context, bank, race.

Run it with `python tests/benchmarks/bench_forms.py`. The candidates and assessment samples are those of the judging
matrix (seed 0: 120 candidates, 128 samples to choose by) where the real data is there, else the embedded demo's. The
race is timed from beginning to end. The slower forms are timed on a random part and extrapolated in proportion: pairs
drawn at random where every pair is made by itself, candidates drawn at random where a context is shared by all samples.

As published means two passes a pair, one at a time: behind the demonstration, and behind a random context with as many
characters, four times as many tokens. The last line of the table is that form over all 1,020 samples of the released
assessment set, timed on pairs drawn from those.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from judging import FILE, Judging
from tables import markdown, publish
from workload import data_folder, positive

from icon.api import load_samples
from icon.plugins import Backend, ScoringTask
from icon.samples.demo import DEMO_ASSESSMENT, DEMO_POOL
from icon.samples.templates import load_template
from icon.scorers import IconOptions, IconScorer
from icon.scorers._control import random_characters
from icon.scorers.racing import FIRST, Outcome, Rules, Slice, run_race
from icon.types import Measurement, Sample, Status, Target
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions

SEED = 0


@dataclass(frozen=True)
class Work:
    """What is decided over: candidates, samples to choose by, and all samples of the released set."""

    name: str
    candidates: list[Sample]
    samples: list[Sample]
    released: list[Sample]


@dataclass(frozen=True)
class Time:
    """What a form takes for all pairs."""

    form: str
    pairs: int
    timed_on: str
    seconds: float


def real(folder: Path) -> Work:
    """The candidates and samples of the judging matrix."""
    judging = Judging.load(FILE)
    pool = {each.row: each for each in load_samples(folder / "alpaca_4000.jsonl")}
    released = load_samples(folder / "assessment_1020.jsonl")
    rows = {each.row: each for each in released}
    chosen, _ = judging.split(SEED)
    samples = [rows[judging.data["tasks"][place]] for place in chosen]
    return Work("real", [pool[row] for row in judging.data["candidates"]], samples, released)


def demo() -> Work:
    """The embedded demo."""
    samples = load_samples(DEMO_ASSESSMENT)
    return Work("demo", load_samples(DEMO_POOL), samples, samples)


class Forms:
    """One open model, and the ways to measure with it."""

    def __init__(self, backend: Backend, work: Work, pairs: int, candidates: int) -> None:
        self.backend, self.work, self.n_pairs, self.n_candidates = backend, work, pairs, candidates
        self.template = load_template("paper", None)
        self.draw = random.Random(SEED)

    def task(self, samples: Sequence[Sample]) -> ScoringTask:
        """What a scorer works with."""
        return ScoringTask(self.backend, self.template, samples, SEED, 1024, 2040, 1024, True)

    def contexts(self, candidate: Sample) -> tuple[str, str]:
        """The demonstration, and the published random context."""
        text = self.template.demonstration(candidate) + self.template.separator
        return text, random_characters(len(text), ending=self.template.separator, seed=SEED)

    def drawn_pairs(self, samples: Sequence[Sample]) -> list[tuple[str, Target]]:
        """Both passes of pairs drawn at random."""
        found = []
        for _ in range(self.n_pairs):
            candidate, sample = self.draw.choice(self.work.candidates), self.draw.choice(samples)
            found += [(context, self.template.target(sample)) for context in self.contexts(candidate)]
        return found

    def one_at_a_time(self, samples: Sequence[Sample], form: str) -> Time:
        """Every pair by itself, two passes."""
        passes = self.drawn_pairs(samples)
        started = time.perf_counter()
        for context, target in passes:
            _sound(self.backend.score(context, [target])[0].status)
        return self.extrapolated(form, len(samples), time.perf_counter() - started)

    def shared(self, control: str, form: str) -> Time:
        """All samples behind each of some candidates, with the library's own scorer."""
        chosen = self.draw.sample(self.work.candidates, min(self.n_candidates, len(self.work.candidates)))
        scorer = IconScorer(IconOptions(control=control))
        started = time.perf_counter()
        scorer.prepare(self.task(self.work.samples), [])
        once = 0.0
        if control == "random":  # the bank is measured once for all candidates: its time is not multiplied
            for rows in scorer.measure(chosen):
                _sound(rows[0].status)
            once = time.perf_counter() - started
            started = time.perf_counter()
            for rows in scorer.measure(chosen):
                _sound(rows[0].status)
            again = time.perf_counter() - started
            whole = once - again + again * len(self.work.candidates) / len(chosen)
        else:
            for rows in scorer.measure(chosen):
                _sound(rows[0].status)
            whole = (time.perf_counter() - started) * len(self.work.candidates) / len(chosen)
        pairs = len(self.work.candidates) * len(self.work.samples)
        return Time(form, pairs, f"{len(chosen)} candidates", whole)

    def race(self, capture: float, form: str) -> tuple[Time, Outcome]:
        """A whole race."""
        rules = Rules(round(0.15 * len(self.work.candidates)), FIRST, capture, 0.95, True, SEED)

        def take(part: Slice) -> tuple[list[Measurement], None]:
            scorer = IconScorer(IconOptions())
            scorer.prepare(self.task(part.samples), [])
            return [row for rows in scorer.measure(part.candidates) for row in rows], None

        started = time.perf_counter()
        outcome = run_race(self.work.candidates, self.work.samples, rules, take)
        seconds = time.perf_counter() - started
        return Time(form, int(outcome.path[-1].pairs), "all of it", seconds), outcome

    def extrapolated(self, form: str, n_samples: int, seconds: float) -> Time:
        """From the seconds of the drawn pairs to those of all pairs."""
        pairs = len(self.work.candidates) * n_samples
        return Time(form, pairs, f"{self.n_pairs} pairs", seconds * pairs / self.n_pairs)


def _sound(status: Status) -> None:
    if status is not Status.OK:
        raise SystemExit(f"a pair could not be scored: {status}")


def main() -> None:
    """Time, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=positive, default=24, help="pairs that the slowest forms are timed on")
    parser.add_argument("--candidates", type=positive, default=4, help="candidates that shared forms are timed on")
    parser.add_argument("--capture", type=float, default=0.98, help="where the race ends")
    parser.add_argument("--torch", action="store_true", help="time the plain torch loop and the harness as well")
    parser.add_argument("--demo", action="store_true", help="the embedded demo, though real data is there")
    parser.add_argument("--out", type=Path, default=Path("bench-results/forms.json"), help="where the JSON goes")
    given = parser.parse_args()
    folder = None if given.demo or not FILE.is_file() else data_folder()
    work = real(folder) if folder else demo()
    times: list[Time] = []
    with LlamaCppBackend(LlamaCppOptions()) as backend:
        forms = Forms(backend, work, given.pairs, given.candidates)
        published = forms.one_at_a_time(work.samples, "as published, one at a time")
        times.append(published)
        times.append(forms.shared("paired", "shared context, a control a length"))
        times.append(forms.shared("random", "shared context, bank of controls"))
        raced, outcome = forms.race(given.capture, f"shared context, bank, race to {given.capture:g}")
        times.append(raced)
        times.append(forms.one_at_a_time(work.samples, "as published, once more"))
        whole = forms.one_at_a_time(work.released, f"as published, over {len(work.released)} samples")
        info = backend.describe()
    if given.torch:
        times += _torch(work, given.pairs)
    times.append(whole)
    header = ["form", "pairs measured", "timed on", "seconds for the decision", "times as long as the race"]
    rows = [[each.form, each.pairs, each.timed_on, each.seconds, each.seconds / raced.seconds] for each in times]
    facts = {"work": work.name, "candidates": len(work.candidates), "samples": len(work.samples), **_facts(outcome)}
    text = f"{info.model}, {info.precision}, on {info.device}; {facts}\n\n" + markdown(header, rows)
    publish(given.out, text, {"facts": facts, "times": [asdict(each) for each in times], "model": asdict(info)})


def _torch(work: Work, pairs: int) -> list[Time]:
    """The same passes by transformers, one at a time, and by lm-evaluation-harness, in float32."""
    from icon.inference import sleeping_threads

    with sleeping_threads():
        import torch
        from rivals import harness, one_at_a_time, request
        from transformers import AutoModelForCausalLM, AutoTokenizer

        from icon.inference import embedded
        from icon_torch.backend import TorchBackend
        from icon_torch.gguf import converted
        from icon_torch.options import TorchOptions
        from icon_torch.quiet import quiet

    folder = converted(embedded("icon-torch", "backends/torch"), torch.float32)
    with TorchBackend(TorchOptions(dtype="float32", device="cpu")) as backend:
        forms = Forms(backend, work, pairs, 1)
        passes = [request(backend, context, target) for context, target in forms.drawn_pairs(work.samples)]
    with quiet():
        model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
    ways: dict[str, Callable[[Any], Any]] = {"transformers, one at a time": lambda each: one_at_a_time(model, each)}
    for size in (1, 8):
        if sums := harness(model, tokenizer, size):
            ways[f"lm-evaluation-harness, batches of {size}"] = sums
    found = []
    for name, run in ways.items():
        run(passes[:2])
        started = time.perf_counter()
        run(passes)
        form = f"as published, {name}"
        found.append(forms.extrapolated(form, len(work.samples), time.perf_counter() - started))
    return found


def _facts(outcome: Outcome) -> dict[str, Any]:
    found = outcome.look
    return {
        "ended": outcome.ended,
        "samples reached": outcome.measured,
        "expected capture": round(found.capture, 3),
        "accepted": int(found.accepted.sum()),
        "rejected": int(found.rejected.sum()),
    }


if __name__ == "__main__":
    main()
