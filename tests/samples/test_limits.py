"""A cut text is an end of the original, within its limit, and one more character would exceed it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icon.samples import cut_to_tokens


def words(text):
    """Words and single other signs; more text can join two tokens, so counts are not monotone in general."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def bytes_of(text):
    return len(text.encode())


@pytest.mark.parametrize(
    ("limit", "keep", "expected"),
    [
        (9, "start", ("one two, three", False)),
        (4, "start", ("one two, three", False)),
        (3, "start", ("one two, ", True)),
        (2, "start", ("one two", True)),
        (1, "start", ("one ", True)),
        (0, "start", ("", True)),
        (2, "end", (", three", True)),
        (1, "end", (" three", True)),
    ],
)
def test_cuts_worked_by_hand(limit, keep, expected):
    assert cut_to_tokens("one two, three", limit, words, keep=keep) == expected


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="limit -1"):
        cut_to_tokens("a", -1, words, keep="start")


@pytest.mark.parametrize("count", [len, words, bytes_of])
@given(text=st.text(max_size=40), limit=st.integers(0, 30), keep=st.sampled_from(["start", "end"]))
def test_the_bound_holds_and_is_reached(count, text, limit, keep):
    kept, was_cut = cut_to_tokens(text, limit, count, keep=keep)
    assert count(kept) <= limit
    assert text.startswith(kept) if keep == "start" else text.endswith(kept)
    assert was_cut == (kept != text) == (count(text) > limit)
    if was_cut:
        longer = text[: len(kept) + 1] if keep == "start" else text[len(text) - len(kept) - 1 :]
        assert count(longer) > limit


@given(text=st.text("ab", max_size=60), limit=st.integers(0, 20), keep=st.sampled_from(["start", "end"]))
def test_the_bound_holds_where_counts_fall_as_a_text_grows(text, limit, keep):
    def count(part):  # "abab" is one token, but its beginning "aba" is three
        return len(re.findall(r"(?:abab)+|.", part))

    kept, _ = cut_to_tokens(text, limit, count, keep=keep)
    assert count(kept) <= limit
