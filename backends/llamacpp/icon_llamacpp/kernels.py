"""Which matrix products the installed llama.cpp has, as its files show, and what would be faster on this machine.

Nothing is timed and nothing is loaded: the rule asks how llama.cpp was built, and the figures are those that
`tests/benchmarks/bench_llamacpp.py` and `bench_precision.py` gave (docs/performance.md, "Which weights are evaluated").
"""

from __future__ import annotations

import os
import platform
from importlib.util import find_spec
from pathlib import Path

BLAS, PROCESSOR, GPUS = "ggml-blas", "ggml-cpu", ("cuda", "hip", "metal", "musa", "sycl", "vulkan", "cann", "opencl")
"""Parts of the names of llama.cpp's libraries: products by a BLAS, the processor's own, those of GPUs."""

MEASURED_ON = ("x86_64", "amd64")
"""Kinds of machines that the figures are of."""

BUILD = (
    "a build of llama-cpp-python with OpenBLAS reads 1.2 to 1.3 times as many tokens per second as this "
    'one (backends/llamacpp/README.md, "Faster on a processor")'
)


def libraries() -> list[str]:
    """Names of the shared libraries of the installed llama.cpp; empty where they are elsewhere."""
    spec = find_spec("llama_cpp")
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(os.environ.get("LLAMA_CPP_LIB_PATH") or Path(spec.submodule_search_locations[0]) / "lib")
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def is_slow() -> bool:
    """Whether float32 is known to be slow here: an x86 machine, and llama.cpp built with neither a BLAS nor a GPU."""
    found = libraries()
    known = any(PROCESSOR in name for name in found) and platform.machine().lower() in MEASURED_ON
    return known and not any(part in name for name in found for part in (BLAS, *(f"ggml-{gpu}" for gpu in GPUS)))


def note(*, exact: bool) -> str:
    """What a reader of a run should know of its speed: that an installed backend is faster; mostly empty.

    Args:
        exact: Whether all is computed in float32, on the processor.
    """
    if not (exact and is_slow() and find_spec("icon_torch") and find_spec("torch")):
        return ""
    return (
        "llama.cpp as it is installed (built without BLAS) is slower in float32 on a processor than the backend torch, "
        "which is installed and reads 1.4 to 2 times as many tokens per second (--backend torch)"
    )


def advice() -> str:
    """What would be faster than this backend as it is installed, for its listing; mostly empty."""
    if not is_slow():
        return ""
    torch = note(exact=True)
    return f"{torch}; {BUILD}." if torch else f"In float32 on a processor {BUILD}."
