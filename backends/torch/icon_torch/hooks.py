"""The hooks of this distribution; importing them is light."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy
    from icon_torch.backend import TorchBackend
    from icon_torch.options import TorchOptions


def build(options: TorchOptions) -> TorchBackend:
    """Load the model that the options name."""
    from icon.inference import sleeping_threads

    with sleeping_threads():
        from icon_torch.backend import TorchBackend

    return TorchBackend(options)


def find(options: TorchOptions) -> None:
    """Refuse a model that is not there, as `build` would."""
    from icon_torch.models import find as find_model

    find_model(options.model, options.revision)


@hookimpl
def icon_backends() -> list[Strategy]:
    """The backend `torch`."""
    from icon.plugins import Strategy
    from icon_torch.options import TorchOptions

    summary = "Causal language models of transformers at full precision: one GPU, several, or a CPU."
    return [Strategy("torch", summary, build, options=TorchOptions, find=find)]


@hookimpl
def icon_selectors() -> list[Strategy]:
    """The selector `lora`."""
    from icon_torch.lora import strategy

    return [strategy()]
