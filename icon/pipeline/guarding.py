"""The leak guard over a pool beyond memory: parts of it go past the assessment set in a process per processor."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from itertools import pairwise
from queue import SimpleQueue
from typing import IO

from icon import network, trust
from icon.assessment.leak import Leak, find_leaks
from icon.inference.processor import usable_cores
from icon.pipeline.ending import PARENT, watch_parent
from icon.pipeline.processes import python_words
from icon.samples.pool_samples import PoolSamples
from icon.types import Sample

FEWEST = 200_000
"""Fewest samples that several processes look at: one takes about 10 s for them, and the start of several 1 s."""

PARTS_EACH = 4
"""Parts per process: the columns of one part of each are in memory twice, and a compressed file is read up to each."""


def leaks_in(assessment: Sequence[Sample], pool: PoolSamples) -> list[Leak]:
    """What `find_leaks` finds, in the order of the rows; by several processes where a large pool is not in memory.

    What a process cannot do, for whatever reason, this one does: it has the sentence of an error.

    Args:
        assessment: The assessment set and the judge samples.
        pool: The candidates.
    """
    n, pool = usable_cores(), pool.in_row_order()
    if n == 1 or pool.is_held or len(pool) < FEWEST or not _can_leave(pool):
        return find_leaks(assessment, pool)
    size = n * PARTS_EACH
    edges = pairwise(len(pool) * number // size for number in range(size + 1))
    parts = [pool[start:stop] for start, stop in edges]
    found: list[Leak] = []
    with ThreadPoolExecutor(n) as threads, _processes(assessment, n) as free:  # processes end before threads
        for part, leaks in zip(parts, threads.map(partial(_by_any, free), parts), strict=True):
            found += find_leaks(assessment, part) if leaks is None else leaks
    return found


def _by_any(free: SimpleQueue[_Process], part: PoolSamples) -> list[Leak] | None:
    """The leaks in a part, by whichever process is free; None where that one cannot work."""
    process = free.get()
    try:
        return process.leaks(part)
    finally:
        free.put(process)


def _can_leave(pool: PoolSamples) -> bool:
    """Whether another process can read this pool; not where the reader is one that only this process has."""
    try:
        pickle.dumps(pool[:1].apart())
    except Exception:  # noqa: BLE001  a reader of a plugin may raise anything
        return False
    return True


@contextmanager
def _processes(assessment: Sequence[Sample], n: int) -> Iterator[SimpleQueue[_Process]]:
    """So many processes, all of them free; they are ended with the context, at once where it raises."""
    started: list[_Process] = []
    free: SimpleQueue[_Process] = SimpleQueue()
    try:
        for _ in range(n):
            started.append(_Process(assessment))
            free.put(started[-1])
        yield free
    finally:
        for process in started:
            process.close()


class _Process:
    """A process that looks for leaks in parts of a pool; one that fails once is not asked again."""

    def __init__(self, assessment: Sequence[Sample]) -> None:
        self._assessment: list[Sample] | None = list(assessment)
        self._popen: subprocess.Popen[bytes] | None = None
        with suppress(OSError):  # too many processes, or too little memory for one more
            self._popen = subprocess.Popen(
                [*python_words(), "-m", __name__],
                stdin=subprocess.PIPE,  # it ends when this is closed
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **trust.for_children(), **network.for_children(), PARENT: str(os.getpid())},
            )

    def leaks(self, part: PoolSamples) -> list[Leak] | None:
        """The leaks in a part; None where the process cannot say."""
        popen = self._popen
        if popen is None:
            return None
        assert popen.stdin is not None  # pipes
        assert popen.stdout is not None
        try:
            if self._assessment is not None:
                _send(popen.stdin, self._assessment)
                self._assessment = None
            _send(popen.stdin, part.apart())
            whose, leaks = pickle.load(popen.stdout)
        except Exception:  # noqa: BLE001  bytes that are no reply raise anything
            whose, leaks = None, []
        if whose != _name(part):
            self.close()
            return None
        return list(leaks)

    def close(self) -> None:
        """End it at once: it keeps nothing. Safe to call twice, and while another thread waits for it."""
        popen, self._popen = self._popen, None
        if popen is not None:
            popen.kill()
            with suppress(OSError, ValueError):  # a thread may be at its pipes
                popen.communicate()


def _name(part: PoolSamples) -> tuple[str, int]:
    """What tells the reply to a part from anything else: the id of its first sample, and their number."""
    return part[:1].ids[0].decode("utf-8", "surrogatepass"), len(part)


def _send(pipe: IO[bytes], value: object) -> None:
    pipe.write(pickle.dumps(value))
    pipe.flush()


def _main() -> None:
    """Answer each part on standard input with its leaks, until it is closed or the process that started this one ends.

    The first value on standard input is the assessment set.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the process of the run decides
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no reply
    threading.Thread(target=watch_parent, daemon=True).start()
    with suppress(EOFError, BrokenPipeError):
        assessment = pickle.load(sys.stdin.buffer)
        while True:
            part = pickle.load(sys.stdin.buffer)
            _send(replies, (_name(part), find_leaks(assessment, part)))


if __name__ == "__main__":
    _main()
