"""A tokenizer reads a text once, however often a run asks for it, and what callers are given is their own."""

import pytest

from icon.errors import InputError
from icon.inference import following
from icon.inference.following import Following, Remembered


class Tokenizer:
    """One token per character; notes what it reads."""

    def __init__(self):
        self.read = []

    def __call__(self, text):
        if text == "bad":
            raise InputError("half a surrogate pair")
        self.read.append(text)
        return [ord(character) for character in text]


def test_a_text_is_read_once_and_every_caller_has_a_list_of_its_own():
    tokenizer = Tokenizer()
    texts = Following(tokenizer)
    first = texts.inside("river")
    first.append(0)
    assert texts.inside("river") == texts.after("The ", "river") == [114, 105, 118, 101, 114]
    assert tokenizer.read.count("river") == 1


def test_no_more_characters_are_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(following, "MOST_CHARACTERS", 10)
    tokenizer = Tokenizer()
    remembered = Remembered(tokenizer)
    for text in ("aaaa", "bbbb", "aaaa", "cccc", "cccc", "aaaa"):  # the third text is one too many: it begins anew
        assert list(remembered(text)) == [ord(text[0])] * 4
    assert tokenizer.read == ["aaaa", "bbbb", "cccc", "aaaa"]


def test_a_text_that_cannot_be_read_is_refused_every_time():
    remembered = Remembered(Tokenizer())
    for _ in range(2):
        with pytest.raises(InputError):
            remembered("bad")
