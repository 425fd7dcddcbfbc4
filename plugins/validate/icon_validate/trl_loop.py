"""One arm in TRL's SFTTrainer: its optimiser, schedule and checkpoints, with the order and the loss of all trainers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import PrinterCallback, ProgressCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer  # type: ignore[attr-defined]

from icon_validate.encoding import Encoded
from icon_validate.full import CHECKPOINTS
from icon_validate.trained import Progress
from icon_validate.whole import MICRO_TOKENS, refuse_not_finite

IGNORED = -100
"""Label of tokens that do not count."""


@dataclass(frozen=True, slots=True)
class Job:
    """Data and settings of one arm.

    Attributes:
        records: The records of the arm.
        order: For each step the places of its records.
        learning_rate: First learning rate; it falls to 0 along a cosine.
        seed: Seed of the trainer.
        folder: Folder of the checkpoints; None for none.
        resume: The checkpoint to go on from; None to start anew.
    """

    records: Sequence[Encoded]
    order: Sequence[Sequence[int]]
    learning_rate: float
    seed: int
    folder: Path | None = None
    resume: Path | None = None


def run(model: Any, tokenizer: Any, job: Job, progress: Progress | None) -> list[float]:
    """Train the model in place, and return the loss of every step, those before the checkpoint included.

    Raises:
        BackendError: A loss is not finite.
    """
    from datasets import Dataset

    rows = [
        {"input_ids": list(one.ids), "labels": [IGNORED] * one.n_prompt + list(one.ids[one.n_prompt :])}
        for one in job.records
    ]
    forward = model.forward
    with TemporaryDirectory() as nowhere:
        trainer = _Trainer(
            model=model,
            args=_arguments(model, job, nowhere),
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            callbacks=[_Watch(progress)],
        )
        trainer.order = [list(places) for places in job.order]
        for shown in (PrinterCallback, ProgressCallback):
            trainer.remove_callback(shown)
        try:
            model.requires_grad_(True)
            trainer.train(resume_from_checkpoint=str(job.resume) if job.resume else None)
        finally:
            trainer.accelerator.free_memory()
            with suppress(AttributeError):
                del model.forward  # TRL's, beside the class's own
            if model.forward != forward:
                model.forward = forward
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


class _Trainer(SFTTrainer):
    """SFTTrainer whose steps have the given records, and whose loss weighs every record the same."""

    order: list[list[int]]

    def get_train_dataloader(self) -> DataLoader[Any]:
        rows: Any = self.train_dataset
        return DataLoader(rows, batch_sampler=self.order, collate_fn=self.data_collator)

    def training_step(self, model: Any, inputs: dict[str, Tensor], num_items_in_batch: Any = None) -> Tensor:
        """One step in micro-batches; the loss is the mean over the step's records of their mean NLL per token."""
        model.train()
        inputs = self._prepare_inputs(inputs)
        n, length = inputs["input_ids"].shape
        rows = max(1, MICRO_TOKENS // length)
        total = torch.zeros((), device=inputs["input_ids"].device)
        for start in range(0, n, rows):
            part = {name: values[start : start + rows] for name, values in inputs.items()}
            with self.compute_loss_context_manager():
                loss = _summed_loss(model, part) / n
            self.accelerator.backward(loss)
            total += loss.detach()
        return total


def _summed_loss(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    """Sum over the records of their mean NLL per response token."""
    labels = inputs["labels"][:, 1:]
    logits = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False).logits[
        :, :-1
    ]
    losses = torch.nn.functional.cross_entropy(
        logits.float().transpose(1, 2), labels, ignore_index=IGNORED, reduction="none"
    )
    counted: Tensor = losses.sum(1) / (labels != IGNORED).sum(1)
    return counted.sum()


class _Watch(TrainerCallback):
    """Reports the loss, and stops where it is not finite."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **others: Any) -> None:
        if not logs or "loss" not in logs:
            return
        refuse_not_finite(logs["loss"], state.global_step)
        if self.progress:
            self.progress(state.global_step, state.max_steps, logs["loss"])


def _arguments(model: Any, job: Job, nowhere: str) -> SFTConfig:
    steps = len(job.order)
    on_gpu = next(model.parameters()).device.type == "cuda"
    config = SFTConfig(
        output_dir=str(job.folder or nowhere),
        max_steps=steps,
        per_device_train_batch_size=max(len(places) for places in job.order),
        learning_rate=job.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=0,
        weight_decay=0.0,
        adam_beta1=0.9,
        adam_beta2=0.999,
        adam_epsilon=1e-8,
        max_grad_norm=1.0,
        optim="adamw_torch",
        bf16=on_gpu and torch.cuda.is_bf16_supported(),
        gradient_checkpointing=False,
        max_length=None,
        save_strategy="steps" if job.folder else "no",
        save_steps=max(1, math.ceil(steps / CHECKPOINTS)),
        save_total_limit=2,  # the last but one as well: a checkpoint may be incomplete
        logging_steps=1,
        logging_nan_inf_filter=False,
        seed=job.seed % 2**32,
        use_cpu=next(model.parameters()).device.type == "cpu",
        dataset_kwargs={"skip_prepare_dataset": True},
        dataloader_pin_memory=False,
        report_to="none",
        disable_tqdm=True,
        log_level="error",
    )
    config._n_gpu = min(1, config.n_gpu)  # never spread over all GPUs that there are
    return config
