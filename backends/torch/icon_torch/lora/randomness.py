"""Random numbers that depend on the seed alone and do not affect those of the process."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Context in which Python, NumPy and torch draw from the seed, and torch prefers deterministic kernels.

    transformers seeds and uses the generators of the whole process; their states are restored afterwards.
    """
    python, numpy = random.getstate(), np.random.get_state()
    strict, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    try:
        with torch.random.fork_rng(range(torch.cuda.device_count())), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*[Dd]eterministic")
            torch.use_deterministic_algorithms(True, warn_only=True)
            torch.manual_seed(seed)
            yield
    finally:
        torch.use_deterministic_algorithms(strict, warn_only=warned)
        random.setstate(python)
        np.random.set_state(numpy)
