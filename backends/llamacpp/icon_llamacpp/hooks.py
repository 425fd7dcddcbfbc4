"""The hooks of this distribution; importing them is light."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy
    from icon_llamacpp.backend import LlamaCppBackend
    from icon_llamacpp.options import LlamaCppOptions


def build(options: LlamaCppOptions) -> LlamaCppBackend:
    """Load the model that the options name."""
    from icon_llamacpp.backend import LlamaCppBackend

    return LlamaCppBackend(options)


def find(options: LlamaCppOptions) -> None:
    """Refuse a model that is not there, as `build` would."""
    from icon_llamacpp.models import find as find_model

    find_model(options.model)


def advice() -> str:
    """What would be faster than this backend as it is installed; mostly empty."""
    from icon_llamacpp.kernels import advice as of_kernels

    return of_kernels()


@hookimpl
def icon_backends() -> list[Strategy]:
    """The backend `llamacpp`."""
    from icon.plugins import Strategy
    from icon_llamacpp.options import LlamaCppOptions

    summary = "GGUF models through llama.cpp in this process: laptop or GPU, offline with the embedded model."
    return [Strategy("llamacpp", summary, build, options=LlamaCppOptions, find=find, advice=advice)]
