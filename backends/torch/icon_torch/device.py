"""The device of a model: the requested one, checked against this machine and this torch."""

from __future__ import annotations

import torch

from icon.errors import UserError
from icon.inference import processor


def find_device(asked: str) -> torch.device:
    """The device of a name; `auto` is a GPU where there is one.

    Raises:
        UserError: No such device, or torch cannot use it; the message says what to do.
    """
    if asked == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(asked)
    except RuntimeError:
        raise UserError(f"device {asked!r}: found no such device; valid: auto, cpu, cuda, cuda:N, mps") from None
    if device.type == "cuda":
        _check_cuda(device)
    elif device.type == "mps" and not torch.backends.mps.is_available():
        raise UserError("device mps: this machine has no Apple GPU that torch can use; use --device cpu")
    elif device.type not in ("cpu", "mps"):
        raise UserError(f"device {asked!r}: not supported; valid: auto, cpu, cuda, cuda:N, mps")
    return device


def device_name(device: torch.device) -> str:
    """The name of the processor or GPU; GPUs of the same kind have the same name."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return processor.name() if device.type == "cpu" else device.type


def _check_cuda(device: torch.device) -> None:
    if torch.version.cuda is None:
        raise UserError(
            f"device {device}: the installed torch ({torch.__version__}) is built without CUDA; use --device cpu, or "
            "install a build with CUDA: pip install --force-reinstall torch (pytorch.org/get-started lists the builds)"
        )
    count = torch.cuda.device_count()
    if count == 0:
        raise UserError(
            f"device {device}: torch {torch.__version__} sees no GPU; use --device cpu, or check whether the command "
            "nvidia-smi lists the GPU and whether CUDA_VISIBLE_DEVICES hides it"
        )
    if device.index is not None and device.index >= count:
        raise UserError(f"device {device}: found {count} GPU(s); valid: cuda:0 to cuda:{count - 1}")
