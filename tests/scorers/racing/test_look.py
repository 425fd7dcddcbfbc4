"""Who is decided, and what the present choice is worth."""

import numpy as np
import pytest

from icon.scorers.racing import boundaries, look
from support.tiers import of_tier


def steps(noise, t=17, k=10):
    """Ten candidates a step of 1 apart, the best last; every task has a level of its own."""
    rng = np.random.default_rng(3)
    return np.arange(k)[:, None] + rng.standard_normal(t) + noise * rng.standard_normal((k, t))


def realised(truth, chosen):
    best = np.sort(truth)[-chosen.sum() :].mean()
    return (truth[chosen].mean() - truth.mean()) / (best - truth.mean())


@pytest.mark.parametrize("keep", [4, 9])
def test_where_all_are_kept_there_is_nothing_to_decide(planted, keep):
    found = look(planted(1, k=4)[0][:, :8], 128, keep, alpha=0.05, seed=0)
    assert found.chosen.all()
    assert found.accepted.all()
    assert not found.rejected.any()
    assert not found.undecided.any()
    assert found.capture == 1.0


def test_with_a_clear_gap_all_are_decided():
    found = look(steps(noise=0.01), 128, 3, alpha=0.05, seed=0)
    assert np.flatnonzero(found.chosen).tolist() == np.flatnonzero(found.accepted).tolist() == [7, 8, 9]
    assert np.flatnonzero(found.rejected).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert found.capture == pytest.approx(1, abs=1e-6)


def test_the_candidates_next_to_the_cut_are_decided_last():
    found = look(steps(noise=2.0), 128, 3, alpha=0.05, seed=0)
    assert found.undecided[[6, 7]].all()
    assert found.rejected[:3].all()
    assert not (found.accepted & found.rejected).any()


def test_in_pure_noise_nobody_is_decided_and_the_choice_is_worth_little():
    c = np.random.default_rng(4).standard_normal((40, 8))
    found = look(c, 128, 20, alpha=0.05, seed=0)
    assert found.chosen.sum() == 20
    assert found.undecided.all()
    assert found.capture < 0.5


def test_where_all_is_measured_everyone_is_decided_and_the_capture_is_whole():
    c = np.random.default_rng(5).standard_normal((12, 16))
    found = look(c, 16, 4, alpha=0.05, seed=0)
    assert set(np.flatnonzero(found.accepted)) == set(np.argsort(-c.mean(axis=1))[:4])
    assert (found.rejected == ~found.accepted).all()
    assert found.capture == 1.0


def test_of_equal_scores_the_ids_decide_as_they_do_in_the_selection():
    votes = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    found = look(votes, 2, 2, alpha=0.05, seed=0, by_id=np.array([4, 3, 2, 1, 0]))
    assert np.flatnonzero(found.accepted).tolist() == [0, 3]  # 1, and of the three halves the first by id
    assert np.flatnonzero(look(votes, 2, 2, alpha=0.05, seed=0).accepted).tolist() == [0, 1]


@pytest.mark.parametrize("values", [np.full((6, 4), np.nan), np.full((6, 4), 0.1)])
def test_what_tells_no_two_candidates_apart_decides_nothing(values):
    found = look(values, 64, 2, alpha=0.05, seed=0)
    assert found.chosen.sum() == 2
    assert found.undecided.all()
    assert found.capture == 0.0


def test_one_measured_candidate_decides_nothing():
    c = np.full((6, 4), np.nan)
    c[2] = [1.0, 2.0, 3.0, 4.0]
    found = look(c, 64, 2, alpha=0.05, seed=0)
    assert found.undecided.all()
    assert found.capture == 0.0


def test_the_same_seed_gives_the_same_capture(planted):
    c = planted(6)[0][:, :12]
    one, again, other = (look(c, 128, 6, alpha=0.05, seed=seed).capture for seed in (1, 1, 2))
    assert one == again
    assert other != one
    assert other == pytest.approx(one, abs=0.05)


@pytest.mark.parametrize(("v", "t"), [(0.05, 12), (0.1, 25), (0.5, 8)])
def test_the_expected_capture_is_what_is_captured_on_average(planted, v, t):
    said, true = [], []
    for seed in range(of_tier(100, 200)):
        c, _ = planted(seed, k=60, v=v, spread=0.7)
        found = look(c[:, :t], 128, 9, alpha=0.05, seed=seed)
        said.append(found.capture)
        true.append(realised(c.mean(axis=1), found.chosen))
    assert np.mean(said) == pytest.approx(np.mean(true), abs=0.05)


def test_hardly_anyone_is_ever_decided_wrongly_however_often_one_looks(planted):
    wrong, decided = [], []
    for seed in range(25):
        c, _ = planted(seed, v=0.1)
        best = np.zeros(40, dtype=bool)
        best[np.argsort(-c.mean(axis=1))[:6]] = True
        looks = [look(c[:, :t], 128, 6, alpha=0.05, seed=0) for t in boundaries(128)[:-1]]
        wrong.extend(np.any([(each.accepted & ~best) | (each.rejected & best) for each in looks], axis=0))
        decided.extend(~looks[-1].undecided)
    assert np.mean(wrong) <= 0.05
    assert np.mean(decided) > 0.5  # and yet most are decided before the end
