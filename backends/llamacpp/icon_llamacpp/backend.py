"""The backend itself: icon's contract on top of llama.cpp."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from icon.errors import BackendError
from icon.types import BackendInfo, ChatTemplate, Status, Target, TokenLogProbs
from icon_llamacpp.model import MAX_BRANCHES, PACK_TOKENS, Model, Setup
from icon_llamacpp.models import resolve
from icon_llamacpp.options import LlamaCppOptions
from icon_llamacpp.packing import Branch, Pack, pack
from icon_llamacpp.scoring import Evaluator, OutOfMemoryError
from icon_llamacpp.vocabulary import Vocabulary

ROUNDING = 1e-5
"""A log-probability may exceed 0 by this much through rounding; more is a fault."""


class LlamaCppBackend:
    """Log-likelihoods from a GGUF model, evaluated by llama.cpp in this process.

    Args:
        options: The model and how to run it.

    Raises:
        UserError: The model is not there or not one that can be scored.
        BackendError: llama.cpp cannot load it.
    """

    def __init__(self, options: LlamaCppOptions | None = None) -> None:
        self._options = options or LlamaCppOptions()
        self._path = resolve(self._options.model)
        self._model = Model(Setup(self._path, self._options.threads or 2, self._options.gpu_layers, self._options.context_length))
        self._vocabulary = Vocabulary(self._model, special_tokens=self._options.special_tokens)
        self._evaluator = Evaluator(self._model)

    @property
    def tokens_evaluated(self) -> int:
        """How many tokens the model has read so far, shared ones once."""
        return self._evaluator.tokens_evaluated

    def score(self, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """Score every target's response behind the context and its own prompt; see `icon.protocols.Backend.score`."""
        self._check_open()
        vocabulary = self._vocabulary
        prefix = [vocabulary.bos] * vocabulary.adds_bos + vocabulary.tokenize(context)
        results: list[TokenLogProbs | None] = [None] * len(targets)
        branches = []
        for index, target in enumerate(targets):
            response = vocabulary.tokenize(target.response)
            if not response:
                raise ValueError(f"target {index} has an empty response: there is no token to score")
            tokens = (*prefix[-1:], *vocabulary.tokenize(target.prompt), *response[:-1])
            branch = Branch(index, tokens, tuple(response))
            results[index] = fault = self._fault(branch, len(prefix[:-1]))
            if fault is None:
                branches.append(branch)
        if branches:
            self._run(prefix[:-1], branches, results)
        return [result for result in results if result is not None]

    def _fault(self, branch: Branch, n_shared: int) -> TokenLogProbs | None:
        if len(branch.tokens) < len(branch.response):
            reason = "nothing stands before the response: context and prompt are empty and the model has no BOS token"
            return _failed(branch, Status.FAILED, reason)
        length, limit = n_shared + len(branch.tokens) + 1, self._model.context_length
        if length > limit:
            return _failed(branch, Status.TOO_LONG, f"{length} tokens with its context; the model reads {limit}")
        return None

    def _run(self, shared: Sequence[int], branches: list[Branch], results: list[TokenLogProbs | None]) -> None:
        self._evaluator.start(shared)
        for each in pack(branches, max_tokens=PACK_TOKENS, max_branches=MAX_BRANCHES):
            for branch, logprobs in zip(each.branches, self._evaluator.logprobs(each), strict=True):
                results[branch.index] = _checked(branch, logprobs)

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text as `score` would read it, without BOS."""
        self._check_open()
        return self._vocabulary.tokenize(text)

    def token_pieces(self, token_ids: Sequence[int]) -> list[str]:
        """The text of each token, for showing."""
        self._check_open()
        return self._vocabulary.pieces(token_ids)

    def close(self) -> None:
        """Free the model; safe to call twice."""
        self._model.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._model.closed:
            raise BackendError("this backend is closed; make a new one")


def _checked(branch: Branch, logprobs: NDArray[np.float64]) -> TokenLogProbs:
    if not np.isfinite(logprobs).all() or logprobs.max() > ROUNDING:
        return _failed(branch, Status.NOT_FINITE, "not finite")
    return TokenLogProbs(branch.response, tuple(np.minimum(logprobs, 0.0).tolist()))


def _failed(branch: Branch, status: Status, reason: str) -> TokenLogProbs:
    return TokenLogProbs(branch.response, (), status, reason)
