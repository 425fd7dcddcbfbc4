"""What is shown is what is scored: the parts, their tokens and places, and what was cut."""

from __future__ import annotations

import re

import pytest

from icon.samples.show import TokenLimits, show_prompt
from icon.samples.templates import load_template
from icon.types import ChatTemplate


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


TURNS = "{% for m in messages %}{{ '<' + m.role + '>' + m.content | trim }}{% endfor %}"
ASKED = "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"


def of_chat(sample, source, *, adds, **options):
    template = load_template("chat", ChatTemplate(source, "^", "$"), adds_bos=adds)
    return show_prompt(sample, template, tokenize, pieces, bos=adds, bos_text="^", **options)


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("adds", [True, False])
@pytest.mark.parametrize("demonstrated", [True, False])
def test_one_bos_comes_first_whoever_brings_it(make, adds, writes, demonstrated):
    candidate = make("x", "yz") if demonstrated else None
    result = of_chat(make("ab", "cd"), "^" * writes + TURNS + ASKED, adds=adds, candidate=candidate)
    assert result.n_bos == (adds or writes)
    assert result.context.text == "<user>x<assistant>yz" * demonstrated
    assert (result.prompt.text, result.response.text) == ("<user>ab<assistant>", "cd")
    assert result.context.start == result.n_bos
    assert result.prompt.end - result.prompt.start == len("<user>ab<assistant>")


def test_a_bos_of_every_turn_is_not_counted_twice(make):
    result = of_chat(make("ab", "cd"), TURNS.replace("'<'", "'^<'") + ASKED.replace("<", "^<"), adds=True)
    assert result.n_bos == 1
    assert "".join(result.prompt.pieces) == result.prompt.text == "<user>ab^<assistant>"


def test_what_the_template_leaves_out_is_noted(make):
    result = of_chat(make("ab", "cd \n"), TURNS + ASKED, adds=False)
    assert result.response.text == "cd"
    assert any("leaves out white space" in note for note in result.notes)


def test_a_blank_between_prompt_and_response_is_shown_with_the_token_that_has_it(make):
    def words(text):
        return [len(piece) for piece in re.findall(r" ?\w+|\W", text)]

    source = "{% for m in messages %}{{ 'A: ' + m.content }}{% endfor %}"
    template = load_template("chat", ChatTemplate(source, "", ""))
    result = show_prompt(make("ab", "cd"), template, words, lambda ids: [str(id_) for id_ in ids], bos=False)
    assert (result.prompt.text, result.response.text, result.response.token_ids) == ("A: abA:", " cd", (3,))
    apart = show_prompt(make("ab", "cd"), template, tokenize, pieces, bos=False)
    assert (apart.prompt.text, apart.response.text) == ("A: abA: ", "cd")
