"""The nearest kept samples, with cosines worked by hand."""

import math

import pytest

from icon.results.explain._finding import nearest_kept
from icon.types import Message, Sample, ScoreRow


def sample(id_, prompt, response):
    return Sample(id_, 0, (Message("user", prompt),), response)


def row(id_, number, selected, score=None, rank=None):
    return ScoreRow(id_, number, 0, "scored", "", "", selected=selected, score=score, rank=rank)


def idf(documents):
    """The weight of a word that is in so many of four documents: ln((1 + 4) / (1 + df)) + 1."""
    return math.log(5 / (1 + documents)) + 1


SAMPLES = [
    sample("own", "red", "fish"),
    sample("near", "red", "bird"),
    sample("dropped", "red", "fish"),
    sample("far", "green", "house"),
]
ROWS = [row("own", 0, True), row("near", 1, True, 0.25, 2), row("dropped", 2, False), row("far", 3, True)]


def test_the_cosine_is_that_of_weighted_words_over_the_candidates():
    (found,) = nearest_kept(SAMPLES, ROWS, "own", 3)
    own, near = (idf(3), idf(2)), (1.0, 0.0)  # red and fish; red alone, since no other text has bird
    assert found.similarity == pytest.approx(own[0] * near[0] / math.hypot(*own), abs=1e-6)
    assert (found.id, found.row, found.score, found.rank) == ("near", 1, 0.25, 2)
    assert (found.prompt, found.response) == ("red", "bird")


def test_neither_the_sample_itself_nor_a_dropped_one_nor_one_without_a_common_word_is_a_neighbour():
    assert [neighbour.id for neighbour in nearest_kept(SAMPLES, ROWS, "dropped", 3)] == ["own", "near"]
    assert [neighbour.id for neighbour in nearest_kept(SAMPLES, ROWS, "dropped", 1)] == ["own"]
    assert nearest_kept(SAMPLES, ROWS, "far", 3) == []


def test_a_pool_without_a_word_or_without_a_kept_sample_has_no_neighbours():
    assert nearest_kept(SAMPLES, [row(each.id, 0, False) for each in SAMPLES], "own", 3) == []
    marks = [sample("a", "?", "!"), sample("b", "-", ".")]
    assert nearest_kept(marks, [row("a", 0, True), row("b", 1, True)], "a", 3) == []


def test_texts_in_scripts_without_blanks_have_neighbours():
    samples = [sample("own", "你好", "世界"), sample("near", "你好", "朋友"), sample("far", "hello", "world")]
    rows = [row("own", 0, False), row("near", 1, True), row("far", 2, True)]
    assert [neighbour.id for neighbour in nearest_kept(samples, rows, "own", 5)] == ["near"]
