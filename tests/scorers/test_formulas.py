"""Every formula of METHOD, against numbers worked by hand."""

import math

import numpy as np
import pytest

from icon.scorers import formulas
from icon.types import Status, TokenLogProbs


def test_nll_is_the_mean_negative_log_probability_over_all_response_tokens():
    # p = 1/2, 1/4, 1/8: -(ln 1/2 + ln 1/4 + ln 1/8) / 3 = 6 ln 2 / 3 = 2 ln 2
    logprobs = TokenLogProbs((5, 6, 7), (math.log(1 / 2), math.log(1 / 4), math.log(1 / 8)))
    assert logprobs.nll == pytest.approx(2 * math.log(2))


def test_nll_of_a_failure_is_refused():
    with pytest.raises(ValueError, match="not_finite"):
        _ = TokenLogProbs((5,), (), Status.NOT_FINITE, "NaN").nll


def test_ppl_is_the_exponential_of_nll():
    assert formulas.ppl(math.log(7)) == pytest.approx(7)
    assert formulas.ppl(1000) == math.inf


def test_task_contribution_by_hand():
    # PPL(S|R) = 12, PPL(S|T) = 8, PPL(S) = 10: (12 - 8) / (10 + 1e-6)
    c = formulas.task_contribution(math.log(8), math.log(12), math.log(10))
    assert c == pytest.approx(4 / 10.000001, rel=1e-12)


def test_without_a_control_the_baseline_takes_its_place():
    # (10 - 8) / (10 + 1e-6)
    c = formulas.task_contribution(math.log(8), math.log(10), math.log(10))
    assert c == pytest.approx(2 / 10.000001, rel=1e-12)


def test_log_gain_is_positive_where_the_demonstration_helps():
    assert formulas.log_gain(1.25, 2.0) == 0.75


def test_statistics_by_hand():
    c = np.array([-0.5, 0.25, 0.75, 1.5])  # mean 0.5
    assert formulas.consistency(c) == 0.75
    assert formulas.coverage(c) == 0.5
    # squares of -1, -0.25, 0.25, 1: 2.125; / 4 and / 3
    assert formulas.stability(c) == pytest.approx(2.125 / 4)
    assert formulas.standard_error(c) == pytest.approx(math.sqrt(2.125 / 3) / 2)


def test_a_single_assessment_sample_has_no_standard_error():
    assert formulas.standard_error(np.array([0.3])) is None


def test_trimmed_mean_leaves_a_tenth_out_at_each_end():
    c = np.array([1000.0, 1, 2, 3, 4, 5, 6, 7, 8, -1000])
    assert formulas.trimmed_mean(c) == pytest.approx(36 / 8)


def test_trimmed_mean_of_a_few_values_is_their_mean():
    assert formulas.trimmed_mean(np.array([1.0, 2.0, 6.0])) == 3


def test_a_contribution_at_the_bound_does_not_count():
    assert formulas.consistency(np.array([0.0, 0.1])) == 0.5
    assert formulas.coverage(np.array([0.5, 0.6])) == 0.5
