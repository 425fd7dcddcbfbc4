"""What candidates drawn from those that a cheap score rejects say of the others."""

import pytest

from icon.selection.checking import captured_of_all, chance_of_as_few, check_quality, like_draw, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(5, 10, 0.2366, 0.7634), (0, 10, 0.0, 0.2775), (1, 50, 0.0035, 0.1050)],  # as R's prop.test without correction
)
def test_the_interval_of_a_share_is_wilsons(hits, n, low, high):
    assert wilson(hits, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_where_the_cheap_score_leaves_nothing_out_all_of_the_gain_is_captured():
    # five candidates: 10, 8, and three of which one was drawn and has 4; their mean is 6, the best two have 9
    assert captured_of_all([10, 8], [4], others=2, kept=2) == 1.0


def test_the_captured_gain_by_hand():
    # 10, 2, and three of 6: the mean is 6, the best three are 10, 6, 6, and the best three that are scored 10, 6, 2
    assert captured_of_all([10, 2], [6], others=2, kept=3) == pytest.approx(0.0)
    # two of 12 and 0, and four of which two were drawn (9 and 3): the mean is 6, the best three are 12, 9, 9, and the
    # chosen 12, 9, 3: 8 - 6 of 10 - 6
    assert captured_of_all([12, 0], [9, 3], others=2, kept=3) == pytest.approx(0.5)


def test_scores_that_do_not_differ_have_no_gain_to_capture():
    assert captured_of_all([1, 1], [1], others=3, kept=1) is None


def test_of_few_checked_only_the_counts_are_given():
    quality = check_quality([3, 2], [1, 4], others=6, kept=2, selected=[False, True])
    assert (quality["n_checked"], quality["n_checked_selected"], quality["missed"]) == (2, 1, 0.5)
    assert "captured_of_all" not in quality


def test_without_others_nothing_is_missed():
    assert check_quality([3], [1], others=0, kept=1, selected=[False]).keys() == {"n_checked", "n_checked_selected"}


@pytest.mark.parametrize(
    ("hits", "checked", "selected", "best", "chance"),
    [
        (0, 1, 1, 2, 2 / 3),  # of three one is selected: the checked one is not it in two of three cases
        (0, 2, 2, 2, 1 / 6),  # of the six pairs one is without the checked ones
        (1, 2, 2, 2, 5 / 6),
        (2, 2, 2, 2, 1.0),
        (0, 5, 3, 5, 10 / 120),  # 3 of the 5 best, of 3 of 10
    ],
)
def test_the_chance_that_a_useless_cheap_score_comes_to_as_few_by_hand(hits, checked, selected, best, chance):
    assert chance_of_as_few(hits, checked, selected, best) == pytest.approx(chance)


def test_the_chance_is_that_of_the_hypergeometric_distribution():
    from scipy.stats import hypergeom

    cases = [(3, 20, 100, 180), (14, 40, 200, 360), (0, 500, 2_000, 4_500), (1_000, 2_000, 10_000, 18_000)]
    for hits, checked, selected, best in cases:
        expected = hypergeom.cdf(hits, best + checked, checked, selected)
        assert chance_of_as_few(hits, checked, selected, best) == pytest.approx(expected, rel=1e-6)


def test_a_cheap_score_is_like_a_draw_until_few_enough_of_the_rejected_are_selected():
    def like_draw(hits):
        selected = [True] * hits + [False] * (10 - hits)
        scores = [2.0 if each else 0.0 for each in selected]
        return check_quality([1.0] * 30, scores, others=60, kept=20, selected=selected)["like_draw"]

    # 20 of 40 are selected, so 5 of the 10 by chance; at most 2 in 0.033 of the cases, at most 3 in 0.137
    assert [like_draw(hits) for hits in range(6)] == [False, False, False, True, True, True]


def test_of_equal_scores_at_the_cut_the_checked_have_their_share():
    """Where all scores are equal 5 of the 10 checked are among the 20 kept of 40, as by chance."""
    assert like_draw([1.0] * 30, [1.0] * 10, 20) is True
    # Behind 16 of the best, 4 places for 14 of the best and 6 of the checked: 4 * 6 / 20, rounded up to 2
    best, checked = [2.0] * 16 + [1.0] * 14, [1.0] * 6 + [0.0] * 4
    assert like_draw(best, checked, 20) is False  # 2 or fewer in 0.033 of the cases
    assert like_draw([2.0] * 12 + [1.0] * 18, checked, 20) is False  # 8 * 6 / 24 = 2
    assert like_draw([2.0] * 11 + [1.0] * 19, checked, 20) is True  # 9 * 6 / 25, rounded up to 3: in 0.137
