"""The contract of a backend's optional abilities as tests, a part of `icon.testing.BackendSuite`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from icon.plugins import Backend, Continuing, Embedder, Reference
from icon.testing.cases import BEGINNING, CONTEXT, TARGETS
from icon.types import TokenLogProbs


class AbilitiesSuite:
    """Tests of the abilities that a backend has; those of others are skipped.

    Attributes:
        tolerance: Largest difference, in nats, between two log-probabilities of a token that other targets in the
            same call may cause by rounding.
    """

    tolerance: ClassVar[float] = 1e-3

    def assert_near(self, one: TokenLogProbs, other: TokenLogProbs) -> None:
        """Assert equal tokens and statuses and, within the tolerance, equal numbers."""
        assert one.token_ids == other.token_ids
        assert one.status is other.status
        assert one.logprobs == pytest.approx(other.logprobs, abs=self.tolerance)

    def test_embeddings_are_one_finite_row_per_text_whatever_the_others(self, backend: Backend) -> None:
        embedder = _embedder(backend)
        texts = ["A river in Spain.", "An integral.", "A river in Spain.", "word " * 550]
        rows = embedder.embed(texts)
        assert rows.dtype == "float32"
        assert rows.shape[0] == len(texts)
        assert rows.ndim == 2
        assert all(math.isfinite(value) for row in rows.tolist() for value in row)
        assert rows[0].tolist() == pytest.approx(rows[2].tolist(), abs=self.tolerance)
        assert abs(rows[0] - rows[1]).max() > 10 * self.tolerance
        assert embedder.embed([texts[1]])[0].tolist() == pytest.approx(rows[1].tolist(), abs=10 * self.tolerance)

    def test_later_tokens_weigh_more_in_a_position_weighted_mean(self, backend: Backend) -> None:
        """With one token both means are its hidden state; with more they differ."""
        embedder = _embedder(backend)
        one, several = "a", "A river in Spain is the Ebro."
        assert len(backend.tokenize(one)) == 1
        mean = embedder.embed([one, several])
        weighted = embedder.embed([one, several], pooling="position-weighted")
        assert weighted[0].tolist() == pytest.approx(mean[0].tolist(), abs=10 * self.tolerance)
        assert abs(weighted[1] - mean[1]).max() > 10 * self.tolerance

    def test_embedding_does_not_change_later_scores(self, backend: Backend) -> None:
        before = backend.score(CONTEXT, TARGETS)
        _embedder(backend).embed(["A river in Spain."])
        assert backend.score(CONTEXT, TARGETS) == before

    def test_a_target_scored_by_a_plain_pass_has_the_same_numbers(self, backend: Backend) -> None:
        if not isinstance(backend, Reference):
            pytest.skip("this backend has no ability score_alone")
        for target, result in zip(TARGETS, backend.score(CONTEXT, TARGETS), strict=True):
            self.assert_near(backend.score_alone(CONTEXT, target), result)

    def test_what_contexts_begin_with_changes_no_number_whatever_was_scored_before(
        self, make_backend: Callable[[], Backend], backend: Backend
    ) -> None:
        if not isinstance(backend, Continuing):
            pytest.skip("this backend has no ability score_from")
        contexts = [BEGINNING + CONTEXT, BEGINNING + "An oak is a tree.\n\n", CONTEXT]
        found = {context: backend.score_from(BEGINNING, context, TARGETS) for context in contexts}
        for context, results in found.items():
            for one, other in zip(results, backend.score(context, TARGETS), strict=True):
                self.assert_near(one, other)
        with make_backend() as anew:
            assert isinstance(anew, Continuing)
            for context in reversed(contexts):
                assert anew.score_from(BEGINNING, context, TARGETS) == found[context]

    def test_an_empty_text_is_not_embedded(self, backend: Backend) -> None:
        with pytest.raises(ValueError, match="empty"):
            _embedder(backend).embed(["text", ""])


def _embedder(backend: Any) -> Embedder:
    if not isinstance(backend, Embedder):
        pytest.skip("this backend has no ability embed")
    return backend
