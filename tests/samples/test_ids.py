"""Ids as columns: found where a dictionary would find them, and in the order of the texts."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icon.samples.ids import id_array, ids_of, rows_of, samples_at, texts_of, turns_of
from icon.samples.places import Places, best_first

IDS = st.one_of(
    st.text("0123456789abcdef", min_size=16, max_size=16),
    st.text("0123456789abcdefgh", min_size=1, max_size=18),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=6),
)


@given(st.lists(IDS, unique=True, max_size=12), st.lists(IDS, max_size=6))
def test_an_id_is_found_where_a_dictionary_finds_it(ids, others):
    places = {id_: place for place, id_ in enumerate(ids)}
    asked = [*ids, *others]
    assert Places(id_array(ids)).of(id_array(asked)).tolist() == [places.get(id_, -1) for id_ in asked]
    assert texts_of(id_array(ids)) == ids


@given(st.lists(IDS, unique=True, max_size=12))
def test_places_in_the_order_of_ids_are_those_of_the_sorted_texts(ids):
    assert [ids[place] for place in Places(id_array(ids)).in_order] == sorted(ids)


@pytest.mark.parametrize("ids", [["b" * 16, "a" * 16, "b" * 16], ["x", "yy", "x"]])
def test_an_id_that_is_there_twice_is_named(ids):
    assert Places(id_array(ids)).twice == ids[0]
    assert Places(id_array(ids[:2])).twice is None


@given(st.lists(st.tuples(IDS, st.sampled_from([-1.5, 0.0, -0.0, 2.0])), unique_by=lambda pair: pair[0], max_size=12))
def test_the_best_come_first_and_equal_scores_in_the_order_of_ids(pairs):
    ids, scores = id_array(id_ for id_, _ in pairs), np.array([score for _, score in pairs], dtype=np.float64)
    found = [pairs[place] for place in best_first(scores, Places(ids).in_order)]
    assert found == sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


@dataclass
class Sampled:
    id: str
    row: int
    turn: int


class Columns(list):
    ids, rows, turns = np.array([b"own"]), np.array([7]), np.array([3])

    def at(self, places):
        return [f"read again: {place}" for place in places.tolist()]


def test_columns_that_a_pool_has_are_taken_and_others_made():
    samples = [Sampled("a", 4, 0), Sampled("bc", 5, 1)]
    assert (ids_of(samples).tolist(), rows_of(samples).tolist(), turns_of(samples).tolist()) == (
        [b"a", b"bc"],
        [4, 5],
        [0, 1],
    )
    assert samples_at(samples, np.array([1])) == samples[1:]
    pool = Columns(samples)
    assert (ids_of(pool).tolist(), rows_of(pool).tolist(), turns_of(pool).tolist()) == ([b"own"], [7], [3])
    assert samples_at(pool, np.array([0, 9])) == ["read again: 0", "read again: 9"]
