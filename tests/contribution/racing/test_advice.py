"""What would help most, against tables of the normal distribution and by hand."""

import math

import numpy as np
import pytest

from icon.contribution.racing.advice import advise, intensity


@pytest.mark.parametrize(
    ("share", "tabled"),
    [(0.01, 2.665), (0.05, 2.063), (0.1, 1.755), (0.15, 1.554), (0.2, 1.400), (0.5, 0.798), (0.8, 0.350), (0.9, 0.195)],
)
def test_the_intensity_is_the_tabled_one(share, tabled):
    """Falconer and Mackay, Introduction to Quantitative Genetics, appendix table A: infinite populations."""
    assert intensity(share) == pytest.approx(tabled, abs=6e-4)


def test_the_intensity_is_the_mean_of_the_best_of_many_draws():
    drawn = np.sort(np.random.default_rng(0).standard_normal(200_000))[::-1]
    for share in (0.03, 0.3):
        assert intensity(share) == pytest.approx(drawn[: int(share * 200_000)].mean(), abs=0.02)


def test_who_keeps_all_chooses_nothing():
    assert intensity(1.0) == 0.0
    assert advise(0.4, 10, scored=7, candidates=7, keep=7).now == 0.0


def test_the_gain_is_intensity_by_accuracy_by_hand():
    """v = 0.25 and 12 samples: reliability 3/4; with 24, 6/7. Half of 100 are kept; of 200, a quarter."""
    found = advise(0.25, 12, scored=100, candidates=1000, keep=50)
    assert found.now == pytest.approx(0.79788 * math.sqrt(3 / 4), rel=1e-4)
    assert found.more_samples == pytest.approx(0.79788 * math.sqrt(6 / 7), rel=1e-4)
    assert found.more_candidates == pytest.approx(1.27111 * math.sqrt(3 / 4), rel=1e-4)


def test_twice_the_candidates_are_no_more_than_there_are():
    """Of 100 the best 24 are 24% (1.295 in the table), of the 120 that there are 20% (1.400), not 12%."""
    found = advise(1.0, 3, scored=100, candidates=120, keep=24)
    assert found.now == pytest.approx(1.295 * math.sqrt(3 / 4), abs=2e-3)
    assert found.more_candidates == pytest.approx(1.400 * math.sqrt(3 / 4), abs=2e-3)


def test_where_all_are_scored_there_are_no_more_candidates():
    assert advise(0.4, 10, scored=100, candidates=100, keep=15).more_candidates is None


@pytest.mark.parametrize("signal", [1e-6, 0.01, 0.4, 10.0])
@pytest.mark.parametrize("samples", [0.5, 1, 8, 1000])
@pytest.mark.parametrize(("scored", "keep"), [(1, 1), (10, 1), (100, 15), (100, 99), (100, 100)])
def test_more_of_either_never_lowers_the_gain(signal, samples, scored, keep):
    found = advise(signal, samples, scored, 10 * scored, keep)
    assert found.now >= 0
    assert found.more_samples >= found.now
    assert found.more_candidates is not None
    assert found.more_candidates >= found.now


def test_few_measurements_ask_for_samples_and_many_for_candidates():
    thin, thick = (advise(0.4, samples, scored=100, candidates=1000, keep=15) for samples in (0.5, 200))
    assert thin.more_samples > (thin.more_candidates or 0)
    assert thick.more_samples < (thick.more_candidates or 0)
