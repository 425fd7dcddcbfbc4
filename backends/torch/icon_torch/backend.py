"""Backend `torch`: icon's contract on top of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from icon.errors import BackendError, UserError
from icon.inference import OutOfMemoryError, score
from icon.types import BackendInfo, ChatTemplate, Pooling, Target, TokenLogProbs
from icon_torch import memory
from icon_torch.apart import PlainEngine
from icon_torch.description import describe
from icon_torch.device import find_device
from icon_torch.embedding import embed
from icon_torch.engine import decoder
from icon_torch.known_tokens import KnownVocabulary, check_fit, known_tokens
from icon_torch.loading import open_model
from icon_torch.models import resolve
from icon_torch.notes import notes
from icon_torch.options import TorchOptions
from icon_torch.trial import Chosen, Loaded, NotCausalError, choose, plain_engine
from icon_torch.vocabulary import Vocabulary


class TorchBackend:
    """Log-likelihoods from a causal language model of transformers, in this process.

    A backend may be used by one thread at a time.

    Args:
        options: The model and how to run it; the embedded model by default.

    Attributes:
        model: The model, in evaluation mode; its attention follows a pack's layout where there is one.
        device: Device of its first layer.

    Raises:
        UserError: The model or the device does not exist, or an option does not fit the model.
        BackendError: The model cannot be loaded.
    """

    def __init__(self, options: TorchOptions | None = None) -> None:
        self._options = options = options or TorchOptions()
        self.device = find_device(options.device)
        if options.threads is not None:
            torch.set_num_threads(options.threads)
        self._opened = opened = open_model(resolve(options.model, options.revision), options, self.device)
        self.model: Any = opened.model
        self._vocabulary = Vocabulary(opened.tokenizer, special_tokens=options.special_tokens)
        n_known = known_tokens(self.model)
        check_fit(options.model, self._vocabulary, n_known)
        self._readable = KnownVocabulary(self._vocabulary, n_known)
        body = decoder(self.model)
        loaded = Loaded(
            self.model,
            torch.compile(body, dynamic=True) if options.compile else body,
            opened.context_length,
            options.pack_tokens or memory.pack_tokens(self.model, self.device),
        )
        try:
            self._chosen: Chosen = choose(loaded, options.attention)
        except ValueError as error:
            raise UserError(
                f"attention={options.attention}: not for {options.model}: {error}. Use attention=auto"
            ) from error
        except OutOfMemoryError as error:
            raise BackendError(
                f"no memory on {self.device} to evaluate even a few tokens with {options.model}: {error}; use --dtype "
                "bfloat16, a smaller model, or with several GPUs -o backend.spread=true"
            ) from error
        except NotCausalError as error:
            raise UserError(f"model {options.model!r} is not a causal language model: {error}") from error
        self._plain: PlainEngine = plain_engine(loaded)
        self._info = describe(options, opened, self._chosen, self._vocabulary)

    @property
    def tokens_evaluated(self) -> int:
        """Number of tokens that the model has read so far, shared ones once."""
        if self.model is None:
            return self._spent
        return self._chosen.engine.tokens_evaluated + self._plain.tokens_evaluated

    @property
    def notes(self) -> list[str]:
        """Notes on what makes scoring slower; see `icon.plugins.Noting`."""
        return [] if self.model is None else notes(self._options, self._chosen)

    def describe(self) -> BackendInfo:
        """The model, precision and settings as they are really run."""
        return self._info

    def score(self, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """Log-likelihood of every target's response, conditioned on context and own prompt; see `icon.plugins.Backend`.

        Raises:
            ValueError: A target has an empty response.
            BackendError: The backend is closed.
        """
        self._check_open()
        return score(self._readable, self._chosen.engine, context, targets)

    def score_from(self, beginning: str, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """`score` of a context that begins as others do; see `icon.plugins.Continuing`.

        Raises:
            ValueError: A target has an empty response.
            BackendError: The backend is closed.
        """
        self._check_open()
        return score(self._readable, self._chosen.engine, context, targets, beginning)

    def score_alone(self, context: str, target: Target) -> TokenLogProbs:
        """Score one target by a plain pass over the whole text; see `icon.plugins.Reference`.

        Raises:
            ValueError: The target has an empty response.
            BackendError: The backend is closed.
        """
        self._check_open()
        (result,) = score(self._readable, self._plain, context, [target])
        return result

    def embed(self, texts: Sequence[str], *, pooling: Pooling = "mean") -> NDArray[np.float32]:
        """Mean of the last hidden states over each text's tokens: float32 array of shape (len(texts), width).

        A text longer than the context length is truncated to it.

        Raises:
            ValueError: A text is empty.
            BackendError: The backend is closed, or there is no memory for it.
        """
        self._check_open()
        return embed(self._readable, self._chosen.engine, texts, pooling)

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

    @property
    def tokenizer(self) -> Any:
        """The model's own tokenizer, an object of transformers."""
        self._check_open()
        return self._vocabulary.tokenizer

    @property
    def adds_bos(self) -> bool:
        """Whether every text starts with a BOS."""
        return self._vocabulary.adds_bos

    @property
    def bos(self) -> int:
        """Token id of BOS; -1 where the model has none."""
        return self._vocabulary.bos

    def chat_template(self) -> ChatTemplate | None:
        """The tokenizer's chat template, or None where it has none."""
        self._check_open()
        source = self._vocabulary.chat_template
        if source is None:
            return None
        tokenizer = self._vocabulary.tokenizer
        return ChatTemplate(source, tokenizer.bos_token or "", tokenizer.eos_token or "")

    def close(self) -> None:
        """Free the model; safe to call twice."""
        if self.model is None:
            return
        self._spent = self.tokens_evaluated
        self.model = None
        del self._opened, self._chosen, self._plain
        memory.give_back(self.device)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self.model is None:
            raise BackendError("this torch backend is closed; load it again")
