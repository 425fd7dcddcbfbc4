"""The order of a race, on contributions that are read from a matrix."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from icon.scorers.racing import Rules, boundaries, run_race
from icon.types import Measurement, Message, Sample

RULES = Rules(keep=3, first=8, capture=1.0, confidence=0.95, stops=True, seed=0)
UNDECIDED = replace(RULES, confidence=1 - 1e-12)


def named(letter, count):
    return [Sample(f"{letter}{i}", i, (Message("user", "p"),), "r") for i in range(count)]


class Reader:
    """Gives a matrix's entries, and keeps the slices that it was asked for."""

    def __init__(self, c):
        self.c, self.slices = c, []

    def __call__(self, part):
        self.slices.append(part)
        pairs = [(each, task) for each in part.candidates for task in part.samples]
        return [Measurement(each.id, task.id, c=float(self.c[each.row, task.row])) for each, task in pairs], None

    def asked(self):
        return [[each.row for each in part.candidates] for part in self.slices]


def race(c, rules=RULES):
    reader = Reader(c)
    outcome = run_race(named("c", len(c)), named("t", c.shape[1]), rules, reader)
    return outcome, reader


def spaced(n=128, noise=1.0, k=12):
    """Twelve candidates with effects from 0 to 5.5; the best three are 9, 10 and 11."""
    rng = np.random.default_rng(2)
    return 0.5 * np.arange(k)[:, None] + rng.standard_normal(n) + noise * rng.standard_normal((k, n))


def noise(n=24, k=12):
    return np.random.default_rng(8).standard_normal((k, n))


def test_all_of_a_round_are_measured_on_the_same_new_samples():
    _, reader = race(spaced())
    seen = [each.id for part in reader.slices for each in part.samples]
    assert seen == [f"t{i}" for i in range(len(seen))]
    ends = np.cumsum([len(part.samples) for part in reader.slices]).tolist()
    assert ends == boundaries(128, 8)[: len(ends)]
    assert [part.number for part in reader.slices] == list(range(len(ends)))


def test_a_race_of_votes_accepts_whom_a_ranking_by_score_and_id_selects():
    """Eight of twelve candidates help with every task, and three are kept; the scoring order is not that of the ids."""
    votes = np.ones((12, 32))
    votes[8:, ::2] = 0.0
    candidates = [replace(one, id=f"c{99 - one.row}") for one in named("c", 12)]
    outcome = run_race(candidates, named("t", 32), UNDECIDED, Reader(votes))
    accepted = {id_ for id_, is_in in zip(outcome.candidates, outcome.look.accepted, strict=True) if is_in}
    assert accepted == {"c92", "c93", "c94"}  # of c92 to c99, which have all votes


def test_who_is_decided_is_not_asked_for_again():
    outcome, reader = race(spaced())
    asked = reader.asked()
    assert asked[0] == list(range(12))
    assert len(asked[-1]) < 12
    assert all(set(later) <= set(earlier) for earlier, later in pairwise(asked))
    assert [part.candidates for part in outcome.path] == [len(each) for each in asked]
    assert 0 not in asked[1]  # the worst by far


def test_without_stops_everyone_is_measured_on_everything():
    c = spaced(n=24, noise=3.0)
    outcome, reader = race(c, replace(UNDECIDED, stops=False))
    assert reader.asked() == [list(range(12))] * 4  # up to 8, 12, 17 and 24
    np.testing.assert_allclose(outcome.look.estimates.score, c.mean(axis=1), rtol=0, atol=1e-12)


def test_where_nothing_decides_all_is_measured():
    c = noise()
    outcome, reader = race(c, UNDECIDED)
    assert outcome.ended == "measured"
    assert reader.asked() == [list(range(12))] * 4
    assert outcome.measured == 24
    assert [part.open for part in outcome.path] == [12, 12, 12, 0]
    assert outcome.look.capture == 1.0
    assert set(np.flatnonzero(outcome.look.chosen)) == set(np.argsort(-c.mean(axis=1))[:3])


def test_candidates_that_are_all_alike_are_measured_to_the_end():
    outcome, _ = race(np.full((6, 20), 0.1))
    assert (outcome.ended, outcome.measured) == ("measured", 20)


def test_a_strong_signal_ends_it_at_the_capture_asked_for():
    outcome, _ = race(spaced(), replace(UNDECIDED, capture=0.9))
    assert outcome.ended == "capture"
    assert outcome.measured < 64
    assert outcome.look.capture >= 0.9
    assert all(part.capture < 0.9 for part in outcome.path[:-1])


def test_it_ends_when_no_candidate_is_open():
    outcome, reader = race(spaced(noise=0.2))
    assert outcome.ended == "decided"
    assert outcome.measured < 128
    assert not outcome.look.undecided.any()
    assert np.flatnonzero(outcome.look.accepted).tolist() == [9, 10, 11]
    assert len(reader.slices) == len(outcome.path)


def test_the_path_says_what_was_asked_for():
    outcome, reader = race(spaced())
    sizes = [(len(part.samples), len(part.candidates)) for part in reader.slices]
    assert [part.samples for part in outcome.path] == np.cumsum([size for size, _ in sizes]).tolist()
    assert [part.pairs for part in outcome.path] == np.cumsum([size * many for size, many in sizes]).tolist()
    assert all(0 <= part.capture <= 1 for part in outcome.path)
    assert outcome.path[-1].open == outcome.look.undecided.sum()
    assert (outcome.path[-1].capture, outcome.path[-1].samples) == (outcome.look.capture, outcome.measured)


def test_the_same_measurements_give_the_same_outcome():
    one, two = race(spaced())[0], race(spaced())[0]
    assert (one.ended, one.candidates, one.path) == (two.ended, two.candidates, two.path)
    np.testing.assert_array_equal(one.look.estimates.score, two.look.estimates.score)
    np.testing.assert_array_equal(one.look.chosen, two.look.chosen)
