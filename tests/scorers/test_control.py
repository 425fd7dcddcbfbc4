"""The random context has exactly the length it was asked for, and depends on seed, length and draw alone."""

import re

import pytest

from icon.errors import BackendError
from icon.scorers._control import random_characters, random_context

ENDING = "\n\n\n"


def count_pairs(text):
    """A stand-in tokenizer: words in pieces of two letters, every line break by itself."""
    return sum(1 if piece == "\n" else (len(piece) + 1) // 2 for piece in re.findall(r"\n| ?[^\s]+", text))


@pytest.mark.parametrize("n_tokens", [3, 4, 5, 17, 64, 333])
def test_it_has_as_many_tokens_as_asked_for(n_tokens):
    text = random_context(n_tokens, count_pairs, ending=ENDING, seed=1)
    assert count_pairs(text) == n_tokens
    assert text.endswith(ENDING)


@pytest.mark.parametrize("n_tokens", [0, 1, 2])
def test_shorter_than_its_ending_it_is_a_part_of_the_ending(n_tokens):
    assert random_context(n_tokens, count_pairs, ending=ENDING, seed=1) == "\n" * n_tokens


def test_the_seed_decides():
    first, again, other = (random_context(40, count_pairs, ending=ENDING, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_tokenizer_that_skips_a_length_is_an_error_and_not_a_near_miss():
    with pytest.raises(BackendError, match="exactly 7 tokens"):
        random_context(7, lambda text: 2 * count_pairs(text), ending=ENDING, seed=1)


def test_matched_in_characters_it_has_as_many_characters():
    text = random_characters(50, ending=ENDING, seed=3)
    assert len(text) == 50 + len(ENDING)
    assert text == random_characters(50, ending=ENDING, seed=3)


def test_draws_of_one_length_differ_and_all_have_it():
    texts = [random_context(40, count_pairs, ending=ENDING, seed=1, draw=draw) for draw in range(3)]
    assert [count_pairs(text) for text in texts] == [40] * 3
    assert len(set(texts)) == 3
    letters = [random_characters(40, ending=ENDING, seed=1, draw=draw) for draw in range(3)]
    assert [len(text) for text in letters] == [40 + len(ENDING)] * 3
    assert len(set(letters)) == 3
