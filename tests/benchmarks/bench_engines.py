"""The one table: seconds per pair of every way to the same numbers, by torch and by llama.cpp, in one process.

Run it with `python tests/benchmarks/bench_engines.py --threads 1`; it prints a Markdown table and writes it and JSON.
A repeat takes one context and times every way in turn on all of its pairs: plain prefill before and after the shared
way, one pair at a time, lm-evaluation-harness at several batch sizes, of which the best is shown, and the authors'
form: two passes per pair, conditioned on the demonstration and on noise of as many characters. Ratios are taken within
a repeat and the median of the repeats is shown. With one thread seconds are those of the processor, so that other work
on the machine counts little; with more they are seconds by the clock.

A pair's value needs a control as well. Here it costs the passes of the bank of random contexts, at the shared way's
speed, divided by the number of candidates (`--candidates`); the authors' form has its control in every pair.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tables import markdown, publish
from workload import Workload, data_folder, demo, positive, real

from icon.inference import embedded, sleeping_threads
from icon.scorers._bank import control_lengths

with sleeping_threads():  # as where icon itself loads the backends
    import tiny
    import torch
    from engines import ALONE, AUTHORS, HARNESS, PREFILL, SHARED, LlamaCpp, Numbers, Torch, Way

    from icon_llamacpp.backend import LlamaCppBackend
    from icon_llamacpp.options import LlamaCppOptions
    from icon_torch.backend import TorchBackend
    from icon_torch.gguf import converted
    from icon_torch.options import TorchOptions

CANDIDATES = 40
"""Candidates that share a bank: a short run."""

WITH_CONTROL = "shared context, with its share of the bank"
HEADER = ["engine", "what", "tokens read per pair", "seconds per pair", "tokens/s", "over prefill's", "authors' / this"]


@dataclass(frozen=True)
class Row:
    """One line of the table; None where a figure has no meaning."""

    engine: str
    what: str
    tokens_per_pair: float | None
    seconds_per_pair: float | None
    tokens_per_second: float
    of_prefill: float | None
    times_authors: float | None


@dataclass
class Timed:
    """What the repeats of one engine found, by way."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    tokens: dict[str, list[int]] = field(default_factory=dict)
    apart: float = 0.0

    def ratio(self, over: str, under: str) -> float:
        """The median of the repeats' ratios of seconds."""
        return statistics.median(x / y for x, y in zip(self.seconds[over], self.seconds[under], strict=True))


def measure(ways: Sequence[Way], work: Workload, now: Callable[[], float]) -> dict[str, Timed]:
    """Time every way in turn, a context per repeat, and compare its numbers with its engine's shared way; by engine."""
    found: dict[str, Timed] = {way.engine: Timed() for way in ways}
    for way in ways:  # first passes allocate
        way.run(work.contexts[0], work.targets[:1])
    for context in work.contexts:
        numbers: dict[tuple[str, str], Numbers] = {}
        taken: dict[tuple[str, str], list[float]] = {}
        for way in ways:
            started = now()
            numbers[way.engine, way.what], read = way.run(context, work.targets)
            taken.setdefault((way.engine, way.what), []).append(now() - started)
            if len(taken[way.engine, way.what]) == 1:
                found[way.engine].tokens.setdefault(way.what, []).append(read)
        for (engine, what), seconds in taken.items():
            here = found[engine]
            here.seconds.setdefault(what, []).append(statistics.mean(seconds))
            here.apart = max(here.apart, difference(numbers[engine, SHARED], numbers[engine, what]))
    return found


def difference(one: Numbers, other: Numbers) -> float:
    """Largest difference per token; sums of whole responses are compared by their mean per token."""
    apart = 0.0
    for xs, ys in zip(one, other, strict=False):
        if len(xs) != len(ys):
            apart = max(apart, abs(sum(xs) - sum(ys)) / max(len(xs), len(ys)))
        else:
            apart = max([apart, *(abs(x - y) for x, y in zip(xs, ys, strict=True))])
    return apart


def rows(engine: str, found: Timed, n_pairs: int, bank: float) -> Iterator[Row]:
    """The lines of one engine.

    Args:
        engine: Its name.
        found: Seconds and tokens.
        n_pairs: Pairs of a repeat.
        bank: Tokens of the bank's share in a candidate, over the tokens of the candidate's own passes.
    """
    batches = [what for what in found.seconds if what.startswith(HARNESS)]
    best = min(batches, key=lambda what: statistics.median(found.seconds[what]), default=None)
    shared = found.ratio(AUTHORS, SHARED)
    for what in (PREFILL, SHARED, WITH_CONTROL, ALONE, *([best] if best else []), AUTHORS):
        name, factor = (SHARED, 1 + bank) if what == WITH_CONTROL else (what, 1.0)
        seconds, tokens = statistics.median(found.seconds[name]), statistics.median(found.tokens[name])
        speed, plain = tokens / seconds, found.tokens[PREFILL][0]
        of_prefill = found.ratio(PREFILL, name) * tokens / plain
        if what == PREFILL:
            yield Row(engine, what, None, None, speed, of_prefill, None)
            continue
        times = {WITH_CONTROL: shared / factor, AUTHORS: 1.0}.get(what)
        yield Row(engine, what, tokens / n_pairs * factor, seconds / n_pairs * factor, speed, of_prefill, times)


