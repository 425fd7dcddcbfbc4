"""Worlds whose candidates are known to be good or bad, for the tests of races."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture
def planted() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Make task contributions c_ij = beta_i + s_i (a_j + e_ij), shape (candidates, tasks), and the effects a_j.

    `v` is the variance of a over that of e; `spread` the standard deviation of log s_i.
    """

    def make(seed: int, *, k: int = 40, n: int = 128, v: float = 0.1, spread: float = 1.0):
        rng = np.random.default_rng(seed)
        effects = np.sqrt(v) * rng.standard_normal(k)
        scale = np.exp(spread * rng.standard_normal(n))
        level = scale * rng.standard_normal(n)
        return level + scale * (effects[:, None] + rng.standard_normal((k, n))), effects

    return make
