"""llama.cpp on the same page: plain prefill, the shared context and one pair at a time, through the backend itself."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from measuring import MeasurementError
from tables import markdown
from workload import Workload, demo

from icon.types import Status, Target, TokenLogProbs

BUILD = "CMAKE_ARGS=-DGGML_CUDA=on pip install --force-reinstall --no-cache-dir llama-cpp-python"
PREFILL, TOY_PREFILL = 2048, 128
FIGURES = {
    "way": "way",
    "tokens": "tokens read",
    "seconds": "seconds",
    "tokens_per_second": "tokens/s",
    "of_prefill": "over plain prefill",
    "ratio": "ratio",
}


@dataclass(frozen=True)
class Way:
    """One way of reading the same pairs; `ratio` is how much longer one at a time takes."""

    way: str
    tokens: int
    seconds: float
    tokens_per_second: float
    of_prefill: float
    ratio: float | None


def section(given: argparse.Namespace, product: float) -> tuple[str, dict[str, Any]]:
    """The section of the page and its data; where there are no figures, why.

    Args:
        given: The arguments of the command line.
        product: FLOP/s of a matrix product on the GPU.
    """
    if reason := _absent(given):
        return f"llama.cpp was not measured: {reason}", {"refused": reason}
    from icon_llamacpp.backend import LlamaCppBackend
    from icon_llamacpp.options import LlamaCppOptions

    options: dict[str, Any] = {"model": str(given.gguf)} if given.gguf else {"precision": "f16"}
    if given.toy:
        options["threads"] = 1
    free = _free_memory()
    with LlamaCppBackend(LlamaCppOptions(**options)) as backend:
        info, work = backend.describe(), demo(given.contexts, 8 if given.toy else 32)
        ways, apart = _measured(backend, work, TOY_PREFILL if given.toy else PREFILL)
        taken = None if free is None else (free - (_free_memory() or 0)) / 2**30
    rate = 2 * (info.parameters or 0) * ways[1].tokens_per_second
    data = {
        "backend": asdict(info),
        "ways": [asdict(way) for way in ways],
        "largest": apart,
        "mfu_by_parameters": rate / product,
        "memory_gib": taken,
    }
    head = (
        f"llama.cpp: {info.model}, {info.precision}, on {info.device}; demo data, {len(work.contexts)} contexts x "
        f"{len(work.targets)} targets"
    )
    notes = [
        f"largest difference of a token between both ways: {apart:.2g} nats",
        f"operations of the weights alone, over the matrix product: {rate / product:.2g}",
        *([] if taken is None else [f"memory taken on the GPU: {taken:.2f} GiB"]),
    ]
    table = markdown(list(FIGURES.values()), [[getattr(way, name) for name in FIGURES] for way in ways])
    return "\n\n".join([head, table, "; ".join(notes)]), data


def _absent(given: argparse.Namespace) -> str:
    """Why there is nothing to measure; empty where there is."""
    if find_spec("icon_llamacpp") is None or find_spec("llama_cpp") is None:
        return "icon-llamacpp is not installed"
    import llama_cpp

    if given.toy and not given.gguf:
        return "with --toy it is only for a small file given by --gguf"
    if not given.toy and not llama_cpp.llama_supports_gpu_offload():
        return f"the installed llama-cpp-python is built without a GPU; with one: {BUILD}"
    if given.gguf and not Path(given.gguf).is_file():
        return f"--gguf {given.gguf}: no such file"
    return ""


def _measured(backend: Any, work: Workload, n_prefill: int) -> tuple[list[Way], float]:
    """Prefill, shared and one at a time, in turn behind every context; medians, and the largest difference."""
    backend.score(work.contexts[0], work.targets[:2])
    text = work.contexts[0] * -(-n_prefill // len(backend.tokenize(work.contexts[0])))
    found: dict[str, list[tuple[int, float]]] = {}
    apart = 0.0
    for context in work.contexts:
        calls: dict[str, Callable[[], list[TokenLogProbs]]] = {
            "plain prefill": lambda: backend.score(text, [Target("", ".")]),
            "shared": lambda context=context: backend.score(context, work.targets),
            "one at a time": lambda context=context: [backend.score(context, [target])[0] for target in work.targets],
        }
        numbers = {}
        for way, call in calls.items():
            before, started = backend.tokens_evaluated, time.perf_counter()
            numbers[way] = _numbers(call())
            found.setdefault(way, []).append((backend.tokens_evaluated - before, time.perf_counter() - started))
        pairs = zip(numbers["shared"], numbers["one at a time"], strict=True)
        apart = max(apart, *(abs(one - other) for one, other in pairs))
    return _ways(found), apart


def _ways(found: dict[str, list[tuple[int, float]]]) -> list[Way]:
    middle = {way: [statistics.median(column) for column in zip(*each, strict=True)] for way, each in found.items()}
    prefill = middle["plain prefill"][0] / middle["plain prefill"][1]
    alone = middle["one at a time"][1]
    return [
        Way(
            way,
            round(tokens),
            seconds,
            tokens / seconds,
            tokens / seconds / prefill,
            None if n == 0 else alone / seconds,
        )
        for n, (way, (tokens, seconds)) in enumerate(middle.items())
    ]


def _numbers(results: Sequence[TokenLogProbs]) -> list[float]:
    """All log-probabilities in order.

    Raises:
        MeasurementError: A target could not be scored.
    """
    if failed := [result for result in results if result.status is not Status.OK]:
        raise MeasurementError(f"llama.cpp: {len(failed)} targets could not be scored: {failed[0].reason}")
    return [number for result in results for number in result.logprobs]


def _free_memory() -> int | None:
    return torch.cuda.mem_get_info()[0] if torch.cuda.is_available() else None
