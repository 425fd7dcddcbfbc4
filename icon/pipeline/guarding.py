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
from itertools import chain, pairwise
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
"""Fewest samples that several processes look at: one takes about 20 s for them, and the start of several 1 s."""

PARTS_EACH = 4
"""Parts per process: the columns of one part of each are in memory twice, and a compressed file is read up to each."""


def leaks_in(assessment: Sequence[Sample], pool: PoolSamples) -> list[Leak]:
    """What `find_leaks` finds, on all processors where the pool is large and not in memory.

    Args:
        assessment: The assessment set and the judge samples.
        pool: The candidates.
    """
    n = usable_cores()
    if n == 1 or pool.is_held or len(pool) < FEWEST or not _can_leave(pool):
        return find_leaks(assessment, pool)
    size = n * PARTS_EACH
    edges = [len(pool) * number // size for number in range(size + 1)]
    with ThreadPoolExecutor(n) as threads, _processes(assessment, n) as free:  # processes end before threads

        def found(start: int, stop: int) -> list[Leak]:
            process = free.get()
            try:
                return process.leaks(pool[start:stop].apart())
            finally:
                free.put(process)

        return list(chain.from_iterable(threads.map(found, *zip(*pairwise(edges), strict=True))))


def _can_leave(pool: PoolSamples) -> bool:
    """Whether another process can read this pool; not where the reader is from a file that only this one has opened."""
    try:
        pickle.dumps(pool[:1].apart())
    except (pickle.PicklingError, TypeError, AttributeError):
        return False
    return True


@contextmanager
def _processes(assessment: Sequence[Sample], n: int) -> Iterator[SimpleQueue[_Process]]:
    """So many processes, all of them free; they are ended with the context, at once where it raises."""
    started = [_Process(assessment) for _ in range(n)]
    free: SimpleQueue[_Process] = SimpleQueue()
    for process in started:
        free.put(process)
    try:
        yield free
    finally:
        for process in started:
            process.close()


class _Process:
    """A process that looks for leaks in parts of a pool."""

    def __init__(self, assessment: Sequence[Sample]) -> None:
        self._assessment = list(assessment)
        self._is_closed = False
        self._popen = subprocess.Popen(
            [*python_words(), "-m", __name__],
            stdin=subprocess.PIPE,  # it ends when this is closed
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **trust.for_children(), **network.for_children(), PARENT: str(os.getpid())},
        )
        self._has_assessment = False

    def leaks(self, part: PoolSamples) -> list[Leak]:
        """The leaks in a part; looked for here where the process fails, so that an error has its sentence."""
        stdin, stdout = self._popen.stdin, self._popen.stdout
        assert stdin is not None  # pipes
        assert stdout is not None
        try:
            if not self._has_assessment:
                self._has_assessment = True
                _send(stdin, self._assessment)
            _send(stdin, part)
            leaks: list[Leak] = pickle.load(stdout)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            if self._is_closed:
                raise
            return find_leaks(self._assessment, part)
        return leaks

    def close(self) -> None:
        """End it at once: it keeps nothing."""
        self._is_closed = True
        self._popen.kill()
        with suppress(OSError):
            self._popen.communicate()


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
            _send(replies, find_leaks(assessment, pickle.load(sys.stdin.buffer)))


if __name__ == "__main__":
    _main()
