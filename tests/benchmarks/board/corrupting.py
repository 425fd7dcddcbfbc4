"""Planted noise, in five ways, and near duplicates: records made from real ones, the same ones each time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from icon.samples.making import content_id
from icon.types import Message, Sample

N_WAYS = 5
"""Ways in which a response is corrupted; a record's place decides which is its own."""

COPIES = 4
"""Near duplicates that are made of a record."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def corrupted(sample: Sample, place: int, others: Sequence[Sample]) -> Sample:
    """The sample with a corrupted response; the prompt stays.

    The ways: another record's response, its words in random order, its first third, its first words repeated, and a
    fifth of its letters replaced.

    Args:
        sample: A clean sample.
        place: Decides the way, and seeds it.
        others: Where another response comes from.
    """
    draw = random.Random(place)
    words = sample.response.split()
    way = place % N_WAYS
    if way == 0:
        response = others[(place + 1 + draw.randrange(len(others) - 1)) % len(others)].response
    elif way == 1:
        response = " ".join(draw.sample(words, len(words)))
    elif way == 2:
        response = " ".join(words[: max(3, len(words) // 3)])
    elif way == 3:
        response = " ".join((words[:4] * len(words))[: len(words)])
    else:
        response = "".join(
            draw.choice(LETTERS) if letter.isalpha() and draw.random() < 0.2 else letter for letter in sample.response
        )
    return _made(sample, sample.instruction, response)


def near_duplicates(sample: Sample) -> list[Sample]:
    """`COPIES` near duplicates: the same request and answer with small edits."""
    prompt, response = sample.instruction, sample.response
    lower = prompt[:1].lower() + prompt[1:]
    return [
        _made(sample, f"Please {lower}", response),
        _made(sample, f"{prompt} Thank you.", response),
        _made(sample, prompt, response.rstrip(".!") + " "),
        _made(sample, f"Task: {prompt}", f"{response}\n"),
    ]


def _made(sample: Sample, prompt: str, response: str) -> Sample:
    messages = (*sample.messages[:-1], Message("user", prompt))
    return replace(sample, messages=messages, response=response, id=content_id(messages, sample.passage, response))
