"""Evaluates packs of branches after a shared context, which is read once and kept in the cache."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import DynamicCache

from icon.inference import Branch, Pack, pack, predicting
from icon_torch import memory
from icon_torch.head import Head
from icon_torch.layout import Layout
from icon_torch.masks import Form, laid_out

SMALLEST_PACK = 16
"""Smallest pack in tokens; smaller ones are not halved."""

PATIENCE, MOST_PATIENCE = 8, 1024
"""Contexts for which halved packs must suffice before they are doubled again: at first, and at most."""


def decoder(model: Any) -> Any:
    """The part of a causal language model whose output is the last hidden states.

    For a few models (Llama 4) transformers gives the whole model as its own base and decoder.
    """
    for body in (model.base_model, model.get_decoder(), getattr(model, "model", None)):
        if body is not None and body is not model:
            return body
    return model


class Engine:
    """Base of the engines, the ways of evaluating a pack (`icon.inference.Engine`).

    Args:
        model: A causal language model of transformers, in evaluation mode.
        body: The same model's decoder, whose output is the last hidden states.
        head: The same model's vocabulary projection.
        context_length: Longest sequence, in tokens.
        pack_tokens: Tokens of targets evaluated together.

    Attributes:
        tokens_evaluated: Tokens that the model has read so far, shared ones once.
        largest_pack: Initial value of `pack_tokens`; packs that did not fit into memory grow back to it.
        ran_short: Whether a pack ever did not fit into memory.
    """

    name = ""
    max_branches = 4096
    caches = False
    """Whether a context is read once for several packs."""

    def __init__(self, model: Any, body: Any, head: Head, context_length: int, pack_tokens: int) -> None:
        self.model = model
        self.body = body
        self.head = head
        self.context_length = context_length
        self.pack_tokens = self.largest_pack = pack_tokens
        self.ran_short = False
        self._patience, self._contexts, self._grew = PATIENCE, 0, False
        self.tokens_evaluated = 0
        self.device: torch.device = model.get_input_embeddings().weight.device
        self.shared: Sequence[int] = ()

    @property
    def label(self) -> str:
        """What `BackendInfo.settings` calls this way of attention."""
        return self.name

    def start(self, shared: Sequence[int], *, beginning: int = 0, wipe: bool = False) -> None:
        """Set the tokens that all branches share; they are read with the first pack.

        Args:
            shared: Token ids.
            beginning: How many of them an engine with a cache reads by a pass of their own, and keeps.
            wipe: Whether to drop what is kept.
        """
        self.shared = shared
        if not wipe:
            self._grow()

    def shrink(self) -> bool:
        """Halve the packs; False once they are at their smallest."""
        self.ran_short = True
        if self._grew:
            self._patience = min(2 * self._patience, MOST_PATIENCE)
        self._contexts, self._grew = 0, False
        if self.pack_tokens <= SMALLEST_PACK:
            return False
        self.pack_tokens //= 2
        memory.give_back(self.device)
        return True

    def _grow(self) -> None:
        """Double packs that were halved and have sufficed for a while; where that fails, wait twice as long."""
        if self.pack_tokens >= self.largest_pack:
            return
        self._contexts += 1
        if self._contexts > self._patience:
            self.pack_tokens = min(2 * self.pack_tokens, self.largest_pack)
            self._contexts, self._grew = 0, True

    def logprobs(self, pack: Pack) -> list[NDArray[np.float64]]:
        """Log-probabilities of every branch's response tokens, in the pack's order.

        Raises:
            OutOfMemoryError: There is no memory for it.
        """
        with torch.inference_mode(), memory.errors_translated():
            logprobs = self._logprobs(pack).numpy()
        return np.split(logprobs, np.cumsum([len(branch.response) for branch in pack.branches])[:-1])

    def _logprobs(self, pack: Pack) -> Tensor:
        """Log-probabilities of all response tokens, branch by branch: float64, shape (response tokens,), on the CPU."""
        # Sent before the pass: a copy after it would wait for all that the device has still to do.
        targets = torch.tensor([token for branch in pack.branches for token in branch.response], device=self.device)
        return self.head.logprobs(self._predicting_states(pack), targets)

    def states(self, pack: Pack) -> list[Tensor]:
        """Last hidden states of every branch's tokens, each of shape (tokens, width), in the pack's order.

        Raises:
            OutOfMemoryError: There is no memory for it.
        """
        raise NotImplementedError

    def _predicting_states(self, pack: Pack) -> Tensor:
        """The rows that predict the response tokens, branch by branch, shape (response tokens, width)."""
        pairs = zip(self.states(pack), pack.branches, strict=True)
        return torch.cat([states[-len(branch.response) :] for states, branch in pairs])


class SharedEngine(Engine):
    """Evaluates targets packed after the cached context: a trie of tokens, each of which sees only its own path.

    The context is read together with the first pack; its keys and values then stay in the cache, and those of every
    pack are cropped. A beginning that contexts have in common is read by itself, and stays from context to context.
    """

    name = "shared"
    caches = True

    def __init__(self, model: Any, body: Any, head: Head, context_length: int, pack_tokens: int, *, form: Form) -> None:
        super().__init__(model, body, head, context_length, pack_tokens)
        self.form: Form = form
        self._cache: DynamicCache | None = None
        self._n_cached = 0
        self._beginning: tuple[int, ...] = ()
        # transformers 5 calls it `cache`; earlier versions, and third-party models, only know the old name.
        takes = inspect.signature(body.forward).parameters
        self._cache_name = "cache" if "cache" in takes else "past_key_values"

    @property
    def label(self) -> str:
        """The form of its attention."""
        return self.form

    def start(self, shared: Sequence[int], *, beginning: int = 0, wipe: bool = False) -> None:
        """Drop the context that was read before but for a common beginning; the new one is read with the first pack."""
        super().start(shared)
        kept = tuple(shared[:beginning])
        if self._cache is not None and kept and kept == self._beginning and not wipe:
            self._crop(self._cache, self._n_cached - len(kept))
            self._n_cached = len(kept)
        else:
            self._cache, self._n_cached = None, 0
        self._beginning = kept

    def states(self, pack: Pack) -> list[Tensor]:
        """Last hidden states of every branch's tokens; see `Engine.states`."""
        with torch.inference_mode(), memory.errors_translated():
            states = self._forward(pack)
            return [states[torch.tensor(path, device=states.device)] for path in pack.paths]

    def _predicting_states(self, pack: Pack) -> Tensor:
        pairs = zip(pack.paths, pack.branches, strict=True)
        rows = torch.tensor([row for path, branch in pairs for row in predicting(path, branch)], device=self.device)
        states = self._forward(pack)
        return states[rows.to(states.device)]

    def _forward(self, pack: Pack) -> Tensor:
        """Last hidden states of the pack's nodes, shape (nodes, width)."""
        if self._cache is not None:
            cache, n_cached = self._cache, self._n_cached
        else:
            # Without the model's settings every layer keeps all keys, those with a sliding window too.
            cache, n_cached = DynamicCache(), len(self._beginning)
            if self._beginning:
                self._read(Layout((), _straight(self._beginning), n_cached=0, device=self.device), cache)
        self._cache = None  # a pass that fails leaves no half-filled cache behind
        layout = Layout(self.shared, pack, n_cached=n_cached, device=self.device)
        states = self._read(layout, cache)
        if self.shared:
            self._crop(cache, len(pack.token))
            self._cache, self._n_cached = cache, len(self.shared)
        return states[layout.offset :]

    def _read(self, layout: Layout, cache: DynamicCache) -> Tensor:
        """Last hidden states of the layout's rows, whose keys and values are added to the cache."""
        with laid_out(layout, self.form):
            states: Tensor = self.body(
                input_ids=layout.tokens[None],
                position_ids=layout.positions[None],
                use_cache=True,
                **{self._cache_name: cache},
            ).last_hidden_state[0]
        self.tokens_evaluated += len(layout.tokens)
        return states

    def _crop(self, cache: DynamicCache, n_tokens: int) -> None:
        """Take the last tokens out of the cache."""
        if n_tokens:
            with torch.inference_mode():
                cache.crop(-n_tokens)


def _straight(tokens: tuple[int, ...]) -> Pack:
    """A pack of one branch."""
    return next(pack([Branch(0, tokens, tokens[-1:])], max_tokens=len(tokens), max_branches=1))
