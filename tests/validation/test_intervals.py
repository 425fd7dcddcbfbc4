"""The interval of a difference to random draws: by hand, against a plain analysis of variance, and by simulation."""

import statistics

import numpy as np
import pytest
from scipy.stats import t as student

from icon.validation.intervals import compared, holm

REPETITIONS = 1000
CASES = {  # draws, samples, sd of a draw, sd of a draw on a sample, sd of the advantage between samples
    "draws differ": (12, 64, 0.03, 0.1, 0.0),
    "draws and samples differ": (12, 64, 0.03, 0.1, 0.1),
    "few draws": (6, 48, 0.03, 0.05, 0.1),
    "few samples": (12, 16, 0.03, 0.05, 0.2),
    "the advantage differs most": (8, 64, 0.01, 0.05, 0.3),
}
TOO_FEW = {"two draws": (2, 48, 0.03, 0.05, 0.1), "four draws": (4, 48, 0.03, 0.05, 0.1)}
"""Of these a note warns."""


def simulated(case, advantage=0.0, seed=7, repetitions=REPETITIONS):
    """Losses of an arm and of draws by the model, shapes (repetitions, m) and (repetitions, n, m)."""
    n, m, drawn, both, differs = (CASES | TOO_FEW)[case]
    normal = np.random.default_rng(seed).normal
    samples = normal(2, 1, (repetitions, 1, m))
    losses = samples + drawn * normal(size=(repetitions, n + 1, 1)) + both * normal(size=(repetitions, n + 1, m))
    arm = losses[:, 0] - advantage - differs * normal(size=(repetitions, m))
    return arm, losses[:, 1:]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("advantage", [0.0, 0.05])
def test_the_interval_holds_the_truth_in_93_to_97_of_100(case, advantage):
    found = compared(*simulated(case, advantage))
    held = np.mean((found.low <= advantage) & (advantage <= found.high))
    assert 0.93 <= held <= 0.97


@pytest.mark.parametrize("case", CASES)
def test_an_arm_that_is_a_random_draw_itself_is_chance_about_95_times_in_100(case):
    arm, draws = simulated(case)
    found = compared(arm, draws)
    assert 0.93 <= np.mean((found.low <= 0) & (found.high >= 0)) <= 0.97
    assert np.mean(found.p < 0.05) == pytest.approx(np.mean((found.low > 0) | (found.high < 0)))


@pytest.mark.parametrize("case", TOO_FEW)
def test_with_2_to_4_draws_the_interval_holds_the_truth_in_88_to_95_of_100(case):
    found = compared(*simulated(case, repetitions=4000))
    assert 0.875 <= np.mean((found.low <= 0) & (found.high >= 0)) <= 0.955


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("deviations", "least", "most"), [(3.3, 0.70, 0.88), (4.5, 0.92, 0.99), (5, 0.95, 1)])
def test_how_often_a_planted_advantage_of_so_many_deviations_of_the_draws_is_seen(sign, deviations, least, most):
    """The deviation of a draw's mean loss: what it does to all samples, and the mean of what it does to each."""
    _, m, drawn, both, _ = CASES["draws differ"]
    arm, draws = simulated("draws differ", sign * deviations * (drawn**2 + both**2 / m) ** 0.5)
    found = compared(arm, draws)
    seen = found.low > 0 if sign > 0 else found.high < 0
    assert least <= np.mean(seen) <= most


def test_it_holds_too_where_what_a_draw_does_is_larger_on_some_samples_than_on_others():
    normal = np.random.default_rng(3).normal
    weights = np.abs(normal(1, 0.7, (REPETITIONS, 1, 64)))
    losses = 2 + 0.03 * normal(size=(REPETITIONS, 13, 1)) * weights + 0.1 * normal(size=(REPETITIONS, 13, 64))
    found = compared(losses[:, 0], losses[:, 1:])
    assert 0.93 <= np.mean((found.low <= 0) & (found.high >= 0)) <= 0.97


