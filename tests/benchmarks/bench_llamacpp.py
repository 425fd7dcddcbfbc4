"""Times the llama.cpp backend: reading text, scoring behind a shared context, and scoring one target at a time.

Run it with `python tests/benchmarks/bench_llamacpp.py`; it prints a Markdown table and writes JSON. Every repeat
times the three in turn and the ratios are taken within it, so that other work on the machine slows all alike; what is
shown is the median of the repeats. With `--threads 1` seconds are those of the processor, else by the clock. For
another build of llama.cpp, such as one with OpenBLAS, set LLAMA_CPP_LIB_PATH to the folder of its libraries.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

from icon.types import Target
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.evaluator import Evaluator
from icon_llamacpp.options import LlamaCppOptions

PREFILL_TOKENS = 512
SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    data: str
    what: str
    tokens: int
    seconds: float
    tokens_per_second: float
    of_prefill: float


def paper_prompt(record: dict[str, str]) -> str:
    passage = f"\n\n### Input: {record['input']}" if record.get("input") else ""
    return f"### Instruction:\n{record['instruction']}{passage}\n\n### Response:"


def demo_pairs(repeats: int, n_targets: int) -> Iterator[tuple[str, list[Target]]]:
    """The embedded demo: short demonstrations, short tasks."""
    pool, tasks = (
        [json.loads(line) for line in files("icon.samples.demo").joinpath(name).read_text("utf-8").splitlines()]
        for name in ("demo_pool.jsonl", "demo_assessment.jsonl")
    )
    targets = [Target(paper_prompt(each), each["output"]) for each in tasks]
    for record in pool[:repeats]:
        yield paper_prompt(record) + record["output"] + "\n\n\n", targets[:n_targets]


def real_pairs(folder: Path, repeats: int, n_targets: int) -> Iterator[tuple[str, list[Target]]]:
    """Alpaca demonstrations in front of the paper's assessment set, at their full length."""
    pool = _lines(folder / "alpaca_4000.jsonl", repeats)
    tasks = _lines(folder / "assessment_1020.jsonl", 1020)
    for repeat, record in enumerate(pool):
        chosen = tasks[repeat :: len(tasks) // n_targets][:n_targets]
        targets = [Target(each["inputs"], each["response"]) for each in chosen]
        yield paper_prompt(record) + record["output"] + "\n\n\n", targets


def measure(backend: LlamaCppBackend, data: str, pairs: Iterator[tuple[str, list[Target]]]) -> list[Row]:
    """Medians over the repeats; a repeat is one context with its targets."""
    found: dict[str, list[tuple[int, float, float]]] = {"plain prefill": [], "shared context": [], "one at a time": []}
    for context, targets in pairs:
        before = _prefill(backend)
        shared = _timed(backend, context, [targets])
        between = _prefill(backend)
        alone = _timed(backend, context, [[target] for target in targets])
        after = _prefill(backend)
        near_shared, near_alone = (before + between) / 2, (between + after) / 2
        found["plain prefill"].append((PREFILL_TOKENS, PREFILL_TOKENS / between, 1.0))
        found["shared context"].append((*shared, shared[0] / shared[1] / near_shared))
        # The same work in the same unit: the unique tokens of the shared way, over the time this way takes.
        found["one at a time"].append((alone[0], alone[1], shared[0] / alone[1] / near_alone))
    return [_median(data, what, repeats) for what, repeats in found.items()]


def _now(backend: LlamaCppBackend) -> float:
    return time.process_time() if backend._setup.threads == 1 else time.perf_counter()


def _prefill(backend: LlamaCppBackend) -> float:
    """Tokens per second of one full batch, with no logits wanted."""
    model = backend._model
    evaluator = Evaluator(model)
    started = _now(backend)
    evaluator.start([(17 + 37 * place) % model.n_vocab for place in range(PREFILL_TOKENS)])
    model.api.llama_synchronize(model.context)
    return PREFILL_TOKENS / (_now(backend) - started)


def _timed(backend: LlamaCppBackend, context: str, calls: list[list[Target]]) -> tuple[int, float]:
    before, started = backend.tokens_evaluated, _now(backend)
    for targets in calls:
        backend.score(context, targets)
    return backend.tokens_evaluated - before, _now(backend) - started


def _median(data: str, what: str, repeats: list[tuple[int, float, float]]) -> Row:
    tokens, seconds, ratio = (statistics.median(column) for column in zip(*repeats, strict=True))
    return Row(data, what, round(tokens), round(seconds, 3), round(tokens / seconds, 1), round(ratio, 3))


def _lines(path: Path, n: int) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for _, line in zip(range(n), file, strict=False)]


def main() -> None:
    """Measure, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--precision", default="auto", help="as for the backend")
    parser.add_argument("--threads", type=int, help="by default as many as there are cores")
    parser.add_argument("--repeats", type=int, default=7, help="contexts to score behind")
    parser.add_argument("--targets", type=int, default=16, help="targets behind each context")
    parser.add_argument("--out", type=Path, default=Path("bench-results/llamacpp.json"), help="where the JSON goes")
    given = parser.parse_args()
    with LlamaCppBackend(LlamaCppOptions(precision=given.precision, threads=given.threads)) as backend:
        info = backend.describe()
        _prefill(backend)
        rows = measure(backend, "demo", demo_pairs(given.repeats, given.targets))
        folder = Path(os.environ.get("ICON_TEST_DATA", SHARED_DATA))
        if (folder / "assessment_1020.jsonl").is_file():
            rows += measure(backend, "real", real_pairs(folder, given.repeats, given.targets))
        else:
            print(f"no real data at {folder}: only the embedded demo is measured")
    print(f"{info.model}, {info.precision}, {info.settings['attention']} attention, on {info.device}\n")
    print("| data | what | tokens evaluated | seconds | tokens/s | unique tokens/s over prefill |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        speed, ratio = f"{row.tokens_per_second:.0f}", f"{row.of_prefill:.2f}"
        print(f"| {row.data} | {row.what} | {row.tokens} | {row.seconds:.2f} | {speed} | {ratio} |")
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps({"backend": asdict(info), "rows": [asdict(row) for row in rows]}, indent=1))


if __name__ == "__main__":
    main()
