"""The board's own arithmetic, by hand: advantages, intervals, the rule of decision, and rules on a small pool."""

import math
import sys
from pathlib import Path

import pytest
from scipy.stats import pearsonr, ttest_1samp

FOLDER = Path(__file__).parent


@pytest.fixture(scope="module")
def board():
    """The board's modules, which are beside this file and no package of icon's."""
    pytest.importorskip("icon_validate", reason="icon-validate is not installed")
    sys.path.insert(0, str(FOLDER))
    try:
        import board.choices
        import board.corrupting
        import board.deciding
        import board.rules
        import board.scoring
        import board.training

        yield board
    finally:
        sys.path.remove(str(FOLDER))


def results(board, rules):
    """Two conditions of three pools: draws of NLL 0.9 and 1.1 below a bare model of 2, and rules by their advantage."""
    arm, found = board.training.Arm, {}
    for condition in ("one", "two"):
        for pool in range(3):
            found[arm(condition, pool, "tokens", "bare")] = {"rest": 2.0}
            found[arm(condition, pool, "tokens", "random 00")] = {"rest": 0.9}
            found[arm(condition, pool, "tokens", "random 01")] = {"rest": 1.1}
            for rule, advantage in rules.items():
                found[arm(condition, pool, "tokens", rule)] = {"rest": 1.0 - advantage[condition][pool]}
    return found


def test_an_advantage_is_a_share_of_what_a_random_draw_gains(board):
    figures = results(board, {"a": {"one": [0.25, 0.0, -0.5], "two": [0, 0, 0]}})
    assert board.deciding.advantages(figures, "one", "tokens", "rest", "a") == pytest.approx({0: 0.25, 1: 0.0, 2: -0.5})


def test_a_condition_tells_something_from_three_deviations_of_the_draws_on(board):
    draws = board.deciding.draws_of(results(board, {}), "one", "tokens", "rest")
    assert draws[0].gain == pytest.approx(1.0)
    assert draws[0].deviation == pytest.approx(math.sqrt(0.02))
    assert board.deciding.tells(draws)
    figures = {arm: {"rest": 1.3} if arm.name == "bare" else figure for arm, figure in results(board, {}).items()}
    assert not board.deciding.tells(board.deciding.draws_of(figures, "one", "tokens", "rest"))


def test_an_interval_over_pools_is_that_of_a_t_test(board):
    values = [0.1, 0.3, 0.2, 0.25]
    found, oracle = board.deciding.interval(values), ttest_1samp(values, 0)
    low, high = oracle.confidence_interval(0.95)
    assert (found.low, found.high, found.p) == pytest.approx((low, high, oracle.pvalue))


def test_conditions_weigh_the_same_over_the_pools_that_all_of_them_have(board):
    found = board.deciding.over_conditions([{0: 1.0, 1: 1.2, 2: 0.8, 3: 9.0}, {0: 0.0, 1: 0.2, 2: 0.1}])
    assert found.mean == pytest.approx((1.0 + 0.1) / 2)  # pool 3 is not in both


def test_conditions_that_share_their_pools_are_no_more_certain_than_one_of_them(board):
    values = {0: 0.1, 1: 0.3, 2: 0.2}
    many, one = board.deciding.over_conditions([values] * 7), board.deciding.interval(list(values.values()))
    assert (many.mean, many.low, many.high) == pytest.approx((one.mean, one.low, one.high))


def test_the_best_lower_bound_comes_first_of_the_rules_that_are_nowhere_worse(board):
    rules = {
        "less steady": {"one": [0.10, 0.12, 0.14], "two": [0.10, 0.12, 0.14]},
        "steady": {"one": [0.10, 0.11, 0.12], "two": [0.10, 0.11, 0.12]},
        "better, and worse somewhere": {"one": [0.9, 0.91, 0.92], "two": [-0.2, -0.21, -0.22]},
        "better, and uncertain": {"one": [0.9, -0.5, 0.6], "two": [0.5, 0.9, -0.6]},
    }
    figures = results(board, rules)
    found = board.deciding.qualified(figures, ["one", "two"], list(rules))
    assert list(found) == ["steady", "less steady"]
    # 0.11 - t(0.975, 2) sd / sqrt(3), with t 4.302653 and sd 0.01
    assert found["steady"] == pytest.approx(0.11 - 4.302653 * 0.01 / math.sqrt(3), abs=1e-6)
    assert next(iter(board.deciding.qualified(figures, ["one"], list(rules)))) == "better, and worse somewhere"


