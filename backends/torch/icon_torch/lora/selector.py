"""Selector `lora`: fine-tunes a language model to predict the top share of the scores, and ranks the pool by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import torch

from icon.errors import AbilityError, BackendError, ConfigError
from icon.plugins import SelectionTask
from icon.selection import FEWEST, chance_warnings, checked_scores, decide, label_warnings
from icon.types import Selection
from icon_torch.lora.batches import Labelled
from icon_torch.lora.checkpoints import data_digest, hold, training_settings
from icon_torch.lora.lesson import Lesson, cut_off, draw_lesson, few_steps, judge
from icon_torch.lora.network import adapted
from icon_torch.lora.options import LoraOptions
from icon_torch.lora.prediction import predict
from icon_torch.lora.probe import fit_head
from icon_torch.lora.randomness import seeded
from icon_torch.lora.texts import Reader, TorchModel
from icon_torch.lora.training import Job, OnProgress, train


class LoraSelector:
    """Ranks every candidate by the probability that its score is in the top share (METHOD: stage 3).

    Scored candidates at or above the (1 - label_share) quantile are labelled 1, the rest 0. The model's body with
    adapters and a new head is trained on 90% of them and evaluated on the rest; then it ranks the whole pool. The
    paper's head stays random; here it is trained. The outcome depends on the seed, not on the pool's order.

    Args:
        options: The selector's options.
        on_progress: Called after every optimiser step; see `training.OnProgress`.

    Raises:
        ConfigError: A library that it needs is not installed.
    """

    fewest_scored = FEWEST

    def __init__(self, options: LoraOptions, on_progress: OnProgress | None = None) -> None:
        for needed in ("peft", "accelerate"):
            if find_spec(needed) is None:
                raise ConfigError(f"selector lora needs {needed}, which is not installed. Run: pip install {needed}")
        self.options = options
        self.on_progress = on_progress

    @property
    def needs_backend(self) -> bool:
        """Whether the run's own model is trained, as no other is named."""
        return self.options.model is None

    @property
    def backends(self) -> tuple[str, ...]:
        """The backends whose models it can train; empty, for any, where the options name a model."""
        return ("torch",) if self.options.model is None else ()

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given.

        `quality` has the keys of the selector classifier, evaluated on the held-out part with the probabilities that
        decide; and the number of optimiser steps, the held-out AUC after each epoch, and the number of texts
        truncated to `max_tokens`.

        Raises:
            ConfigError: Too few candidates are scored to learn from, or the checkpoints are of another training.
            PluginError: A score is not finite.
            AbilityError: No model is named, and the run's backend is not torch.
            BackendError: The model cannot be trained.
        """
        scores = checked_scores(task)
        # In the order of ids, so that nothing depends on the order of the pool.
        ordered = sorted(task.candidates, key=lambda sample: sample.id)
        share = self.options.label_share or task.keep.as_share(len(ordered))
        scored = [sample for sample in ordered if sample.id in scores]
        lesson = draw_lesson(scored, list(scores.values()), share, self.options.test_share, task.seed)
        with self._opened(task) as backend, seeded(task.seed), _memory_reported(self.options):
            reader = Reader(backend, self.options.max_tokens)
            with adapted(backend.model, self.options, backend.device) as network:
                job = self._job(lesson, reader, task.seed)
                # A training batch bounds the memory, since passes without gradients keep no activations.
                budget = self.options.batch_size * reader.limit
                if job.resume is None:
                    fit_head(network, job.train, budget, task.seed)
                aucs = train(network, job, self.on_progress or _progress_of(task))
                probabilities, n_cut = predict(network, reader, ordered, budget)
        kept = task.keep.of(len(ordered))
        quality = judge(lesson, probabilities, task.seed)
        quality |= {"steps": job.steps, "auc_by_epoch": aucs, "n_truncated": n_cut}
        quality |= {"n_candidates": len(ordered), "n_selected": kept}
        labels = label_warnings(quality["labelled"], share)
        warnings = [*labels, *chance_warnings(quality), *few_steps(job), *cut_off(quality, reader.limit)]
        return Selection(decide(task.candidates, probabilities, kept), quality, warnings)

    def _job(self, lesson: Lesson, reader: Reader, seed: int) -> Job:
        texts, _ = reader.read(lesson.samples)
        train_part, test_part = (
            Labelled([texts[place] for place in places], lesson.labels[places])
            for places in (lesson.split.train, lesson.split.test)
        )
        if self.options.checkpoints is None:
            return Job(train_part, test_part, self.options, seed)
        folder = Path(self.options.checkpoints).expanduser()
        data = data_digest(texts, lesson.labels, lesson.split.train)
        resume = hold(folder, training_settings(self.options, reader.backend.describe(), seed, data))
        return Job(train_part, test_part, self.options, seed, folder, resume)

    @contextmanager
    def _opened(self, task: SelectionTask) -> Iterator[TorchModel]:
        if self.options.model is not None:
            from icon_torch.backend import TorchBackend
            from icon_torch.options import TorchOptions

            with TorchBackend(TorchOptions(model=self.options.model)) as backend:
                yield backend
        elif isinstance(task.backend, TorchModel):
            yield task.backend
        else:
            name = task.backend.describe().backend if task.backend else "none"
            raise AbilityError(
                f"selector lora: it trains a model of the torch backend; found the backend {name}. Name a model with "
                "-o selector.model=smollm2 (a hub name or a folder works too), or run with --backend torch"
            )


def _progress_of(task: SelectionTask) -> OnProgress:
    def report(epoch: int, step: int, total: int, loss: float) -> None:
        task.progress(step, total, f"epoch {epoch}, loss {loss:.3f}")

    return report


@contextmanager
def _memory_reported(options: LoraOptions) -> Iterator[None]:
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise BackendError(
            f"selector lora: out of memory with batch_size = {options.batch_size} and max_tokens = "
            f"{options.max_tokens}; halve batch_size and double accumulation: as many texts per step ({error})"
        ) from error
