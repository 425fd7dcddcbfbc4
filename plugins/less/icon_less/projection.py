"""A random projection of long vectors that keeps their inner products, with a few bytes per coordinate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


class Projection:
    """Adds each coordinate, with a random sign, to one of `size` numbers drawn for it.

    The matrix has one entry of +1 or -1 per column, and is stored as such: four bytes per coordinate. For any x and y
    the inner product of the projections has the expectation <x, y> and at most the variance
    (|x|^2 |y|^2 + <x, y>^2) / size, which is that of a dense Gaussian projection. Source: Weinberger et al. 2009
    (arXiv 0902.2206), lemma 2.

    Args:
        parameters: The parameters whose gradients are projected, in order; each is projected on its own device.
        size: Length of a projection; 0 keeps the whole vector.
        seed: Decides the matrix, on any device.
    """

    def __init__(self, parameters: Sequence[Tensor], size: int, seed: int) -> None:
        self.size = size or sum(parameter.numel() for parameter in parameters)
        self._parts: list[tuple[Tensor, Tensor]] = []
        if not size:
            return
        generator = np.random.default_rng([seed, size])
        for parameter in parameters:
            drawn = torch.from_numpy(generator.integers(0, 2 * size, parameter.numel(), dtype=np.int32))
            signs = (1 - 2 * (drawn & 1)).to(torch.int8)
            self._parts.append(((drawn >> 1).to(parameter.device), signs.to(parameter.device)))

    def __call__(self, gradients: Sequence[Tensor]) -> Tensor:
        """The projection: float32, shape (size,), on the CPU.

        Args:
            gradients: One tensor per parameter, of its shape.
        """
        flat = [gradient.detach().reshape(-1).float() for gradient in gradients]
        if not self._parts:
            return torch.cat([part.cpu() for part in flat])
        projected = torch.zeros(self.size)
        for part, (places, signs) in zip(flat, self._parts, strict=True):
            sums = torch.zeros(self.size, device=part.device)
            projected += sums.index_add_(0, places, part * signs).cpu()
        return projected
