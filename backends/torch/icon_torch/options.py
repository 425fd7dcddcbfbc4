"""The options of the torch backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from icon.plugins import Options

Precision = Literal["auto", "float32", "bfloat16", "float16"]
Attention = Literal["auto", "branches", "masked", "flex", "padded", "plain"]


class TorchOptions(Options):
    """Options of the backend `torch`."""

    exact: ClassVar[Mapping[str, Any]] = {"dtype": "float32"}

    instead: ClassVar[Mapping[str, str]] = {
        "gpu_layers": "--device cuda or --device cpu says where torch works; gpu_layers is an option of --backend "
        "llamacpp",
        "precision": "the type of the weights is --dtype float32, bfloat16 or float16 here; precision is an option of "
        "--backend llamacpp",
    }

    model: str = Field(
        "smollm2",
        min_length=1,
        description="A hub name such as meta-llama/Llama-3.1-8B, a local folder, a .gguf file (on the hub: "
        "owner/repo/file.gguf), or smollm2: the embedded model.",
    )
    dtype: Precision = Field(
        "auto", description="Data type of the weights; auto: float32 on a CPU, on a GPU the checkpoint's own."
    )
    device: str = Field("auto", min_length=1, description="cpu, cuda, cuda:1 or mps; auto: a GPU where there is one.")
    spread: bool = Field(
        False, description="Spread the layers of a model that is too large for one GPU over all of them (accelerate)."
    )
    revision: str | None = Field(None, description="Branch, tag or commit of a hub model.")
    context_length: int | None = Field(
        None, ge=16, description="Longest sequence in tokens; by default the model's own, at most 8,192."
    )
    special_tokens: bool | Literal["auto"] = Field(
        False,
        description="Read special tokens such as <|im_start|> in texts as tokens, for chat templates; auto: where the "
        "model has a chat template.",
    )
    attention: Attention = Field(
        "auto",
        description="How targets share a context: branches (one attention per target), masked (one with a mask), flex "
        "(FlexAttention), padded (nothing shared), plain (one at a time); auto: the fastest on the device that is "
        "correct for the model.",
    )
    pack_tokens: int | None = Field(
        None, ge=16, description="Tokens of targets evaluated together; by default from the free memory."
    )
    compile: bool = Field(False, description="Run the model through torch.compile: slower to start.")
    threads: int | None = Field(None, ge=1, description="CPU threads; by default torch's own choice.")
    trust_remote_code: bool = Field(False, description="Run Python code that comes with a hub model.")
    allow_unused: bool = Field(
        False, description="Load a checkpoint with tensors that the model has no place for, such as another head."
    )
    allow_pickle: bool = Field(
        False, description="Also load weights that are not safetensors; such files can run code when opened."
    )

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Self:
        if self.spread and self.device not in ("auto", "cuda"):
            raise ValueError(
                f"spread=true puts the layers on all GPUs, and device={self.device} on one; valid: one of the two, and "
                "spread without --devices"
            )
        return self
