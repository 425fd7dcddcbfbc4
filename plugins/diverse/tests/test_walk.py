"""Going down the ranking keeps what a plain comparison of all pairs keeps, a block at a time or not."""

import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from icon_diverse import similarity
from icon_diverse import walk as walking
from icon_diverse.similarity import columns, cosines, largest_cosine, mean_cosine
from icon_diverse.walk import walk


def at(*degrees):
    """Unit vectors in the plane: the cosine of two is that of the angle between them."""
    return np.array([[math.cos(math.radians(each)), math.sin(math.radians(each))] for each in degrees], np.float32)


def went(rows, n, bound):
    told = []
    found = walk(rows, n, bound, lambda *each: told.append(each))
    return found, told


# cos 10 = 0.985, cos 30 = 0.866, cos 40 = 0.766: with a bound of 0.9 whatever is within 25.8 degrees is too near.
RANKED = at(0, 10, 90, 60, 100, 61, 170)


def test_what_is_too_near_to_something_kept_is_passed_over():
    found, told = went(RANKED, 7, 0.9)
    assert (found.kept, found.passed) == ([0, 2, 3, 6], [1, 4, 5])
    # Nearest of those kept before: 10 degrees to 0; 90 to 0 (none above cosine 0); 60 to 90; 100 to 90; 61 to 60.
    assert [found.nearest[place] for place in (0, 1, 3, 4, 5)] == [-1, 0, 2, 2, 3]
    cosine = [math.cos(math.radians(each)) for each in (10, 30, 10, 1)]
    assert [found.similarity[place] for place in (1, 3, 4, 5)] == pytest.approx(cosine, abs=1e-6)
    assert told[-1] == (4, 7, "kept")


def test_it_stops_where_enough_are_kept():
    found, _ = went(RANKED, 2, 0.9)
    assert (found.kept, found.passed) == ([0, 2], [1])


def test_the_least_similar_fill_up_first_and_equals_by_their_place():
    found, _ = went(at(0, 5, 20, 355, 340), 5, 0.9)
    assert (found.kept, found.passed) == ([0], [1, 2, 3, 4])
    assert found.to_fill(3)[0] in (2, 4)
    assert set(found.to_fill(2)) == {2, 4}
    assert found.to_fill(0) == found.to_fill(-1) == []
    doubled, _ = went(np.repeat(at(0, 7), 3, axis=0), 6, 0.9)
    assert doubled.to_fill(4) == [3, 4, 5, 1]


def test_with_a_bound_of_one_nothing_is_passed_over():
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(50, 7)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found, _ = went(np.concatenate([rows, rows]), 100, 1.0)
    assert found.kept == list(range(100))


def sparse_rows(n):
    generator = np.random.default_rng(3)
    rows = generator.random((n, 12)) * (generator.random((n, 12)) < 0.3)
    rows[:, 0] += 1e-3
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("block", [1, 3, 16, 100])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("bound", [0.5, 0.8])
def test_blocks_give_what_a_plain_loop_gives(monkeypatch, block, sparse, bound):
    monkeypatch.setattr(walking, "BLOCK", block)
    monkeypatch.setattr(similarity, "BLOCK", block)
    rows = sparse_rows(60)
    kept, passed = [], {}
    for place in range(60):
        near = {other: float(rows[place] @ rows[other]) for other in kept}
        if near and max(near.values()) > bound:
            passed[place] = max(near.values())
        else:
            kept.append(place)
    assert len(kept) > 5
    assert len(passed) > 5
    given = csr_matrix(rows) if sparse else rows
    found, _ = went(given, 60, bound)
    assert (found.kept, found.passed) == (kept, list(passed))
    assert [found.similarity[place] for place in passed] == pytest.approx(list(passed.values()), abs=1e-6)
    assert all(rows[place] @ rows[found.nearest[place]] == pytest.approx(passed[place], abs=1e-6) for place in passed)
    pairs = (rows @ rows.T)[np.triu_indices(60, 1)]
    assert mean_cosine(given) == pytest.approx(pairs.mean(), abs=1e-6)
    assert largest_cosine(given) == pytest.approx(pairs.max(), abs=1e-6)


def test_one_sample_has_no_pairs():
    assert mean_cosine(at(30)) is largest_cosine(at(30)) is None


def test_a_cosine_never_exceeds_one():
    rows = sparse_rows(40)
    assert cosines(rows, columns(rows)).max() <= 1
