"""Matrix products on AMD processors by oneDNN, where torch would take MKL, which is slower there.

torch multiplies float32 matrices with MKL, whose kernels for processors of other makers reach less of their speed: on
an EPYC of the fourth generation 88 to 98 GFLOP/s per core where oneDNN, which is part of torch too, reaches 99 to 104
(docs/performance.md). Both sum in float32; only the order of the sums differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear
from torch.overrides import TorchFunctionMode

from icon.inference import processor


@cache
def available() -> bool:
    """Whether this processor is of the kind that oneDNN is faster on, and this torch has oneDNN's product."""
    wide = torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")
    built = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    known = hasattr(torch.ops.mkldnn, "_linear_pointwise")
    return bool(wide and built and known) and "AMD" in processor.name()


def product(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`rows @ weight.T + bias`, by oneDNN where that is faster; where gradients are kept by torch, as oneDNN has none.

    Args:
        rows: Shape (..., width).
        weight: Shape (features, width).
        bias: Shape (features,).
    """
    parts = [rows, weight] if bias is None else [rows, weight, bias]
    if torch.is_grad_enabled() or not available() or not all(map(_fits, parts)):
        return linear(rows, weight, bias)
    result: Tensor = torch.ops.mkldnn._linear_pointwise(rows.contiguous(), weight, bias, "none", [], "")
    return result


@contextmanager
def fast_products(device: torch.device, *, compiled: bool) -> Iterator[None]:
    """Context in which the layers of a model on that device multiply by `product`; compiled ones stay as they are."""
    if compiled or device.type != "cpu" or not available():
        yield
        return
    with _Products():
        yield


class _Products(TorchFunctionMode):
    """Passes every linear layer on to `product`."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return (product if func is linear else func)(*args, **(kwargs or {}))


def _fits(tensor: Tensor) -> bool:
    """Whether it is a plain matrix or vector of numbers as oneDNN takes them: subclasses may hold other things."""
    plain = type(tensor) in (Tensor, torch.nn.Parameter)
    return plain and tensor.dtype == torch.float32 and tensor.device.type == "cpu" and tensor.numel() > 0
