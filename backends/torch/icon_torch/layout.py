"""Layout of a pack's tokens: their rows, positions, and the keys that each of them may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from icon.inference import Pack

MaskFunction = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""Whether a position sees another one, in transformers' signature: sequence, head, position, position that is seen."""


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive rows of one forward pass on one path of the trie.

    Attributes:
        start: First row among the queries.
        end: Row after the last one.
        keys: The path from the first shared token on, as places among the keys, shape (n,); its last end - start
            entries are the span's own rows. None where these are the first n keys.
        n_keys: n.
    """

    start: int
    end: int
    keys: Tensor | None
    n_keys: int


class Layout:
    """A pack after a shared context, as one sequence of rows.

    Keys are ordered as in the cache: the shared tokens, then the pack's nodes. Queries are the nodes, after the shared
    tokens that are not in the cache yet.

    Args:
        shared: Token ids of the shared context.
        pack: The pack after it.
        n_cached: How many of the shared tokens, from the first on, are in the cache.
        device: Device of the tensors.

    Attributes:
        tokens: Token ids, shape (rows,).
        positions: Position ids, shape (rows,): they restart at the context's length in every branch.
        offset: Row of the pack's first node.
    """

    def __init__(self, shared: Sequence[int], pack: Pack, *, n_cached: int, device: torch.device) -> None:
        self.device = device
        self.n_shared = len(shared)
        self.offset = len(shared) - n_cached
        self.tokens = torch.tensor([*shared[n_cached:], *pack.token], device=device)
        depth = torch.tensor(pack.depth, dtype=torch.long) + self.n_shared
        self.positions = torch.cat([torch.arange(n_cached, self.n_shared), depth]).to(device)
        self._pack = pack

    @property
    def n_keys(self) -> int:
        """Number of keys: shared tokens and nodes."""
        return self.n_shared + len(self._pack.token)

    @cached_property
    def spans(self) -> list[Span]:
        """Spans that cover every row once: each branch's own nodes, which are consecutive, with the path to them."""
        spans: list[Span] = []
        n_seen = 0
        for path in self._pack.paths:
            known = next((place for place, node in enumerate(path) if node >= n_seen), None)
            if known is None:  # the branch is a prefix of the one before it
                continue
            start, n_seen = path[known], path[-1] + 1
            first = 0 if start == 0 else self.offset + start
            straight = path[-1] == len(path) - 1
            keys = None if straight else [*range(self.n_shared), *(self.n_shared + node for node in path)]
            spans.append(
                Span(
                    first,
                    self.offset + n_seen,
                    None if keys is None else torch.tensor(keys, device=self.device),
                    self.n_shared + len(path),
                )
            )
        return spans

    @cached_property
    def key_positions(self) -> Tensor:
        """Position of every key, shape (keys,)."""
        depth = torch.tensor(self._pack.depth, dtype=torch.long) + self.n_shared
        return torch.cat([torch.arange(self.n_shared), depth]).to(self.device)

    @cached_property
    def reach(self) -> tuple[Tensor, Tensor]:
        """The half-open range of branches that go through each key, two tensors of shape (keys,)."""
        n_branches = len(self._pack.branches)
        first = torch.tensor([*[0] * self.n_shared, *self._pack.first])
        last = torch.tensor([*[n_branches] * self.n_shared, *self._pack.count])
        last[self.n_shared :] += first[self.n_shared :]
        return first.to(self.device), last.to(self.device)

    def visible(self, function: MaskFunction | None = None) -> Tensor:
        """Whether each row sees each key: bool of shape (rows, keys).

        A key is on a row's path if the branch that added the row goes through the key and the key is not deeper.

        Args:
            function: What a layer sees of a path, such as a window; None for all of it.
        """
        first, last = self.reach
        branch = first[self.n_keys - len(self.tokens) :, None]
        rows, keys = self.positions[:, None], self.key_positions[None]
        seen = (first <= branch) & (branch < last) & (keys <= rows)
        if function is not None:
            one = torch.zeros((), dtype=torch.long, device=self.device)
            seen &= function(one, one, rows, keys)
        return seen
