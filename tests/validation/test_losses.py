"""What a judge sees of an arm, by position class."""

import math

import pytest

from icon.errors import InputError
from icon.validation.losses import ArmLosses, JudgeLoss, loss_matrix


def test_by_position_class_by_hand():
    loss = JudgeLoss.of("s", [4.0, 2.0, 0.5, 1.5])
    assert (loss.first, loss.second, loss.rest, loss.n_tokens) == (4.0, 2.0, 2.0, 4)
    assert [loss.per_token(position) for position in ("first", "second", "rest", "all")] == [4.0, 2.0, 1.0, 2.0]


def test_what_is_not_there_is_none_and_no_number():
    assert JudgeLoss.of("s", [4.0]).per_token("second") is None
    assert JudgeLoss.of("s", [4.0, 1.0]).per_token("rest") is None
    assert JudgeLoss.of("s", [4.0, 1.0]).per_token("all") == 2.5


@pytest.mark.parametrize("losses", [[], [1.0, math.nan], [math.inf]])
def test_no_token_and_losses_that_are_not_finite_are_refused(losses):
    with pytest.raises(InputError, match="judge sample s: found"):
        JudgeLoss.of("s", losses)


def arm(name, *losses):
    judged = tuple(JudgeLoss.of(f"s{i}", values) for i, values in enumerate(losses))
    return ArmLosses(name=name, kind="rule", judged=judged)


def test_samples_without_such_a_token_are_left_out_of_a_class():
    ids, values = loss_matrix([arm("a", [1, 2], [1, 2, 3]), arm("b", [2, 2], [1, 2, 5])], "rest")
    assert ids == ["s1"]
    assert values.tolist() == [[3], [5]]
    assert loss_matrix([arm("a", [1, 2])], "rest")[1].shape == (1, 0)


def test_arms_judged_on_other_samples_or_tokens_are_refused():
    with pytest.raises(InputError, match="arm b: judged on other samples or tokens than arm a"):
        loss_matrix([arm("a", [1, 2, 3]), arm("b", [1, 2])], "all")


def test_a_failed_arm_has_a_reason():
    assert not ArmLosses(name="random-01", kind="random", reason="the loss is nan").is_ok
    assert arm("a", [1, 2, 3]).is_ok
