"""Trains the classifier with transformers' Trainer, without its output and without moving the body."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import (
    EvalPrediction,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from icon.errors import BackendError, ConfigError
from icon.selection import learning
from icon_torch.lora.batches import ByLength, Labelled, collate
from icon_torch.lora.network import Network
from icon_torch.lora.options import LoraOptions
from icon_torch.quiet import quiet

OnProgress = Callable[[int, int, int, float], None]
"""Called after every optimiser step: epoch and step, both counted from 1, the number of steps, and the loss."""


@dataclass(frozen=True, slots=True)
class Job:
    """Data and settings of one training.

    Attributes:
        train: The texts that are trained on.
        test: The held-out texts, evaluated after each epoch.
        options: Epochs, batches and learning rate.
        seed: Decides the order of the texts and the dropout.
        folder: Folder of the checkpoints, one per epoch; None for no checkpoints.
        resume: The checkpoint to resume from; None to start anew.
    """

    train: Labelled
    test: Labelled
    options: LoraOptions
    seed: int
    folder: Path | None = None
    resume: Path | None = None

    @property
    def steps(self) -> int:
        """Optimiser steps of the whole training."""
        batches = math.ceil(len(self.train) / self.options.batch_size)
        return self.options.epochs * math.ceil(batches / self.options.accumulation)


def train(network: Network, job: Job, on_progress: OnProgress | None = None) -> list[float]:
    """Train the network in place, and return its AUC on the held-out part after each epoch.

    The last epoch's weights are kept, whatever that AUC: choosing by it would bias it as an estimate of quality.

    Raises:
        BackendError: The loss is not finite.
    """
    with TemporaryDirectory() as nowhere, quiet():
        trainer = _Trainer(
            model=network,
            args=_arguments(network, job, nowhere),
            data_collator=collate,
            train_dataset=job.train,
            eval_dataset=job.test.by_length(),
            compute_loss_func=_loss,
            compute_metrics=_auc,
            callbacks=[_Watch(on_progress)],
        )
        trainer.remove_callback(PrinterCallback)
        try:
            trainer.train(resume_from_checkpoint=str(job.resume) if job.resume else None)
        except UnpicklingError:  # read with weights_only: nothing of it is run
            raise ConfigError(
                f"selector lora: checkpoint {job.resume}: found a file that is damaged, or that holds something else "
                "than tensors and numbers, which is not run; delete this checkpoint to go on from the one before it"
            ) from None
    return [entry["eval_auc"] for entry in trainer.state.log_history if "eval_auc" in entry]


class _Arguments(TrainingArguments):
    """Arguments for one process and one device: the Trainer neither moves nor copies the network."""

    n_gpu = 1
    place_model_on_device = False


class _Trainer(Trainer):
    train_dataset: Labelled

    def _get_train_sampler(self, train_dataset: Any = None) -> ByLength:
        lengths = [len(text) for text in self.train_dataset.texts]
        return ByLength(lengths, self.args.per_device_train_batch_size, self.args.seed)


class _Watch(TrainerCallback):
    """Reports the loss, and stops where it is not finite."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self.on_progress = on_progress

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **others: Any,
    ) -> None:
        if not logs or "loss" not in logs:
            return
        if not math.isfinite(logs["loss"]):
            raise BackendError(
                f"selector lora: the loss is {logs['loss']} at step {state.global_step}; lower the option learning_rate"
            )
        if self.on_progress:
            self.on_progress(math.ceil(state.epoch or 0), state.global_step, state.max_steps, logs["loss"])


def _arguments(network: Network, job: Job, nowhere: str) -> _Arguments:
    options = job.options
    return _Arguments(
        output_dir=str(job.folder or nowhere),
        save_strategy="epoch" if job.folder else "no",
        save_total_limit=2,  # the last but one as well: a checkpoint may be incomplete
        eval_strategy="epoch",
        logging_strategy="steps",
        logging_steps=1,
        logging_nan_inf_filter=False,
        num_train_epochs=options.epochs,
        learning_rate=options.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=math.ceil(options.warmup_share * job.steps),
        per_device_train_batch_size=options.batch_size,
        per_device_eval_batch_size=options.batch_size,
        gradient_accumulation_steps=options.accumulation,
        optim="adamw_torch",
        seed=job.seed % 2**32,
        use_cpu=network.device.type == "cpu",
        # Gradients through a float16 body underflow without the loss scaling that this enables.
        fp16=network.precision is torch.float16 and network.device.type == "cuda",
        label_names=["labels"],
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        report_to="none",
        disable_tqdm=True,
        log_level="error",
    )


def _loss(outputs: dict[str, Tensor], labels: Tensor, num_items_in_batch: Tensor | None = None) -> Tensor:
    """Cross-entropy, each text of an optimiser step with the same weight."""
    losses = cross_entropy(outputs["logits"], labels, reduction="sum")
    return losses / (len(labels) if num_items_in_batch is None else num_items_in_batch)


def _auc(evaluated: EvalPrediction) -> dict[str, float]:
    logits = np.asarray(evaluated.predictions, dtype=np.float64)
    return {"auc": learning.auc(np.asarray(evaluated.label_ids), logits[:, 1] - logits[:, 0])}
