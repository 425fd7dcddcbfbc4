"""What is not finite becomes a status, and one broken target does not break the others."""

import struct

import numpy as np
import pytest

from icon.errors import BackendError
from icon.inference import OutOfMemoryError
from icon.types import Status, Target
from icon_llamacpp import backend as backend_module
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.evaluator import Evaluator
from icon_llamacpp.options import LlamaCppOptions

pytestmark = pytest.mark.model
TARGETS = [Target("Say", text) for text in (" hello", " poison", " goodbye now")]


def test_a_model_that_gives_nan_gives_no_number(patched):
    path = patched("llama.rope.freq_base", 6, struct.pack("<f", float("nan")))
    with LlamaCppBackend(LlamaCppOptions(model=str(path), precision="as-is")) as backend:
        for result in backend.score("A context.", TARGETS):
            assert result.status is Status.NOT_FINITE
            assert result.logprobs == ()
            assert "nan" in result.reason
        with pytest.raises(BackendError, match="not finite"):
            backend.embed(["text"])


class Contagious(Evaluator):
    """A pack that holds the bad token loses all its numbers, as if NaN had spread through the attention."""

    bad = -1

    def logprobs(self, pack):
        found = super().logprobs(pack)
        return [np.full_like(each, np.nan) for each in found] if self.bad in pack.token + self.ends(pack) else found

    def ends(self, pack):
        return [branch.response[-1] for branch in pack.branches]


def test_a_broken_target_does_not_break_its_mates(monkeypatch, source):
    monkeypatch.setattr(backend_module, "Evaluator", Contagious)
    with LlamaCppBackend(LlamaCppOptions(model=str(source), precision="f16")) as backend:
        expected = backend.score("A context.", TARGETS)
        (bad,) = backend.tokenize("p")  # of the three only in poison
        monkeypatch.setattr(Contagious, "bad", bad)
        found = backend.score("A context.", TARGETS)
    assert [each.status for each in found] == [Status.OK, Status.NOT_FINITE, Status.OK]
    for place in (0, 2):
        assert found[place].logprobs == pytest.approx(expected[place].logprobs, abs=0.02)


class Exhausted(Evaluator):
    """Finds no memory for any pack."""

    def logprobs(self, pack):
        raise OutOfMemoryError("an allocation failed")


def test_no_memory_is_a_status_of_every_target_it_struck(monkeypatch, source):
    monkeypatch.setattr(backend_module, "Evaluator", Exhausted)
    with LlamaCppBackend(LlamaCppOptions(model=str(source), precision="f16")) as backend:
        found = backend.score("A context.", [*TARGETS, Target("word " * 9000, "end")])
    assert [each.status for each in found] == [Status.OUT_OF_MEMORY] * 3 + [Status.TOO_LONG]
    assert "an allocation failed" in found[0].reason
