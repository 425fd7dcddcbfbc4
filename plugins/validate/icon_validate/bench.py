"""What the arms of a validation share: model and trainer, judge and candidates as tokens, and the order of steps."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import Any

from icon.errors import InputError
from icon.plugins import Template
from icon.runs.pool import PoolReader
from icon.runs.run import Run
from icon.runs.scores import scores_of
from icon.runs.validation import Table
from icon.types import Sample, ScoreRow
from icon.validation.arms import SELECTION, Arms, ArmSpec, arms_of, eligible
from icon_torch.backend import TorchBackend
from icon_validate.encoding import Encoded, encode
from icon_validate.judge import Judge, check_length, judge_of
from icon_validate.opening import make_trainer, n_blocks, open_model, template_of
from icon_validate.options import Asked
from icon_validate.perplexity import perplexity
from icon_validate.schedule import Order, steps_order, tokens_order
from icon_validate.whole import ArmTrainer


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one arm is trained on: its records, and the places of those of each step."""

    records: Sequence[Encoded]
    order: Order

    @property
    def tokens(self) -> int:
        """Tokens read in training, repetitions counted."""
        return sum(len(self.records[place].ids) for places in self.order for place in places)


@dataclass
class Bench:
    """Everything that the arms share; the model is opened at first use.

    Attributes:
        run: The run.
        pool: Its pool.
        asked: What the user asked for.
        device: Device to train on; None for the run's, or the backend's choice.
        notes: What the user should know, each once.
        seconds_to_open: Seconds that opening the model took.
    """

    run: Run
    pool: PoolReader
    asked: Asked
    device: str | None = None
    notes: list[str] = field(default_factory=list)
    seconds_to_open: float = 0.0
    _encoded: dict[str, Encoded | None] = field(default_factory=dict)

    @cached_property
    def rows(self) -> list[ScoreRow]:
        """The rows of scores.parquet."""
        return list(scores_of(self.run.directory, self.run.manifest))

    @cached_property
    def candidates(self) -> Mapping[str, Sample]:
        """The candidates that arms may train on, by id."""
        return self.pool.samples.samples.by_id(eligible(self.rows))

    @cached_property
    def judge(self) -> Judge:
        """The judge samples."""
        judge = judge_of(self.run, self.asked.judge, list(self.candidates.values()))
        self.notes.extend(judge.notes)
        return judge

    @cached_property
    def known_arms(self) -> Arms:
        """The arms as far as the run has measured them; no model is needed.

        Raises:
            UserError: Nothing is selected, or the pool is too small for the draws.
        """
        return self._arms({})

    @cached_property
    def arms(self) -> Arms:
        """All arms; a run without the baseline ppl has its candidates' perplexity measured here."""
        arms = self.known_arms
        if not any("ppl" in row.baselines for row in self.rows):
            known, notes = perplexity(self)
            arms = self._arms(known)
            self.notes.extend(notes)
        self.notes.extend(arms.notes)
        return arms

    def _arms(self, known: Mapping[str, float]) -> Arms:
        lengths = {id_: len(sample.response) for id_, sample in self.candidates.items()}
        return arms_of(self.rows, lengths, n_draws=self.asked.draws, seed=self.asked.seed, perplexity=known)

    @cached_property
    def backend(self) -> TorchBackend:
        """The model to train."""
        start = time.perf_counter()
        with self.run.timed("loading the model"):
            opened = open_model(self.run, self.asked, self.device)
        self.seconds_to_open = time.perf_counter() - start
        return opened

    @cached_property
    def trainer(self) -> ArmTrainer:
        """The trainer that was asked for."""
        return make_trainer(self.backend, self.asked)

    @cached_property
    def template(self) -> Template:
        """The run's prompt template."""
        template, notes = template_of(self.run, self.backend)
        self.notes.extend(notes)
        return template

    @cached_property
    def judged(self) -> list[Encoded]:
        """The judge samples as tokens.

        Raises:
            InputError: Some leave no room for a response, and the message lists all of them; or too few have a third
                response token.
        """
        encoded, cut = encode(self.judge.samples, self.template, self.backend, self.asked.max_tokens)
        if cut:
            self.notes.append(f"{len(cut)} judge samples were cut to {self.asked.max_tokens} tokens")
        check_length(encoded, self.judge.source)
        return encoded

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What decides the numbers."""
        from icon.samples import template_digest

        info = self.backend.describe()
        return {
            **self.asked.training(n_blocks(self.backend.model, self.asked)),
            "model": info.digest,
            "precision": info.precision,
            "template": template_digest(self.template),
            "judge": self.judge.record.digest,
            "icon": version("icon-validate"),
        }

    def records(self, spec: ArmSpec) -> list[Encoded]:
        """The records of an arm as tokens; those without room for a response are left out, with a note."""
        missing = [id_ for id_ in spec.ids if id_ not in self._encoded]
        for id_ in missing:
            self._encoded[id_] = None
            with suppress(InputError):
                encoded, _ = encode([self.candidates[id_]], self.template, self.backend, self.asked.max_tokens)
                self._encoded[id_] = encoded[0]
        found = [one for id_ in spec.ids if (one := self._encoded[id_]) is not None]
        unusable = len(spec.ids) - len(found)
        if unusable:
            self.note(
                f"arm {spec.name}: {unusable} of {len(spec.ids)} records have a prompt that leaves no room for a "
                f"response in {self.asked.max_tokens} tokens, and are not trained on; --max-tokens changes that"
            )
        if not found and spec.ids:
            raise InputError(
                f"arm {spec.name}: none of its {len(spec.ids)} records fits {self.asked.max_tokens} tokens"
            )
        return found

    def lesson(self, table: Table, spec: ArmSpec) -> Lesson:
        """What an arm is trained on: as many steps as the selection takes, or as many tokens as it reads."""
        if not spec.ids:
            return Lesson([], [])
        records, asked = self.records(spec), self.asked
        own = spec.name == SELECTION
        steps = max(1, math.ceil(asked.epochs * len(records if own else self.records(self.selection)) / asked.batch))
        if table == "steps" or own:
            return Lesson(records, steps_order(len(records), steps, asked.batch, asked.seed))
        tokens = self.lesson("steps", self.selection).tokens
        lengths = [len(record.ids) for record in records]
        return Lesson(records, tokens_order(lengths, tokens, asked.batch, asked.seed))

    @property
    def selection(self) -> ArmSpec:
        """The selection's arm."""
        return next(spec for spec in self.arms.specs if spec.name == SELECTION)

    def note(self, sentence: str) -> None:
        """Keep a sentence for the user, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def close(self) -> None:
        """Free the model where it was opened."""
        if "backend" in self.__dict__:
            self.backend.close()
