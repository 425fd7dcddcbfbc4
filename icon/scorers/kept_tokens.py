"""Log-probabilities of single tokens that a run keeps while it measures, so that its examples need no passes again."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TypeVar

from icon.types import Measurement, Status, Target, TokenLogProbs

MOST = 3_000_000
"""Log-probabilities that are kept at most, in 48 MB. Passes beyond it are made again where they are shown."""
ENTRY = 25
"""As how many log-probabilities the objects of one pass count, beside its own: about 400 bytes."""
SHARED = 2 / 3
"""Share of the room that passes of shared contexts may take, which come first: the rest is left for pairs."""

Compact = tuple["array[int]", "array[float]"]
Key = TypeVar("Key", bound=Hashable)


class KeptTokens:
    """Tokens of each candidate's best and worst pair, and of the passes that candidates share; in memory alone.

    Which candidates a report shows is known when all are measured, which of a candidate's pairs it shows when that
    candidate is. So two pairs per candidate are kept, and of a race those over all of its slices.

    Args:
        most: Log-probabilities that are kept at most; each pass counts as `ENTRY` more.
    """

    def __init__(self, most: int = MOST) -> None:
        self._room, self._left_for_pairs = most, round((1 - SHARED) * most)
        self._pairs: dict[tuple[str, str], dict[int, Compact]] = {}  # by the hash of the context
        self._shared: dict[tuple[str, Target], Compact] = {}
        self._effects: dict[str, dict[str, float]] = {}

    def pair(self, candidate: str, assessment: str, context: str) -> TokenLogProbs | None:
        """The pass over an assessment sample conditioned on a candidate's demonstration; None where it is not kept.

        A scorer may make several passes over a pair, so the context has to be that of the pass.
        """
        return _restored(self._pairs.get((candidate, assessment), {}).get(hash(context)))

    def shared(self, context: str, target: Target) -> TokenLogProbs | None:
        """The pass over a target conditioned on a context that candidates share; None where it is not kept."""
        return _restored(self._shared.get((context, target)))

    def note_pair(self, candidate: str, assessment: str, context: str, result: TokenLogProbs) -> None:
        """Keep a pass over a pair until the candidate is settled."""
        self._keep(self._pairs.setdefault((candidate, assessment), {}), hash(context), result)

    def note_shared(self, context: str, targets: Sequence[Target], results: Sequence[TokenLogProbs]) -> None:
        """Keep passes that candidates share, such as those conditioned on a random context."""
        for target, result in zip(targets, results, strict=True):
            self._keep(self._shared, (context, target), result, leaving=self._left_for_pairs)

    def settle(self, candidate: str, rows: Sequence[Measurement]) -> None:
        """Keep no more of a candidate than the pair that it helped most and the one that it hurt most.

        Args:
            candidate: Its id.
            rows: Its measurements; those of an earlier slice of a race have been settled before.
        """
        effects = dict(self._effects.get(candidate, {}))
        for row in rows:
            if row.assessment is not None and (effect := row.c if row.c is not None else row.log_gain) is not None:
                effects[row.assessment] = effect
        order = sorted(effects, key=lambda assessment: (-effects[assessment], assessment))
        self._effects[candidate] = {assessment: effects[assessment] for assessment in {*order[:1], *order[-1:]}}
        for assessment in {*effects, *(row.assessment for row in rows)} - self._effects[candidate].keys():
            self._drop((candidate, assessment or ""))

    def _keep(self, place: dict[Key, Compact], key: Key, result: TokenLogProbs, *, leaving: int = 0) -> None:
        size = len(result.logprobs) + ENTRY
        if result.status != Status.OK or key in place or size > self._room - leaving:
            return
        with suppress(TypeError, OverflowError):  # a plugin's token ids may be anything
            place[key] = array("q", result.token_ids), array("d", result.logprobs)
            self._room -= size

    def _drop(self, key: tuple[str, str]) -> None:
        for _, logprobs in self._pairs.pop(key, {}).values():
            self._room += len(logprobs) + ENTRY


_keeping: ContextVar[KeptTokens | None] = ContextVar("keeping", default=None)


@contextmanager
def keeping(kept: KeptTokens | None) -> Iterator[None]:
    """Context in which passes are kept; a no-op with None."""
    token = _keeping.set(kept)
    try:
        yield
    finally:
        _keeping.reset(token)


def kept_now() -> KeptTokens | None:
    """Where passes are kept at this moment; None where they are not."""
    return _keeping.get()


def _restored(kept: Compact | None) -> TokenLogProbs | None:
    return None if kept is None else TokenLogProbs(tuple(kept[0]), tuple(kept[1]))
