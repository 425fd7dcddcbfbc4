"""Masks of a layout: which keys of its own path a row sees, as the model's own masks say.

A model of transformers asks for the mask of each kind of layer (full, sliding, in chunks) by a function of two
positions. Within a layout such a function is noted, and the model is given a marker in place of the mask, which comes
back to the attention with the layer's other arguments. So a layer's window is what the model itself says of it. Where
something other than a marker comes back, the model makes or changes its masks in a way that a layout cannot follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import torch
from torch import Tensor
from transformers.masking_utils import causal_mask_function, sdpa_mask

from icon_torch.layout import Layout, MaskFunction

Form = Literal["branches", "masked", "flex"]

CAUSAL: Any = causal_mask_function
"""What a layer without a window sees; transformers writes it with plain numbers as its types."""

FIRST = 2
"""Last dimension of the first marker: of size 1 it would fit itself to any other mask."""


class UnsupportedAttentionError(Exception):
    """The model's attention has features that are not supported here; the model is evaluated with its own."""


class Prepared:
    """A layout and the masks that the layers of one forward pass share, made on first use.

    Args:
        layout: Rows, positions and visibility of the pack's tokens.
        form: `branches`: one attention per path, nothing computed in vain; `masked`: one attention with a mask over all
            keys; `flex`: FlexAttention, which skips the blocks that no row sees.
    """

    def __init__(self, layout: Layout, form: Form) -> None:
        self.layout = layout
        self.form = form
        self._functions: list[MaskFunction] = []
        self._made: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """The result of `make`, computed on the first call with that key."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def marker(self, function: MaskFunction, device: torch.device | str) -> Tensor:
        """A marker for the mask of that function: a mask of no rows, whose last dimension says which function."""
        self._functions.append(function)
        return torch.ones(1, 1, 0, FIRST + len(self._functions) - 1, dtype=torch.bool, device=device)

    def function(self, marker: Tensor | None) -> tuple[int, MaskFunction]:
        """The function that a layer's marker stands for, and its number.

        Raises:
            UnsupportedAttentionError: It is no marker.
        """
        if marker is not None and marker.ndim == 4 and marker.shape[:3] == (1, 1, 0):
            number = marker.shape[3] - FIRST
            if 0 <= number < len(self._functions):
                return number, self._functions[number]
        raise UnsupportedAttentionError("its layers make masks of their own")


_current: ContextVar[Prepared | None] = ContextVar("layout", default=None)


def current() -> Prepared | None:
    """The layout that attention follows now; None outside of one."""
    return _current.get()


@contextmanager
def laid_out(layout: Layout, form: Form) -> Iterator[None]:
    """Context in which attention follows the layout."""
    token = _current.set(Prepared(layout, form))
    try:
        yield
    finally:
        _current.reset(token)


def make_mask(*, mask_function: MaskFunction = CAUSAL, **others: Any) -> Tensor | None:
    """The mask of one kind of layer, in transformers' signature: within a layout a marker, else that of SDPA.

    Args:
        mask_function: Whether a position (third argument) sees another one (fourth argument).
        **others: Sizes, offsets and device of the mask.
    """
    prepared = _current.get()
    if prepared is None:
        return sdpa_mask(mask_function=mask_function, **others)
    return prepared.marker(mask_function, others.get("device", "cpu"))


def band(rows: int, n_keys: int, function: MaskFunction, query: Tensor) -> Tensor | None:
    """The mask of rows at the end of a path: additive, shape (rows, n_keys); None where plain causality suffices."""
    if rows == n_keys and function is CAUSAL:
        return None
    at = torch.arange(n_keys - rows, n_keys, device=query.device)[:, None]
    keys = torch.arange(n_keys, device=query.device)[None]
    seen = keys <= at
    if function is not CAUSAL:
        first = torch.zeros((), dtype=torch.long, device=query.device)
        inside = seen & function(first, first, at, keys)
        if rows == n_keys and torch.equal(inside, seen):
            return None
        seen = inside
    return torch.zeros(seen.shape, dtype=query.dtype, device=query.device).masked_fill_(~seen, -torch.inf)
