"""The contract of a backend as tests: subclass `BackendSuite` with a fixture that loads yours.

    class TestMyBackend(BackendSuite):
        @pytest.fixture(scope="class")
        @classmethod
        def make_backend(cls):
            return lambda: MyBackend(model="small")

The rules are those of `icon.plugins.Backend`; set `tolerance` to the rounding of your precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest

from icon.errors import BackendError
from icon.plugins import Backend
from icon.testing.abilities_suite import AbilitiesSuite
from icon.testing.cases import CONTEXT, TARGETS, WITH_PROMPT
from icon.types import BackendInfo, ChatTemplate, Status, Target


class BackendSuite(AbilitiesSuite):
    """Tests that every backend passes; see `AbilitiesSuite` for `tolerance`."""

    @pytest.fixture(scope="class")
    @classmethod
    def make_backend(cls) -> Callable[[], Backend]:
        """A function that loads a new backend: override this fixture."""
        raise NotImplementedError("a subclass needs a fixture make_backend, scope class, which loads the backend")

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls, make_backend: Callable[[], Backend]) -> Iterator[Backend]:
        """One backend for all tests that do not close it."""
        with make_backend() as backend:
            yield backend

    def test_has_every_method_of_the_protocol(self, backend: Backend) -> None:
        assert isinstance(backend, Backend)

    def test_gives_one_result_per_target_with_one_number_per_response_token(self, backend: Backend) -> None:
        results = backend.score(CONTEXT, TARGETS)
        assert [result.status for result in results] == [Status.OK] * len(TARGETS), [
            result.reason for result in results
        ]
        for target, result in zip(TARGETS, results, strict=True):
            assert result.token_ids == tuple(backend.tokenize(target.response))
            assert len(result.logprobs) == len(result.token_ids) > 0

    def test_numbers_are_finite_natural_logarithms_of_probabilities(self, backend: Backend) -> None:
        for result in backend.score(CONTEXT, TARGETS):
            assert all(math.isfinite(logprob) and logprob <= 0 for logprob in result.logprobs)
            assert result.nll == pytest.approx(-sum(result.logprobs) / len(result.logprobs))

    def test_no_targets_give_no_results(self, backend: Backend) -> None:
        assert backend.score(CONTEXT, []) == []

    def test_token_ids_are_the_same_under_every_context(self, backend: Backend) -> None:
        with_context, without = backend.score(CONTEXT, WITH_PROMPT), backend.score("", WITH_PROMPT)
        assert [one.token_ids for one in with_context] == [other.token_ids for other in without]

    def test_the_context_counts(self, backend: Backend) -> None:
        with_context, without = backend.score(CONTEXT, WITH_PROMPT), backend.score("", WITH_PROMPT)
        changes = [
            abs(one.nll - other.nll)
            for one, other in zip(with_context, without, strict=True)
            if other.status is Status.OK
        ]
        assert len(changes) == len(WITH_PROMPT)
        assert max(changes) > 10 * self.tolerance

    def test_context_and_prompt_are_read_in_one_piece(self, backend: Backend) -> None:
        """The boundary between context and prompt does not matter as long as the tokens are the same."""
        context, prompt, response = "A river in France is the Loire.", " A river in Spain is", " the Ebro."
        together = backend.tokenize(context + prompt)
        if together != backend.tokenize(context) + backend.tokenize(prompt):
            pytest.skip("this tokenizer joins the end of the context with the start of the prompt")
        split = backend.score(context, [Target(prompt, response)])[0]
        joined = backend.score("", [Target(context + prompt, response)])[0]
        self.assert_near(split, joined)

    def test_repeated_calls_are_bit_identical(self, backend: Backend) -> None:
        first = backend.score(CONTEXT, TARGETS)
        backend.score("", WITH_PROMPT)
        assert backend.score(CONTEXT, TARGETS) == first

    def test_a_target_alone_scores_as_it_does_among_others(self, backend: Backend) -> None:
        together = backend.score(CONTEXT, TARGETS)
        for target, result in zip(TARGETS, together, strict=True):
            self.assert_near(backend.score(CONTEXT, [target])[0], result)

    def test_results_follow_the_order_of_the_targets(self, backend: Backend) -> None:
        forward = backend.score(CONTEXT, TARGETS)
        backward = backend.score(CONTEXT, TARGETS[::-1])
        for one, other in zip(forward, backward[::-1], strict=True):
            self.assert_near(one, other)

    def test_a_target_given_twice_scores_twice_the_same(self, backend: Backend) -> None:
        one, other = backend.score(CONTEXT, [TARGETS[0], TARGETS[0]])
        self.assert_near(one, other)

    def test_later_response_tokens_do_not_change_earlier_ones(self, backend: Backend) -> None:
        prompt, text = TARGETS[0].prompt, "The Ebro is a river"
        short, long = backend.score(
            CONTEXT, [Target(prompt, text), Target(prompt, text + " of great length in Spain.")]
        )
        n = len(short.token_ids)
        assert long.token_ids[:n] == short.token_ids
        assert long.logprobs[:n] == pytest.approx(short.logprobs, abs=self.tolerance)

    def test_a_target_longer_than_any_batch_scores_as_its_beginning_does(self, backend: Backend) -> None:
        words = ["one", "two", "three", "four", "five", "six", "seven"] * 90
        long, short = backend.score("", [Target("Say:", " ".join(words)), Target("Say:", " ".join(words[:20]))])
        n = len(short.token_ids)
        assert long.status is Status.OK, long.reason
        assert long.token_ids[:n] == short.token_ids
        assert long.logprobs[:n] == pytest.approx(short.logprobs, abs=self.tolerance)

    def test_an_empty_response_is_refused(self, backend: Backend) -> None:
        with pytest.raises(ValueError, match="empty response"):
            backend.score(CONTEXT, [TARGETS[0], Target("prompt", "")])

    def test_a_target_that_is_too_long_has_a_status_and_changes_no_other(self, backend: Backend) -> None:
        long = Target("word " * backend.describe().context_length, "end")
        first, refused, last = backend.score(CONTEXT, [TARGETS[0], long, TARGETS[1]])
        assert refused.status is Status.TOO_LONG
        assert refused.logprobs == ()
        assert str(backend.describe().context_length) in refused.reason
        for target, result in ((TARGETS[0], first), (TARGETS[1], last)):
            self.assert_near(result, backend.score(CONTEXT, [target])[0])

    def test_a_failure_gives_no_nll(self, backend: Backend) -> None:
        refused = backend.score("", [Target("word " * backend.describe().context_length, "end")])[0]
        with pytest.raises(ValueError, match="no NLL"):
            _ = refused.nll

    def test_a_response_without_context_and_prompt_is_scored_after_bos_or_refused(self, backend: Backend) -> None:
        result = backend.score("", [Target("", "Hello there.")])[0]
        assert result.status is (Status.OK if backend.describe().bos else Status.FAILED)
        assert bool(result.logprobs) == backend.describe().bos

    def test_the_context_is_read_once_for_all_targets(self, backend: Backend) -> None:
        context, targets = "A rather long story. " * 20, [Target(f"Question {n}?", " Answer.") for n in range(6)]
        before = backend.tokens_evaluated
        backend.score(context, targets)
        read = backend.tokens_evaluated - before
        own = sum(len(backend.tokenize(target.prompt)) + len(backend.tokenize(target.response)) for target in targets)
        assert 0 < read <= len(backend.tokenize(context)) + own + len(targets) + 1

    def test_token_pieces_spell_the_text(self, backend: Backend) -> None:
        text = "Plain words, 42 of them:\n\n  indented."
        tokens = backend.tokenize(text)
        pieces = backend.token_pieces(tokens)
        assert len(pieces) == len(tokens)
        assert "".join(pieces) == text

    def test_no_text_has_no_tokens(self, backend: Backend) -> None:
        assert backend.tokenize("") == []

    def test_describes_itself_completely_and_always_the_same(self, backend: Backend) -> None:
        info = backend.describe()
        assert isinstance(info, BackendInfo)
        texts = (info.backend, info.model, info.digest, info.precision, info.tokenizer_digest, info.device)
        assert all(isinstance(text, str) and text for text in texts)
        assert info.context_length > 0
        assert backend.describe() == info

    def test_chat_template_is_jinja_source_or_none(self, backend: Backend) -> None:
        template = backend.chat_template()
        assert template is None or (isinstance(template, ChatTemplate) and "{" in template.source)

    def test_a_closed_backend_says_so(self, make_backend: Callable[[], Backend]) -> None:
        backend = make_backend()
        backend.close()
        backend.close()
        with pytest.raises(BackendError, match="closed"):
            backend.score(CONTEXT, TARGETS)
        with pytest.raises(BackendError, match="closed"):
            backend.tokenize("text")

    def test_another_load_of_the_same_model_gives_the_same(
        self, backend: Backend, make_backend: Callable[[], Backend]
    ) -> None:
        with make_backend() as other:
            assert other.describe() == backend.describe()
            assert other.score(CONTEXT, TARGETS) == backend.score(CONTEXT, TARGETS)
