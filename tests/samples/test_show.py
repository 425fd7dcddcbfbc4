"""What is shown is what is scored: the parts, their tokens and places, and what was cut."""

from __future__ import annotations

import pytest

from icon.samples.show import TokenLimits, show_prompt
from icon.samples.templates import load_template


def tokenize(text):
    return [ord(sign) for sign in text]


def pieces(ids):
    return [chr(each) for each in ids]


def shown(sample, **options):
    return show_prompt(sample, load_template("plain"), tokenize, pieces, **{"bos": False, **options})


@pytest.mark.parametrize("bos", [False, True])
def test_parts_follow_each_other_behind_one_bos_or_none(make, bos):
    result = shown(make("ab", "cd"), bos=bos, candidate=make("x", "yz"))
    assert [part.text for part in (result.context, result.prompt, result.response)] == ["x\nyz\n\n\n", "ab\n", "cd"]
    places = [(part.start, part.end) for part in (result.context, result.prompt, result.response)]
    assert places == [(bos, 7 + bos), (7 + bos, 10 + bos), (10 + bos, 12 + bos)]
    assert (result.n_bos, result.template, result.notes) == (int(bos), "plain", ())
    assert (result.response.token_ids, result.response.pieces) == ((99, 100), ("c", "d"))


def test_the_baseline_has_an_empty_context(make):
    result = shown(make("ab", "cd"), bos=True)
    assert (result.context.text, result.context.token_ids, result.context.start, result.context.end) == ("", (), 1, 1)


def test_what_exceeds_a_limit_is_cut_on_its_side_and_told(make):
    limits = TokenLimits(prompt=3, demonstration=2, response=1)
    result = shown(make("abcd", "xyz"), candidate=make("12", "34"), limits=limits)
    assert (result.context.text, result.prompt.text, result.response.text) == ("12\n\n\n", "cd\n", "x")
    assert result.notes == (
        "demonstration truncated from 5 to 2 tokens, its start kept",
        "prompt truncated from 5 to 3 tokens, its end kept",
        "response truncated from 3 to 1 tokens, its start kept",
    )


def test_without_truncation_too_long_is_told_and_nothing_cut(make):
    result = shown(make("abcd", "x"), limits=TokenLimits(prompt=3, response=9, truncate=False))
    assert result.prompt.text == "abcd\n"
    assert result.notes == ("prompt of 5 tokens, limit 3: too long, it would not be scored",)
