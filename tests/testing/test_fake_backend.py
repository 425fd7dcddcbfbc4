"""The fake backend keeps the contract, and fails where it is told to."""

import subprocess
import sys

import pytest

from icon.testing import BackendSuite, FakeBackend
from icon.types import ChatTemplate, Status, Target

TARGET = Target("Say hello:", " hello there")


class TestFakeBackend(BackendSuite):
    tolerance = 1e-12

    @pytest.fixture(scope="class")
    @classmethod
    def make_backend(cls):
        return FakeBackend


def test_tokens_cover_the_text_without_gaps():
    backend = FakeBackend()
    text = "Two  words,\n\n\tone tab; naïve 你好 😀 "
    assert "".join(backend.token_pieces(backend.tokenize(text))) == text


@pytest.mark.parametrize("place", ["context", "prompt", "response"])
@pytest.mark.parametrize("status", [Status.NOT_FINITE, Status.OUT_OF_MEMORY, Status.TOO_LONG])
def test_a_fault_strikes_the_targets_that_hold_its_text_and_no_others(place, status):
    backend = FakeBackend(faults={"poison": status})
    texts = {"context": "fine", "prompt": "fine", "response": "fine"} | {place: "some poison"}
    struck, well = backend.score(texts["context"], [Target(texts["prompt"], texts["response"]), TARGET])
    assert struck.status is status
    assert struck.logprobs == ()
    assert "poison" in struck.reason
    assert well.status is (status if place == "context" else Status.OK)


def test_a_context_that_holds_the_response_makes_it_likelier():
    backend = FakeBackend()
    near = backend.score("They all say hello there and", [TARGET])[0].nll
    far = backend.score("Nothing of the kind was told", [TARGET])[0].nll
    assert near < far


def test_every_token_is_counted_once_a_call():
    backend = FakeBackend()
    backend.score("one two three", [Target("four", "five six"), Target("seven", "eight")])
    assert backend.tokens_evaluated == 3 + 3 + 2


def test_the_chat_template_is_the_one_given():
    template = ChatTemplate("{{ messages }}", "<s>", "</s>")
    assert FakeBackend(chat_template=template).chat_template() == template


def test_numbers_are_the_same_in_another_process():
    line = "from icon.testing import FakeBackend; from icon.types import Target; "
    line += "print(FakeBackend().score('a b', [Target('c', 'd e')])[0].logprobs)"
    out = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True).stdout
    assert out.strip() == str(FakeBackend().score("a b", [Target("c", "d e")])[0].logprobs)
