"""Newcombe's interval against an independent solution, by hand, and by how often it covers the truth."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from icon.selection.learning import Z_95, auc_interval, average_precision, average_precision_interval


def roots(auc, m, n, z=Z_95):
    """The same equation with its denominators cleared: a polynomial, whose real roots in [0, 1] are the limits."""
    theta = np.poly1d([1, 0])
    half = (m + n) / 2 - 1
    left = (theta - auc) ** 2 * m * n * (2 - theta) * (1 + theta)
    spread = (2 - theta) * (1 + theta) + half * ((1 - theta) * (1 + theta) + theta * (2 - theta))
    found = (left - z**2 * theta * (1 - theta) * spread).roots
    return sorted(root.real for root in found if abs(root.imag) < 1e-7 and -1e-9 <= root.real <= 1 + 1e-9)


@pytest.mark.parametrize(
    ("auc", "m", "n"),
    [(0.5, 75, 425), (0.72, 8, 45), (0.95, 3, 20), (0.9, 1, 9), (1.0, 5, 40), (0.0, 5, 40), (1.0, 1, 1)],
)
def test_limits_solve_the_equation(auc, m, n):
    low, high = auc_interval(auc, m, n)
    expected = roots(auc, m, n)
    assert (low, high) == pytest.approx((expected[0], expected[-1]), abs=1e-6)
    assert 0 <= low <= auc <= high <= 1


def test_a_perfect_auc_by_hand():
    # One of each: N* = 0, so (1 - t)^2 = z^2 t (1 - t), hence t = 1 / (1 + z^2).
    low, high = auc_interval(1.0, 1, 1)
    assert low == pytest.approx(1 / (1 + 1.959964**2), abs=1e-6)
    assert high == 1.0


def test_half_by_hand():
    # m = n = 2, N* = 1, z = 1: at 1/2 + d the brackets add up to 1 + 2/3 + small; the limits are symmetric about 1/2.
    low, high = auc_interval(0.5, 2, 2, z=1.0)
    assert low + high == pytest.approx(1.0)
    d = high - 0.5
    spread = 1 + (0.5 - d) / (1.5 - d) + (0.5 + d) / (1.5 + d)
    assert d**2 == pytest.approx((0.25 - d**2) * spread / 4)


def test_it_covers_the_truth_with_few_positives():
    generator = np.random.default_rng(0)
    m, n, shift = 8, 45, 1.19  # two normals 1.19 apart: AUC = Phi(1.19 / sqrt 2) = 0.80
    truth, inside, runs = 0.8, 0, 1000
    for _ in range(runs):
        positives, negatives = generator.normal(shift, 1, m), generator.normal(0, 1, n)
        low, high = auc_interval(float((positives[:, None] > negatives).mean()), m, n)
        inside += low <= truth <= high
    assert 0.93 <= inside / runs <= 0.99


def test_average_precision_is_that_of_sklearn():
    generator = np.random.default_rng(2)
    for n in (5, 40, 200):
        labels, scores = np.append(generator.integers(0, 2, n), 1), generator.integers(0, n, n + 1) / n
        assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores))


def test_average_precision_interval_is_seeded_and_holds_a_perfect_ranking():
    labels = np.array([1, 1, 1, 0, 0, 0, 0, 0])
    perfect = np.linspace(1, 0, 8)
    assert average_precision_interval(labels, perfect, 0) == (1.0, 1.0)
    mixed = np.array([0.9, 0.4, 0.5, 0.8, 0.3, 0.45, 0.2, 0.1])
    low, high = average_precision_interval(labels, mixed, 7)
    # the positives stand at places 1, 3 and 5
    assert average_precision(labels, mixed) == pytest.approx((1 / 1 + 2 / 3 + 3 / 5) / 3)
    assert low < (1 / 1 + 2 / 3 + 3 / 5) / 3 < high
    assert (low, high) == average_precision_interval(labels, mixed, 7)
    assert (low, high) != average_precision_interval(labels, mixed, 8)
