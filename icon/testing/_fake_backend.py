"""A backend without a model: deterministic, instant, and able to fail on request."""

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
"""A word with the blank before it, or a single character that belongs to none: the tokens of a text, without gaps."""

WIDTH = 16
"""Size of an embedding."""


class FakeBackend:
    """Scores texts by hashes of their words; a word that the context or prompt already holds is likelier.

    Args:
        context_length: Longest sequence in tokens; anything longer is TOO_LONG.
        faults: Texts that cannot be scored: a target whose context, prompt or response holds one has that status; and
            like a real backend whose hidden states are not finite, `embed` refuses a call with such a text.
        chat_template: What `chat_template` gives.
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
        """How many tokens were read so far, the context once for all targets of a call."""
        return self._tokens_evaluated

    def describe(self) -> BackendInfo:
        """Say that nothing is really run."""
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
        """Score the targets as `icon.plugins.Backend.score` says."""
        self._check_open()
        for index, target in enumerate(targets):
            if not target.response:
                raise ValueError(f"target {index} has an empty response: there is no token to score")
        shared = self.tokenize(context)
        self._tokens_evaluated += len(shared) if targets else 0
        return [self._score(context, shared, target) for target in targets]

    def tokenize(self, text: str) -> list[int]:
        """One id a word, the same in every process."""
        self._check_open()
        found = [(zlib.crc32(piece.encode()), piece) for piece in TOKEN.findall(text)]
        self._pieces.update(found)
        return [token for token, _ in found]

    def token_pieces(self, token_ids: Sequence[int]) -> list[str]:
        """The text of each token that this backend has met."""
        self._check_open()
        return [self._pieces.get(token, "\ufffd") for token in token_ids]

    def chat_template(self) -> ChatTemplate | None:
        """The template given to the constructor."""
        return self._chat_template

    def embed(self, texts: Sequence[str], *, pooling: Pooling = "mean") -> NDArray[np.float32]:
        """Mean of one fixed random vector a token: float32 array of shape (len(texts), 16).

        Raises:
            ValueError: A text is empty.
            BackendError: A text holds a fault.
        """
        import numpy as np

        from icon.inference.scoring import weights

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
                return TokenLogProbs(response, (), status, f"the text holds {text!r}, as asked for")
        if not shared and not prompt:
            return TokenLogProbs(response, (), Status.FAILED, "nothing stands before the response")
        self._tokens_evaluated += len(prompt) + len(response)
        return TokenLogProbs(response, tuple(_logprobs(shared, prompt, response)))


def _logprobs(shared: list[int], prompt: list[int], response: tuple[int, ...]) -> list[float]:
    """One number in [-6.6, -0.02] a token, from the token itself and from all that stands before the response."""
    before = [*shared, *prompt]
    seen, mark = set(before), zlib.crc32(repr(before).encode())
    found = []
    for token in response:
        surprise = 0.05 + 5.95 * _unit(zlib.crc32(b"%d" % token))
        surprise *= 0.6 if token in seen else 1.0
        found.append(-surprise * (0.9 + 0.2 * _unit(zlib.crc32(b"%d" % token, mark))))
    return found


def _unit(number: int) -> float:
    return number / 0xFFFFFFFF
