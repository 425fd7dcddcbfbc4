"""The verdict on a selection, from arms whose losses are known."""

import numpy as np
import pytest

from icon.errors import InputError
from icon.validation.losses import ArmLosses, JudgeLoss
from icon.validation.statistics import by_values, verdict, verdict_of

M = 48


def made(name, kind, rest, *, format_=0.0, seed=0, **more):
    """An arm with `rest` nats behind the second token of each sample, and `format_` nats less on the first."""
    noise = np.random.default_rng(seed).normal(0, 0.02, M)
    judged = tuple(JudgeLoss.of(f"s{i}", [9 - format_, 2, rest + noise[i], rest + noise[i]]) for i in range(M))
    return ArmLosses(name=name, kind=kind, judged=judged, seconds=10.0, **more)


def draws(n=12, mean=2.0, sd=0.01, **more):
    offsets = np.random.default_rng(1).normal(0, sd, n)
    offsets -= offsets.mean()
    return [made(f"random-{k:02d}", "random", mean + offsets[k], seed=k, **more) for k in range(n)]


BARE = made("bare", "bare", 2.5)


@pytest.mark.parametrize(("rest", "outcome"), [(1.9, "better"), (2.0, "chance"), (2.1, "worse")])
def test_the_outcome_follows_the_tokens_behind_the_second(rest, outcome):
    found = verdict(made("selection", "selection", rest, seed=99), draws(), bare=BARE)
    assert found.outcome == outcome
    assert found.difference == pytest.approx(2.0 - rest, abs=0.01)
    assert found.beaten == {"better": 12, "worse": 0}.get(outcome, found.beaten)
    assert found.gain.gain == pytest.approx(0.5, abs=0.01)
    assert found.gain.tells


def test_format_alone_moves_the_first_token_and_not_the_verdict():
    found = verdict(made("selection", "selection", 2.0, format_=5.0, seed=99), draws(), bare=BARE)
    assert found.outcome == "chance"
    assert found.positions["first"].outcome == "better"
    assert found.positions["first"].difference == pytest.approx(5.0)
    assert found.positions["all"].difference == pytest.approx(5 / 4, abs=0.01)


def test_a_selection_whose_advantage_is_in_one_group_shows_it_there():
    groups = {f"s{i}": "maths" if i < 8 else "prose" for i in range(M)}
    better = made("selection", "selection", 1.5, seed=99).judged[:8] + made("x", "rule", 2.0, seed=98).judged[8:]
    found = verdict(ArmLosses(name="selection", kind="selection", judged=better), draws(), groups=groups)
    assert found.groups["maths"].outcome == "better"
    assert found.groups["prose"].outcome == "chance"
    assert (found.groups["maths"].n_samples, found.groups["prose"].n_samples) == (8, 40)


def test_rules_are_corrected_for_their_number():
    rules = [made(f"rule-{k}", "rule", 2.0, seed=50 + k) for k in range(3)] + [made("good", "rule", 1.9, seed=60)]
    found = verdict(made("selection", "selection", 2.0, seed=99), draws(), others=rules).arms
    assert found["good"].p_holm == pytest.approx(4 * found["good"].p)
    assert found["good"].outcome == "better"
    assert all(one.p_holm >= one.p for one in found.values())


def test_where_random_draws_change_nothing_beyond_the_second_token_no_choice_can_show():
    found = verdict(made("selection", "selection", 2.0, seed=99), draws(sd=0.01), bare=made("bare", "bare", 2.005))
    assert not found.gain.tells
    assert found.power is None


def test_failed_arms_are_left_out_and_named():
    broken = ArmLosses(name="random-99", kind="random", reason="the training loss is nan at step 3")
    found = verdict_of([made("selection", "selection", 1.9, seed=99), *draws(), broken, BARE])
    assert found.failed == {"random-99": "the training loss is nan at step 3"}
    assert found.n_draws == 12


def test_a_verdict_needs_a_selection_two_draws_and_answers_of_three_tokens():
    selection = made("selection", "selection", 2.0)
    with pytest.raises(InputError, match="found 1 random draws with losses; valid: at least 2"):
        verdict(selection, draws()[:1])
    with pytest.raises(InputError, match="no memory; no verdict without it"):
        verdict(ArmLosses(name="selection", kind="selection", reason="no memory"), draws())
    with pytest.raises(InputError, match="no arm of the selection"):
        verdict_of(draws())
    short = [ArmLosses(name=f"a{k}", kind="random", judged=(JudgeLoss.of("s", [1.0 + k, 2.0]),)) for k in range(3)]
    with pytest.raises(InputError, match="no judge sample has a third response token"):
        verdict(short[0], short[1:])


def test_tasks_of_benchmarks_are_compared_where_higher_is_better():
    values = np.random.default_rng(2).normal(0.4, 0.01, (12, 5))
    arms = [
        one.model_copy(update={"tasks": dict(zip("abcde", row, strict=True))})
        for one, row in zip(draws(), values, strict=True)
    ]
    best = made("selection", "selection", 2.0).model_copy(update={"tasks": dict.fromkeys("abcde", 0.5)})
    found = by_values([best, *arms], "tasks")["selection"]
    assert found.outcome == "better"
    assert found.loss == pytest.approx(0.5)
    assert found.difference == pytest.approx(0.5 - values.mean())
    assert by_values([best, *draws()][1:], "answers") == {}
    with pytest.raises(InputError, match="tasks differ"):
        by_values([best, *draws()], "tasks")
