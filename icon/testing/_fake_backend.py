"""A backend without a model: deterministic, fast, and failing on request."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from icon.errors import BackendError
from icon.types import BackendInfo, ChatTemplate, Pooling, Status, Target, TokenLogProbs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOKEN = re.compile(r" ?\w+|[^\w\s]|\s")
"""Pattern of a token: a word with the space before it, or a single other character; tokens leave no gaps."""

WIDTH = 16
"""Width of an embedding."""


class FakeBackend:
    """Scores texts by hashes of their words; a word that is already in the context or prompt is likelier.

    Args:
        context_length: Longest sequence in tokens; anything longer is TOO_LONG.
        faults: Texts that cannot be scored, with a status: a target with one in its context, prompt or response has
            that status; and `embed` refuses a call with such a text, as a real backend does if states are not finite.
        chat_template: What `chat_template` returns.
    """

    def __init__(
        self,
        *,
        context_length: int = 4096,
        faults: Mapping[str, Status] | None = None,
        chat_template: ChatTemplate | None = None,
    ) -> None:
        self._context_length = context_length
        self._faults = dict(faults or {})
        self._chat_template = chat_template
        self._pieces: dict[int, str] = {}
        self._tokens_evaluated = 0
        self._closed = False

    @property
    def tokens_evaluated(self) -> int:
        """Number of tokens read so far; a call reads its context once for all targets."""
        return self._tokens_evaluated

    def describe(self) -> BackendInfo:
        """Information that marks the backend as a fake."""
        return BackendInfo(
            backend="fake",
            model="fake",
            digest="fake-1",
            precision="none",
            tokenizer_digest=f"{zlib.crc32(TOKEN.pattern.encode()):08x}",
            context_length=self._context_length,
            bos=False,
            device="none",
        )

    def score(self, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """Score the targets; see `icon.plugins.Backend.score`."""
        self._check_open()
        for index, target in enumerate(targets):
            if not target.response:
                raise ValueError(f"target {index} has an empty response: there is no token to score")
        shared = self.tokenize(context)
        self._tokens_evaluated += len(shared) if targets else 0
        return [self._score(context, shared, target) for target in targets]

    def tokenize(self, text: str) -> list[int]:
        """One id per token, the same in every process."""
        self._check_open()
        pieces = [(zlib.crc32(piece.encode()), piece) for piece in TOKEN.findall(text)]
        self._pieces.update(pieces)
        return [token for token, _ in pieces]

    def token_pieces(self, token_ids: Sequence[int]) -> list[str]:
        """The text of each token, if this backend has tokenised it before."""
        self._check_open()
        return [self._pieces.get(token, "\ufffd") for token in token_ids]

    def chat_template(self) -> ChatTemplate | None:
        """The template given to the constructor."""
        return self._chat_template

    def embed(self, texts: Sequence[str], *, pooling: Pooling = "mean") -> NDArray[np.float32]:
        """Mean of one fixed random vector per token: float32 array of shape (len(texts), 16).

        Raises:
            ValueError: A text is empty.
            BackendError: A text contains one of the faults.
        """
        import numpy as np

        from icon.inference.pooling import weights

        result = np.empty((len(texts), WIDTH), dtype=np.float32)
        for row, text in enumerate(texts):
            tokens = self.tokenize(text)
            if not tokens:
                raise ValueError(f"text {row} is empty: there is no token to take a mean over")
            if any(fault in text for fault in self._faults):
                raise BackendError(f"hidden states of text {row} are not finite, as asked for")
            states = np.stack([np.random.default_rng(token).standard_normal(WIDTH) for token in tokens])
            result[row] = weights(len(tokens), pooling) @ states
        return result

    def close(self) -> None:
        """Refuse further use; safe to call twice."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise BackendError("this fake backend is closed; make a new one")

    def _score(self, context: str, shared: list[int], target: Target) -> TokenLogProbs:
        prompt, response = self.tokenize(target.prompt), tuple(self.tokenize(target.response))
        length = len(shared) + len(prompt) + len(response)
        if length > self._context_length:
            reason = f"context, prompt and response are {length} tokens; this backend reads {self._context_length}"
            return TokenLogProbs(response, (), Status.TOO_LONG, reason)
        for text, status in self._faults.items():
            if any(text in part for part in (context, target.prompt, target.response)):
                return TokenLogProbs(response, (), status, f"the text contains {text!r}, as asked for")
        if not shared and not prompt:
            return TokenLogProbs(response, (), Status.FAILED, "there is no token before the response")
        self._tokens_evaluated += len(prompt) + len(response)
        return TokenLogProbs(response, tuple(_logprobs(shared, prompt, response)))


def _logprobs(shared: list[int], prompt: list[int], response: tuple[int, ...]) -> list[float]:
    """One number in [-6.6, -0.02] per token, from the token itself and all tokens before the response."""
    before = [*shared, *prompt]
    seen, mark = set(before), zlib.crc32(repr(before).encode())
    logprobs = []
    for token in response:
        surprise = 0.05 + 5.95 * _unit(zlib.crc32(b"%d" % token))
        surprise *= 0.6 if token in seen else 1.0
        logprobs.append(-surprise * (0.9 + 0.2 * _unit(zlib.crc32(b"%d" % token, mark))))
    return logprobs


def _unit(number: int) -> float:
    return number / 0xFFFFFFFF
