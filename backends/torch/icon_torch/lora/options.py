"""The options of the selector `lora`; the defaults are the paper's."""

from __future__ import annotations

from pydantic import Field

from icon.plugins import Options


class LoraOptions(Options):
    """Options of the selector `lora`."""

    model: str | None = Field(
        None,
        min_length=1,
        description="The model to train, as for the torch backend: a hub name, a folder, a .gguf file or "
        "smollm2; None: the run's own model, where its backend is torch.",
    )
    rank: int = Field(8, ge=1, description="Rank of the adapters.")
    alpha: int = Field(8, ge=1, description="Scale of the adapters: their output is multiplied by alpha / rank.")
    dropout: float = Field(0.05, ge=0, lt=1, description="Dropout on the input of the adapters.")
    target_modules: list[str] | None = Field(
        None,
        min_length=1,
        description="Names of the linear layers that get adapters; None: q_proj and v_proj, or what peft names for "
        "architectures without these.",
    )
    epochs: int = Field(5, ge=1, description="Passes over the training part.")
    learning_rate: float = Field(5e-5, gt=0, description="Highest learning rate; it falls along a cosine.")
    warmup_share: float = Field(0.03, ge=0, lt=1, description="Share of the steps in which the learning rate rises.")
    batch_size: int = Field(8, ge=1, description="Texts in the model at once.")
    accumulation: int = Field(16, ge=1, description="Batches per optimiser step.")
    max_tokens: int = Field(1024, ge=1, description="Tokens read of a text, BOS included; the rest is ignored.")
    label_share: float | None = Field(
        None, gt=0, lt=1, description="Top share of the scored candidates labelled 1; None: the share to keep."
    )
    test_share: float = Field(0.1, gt=0, le=0.5, description="Share of the scored candidates held out to evaluate it.")
    checkpoints: str | None = Field(
        None,
        min_length=1,
        description="Folder for checkpoints, one per epoch; an interrupted training resumes from the last one.",
    )
