"""Near duplicates within a pool: each that nearly repeats an earlier sample, and no other; compared with all pairs."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import pytest

from icon.assessment import near_in_pool
from icon.assessment._near_duplicates import shingles
from icon.assessment.near_in_pool import near_duplicates
from icon.samples import load_samples
from icon.types import Message, Sample

WORDS = [f"word{n}" for n in range(400)]


def sample(row, prompt, response="", passage=""):
    return Sample(f"{row:016x}", row, (Message("user", prompt),), response, passage)


def long_text(seed, n=60):
    return " ".join(random.Random(seed).choices(WORDS, k=n))


def changed(text, *places):
    words = text.split(" ")
    for place in places:
        words[place] = "other"
    return " ".join(words)


def pairs(samples):
    return [(one.row, one.first_row) for one in near_duplicates(samples)]


def test_a_text_with_one_word_changed_repeats_the_first_and_one_with_many_does_not():
    """60 words have 58 shingles of 3; one word in the middle changes 3 of them: 55 / 61 = 0.90. Five change 15."""
    text = long_text(1)
    found = near_duplicates(
        [sample(0, text), sample(1, changed(text, 30)), sample(2, changed(text, 5, 15, 25, 35, 45))]
    )
    assert [(one.row, one.first_row) for one in found] == [(1, 0)]
    assert found[0].similarity == pytest.approx(55 / 61)


def test_what_is_repeated_is_no_near_duplicate_itself():
    """The third repeats the second, which repeats the first, which the third is too far from: 0.90 and 0.81."""
    text = long_text(2)
    second, third = changed(text, 20), changed(text, 20, 40)
    assert pairs([sample(0, text), sample(1, second), sample(2, third)]) == [(1, 0), (2, 0)]
    far = changed(text, 20, 40, 50)
    assert pairs([sample(0, text), sample(1, second), sample(2, far)]) == [(1, 0)]


def test_case_and_punctuation_do_not_count():
    assert pairs([sample(0, "Name a sea.", "The Baltic"), sample(1, "name a sea!", "the baltic.")]) == [(1, 0)]


def test_short_texts_are_compared_by_characters():
    assert pairs([sample(0, "Name the largest sea.", "It is the Baltic"), sample(1, "Name a river.", "The Elbe")]) == []
    one, other = "Which is the largest of the five lakes?", "Which is the largest of the five lake?"
    assert pairs([sample(0, one, "Superior"), sample(1, other, "Superior")]) == [(1, 0)]


def test_one_instruction_on_two_passages_is_two_tasks():
    task = long_text(3)
    assert pairs([sample(0, task, passage="of the sea"), sample(1, task, passage="on a mountain")]) == []


def test_turns_of_one_record_are_not_compared():
    text = long_text(4)
    assert pairs([sample(0, text), sample(0, changed(text, 30))]) == []


def test_all_pairs_give_the_same_near_duplicates():
    """The oracle compares every text with all earlier ones that are kept."""
    rng = random.Random(5)
    texts = [long_text(seed, 40) for seed in range(40)]
    for text in texts[:40]:
        texts.append(changed(text, *rng.sample(range(40), rng.randrange(1, 6))))
    kept, wanted = [], []
    for number, text in enumerate(texts):
        words = text.split(" ")
        own = set(zip(words, words[1:], words[2:], strict=False))
        similar = [(len(own & other) / len(own | other), -row) for row, other in kept]
        if similar and max(similar)[0] >= 0.8:
            wanted.append((number, -max(similar)[1]))
        else:
            kept.append((number, own))
    assert 5 < len(wanted) < 40
    assert pairs([sample(number, text) for number, text in enumerate(texts)]) == wanted


def test_a_changed_word_is_found_among_real_rows(shared_data):
    samples = load_samples(str(shared_data / "alpaca_4000.jsonl")).samples[:300]
    assert near_duplicates(samples) == []
    long = [one for one in samples if len(one.response.split()) > 60][:20]
    again = [sample(1000 + one.row, one.prompt_text, changed(one.response, 30)) for one in long if not one.passage]
    assert pairs([*samples, *again]) == [(one.row, one.row - 1000) for one in again]


def test_a_template_that_makes_all_texts_alike_takes_no_comparison_of_all_pairs(monkeypatch):
    """600 texts of one instruction of 60 words and 8 words of their own are 0.76 alike; 20 come nearly again."""
    compared = []
    real = near_in_pool.shingles
    monkeypatch.setattr(near_in_pool, "shingles", lambda *given: compared.append(0) or real(*given))
    task = long_text(6)
    own = [" ".join(f"own{number}x{place}" for place in range(8)) for number in range(600)]
    texts = [f"{task} {words}" for words in [*own, *(changed(words, 7) for words in own[:20])]]
    found = pairs([sample(number, text) for number, text in enumerate(texts)])
    assert found == [(600 + number, number) for number in range(20)]
    assert len(compared) < 30_000  # all pairs are 190,000


def test_which_texts_are_compared_does_not_depend_on_the_process():
    script = (
        "from icon.assessment.near_in_pool import _PrefixIndex as Index; "
        "texts = ['one two three four five six seven eight nine ten eleven twelve'] * 2; "
        "print(Index(texts, [0, 1], False, 0.8)._rarest)"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script], env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


@pytest.mark.parametrize("short", [True, False])
def test_shingles_have_one_number_wherever_they_are_and_others_have_another(short):
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    text, other = " ".join(words), " ".join([*words[4:], *words[:4]])
    shared = shingles(text, short) & shingles(other, short)
    own, its = (set(near_in_pool._numbers(one, short).tolist()) for one in (text, other))
    assert len(own) == len(shingles(text, short))
    assert len(own & its) == len(shared)
    assert near_in_pool._numbers("", short).shape == (1,)