def bank_share(work: Workload, length: Callable[[str], int], pool: Sequence[str], n_candidates: int) -> float:
    """Tokens that the bank of the first candidates of a pool reads, over those of the candidates themselves."""
    lengths = [length(text) for text in pool[:n_candidates]]
    targets = sum(length(each.prompt) + length(each.response) for each in work.targets)
    bank = [each + targets for each in control_lengths("random", lengths, 2040)]
    return sum(bank) / sum(each + targets for each in lengths)


@contextmanager
def engines(given: argparse.Namespace) -> Iterator[list[Any]]:
    """Both engines, open, or of a toy the one that can run it."""
    with tempfile.TemporaryDirectory() as scratch:
        if given.toy:
            folder, model = tiny.save(Path(scratch)), scratch
        else:
            folder, model = converted(embedded("icon-torch", "backends/torch"), torch.float32), "smollm2"
        options = TorchOptions(model=model, dtype=given.dtype, device="cpu", threads=given.threads)
        with TorchBackend(options) as first:
            one = Torch(first, folder, given.batch_sizes)
            if given.toy or given.engine == "torch":
                yield [one]
                return
            with LlamaCppBackend(LlamaCppOptions(precision=given.precision, threads=given.threads)) as second:
                yield [LlamaCpp(second)] if given.engine == "llama.cpp" else [one, LlamaCpp(second)]


def main() -> None:
    """Measure, print the table and write it and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=positive, default=1, help="threads of both engines")
    parser.add_argument("--engine", choices=["both", "torch", "llama.cpp"], default="both", help="which to time")
    parser.add_argument("--dtype", default="float32", help="torch's weights in the shared way; all others are float32")
    parser.add_argument("--precision", default="auto", help="llama.cpp's weights, as for the backend")
    parser.add_argument("--contexts", type=positive, default=3, help="contexts, each of which is a repeat")
    parser.add_argument("--targets", type=positive, default=12, help="targets conditioned on each context")
    parser.add_argument("--batch-sizes", type=positive, nargs="+", default=[1, 4], help="of lm-evaluation-harness")
    parser.add_argument("--candidates", type=positive, default=CANDIDATES, help="candidates that share a bank")
    parser.add_argument("--toy", action="store_true", help="a tiny random model and torch alone, to try the benchmark")
    parser.add_argument("--out", type=Path, default=Path("bench-results/engines.json"), help="where the JSON goes")
    given = parser.parse_args()
    with engines(given) as ready:
        report(given, ready)


def report(given: argparse.Namespace, ready: list[Any]) -> None:
    """Measure the real data where it is there, else the demo, and show what was found."""

    def length(text: str) -> int:
        return len(ready[0].backend.tokenize(text))

    folder = None if given.toy else data_folder()
    work = real(folder, length, given.contexts, given.targets) if folder else demo(given.contexts, given.targets)
    pool = real(folder, length, 1000, 1).contexts if folder else demo(1000, 1).contexts
    share = bank_share(work, length, pool, given.candidates)
    now = time.process_time if given.threads == 1 else time.perf_counter
    found = measure([way for each in ready for way in each.ways], work, now)
    table = [row for name, timed in found.items() for row in rows(name, timed, len(work.targets), share)]
    models = [each.backend.describe() for each in ready]
    notes = [
        f"{work.name}: {len(work.contexts)} contexts, {len(work.targets)} targets each; {given.threads} thread(s), "
        f"seconds {'of the processor' if given.threads == 1 else 'by the clock'}; the bank of {given.candidates} "
        f"candidates adds {share:.0%}",
        *(f"{info.backend}: {info.precision}, {info.settings['attention']} attention" for info in models),
        *(f"{name}: largest difference of a token from the shared way {t.apart:.1e} nats" for name, t in found.items()),
    ]
    shown = markdown(HEADER, [list(asdict(each).values()) for each in table])
    facts = {
        "notes": notes,
        "rows": [asdict(each) for each in table],
        "seconds": {name: timed.seconds for name, timed in found.items()},
        "apart": {name: timed.apart for name, timed in found.items()},
        "backends": [asdict(info) for info in models],
    }
    publish(given.out, "\n\n".join([*notes, shown]), facts)


if __name__ == "__main__":
    main()