def test_it_holds_too_for_answers_of_different_length_with_heavy_tails():
    """What a draw does to a sample has three degrees of freedom, and is smaller for long answers."""
    generator = np.random.default_rng(11)
    scale = 0.3 / np.sqrt(generator.integers(1, 60, (REPETITIONS, 1, 64)))
    losses = 2 + 0.02 * generator.normal(size=(REPETITIONS, 13, 1))
    losses = losses + scale * generator.standard_t(3, (REPETITIONS, 13, 64))
    found = compared(losses[:, 0], losses[:, 1:])
    assert 0.93 <= np.mean((found.low <= 0) & (found.high >= 0)) <= 0.97


def test_by_hand_without_an_interaction():
    """Means of the draws 2 and 3, s2 = 1/2; differences 1 and 2: Var = 3/4 + 1/4, df = 1 / (9/16 + 1/16) = 1.6."""
    found = compared(np.array([0.5, 1.5]), np.array([[1.0, 3.0], [2.0, 4.0]]))
    assert found.difference == pytest.approx(1.5)
    assert found.standard_error == pytest.approx(1.0)
    assert found.df == pytest.approx(1.6)
    assert found.high == pytest.approx(1.5 + student.ppf(0.975, 1.6))
    assert found.p == pytest.approx(2 * student.sf(1.5, 1.6))
    assert found.beaten == 2


def test_where_the_differences_are_equal_it_is_the_prediction_interval_of_one_more_draw():
    """The textbook's: mean 2.5, s2 = 1/2, n = 2: 1 -+ t[0.975, 1] sqrt(1/2 (1 + 1/2))."""
    found = compared(np.array([0.5, 2.5]), np.array([[1.0, 3.0], [2.0, 4.0]]))
    assert found.low == pytest.approx(1 - 12.7062047 * 0.8660254)
    assert found.high == pytest.approx(1 + 12.7062047 * 0.8660254)


def test_it_agrees_with_a_plain_analysis_of_variance():
    generator = np.random.default_rng(5)
    draws, arm = generator.normal(2, 0.3, (5, 7)), generator.normal(1.9, 0.6, 7)
    n, m = draws.shape
    of_draws = [statistics.fmean(row) for row in draws]
    of_samples = [statistics.fmean(column) for column in draws.T]
    grand = statistics.fmean(of_draws)
    left = [draws[k][i] - of_draws[k] - of_samples[i] + grand for k in range(n) for i in range(m)]
    within = sum(value**2 for value in left) / ((n - 1) * (m - 1))
    differences = [of_samples[i] - arm[i] for i in range(m)]
    terms = [
        statistics.variance(of_draws) * (1 + 1 / n),
        statistics.variance(differences) / m,
        -within * (1 + 1 / n) / m,
    ]
    df = sum(terms) ** 2 / (terms[0] ** 2 / (n - 1) + terms[1] ** 2 / (m - 1) + terms[2] ** 2 / ((n - 1) * (m - 1)))
    reach = student.ppf(0.95, df) * sum(terms) ** 0.5
    found = compared(arm, draws, confidence=0.9)
    assert terms[1] + terms[2] > 0
    assert found.low == pytest.approx(statistics.fmean(differences) - reach)
    assert found.high == pytest.approx(statistics.fmean(differences) + reach)


def test_one_sample_is_judged_by_the_draws_alone():
    found = compared(np.array([1.0]), np.array([[2.0], [3.0], [4.0]]))
    assert found.standard_error == pytest.approx((1 + 1 / 3) ** 0.5)
    assert found.df == 2


def test_draws_that_do_not_differ_make_any_difference_certain():
    assert compared(np.zeros(3), np.ones((4, 3))).p == 0
    assert compared(np.ones(3), np.ones((4, 3))).p == 1


@pytest.mark.parametrize("shape", [(1, 4), (3, 0)])
def test_too_few_draws_or_samples_are_refused(shape):
    with pytest.raises(ValueError, match="at least 2 draws and 1 sample"):
        compared(np.ones(shape[1]), np.ones(shape))


def test_holm_by_hand():
    """0.005 x 4, 0.01 x 3, 0.03 x 2, and 0.04 x 1, which is raised to the one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []
