"""The options of the llama.cpp backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from icon.plugins import Options

Precision = Literal["auto", "as-is", "f32", "f16", "bf16", "q8_0", "q4_0"]

BEGUN = {"all F32": "f32", "F16": "f16"}
"""Option by the name that llama.cpp has for the type of the converted weights."""


class LlamaCppOptions(Options):
    """Options of the backend `llamacpp`."""

    exact: ClassVar[Mapping[str, Any]] = {"precision": "f32"}

    instead: ClassVar[Mapping[str, str]] = {
        "device": "llama.cpp uses a GPU where it was built for one: -o backend.gpu_layers=0 for the processor alone, "
        "-1 (the default) for all layers on the GPU; devices are chosen with --backend torch",
        "dtype": "the type of the weights is -o backend.precision=f16 here (or f32, bf16, q8_0, as-is); dtype is an "
        "option of --backend torch",
    }

    @classmethod
    def as_begun(cls, given: Mapping[str, Any], model: Mapping[str, Any]) -> Mapping[str, Any]:
        """The precision that a run was begun with: older versions chose it by other means than today's rule."""
        if given.get("precision", "auto") != "auto":
            return {}
        if model["digest"] == model["settings"].get("source_digest"):
            return {"precision": "as-is"}
        return {"precision": BEGUN.get(model["precision"], "auto")}

    model: str = Field(
        "smollm2",
        min_length=1,
        description="Path to a .gguf file (of a model in several, the first), a file on the Hugging Face hub as "
        "owner/repo/file.gguf, or smollm2: the embedded model.",
    )
    precision: Precision = Field(
        "auto",
        description="Weights to evaluate: as-is; a type, to which the file is converted once; or auto: a quantised "
        "model of up to 250 MB in F32, of up to 1 GB in F16, every other as it is.",
    )
    context_length: int | None = Field(
        None, ge=16, description="Longest sequence in tokens; by default the model's own, at most 8,192."
    )
    special_tokens: bool | Literal["auto"] = Field(
        False,
        description="Read special tokens such as <|im_start|> in texts as tokens, for chat templates; auto: where the "
        "model has a chat template.",
    )
    threads: int | None = Field(
        None, ge=1, description="CPU threads; by default the physical cores this process may use."
    )
    gpu_layers: int = Field(-1, ge=-1, description="Layers to keep on the GPU where there is one; -1 for all.")
