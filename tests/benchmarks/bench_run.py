"""Where the processor time of one run goes, and which tokens its model reads, piece by piece.

    python tests/benchmarks/bench_run.py [--json FILE] [--speed N] -- OPTIONS OF icon run, --out RUN among them

The run is made in this process, with a clock around each piece of work; what a piece calls that is a piece of its own
counts there alone, so the seconds add up to those of the process. They are processor seconds of all threads. Tokens are
those that the model reads, by what they are read for. Texts are counted as the tokenizer is given them.

With `--speed N` llama.cpp evaluates nothing: its tokens are counted, take 1/N processor seconds each, and get numbers
of no meaning. So a long run is weighed in seconds, on any machine; all else in it is really done and timed.
"""

from __future__ import annotations

import argparse
import importlib.machinery
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

START = time.process_time()
PASSES = {
    "icon.scorers.passes:response_outcomes": "passes: the candidates' own responses",
    "icon.scorers.passes:score_pairs": "passes: demonstrations",
    "icon.scorers._bank:BankControl._measured": "passes: control",
    "icon.scorers._control:PairedControl.at": "passes: control",
    "icon.results.explain._tokens:TokenPasses.measure": "passes: examples of the report",
}
PIECES = {
    "icon.plugins.manager:Plugins.__init__": "plugins",
    "icon.samples.load:load_samples": "reading the pool",
    "icon.assessment.leak:find_leaks": "leak guard",
    "icon.runs.model:open_backend": "opening the model",
    "icon.pipeline.select:select_planned": "selecting and writing",
    "icon.results.explain._examples:examples": "examples of the report, beside passes",
    "icon.results.report:report": "drawing the report",
    "icon.runs.parts:PartStore.write": "parts",
    "icon.runs.parts:PartStore.read": "parts",
}


class Clock:
    """Processor seconds by piece; time in an inner piece is not the outer one's."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.stack, self.latest = ["the rest"], START

    def turn(self) -> None:
        """Give the time since the last turn to the piece that is on now."""
        now = time.process_time()
        self.seconds[self.stack[-1]] += now - self.latest
        self.latest = now

    def around(self, name: str | Callable[..., str], work: Callable[..., Any]) -> Callable[..., Any]:
        """The function with its time given to that piece."""

        @wraps(work)
        def timed(*args: Any, **kwargs: Any) -> Any:
            piece = name if isinstance(name, str) else name(*args, **kwargs)
            self.turn()
            self.stack.append(piece)
            self.calls[piece] += 1
            try:
                return work(*args, **kwargs)
            finally:
                self.turn()
                self.stack.pop()

        return timed


def watch_imports(clock: Clock) -> None:
    """Count the execution of modules as a piece, whoever imports them."""
    for loader in (importlib.machinery.SourceFileLoader, importlib.machinery.ExtensionFileLoader):
        for method in ("create_module", "exec_module"):
            setattr(loader, method, clock.around("imports", getattr(loader, method)))


def watch(clock: Clock, place: str, name: str) -> None:
    """Put the clock around a function, wherever modules have imported it."""
    module_name, _, path = place.partition(":")
    module = __import__(module_name, fromlist=["x"])
    holder, _, attribute = path.rpartition(".")
    owner = getattr(module, holder) if holder else module
    before = getattr(owner, attribute)

    def piece(candidate: Any = None, *_: Any, **__: Any) -> str:
        return "passes: baseline" if candidate == "" else name

    after = clock.around(piece if attribute == "score_pairs" else name, before)
    setattr(owner, attribute, after)
    for other in list(sys.modules.values()):
        if not holder and getattr(other, "__name__", "").startswith("icon"):
            for known, value in list(vars(other).items()):
                if value is before:
                    setattr(other, known, after)


def watch_model(clock: Clock, texts: Counter[str]) -> None:
    """Count tokens by piece where the model is called, and the texts that are tokenised."""
    from icon.runs import model

    opened = model.open_backend

    def watched(*args: Any, **kwargs: Any) -> Any:
        backend = opened(*args, **kwargs)
        remembered = backend._vocabulary._following._raw
        tokenize = remembered.read

        def counting(score: Callable[..., Any]) -> Callable[..., Any]:
            def counted(*texts: Any) -> Any:
                before = backend.tokens_evaluated
                found = score(*texts)
                clock.tokens[clock.stack[-1]] += backend.tokens_evaluated - before
                return found

            return counted

        def noting(text: str) -> Any:
            texts[text] += 1
            return tokenize(text)

        for method in ("score", "score_from"):
            if hasattr(backend, method):
                setattr(backend, method, counting(getattr(backend, method)))
        remembered.read = clock.around("tokenising", noting)
        return backend

    model.open_backend = watched


def count_only(clock: Clock, speed: float) -> None:
    """Let llama.cpp's tokens be counted in the place of evaluated."""
    import numpy as np

    from icon_llamacpp.evaluator import Evaluator

    def decoded(self: Any, n_tokens: int) -> None:
        self.tokens_evaluated += n_tokens
        clock.seconds[clock.stack[-1]] += n_tokens / speed

    def output(self: Any, getter: object, rows: int, columns: int) -> Any:
        return np.ascontiguousarray(np.random.default_rng(rows).standard_normal((rows, 1)) * np.linspace(0, 1, columns))

    Evaluator._decode, Evaluator._output = decoded, output


def table(clock: Clock) -> str:
    """The pieces as a Markdown table, the longest first."""
    whole, read = sum(clock.seconds.values()), sum(clock.tokens.values())
    rows = ["| piece | processor s | % of the run | tokens read | % of the tokens |", "| --- | --- | --- | --- | --- |"]
    for name, seconds in clock.seconds.most_common():
        tokens = clock.tokens[name]
        share = f"{tokens / read:.1%}" if tokens else ""
        rows.append(f"| {name} | {seconds:.2f} | {seconds / whole:.1%} | {tokens or ''} | {share} |")
    return "\n".join([*rows, f"| in all | {whole:.2f} | 100% | {read} | 100% |"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--speed", type=float, default=0.0, help="tokens per processor second, where none is evaluated")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    words = [word for place, word in enumerate(asked.words) if word != "--" or place]
    clock, texts = Clock(), Counter[str]()
    watch_imports(clock)
    from icon.cli import main as command  # what is imported at the start of a command is imported here

    for place, name in {**PIECES, **PASSES}.items():
        watch(clock, place, name)
    watch_model(clock, texts)
    if asked.speed:
        count_only(clock, asked.speed)
    sys.argv = ["icon", "run", *words]
    try:
        command()
    except SystemExit as ended:
        if ended.code:
            raise
    clock.turn()
    again = sum(texts.values()) - len(texts)
    print(table(clock))
    print(f"texts tokenised: {sum(texts.values()):,}, of these {again:,} again ({len(texts):,} distinct)")
    if asked.json:
        found = {"seconds": clock.seconds, "tokens": clock.tokens, "calls": clock.calls, "texts": len(texts)}
        asked.json.write_text(json.dumps({**found, "texts_again": again}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