def test_no_rule_qualifies_where_none_is_surely_better(board):
    figures = results(board, {"chance": {"one": [0.1, -0.1, 0.05], "two": [0.0, 0.1, -0.2]}})
    assert board.deciding.qualified(figures, ["one", "two"], ["chance"]) == {}


def test_what_a_rule_adds_to_the_default_is_a_difference_pool_by_pool(board):
    """The pools differ by more than the rules; the differences are 0.1, 0.2, 0.3 in both conditions."""
    rules = {
        "default": {"one": [0.5, -0.5, 0.9], "two": [0.0, 0.4, -0.4]},
        "new": {"one": [0.6, -0.3, 1.2], "two": [0.1, 0.6, -0.1]},
    }
    found = board.deciding.beyond(results(board, rules), ["one", "two"], "new", "default")
    oracle = ttest_1samp([0.1, 0.2, 0.3], 0)
    assert (found.mean, found.p) == pytest.approx((0.2, oracle.pvalue))


def test_an_arm_is_called_by_the_prediction_interval_of_one_more_draw(board):
    """Draws 1, 2, 3: mean 2, sd 1; t(0.975, 2) sqrt(1 + 1/3) = 4.302653 x 1.154701 = 4.968275."""
    called = [board.deciding.called([1.0, 2.0, 3.0], 2.0 + apart) for apart in (-4.97, -4.96, 4.96, 4.97)]
    assert called == ["better", "chance", "chance", "worse"]


def test_each_draw_is_called_beside_the_others_alone(board):
    """1, 1.1 and 9: of 1.1 and 9 the interval around 5.05 holds 1; of 1 and 1.1 that around 1.05 ends at 2.15."""
    draws = board.deciding.PoolDraws(1.0, 1.0, 1.0, [1.0, 1.1, 9.0])
    assert board.deciding.draws_called({0: draws, 1: draws}) == {"chance": 4, "worse": 2}


def test_holm_multiplies_the_smallest_most_and_never_falls(board):
    assert board.deciding.holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_a_result_that_a_kill_cut_off_is_measured_again_and_spoils_no_other(board, tmp_path):
    results, arm = board.training.Results(tmp_path / "arms.jsonl"), board.training.Arm("one", 0, "tokens", "bare")
    results.add(arm, {"rest": 1.0})
    with results.path.open("a") as file:
        file.write('{"condition": "one", "po')
    other = board.training.Arm("one", 1, "tokens", "bare")
    results.add(other, {"rest": 2.0})
    assert results.read() == {arm: {"rest": 1.0}, other: {"rest": 2.0}}


def test_rules_keep_what_they_say_on_a_pool_by_hand(board, make_board_sample):
    pool = [make_board_sample(number) for number in range(6)]
    figures = [(1.0, 2.0, 4), (2.0, 1.0, 8), (3.0, 4.0, 16), (0.5, 5.0, 32), (4.0, 4.1, 64), (1.5, 1.6, 128)]
    scores = {
        one.id: {"nll": nll, "nll_alone": alone, "tokens": tokens}
        for one, (nll, alone, tokens) in zip(pool, figures, strict=True)
    }

    def kept(name, count=2):
        ids = set(board.rules.chosen(name, pool, scores, count, 0))
        return {place for place, one in enumerate(pool) if one.id in ids}

    assert kept("low ppl") == {3, 0}
    assert kept("longest") == {5, 4}
    assert kept("shortest") == {0, 1}
    assert kept("ifd") == {4, 5}  # 0.976 and 0.938; 2.0 of the second is not below 1
    assert not kept("drop the worst by low ppl, eq", 4) & dropped_at_equal_length(figures)


def test_ties_of_the_default_are_broken_by_the_log_gain_alone(board, make_board_sample):
    pool = [make_board_sample(number) for number in range(4)]
    figures = [(0.5, 9.0), (1.0, 0.1), (1.0, 0.3), (1.0, 0.2)]
    scores = {one.id: {"nuggets": helped, "log_gain": gain} for one, (helped, gain) in zip(pool, figures, strict=True)}
    for name in ("nuggets, ties by log-gain", "nuggets, ties by log-gain, + diverse"):
        kept = board.rules.chosen(name, pool, scores, 2, 0)
        assert kept == sorted([pool[2].id, pool[3].id])


