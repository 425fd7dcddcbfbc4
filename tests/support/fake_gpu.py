"""A GPU that is only pretended: torch follows shapes, types and devices, and computes nothing.

What runs under it goes through the same branches as on a GPU, and fails where tensors of two devices meet. It counts
what makes a processor wait for the GPU and the bytes in its memory, for models of any size.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary

GPU = torch.device("cuda:0")

WAITING = ("_local_scalar_dense", "nonzero", "is_nonzero", "equal", "masked_select")
"""Operations for whose result the processor waits."""


class Watch(TorchDispatchMode):
    """Watches operations on the pretended GPU.

    Attributes:
        waits: Operations whose numbers come back to the processor, which waits for all that is queued.
        sent: Number of tensors that were copied to the GPU.
        held: Bytes of its memory that tensors hold now.
        peak: Most bytes so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[str] = []
        self.sent = self.held = self.peak = 0
        self._known: Any = WeakIdKeyDictionary()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the operation and note what it does."""
        before = {leaf.device.type for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)}
        out = func(*args, **(kwargs or {}))
        made = [leaf for leaf in tree_leaves(out) if isinstance(leaf, Tensor)]
        after, name = {tensor.device.type for tensor in made}, func.overloadpacket.__name__
        copies = name in ("_to_copy", "copy_")
        if "cuda" in before and (name in WAITING or (copies and "cpu" in after)):
            self.waits.append(name)
        self.sent += copies and "cpu" in before and "cuda" in after
        for tensor in made:
            if tensor.device.type == "cuda":
                self._hold(tensor.untyped_storage())
        return out

    def _hold(self, storage: Any) -> None:
        if storage not in self._known:
            self._known[storage] = size = storage.nbytes()
            self.held += size
            self.peak = max(self.peak, self.held)
            weakref.finalize(storage, self._free, size)

    def _free(self, size: int) -> None:
        self.held -= size


class Rewriting(TorchFunctionMode):
    """Methods that a torch without CUDA refuses for its tensors, by the operations they stand for."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the function, or what stands in its place."""
        if func is Tensor.__getitem__ and args[0].device.type == "cuda":
            return _at(*args)
        if func is Tensor.__setitem__ and args[0].device.type == "cuda":
            return torch.ops.aten.copy_(_at(*args[:2]), args[2])
        if func is Tensor.contiguous and args[0].device.type == "cuda":
            return args[0] if args[0].is_contiguous() else args[0].clone(memory_format=torch.contiguous_format)
        return func(*args, **(kwargs or {}))


def _at(tensor: Tensor, index: Any) -> Tensor:
    """Part of a tensor by slices, whole numbers, tensors, None and at most one Ellipsis."""
    index = index if isinstance(index, tuple) else (index,)
    left, at = sum(each is not None and each is not Ellipsis for each in index), 0
    chosen: dict[int, Tensor] = {}
    for each in index:
        if each is Ellipsis:
            at = tensor.ndim - left
            continue
        if each is None:
            tensor, at = tensor.unsqueeze(at), at + 1
            continue
        left -= 1
        if isinstance(each, slice):
            tensor, at = torch.ops.aten.slice(tensor, at, each.start, each.stop, each.step or 1), at + 1
        elif isinstance(each, int):
            tensor = tensor.select(at, each)
        else:
            chosen[at], at = each, at + 1
    places = [chosen.get(dim) for dim in range(max(chosen, default=-1) + 1)]
    return torch.ops.aten.index(tensor, places) if chosen else tensor


@contextmanager
def pretended() -> Iterator[Watch]:
    """Within it tensors compute nothing, on the processor or on `GPU`."""
    with FakeTensorMode(), Rewriting(), Watch() as watch:
        yield watch


def onto(model: Any) -> Any:
    """Put a model that was made within `pretended` on the GPU."""
    for module in model.modules():
        for name, weight in module._parameters.items():
            if weight is not None:
                module._parameters[name] = torch.nn.Parameter(weight.detach().to(GPU), requires_grad=False)
        for name, buffer in module._buffers.items():
            module._buffers[name] = None if buffer is None else buffer.to(GPU)
    return model
