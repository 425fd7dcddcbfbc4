"""Scoring for every backend: texts to packs of tokens, and an engine's numbers to statuses and log-probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from icon.errors import InputError
from icon.inference.following import tokens_after, with_bos
from icon.inference.packing import Branch, Pack, pack
from icon.inference.watching import between_passes
from icon.types import Status, Target, TokenLogProbs

ROUNDING = 1e-5
"""By how much rounding may make a log-probability exceed 0; more is a fault."""

LEAST_BEGINNING = 16
"""Fewest tokens of a beginning that is kept from context to context: it takes a pass of its own."""

Begin = Callable[..., None]
"""`Engine.start` with the tokens that all branches share."""


class OutOfMemoryError(Exception):
    """The engine has no memory for a pack."""


class Vocabulary(Protocol):
    """Tokenises with the model's own vocabulary."""

    @property
    def bos(self) -> int:
        """Token id of BOS."""
        ...

    @property
    def adds_bos(self) -> bool:
        """Whether the tokenizer puts a BOS in front of every text."""
        ...

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text, without BOS.

        Raises:
            InputError: The text is not Unicode.
        """
        ...


class Engine(Protocol):
    """Evaluates packs of branches that share a context.

    Attributes:
        context_length: Longest sequence, in tokens.
        pack_tokens: Most unique tokens in a pack.
        max_branches: Most branches in a pack.
    """

    context_length: int
    pack_tokens: int
    max_branches: int

    def start(self, shared: Sequence[int], *, beginning: int = 0, wipe: bool = False) -> None:
        """Evaluate the tokens that all branches share; with `wipe`, discard everything that was evaluated before.

        Args:
            shared: Token ids.
            beginning: How many of them are evaluated by a pass of their own, whose keys and values may stay for the
                next contexts that begin so. The pass is of its own whether or not they were there already, so no
                number depends on what was evaluated before; an engine that keeps nothing ignores it.
            wipe: Whether to discard what is kept.

        Raises:
            OutOfMemoryError: There is no memory for it.
        """
        ...

    def logprobs(self, pack: Pack) -> list[NDArray[np.float64]]:
        """Log-probabilities of every branch's response tokens, in the pack's order; the caller checks the numbers.

        Raises:
            OutOfMemoryError: There is no memory for it.
        """
        ...

    def shrink(self) -> bool:
        """Make packs smaller after memory ran out; False where they cannot be smaller."""
        ...


def score(
    vocabulary: Vocabulary, engine: Engine, context: str, targets: Sequence[Target], beginning: str = ""
) -> list[TokenLogProbs]:
    """Score the targets conditioned on the context; see `icon.plugins.Backend.score`.

    The shared part is everything up to the context's last token; each branch begins with that token, so that the
    prediction of a first token right after the context is one of the branch's own outputs.

    Args:
        vocabulary: The model's own.
        engine: Evaluates the packs.
        context: The text that all targets are conditioned on.
        targets: What to score.
        beginning: What other contexts begin with as well, see `icon.plugins.Continuing`; "" for nothing.
    """
    try:
        prefix = with_bos(vocabulary, tokens_after(vocabulary, "", context))
        n_beginning = beginning_tokens(vocabulary, beginning, prefix[:-1])
    except InputError as error:
        return [TokenLogProbs((), (), Status.FAILED, f"the context: {error}")] * len(targets)
    shared, last = prefix[:-1], prefix[-1:]
    results: dict[int, TokenLogProbs] = {}
    branches = []
    for index, target in enumerate(targets):
        try:
            branch = make_branch(vocabulary, index, last, target, context)
        except InputError as error:
            results[index] = TokenLogProbs((), (), Status.FAILED, str(error))
            continue
        if fault := _fault(branch, len(shared), engine.context_length):
            results[index] = fault
        else:
            branches.append(branch)
    begin = partial(engine.start, shared, beginning=n_beginning) if n_beginning else partial(engine.start, shared)
    results.update(_scored(engine, begin, branches))
    return [results[index] for index in range(len(targets))]


def beginning_tokens(vocabulary: Vocabulary, beginning: str, shared: Sequence[int]) -> int:
    """Number of tokens of the beginning, BOS included; 0 where they are too few, or `shared` does not begin with them.

    Raises:
        InputError: The text is not Unicode.
    """
    ids = with_bos(vocabulary, tokens_after(vocabulary, "", beginning)) if beginning else []
    return len(ids) if len(ids) >= LEAST_BEGINNING and list(shared[: len(ids)]) == ids else 0


def make_branch(vocabulary: Vocabulary, index: int, last: Sequence[int], target: Target, context: str = "") -> Branch:
    """The target's tokens that follow the shared part.

    Args:
        vocabulary: The model's own.
        index: Place of the target in the caller's list.
        last: The last token of the shared part, BOS included; empty where there is none.
        target: Prompt and response.
        context: The text before the prompt.

    Raises:
        InputError: A text of the target is not Unicode, or its response has no token under the model's tokenizer.
        ValueError: The response is empty.
    """
    response = tokens_after(vocabulary, target.prompt or "\n", target.response)
    if not target.response:
        raise ValueError(f"target {index} has an empty response: there is no token to score")
    if not response:
        raise InputError(f"its response has no token under the model's tokenizer: {target.response[:20]!r}")
    prompt = tokens_after(vocabulary, context, target.prompt)
    if not context and last and prompt[:1] == list(last):  # the prompt has the BOS in its text
        last = ()
    return Branch(index, (*last, *prompt, *response[:-1]), tuple(response))


def sequence(vocabulary: Vocabulary, context: str, target: Target) -> tuple[list[int], list[int]]:
    """Everything before the response, BOS included, and the response, as token ids as `score` reads them.

    Raises:
        InputError: A text is not Unicode, or the response has no token under the model's tokenizer.
        ValueError: The response is empty.
    """
    prefix = with_bos(vocabulary, tokens_after(vocabulary, "", context))
    branch = make_branch(vocabulary, 0, prefix[-1:], target, context)
    tokens = [*prefix[:-1], *branch.tokens]
    return tokens[: len(tokens) - len(branch.response) + 1], list(branch.response)


def _fault(branch: Branch, n_shared: int, limit: int) -> TokenLogProbs | None:
    """The result of a branch that cannot be scored; None where it can."""
    if len(branch.tokens) < len(branch.response):
        reason = "nothing precedes the response: context and prompt are empty and the model has no BOS token"
        return _without_number(branch, Status.FAILED, reason)
    length = n_shared + len(branch.tokens) + 1
    if length > limit:
        reason = f"context, prompt and response are {length} tokens; this backend reads {limit}"
        return _without_number(branch, Status.TOO_LONG, reason)
    return None


def _scored(engine: Engine, begin: Begin, branches: Sequence[Branch]) -> dict[int, TokenLogProbs]:
    """The branches' results by their place in the caller's list."""
    results: dict[int, TokenLogProbs] = {}
    if not branches:
        return results
    pending = list(branches)
    while pending:
        exhausted = ""
        try:
            begin()
            for trie in pack(pending, max_tokens=engine.pack_tokens, max_branches=engine.max_branches):
                between_passes()
                results.update(_scored_pack(engine, begin, trie))
        except OutOfMemoryError as error:
            exhausted = str(error) or "an allocation failed"
        # Outside the handler, since the error's traceback keeps what the failed pass had allocated.
        if exhausted and not engine.shrink():
            # Packs come in sorted order, so the first branch without a result did not fit; others may.
            first = min(
                (branch for branch in pending if branch.index not in results),
                key=lambda branch: (branch.tokens, branch.index),
            )
            results[first.index] = _without_number(first, Status.OUT_OF_MEMORY, exhausted)
        pending = [branch for branch in pending if branch.index not in results]
    return results


def _scored_pack(engine: Engine, begin: Begin, trie: Pack) -> dict[int, TokenLogProbs]:
    results = {
        branch.index: checked(branch.response, logprobs)
        for branch, logprobs in zip(trie.branches, engine.logprobs(trie), strict=True)
    }
    broken = any(result.status is Status.NOT_FINITE for result in results.values())
    if broken and len(trie.branches) > 1:
        # Attention multiplies masked values by zero, and zero times infinity is NaN: one target can break the others.
        for branch in trie.branches:
            begin(wipe=True)
            results.update(_scored_pack(engine, begin, next(pack([branch], max_tokens=1, max_branches=1))))
    if broken:
        begin(wipe=True)
    return results


def checked(response: tuple[int, ...], logprobs: NDArray[np.float64]) -> TokenLogProbs:
    """The log-probabilities as a result; NOT_FINITE where one of them is invalid."""
    bad = ~np.isfinite(logprobs) | (logprobs > ROUNDING)
    if bad.any():
        at = int(np.argmax(bad))
        reason = (
            f"the log-probability of response token {at} is {logprobs[at]} ({bad.sum()} of {len(bad)} tokens are bad)"
        )
        return TokenLogProbs(response, (), Status.NOT_FINITE, reason)
    return TokenLogProbs(response, tuple(np.minimum(logprobs, 0.0).tolist()))


def _without_number(branch: Branch, status: Status, reason: str) -> TokenLogProbs:
    return TokenLogProbs(branch.response, (), status, reason)