def test_strata_keep_the_best_of_each_length_where_the_score_follows_it(board, make_board_sample):
    """Twenty records in two strata of ten lengths: the best score of each is its last, whatever the other has."""
    pool = [make_board_sample(number) for number in range(20)]
    scores = {one.id: {"reverse": float(place), "tokens": 8 + place} for place, one in enumerate(pool)}
    assert board.rules.chosen("reverse, strata", pool, scores, 2, 0) == sorted([pool[9].id, pool[19].id])


def dropped_at_equal_length(figures):
    """The two places of highest NLL at equal log length, by the normal equations."""
    x = [math.log(tokens) for _, _, tokens in figures]
    y = [nll for nll, _, _ in figures]
    mean_x, mean_y = sum(x) / 6, sum(y) / 6
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / sum((a - mean_x) ** 2 for a in x)
    rest = [b - mean_y - slope * (a - mean_x) for a, b in zip(x, y, strict=True)]
    return set(sorted(range(6), key=lambda place: rest[place])[-2:])


@pytest.fixture
def make_board_sample():
    from icon.samples.making import content_id, single_turn
    from icon.types import Sample

    def make(number):
        messages = single_turn(f"Question {number}?")
        response = "One two three four five six seven eight nine ten."
        return Sample(content_id(messages, "", response), number, messages, response)

    return make


def test_noise_leaves_the_prompt_and_changes_every_response_the_same_way_each_time(board, make_board_sample):
    pool = [make_board_sample(number) for number in range(3)]
    made = [board.corrupting.corrupted(pool[0], place, pool) for place in range(1, 5)]
    assert all(one.instruction == pool[0].instruction and one.response != pool[0].response for one in made)
    assert made == [board.corrupting.corrupted(pool[0], place, pool) for place in range(1, 5)]
    assert sorted(made[0].response.split()) == sorted(pool[0].response.split())
    assert made[1].response == "One two three"


def test_near_duplicates_are_distinct_and_keep_the_words_of_the_answer(board, make_board_sample):
    one = make_board_sample(0)
    made = board.corrupting.near_duplicates(one)
    assert len({copy.id for copy in (*made, one)}) == 5
    assert all(copy.response.split()[:9] == one.response.split()[:9] for copy in made)


@pytest.mark.parametrize(
    ("scores", "tied", "by_ids"), [([3, 1, 2, 2, 2], 3, 1), ([3, 2, 1, 0], 0, 0), ([1, 1, 1], 3, 2), ([2, 2, 1], 0, 0)]
)
def test_who_ties_at_the_cut_of_two_and_how_many_of_these_ids_keep(board, scores, tied, by_ids):
    found = board.choices.ties_of(scores, 2)
    assert (found.tied, found.by_ids) == (tied, by_ids)


def test_a_share_of_a_kind_is_of_the_kept(board):
    assert board.choices.share_of(["a", "b", "c", "d"], {"b", "x"}) == 0.25


def test_budgets_agree_by_the_correlation_of_means_over_the_pools_that_both_have(board):
    """Advantages of three rules on two pools; a third pool is done at equal tokens alone."""
    at_tokens = {"a": [0.1, 0.3, 9], "b": [0.5, 0.5, -9], "c": [-0.2, 0.0, 0]}
    at_steps = {"a": [0.2, 0.2], "b": [0.1, 0.3], "c": [-0.4, -0.2]}
    arm, figures = board.training.Arm, {}
    for budget, given in (("tokens", at_tokens), ("steps", at_steps)):
        for rule, values in given.items():
            for pool, value in enumerate(values):
                figures[arm("one", pool, budget, "bare")] = {"rest": 2.0}
                figures[arm("one", pool, budget, rule)] = {"rest": 1 - value}
                figures |= {arm("one", pool, budget, f"random 0{n}"): {"rest": 0.9 + 0.2 * n} for n in range(2)}
    found, n = board.deciding.agreement(figures, "one", ["a", "b", "c"])
    assert n == 2
    assert found == pytest.approx(pearsonr([0.2, 0.2, -0.3], [0.2, 0.5, -0.1]).statistic)
    assert board.deciding.agreement(figures, "two", ["a"])[1] == 0
