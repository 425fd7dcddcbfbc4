"""Backend `llamacpp`: icon's contract on top of llama.cpp."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from icon.errors import BackendError, UserError
from icon.inference import processor, score
from icon.types import BackendInfo, ChatTemplate, Pooling, Target, TokenLogProbs
from icon_llamacpp.description import describe
from icon_llamacpp.embedding import embed
from icon_llamacpp.evaluator import Evaluator
from icon_llamacpp.library import library
from icon_llamacpp.model import Model
from icon_llamacpp.models import resolve
from icon_llamacpp.options import LlamaCppOptions
from icon_llamacpp.requantise import choose
from icon_llamacpp.setup import Setup
from icon_llamacpp.vocabulary import Vocabulary


class LlamaCppBackend:
    """Log-likelihoods from a GGUF model, evaluated by llama.cpp in this process.

    A backend may be used by one thread at a time.

    Args:
        options: The model and how to run it; the embedded model by default.

    Raises:
        UserError: The model does not exist or cannot be scored, or an option does not fit this build.
        BackendError: llama.cpp cannot load it.
    """

    def __init__(self, options: LlamaCppOptions | None = None) -> None:
        self._options = options = options or LlamaCppOptions()
        source = resolve(options.model)
        if options.gpu_layers > 0 and not library().api.llama_supports_gpu_offload():
            raise UserError(
                f"gpu_layers={options.gpu_layers}: the installed llama-cpp-python is built without a GPU; valid: 0 or "
                "-1, or install a build with one"
            )
        threads = options.threads or processor.usable_cores()
        self._setup = Setup(source, threads, options.gpu_layers, options.context_length)
        self._choice = choose(self._setup, options.precision)
        self._model = Model(self._choice.setup)
        self._vocabulary = Vocabulary(self._model, special_tokens=options.special_tokens)
        self._evaluator = Evaluator(self._model)
        self._info: BackendInfo | None = None

    @property
    def tokens_evaluated(self) -> int:
        """Number of tokens that the model has read so far, shared ones once."""
        return self._evaluator.tokens_evaluated

    @property
    def notes(self) -> list[str]:
        """What the user should know: that the weights are not those that the rule wants, and why."""
        return [f"llamacpp: {self._options.model} is {self._choice.note}"] if self._choice.unwanted else []

    def describe(self) -> BackendInfo:
        """The model, precision and settings as they are really run."""
        if self._info is None:
            self._check_open()
            self._info = describe(self._options, self._choice, self._model, self._vocabulary)
        return self._info

    def score(self, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """Log-likelihood of every target's response, conditioned on context and own prompt; see `icon.plugins.Backend`.

        Raises:
            ValueError: A target has an empty response.
            BackendError: The backend is closed, or the model cannot be evaluated.
        """
        self._check_open()
        return score(self._vocabulary, self._evaluator, context, targets)

    def score_from(self, beginning: str, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """`score` of a context that begins as others do; see `icon.plugins.Continuing`.

        Raises:
            ValueError: A target has an empty response.
            BackendError: The backend is closed, or the model cannot be evaluated.
        """
        self._check_open()
        return score(self._vocabulary, self._evaluator, context, targets, beginning)

    def embed(self, texts: Sequence[str], *, pooling: Pooling = "mean") -> NDArray[np.float32]:
        """Mean of the last hidden states over each text's tokens: float32 array of shape (len(texts), width).

        A text longer than the context length is truncated to it.

        Raises:
            ValueError: A text is empty.
            BackendError: The backend is closed, or the model cannot be evaluated.
        """
        self._check_open()
        return embed(self._model, self._vocabulary, self._evaluator, texts, pooling)

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text as `score` would read it in the middle of a sequence, without BOS."""
        self._check_open()
        return self._vocabulary.tokenize(text)

    def tokenize_after(self, before: str, text: str) -> list[int]:
        """Token ids of the text as `score` would read it after another one; with "" at the beginning of a sequence."""
        self._check_open()
        return self._vocabulary.tokenize_after(before, text)

    def token_pieces(self, token_ids: Sequence[int]) -> list[str]:
        """The text of each token, for display."""
        self._check_open()
        return self._vocabulary.pieces(token_ids)

    def chat_template(self) -> ChatTemplate | None:
        """The chat template in the file's metadata, or None where it has none."""
        self._check_open()
        source = self._vocabulary.chat_template
        if source is None:
            return None
        return ChatTemplate(source, self._vocabulary.special("bos"), self._vocabulary.special("eos"))

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
            raise BackendError("this llama.cpp backend is closed; load it again")
