"""The processor: cores that this process may use, the model name, and how waiting threads behave."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CPUS = Path("/sys/devices/system/cpu")

CGROUP_V2 = Path("/sys/fs/cgroup/cpu.max")

CGROUP_V1 = Path("/sys/fs/cgroup/cpu")

CPUINFO = Path("/proc/cpuinfo")

WAITING = "OMP_WAIT_POLICY"


def usable_cores() -> int:
    """Number of physical cores this process may use, by its affinity and its cgroup's quota."""
    if hasattr(os, "sched_getaffinity"):
        allowed = os.sched_getaffinity(0)
        cores = len({_siblings(cpu) for cpu in allowed})
    else:
        cores = os.cpu_count() or 1
    quota = _quota()
    return max(1, min(cores, int(quota)) if quota else cores)


def name() -> str:
    """The processor's model name, as far as the system reports it."""
    for line in _lines(CPUINFO):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _siblings(cpu: int) -> str:
    """The hardware threads of that CPU's core, as one text; its number where the system does not report them."""
    return next(iter(_lines(CPUS / f"cpu{cpu}/topology/thread_siblings_list")), str(cpu))


def _quota() -> float | None:
    """The cgroup's quota in CPUs, or None without a limit."""
    for line in _lines(CGROUP_V2):
        limit, _, period = line.partition(" ")
        return None if limit == "max" else int(limit) / int(period)
    limits = [*_lines(CGROUP_V1 / "cpu.cfs_quota_us"), *_lines(CGROUP_V1 / "cpu.cfs_period_us")]
    if len(limits) == 2 and int(limits[0]) > 0:
        return int(limits[0]) / int(limits[1])
    return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


@contextmanager
def sleeping_threads() -> Iterator[None]:
    """Load a library with OpenMP in this context, and its idle threads sleep rather than spin.

    Threads synchronise hundreds of times per pass. On a machine with other work, spinning threads occupy the processor
    that the thread they wait for needs: measured at a third of the speed with llama.cpp, at two thirds with torch.
    OpenMP reads the variable once, when it is loaded, so it is unset again at once; a value that the user set stays.
    """
    if WAITING in os.environ:
        yield
        return
    os.environ[WAITING] = "passive"
    try:
        yield
    finally:
        os.environ.pop(WAITING, None)  # another thread may have loaded its library meanwhile
