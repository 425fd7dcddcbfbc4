"""Log-normalisers equal those of an independent float64 implementation."""

import numpy as np
import pytest
from scipy.special import logsumexp

from icon_llamacpp.logsoftmax import BLOCK_ROWS, log_normalisers


@pytest.mark.parametrize("rows", [0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, 3 * BLOCK_ROWS + 1])
@pytest.mark.parametrize("shift", [-1000.0, 0.0, 1000.0])
def test_agrees_with_float64_whatever_the_scale(rows, shift):
    logits = np.random.default_rng(rows).normal(shift, 5, size=(rows, 5000)).astype(np.float32)
    expected = logsumexp(logits.astype(np.float64), axis=1) if rows else []
    assert log_normalisers(logits) == pytest.approx(expected, abs=1e-6)


def test_two_equal_logits_by_hand():
    assert log_normalisers(np.zeros((1, 2), dtype=np.float32))[0] == pytest.approx(np.log(2), abs=1e-15)


def test_tokens_that_a_model_rules_out_count_nothing():
    logits = np.array([[0.0, -np.inf, 0.0]], dtype=np.float32)
    assert log_normalisers(logits)[0] == pytest.approx(np.log(2), abs=1e-15)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_stays_so_and_in_its_row(bad):
    logits = np.zeros((3, 4), dtype=np.float32)
    logits[1, 2] = bad
    assert np.isfinite(log_normalisers(logits)).tolist() == [True, False, True]


def test_nothing_but_minus_infinity_is_not_finite():
    assert not np.isfinite(log_normalisers(np.full((1, 4), -np.inf, dtype=np.float32))[0])


def test_logits_are_left_as_they_are():
    logits = np.random.default_rng(0).normal(size=(20, 50)).astype(np.float32)
    before = logits.copy()
    log_normalisers(logits)
    assert np.array_equal(logits, before)
