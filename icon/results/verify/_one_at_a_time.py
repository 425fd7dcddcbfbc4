"""A backend that scores every target alone, whatever it is asked for together."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from icon.inference.received import scored_alone
from icon.plugins import Backend, Reference
from icon.types import BackendInfo, ChatTemplate, Target, TokenLogProbs


class OneAtATime:
    """Wraps a backend: no two targets share a call, and nothing is shared at all where the backend can do that.

    Args:
        backend: Scores; everything but `score` is passed on to it unchanged, optional abilities included.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def plain_pass(self) -> bool:
        """Whether each target is scored by a plain pass over the whole text (`icon.plugins.Reference`)."""
        return isinstance(self._backend, Reference)

    @property
    def tokens_evaluated(self) -> int:
        """How many tokens the model has read so far."""
        return self._backend.tokens_evaluated

    def describe(self) -> BackendInfo:
        """The model that is really run."""
        return self._backend.describe()

    def score(self, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """Score every target in a call of its own; see `icon.plugins.Backend.score`."""
        return [self._alone(context, target) for target in targets]

    def _alone(self, context: str, target: Target) -> TokenLogProbs:
        return scored_alone(self._backend, context, target)

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text."""
        return self._backend.tokenize(text)

    def token_pieces(self, token_ids: Sequence[int]) -> list[str]:
        """The text of each token."""
        return self._backend.token_pieces(token_ids)

    def chat_template(self) -> ChatTemplate | None:
        """The model's own chat template."""
        return self._backend.chat_template()

    def close(self) -> None:
        """Free the model."""
        self._backend.close()

    def __getattr__(self, name: str) -> Any:
        """An optional ability of the backend, such as `embed`."""
        return getattr(self._backend, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
