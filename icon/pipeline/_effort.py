"""What the passes of a run take: counted in the model's own tokens and timed, or guessed without a model."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from icon.errors import IconError
from icon.pipeline._speed import Speed, measure_alone, measure_speed
from icon.pipeline._trial_gain import TrialGain
from icon.pipeline.measuring import TOKENS_PER_PART, make_plan
from icon.pipeline.preview import FLOPS_PER_WEIGHT
from icon.pipeline.schedule import in_race_order, samples_of
from icon.plugins import ComparingScorer, ContextScorer, ScoringTask
from icon.results.positions import first_token_warning
from icon.runs.outcome import Positions
from icon.runs.pool import pool_bytes
from icon.runs.records import Sparse
from icon.runs.work import Work
from icon.samples.templates.loading import opening_of
from icon.scorers.cost import Cost, Costs, costs_of, own_passes
from icon.scorers.positions import masked_tokens
from icon.scorers.rendering import PRIMER
from icon.types import Sample

BYTES_A_PAIR, BYTES_A_PART = 36, 3_200
"""Bytes of a compressed measurement, and of a part's file without any: a line fitted to parts of 8 to 180 pairs."""
CHARACTERS_A_TOKEN = 4
"""A rule of thumb for English, where no tokenizer is at hand."""


class Effort(Sparse):
    """What the passes of a run take.

    Attributes:
        passes: Forward passes.
        tokens: Tokens that the model reads.
        seconds: Seconds in all; None where no speed could be measured.
        flops: Floating-point operations.
        tokens_per_second: Measured speed.
        seconds_to_open_the_model: Seconds of it until the model is open.
        memory_bytes: Most memory of this process so far, the model included.
        disk_bytes: Bytes of the run directory.
        model: The model as it is really run, and the prompt template.
        note: Why there is no time, or what the backend says of how the model is run.
        positions: Where the gain sits in the few pairs that the speed was measured with; None where the scorer compares
            no demonstrations, or first tokens do not count.
        warning: What a reader should know of it.
    """

    sparse: ClassVar[frozenset[str] | None] = frozenset(
        {
            "flops",
            "tokens_per_second",
            "seconds_to_open_the_model",
            "memory_bytes",
            "disk_bytes",
            "model",
            "note",
            "positions",
            "warning",
        }
    )

    passes: int
    tokens: int
    seconds: float | None = None
    flops: float | None = None
    tokens_per_second: float | None = None
    seconds_to_open_the_model: float | None = None
    memory_bytes: int | None = None
    disk_bytes: int | None = None
    model: str | None = None
    note: str | None = None
    positions: Positions | None = None
    warning: str | None = None


class PlannedWork:
    """The passes of those scorers of a run that need a model.

    Args:
        works: The work of every scorer, the run's own first.
        subset: The candidates that are scored.
        assessment: The assessment set.
        slices: Expected slices: assessment samples, and the mean number of candidates measured on them.
    """

    def __init__(
        self, works: Sequence[Work], subset: Sequence[Sample], assessment: list[Sample], slices: list[tuple[int, float]]
    ) -> None:
        self.run, self.model = works[0].run, works[0].model
        self.subset, self.slices = subset, slices
        self.assessment = in_race_order(assessment, self.run.config.seed)
        self.works = [work for work in works if work.scorer.needs_backend]
        paired = [work for work in self.works if not own_passes(work.scorer)]
        self.paired = paired[0].scorer if paired else None
        self.samples = samples_of(self.paired, self.assessment, self.run.config.seed) if self.paired else ()
        as_contexts = isinstance(self.paired, ContextScorer)
        self.beside = [work for work in paired if isinstance(work.scorer, ContextScorer) != as_contexts]
        self.alone: float = sum(own_passes(work.scorer) for work in self.works)
        self.of_tasks = sum(own_passes(work.scorer) for work in self.works if work.scorer.needs_assessment)
        self.trial = TrialGain()

    def effort(self, seconds: float) -> Effort:
        """What the passes take, measured for about `seconds` where the model can be opened."""
        if not self.works:
            return Effort(passes=0, tokens=0, note="no scorer of this run needs a model")
        try:
            return self._measured(seconds)
        except IconError as error:
            return self._guessed(f"no speed measured: {error}")

    @property
    def pairs(self) -> int:
        """Pairs that are expected to be measured."""
        return round(sum(samples * candidates for samples, candidates in self.slices)) if self.paired else 0

    def _measured(self, seconds: float) -> Effort:
        """The effort from the model's own tokens and a measurement of its speed."""
        started = time.perf_counter()
        reading = started - self.run.watch.started  # what a run does as well before it opens the model
        task = self.works[0].task(self.samples)
        backend = self.model.backend
        opening = time.perf_counter() - started
        costs = costs_of(self.paired, task)
        paired, alone = self._cost(costs), self._cost_alone(costs)
        took, tokens_per_second = self._timed(task, costs, paired, alone, seconds)
        whole, info = paired + alone, backend.describe()
        where, primed = self._where(task), task.primer != opening_of(task.template)
        return Effort(
            passes=whole.passes,
            tokens=whole.tokens,
            flops=FLOPS_PER_WEIGHT * info.parameters * whole.tokens if info.parameters else None,
            tokens_per_second=round(tokens_per_second, 1),
            seconds=round(self._within_budget(took, reading + opening, whole), 1),
            seconds_to_open_the_model=round(opening, 1),
            memory_bytes=_peak_memory(),
            disk_bytes=self._disk(whole.tokens),
            model=f"{info.model}, {info.precision}, {info.device}, template {task.template.name}",
            note=str(info.settings.get("note", "")) or None,
            positions=where,
            warning=first_token_warning(where, template=task.template.name, primed=primed) or None,
        )

    def _timed(self, task: ScoringTask, costs: Costs, paired: Cost, alone: Cost, seconds: float) -> tuple[float, float]:
        """Seconds that the passes take, and the measured tokens per second: of the pairs where there are any."""
        took = 0.0
        speed: Speed | None = None
        if paired.tokens:
            with self.run.timed("measuring the speed of this machine and model"):
                speed = self._speed(task, costs, seconds)
            took += paired.tokens / speed.tokens_per_second
        if alone.tokens:
            slow = measure_alone(task, costs, self.subset)
            took += alone.tokens / slow.tokens_per_second
            speed = speed or slow
        assert speed is not None
        return took, speed.tokens_per_second

    def _speed(self, task: ScoringTask, costs: Costs, seconds: float) -> Speed:
        """The speed of the pairs, with as many targets behind one context as the run scores at once."""
        if isinstance(self.paired, ContextScorer):  # the two sides exchange their roles
            part = make_plan(self.subset, self.samples, as_contexts=True).parts[0]
            swapped = replace(task, assessment=self.subset)
            return measure_speed(swapped, Costs(task), self.samples, len(part), seconds=seconds)
        most, _ = max(self.slices, key=lambda part: part[0] * part[1])  # the slice with most of the pairs
        return measure_speed(task, costs, self.subset, most, seconds=seconds, note=self.trial.note)

    def _where(self, task: ScoringTask) -> Positions | None:
        """Where the gain of the pairs sits that the speed was measured with."""
        known = isinstance(self.paired, ComparingScorer) and getattr(self.paired, "shares_passes", False)
        if not known or task.skip_tokens or masked_tokens(self.paired):
            return None
        assert isinstance(self.paired, ComparingScorer)
        return self.trial.where(task, self.paired)

    def _within_budget(self, took: float, before: float, whole: Cost) -> float:
        """Seconds in all; scoring ends with the budget, whatever the race would still need."""
        budget = self.run.config.budget_amount
        if budget is None:
            return took + before
        if budget.unit == "seconds":
            return min(took + before, budget.amount)
        asked = whole.tokens if budget.unit == "tokens" else whole.passes
        return took * min(1.0, budget.amount / asked) + before

    def _guessed(self, note: str) -> Effort:
        """The effort by a rule of thumb, without a model."""
        primer = len(PRIMER.text) if self.run.config.primed else 0
        own = sum(len(sample.text) + primer for sample in self.subset) // CHARACTERS_A_TOKEN
        characters = sum(len(sample.text) for sample in self.assessment)
        per_sample = characters / max(1, len(self.assessment)) / CHARACTERS_A_TOKEN
        passes = 2 if self.run.config.scorer_options.get("control") == "paired" else 1
        tokens = (own * len(self.slices) + self.pairs * per_sample) * passes * bool(self.paired) + own * self.alone
        if isinstance(self.paired, ContextScorer):
            tokens = own * (1 + self.alone) + own * self.pairs / max(1, len(self.subset))
        return Effort(passes=self.pairs * passes, tokens=round(tokens), disk_bytes=self._disk(tokens), note=note)

    def _cost(self, costs: Costs) -> Cost:
        """Cost of the pairs, slice by slice: candidates of average length before the slice's samples."""
        if not self.paired:
            return Cost()
        tokens = passes = 0.0
        start = 0
        for samples, candidates in self.slices:
            chosen = self.samples[start : start + samples]
            whole, shared = costs.pairs(self.subset, chosen, first=start == 0), costs.shared(self.subset, chosen)
            start = (start + samples) % len(self.samples)  # after a pilot on all of them it begins anew
            share = candidates / max(1, len(self.subset))
            tokens += (whole.tokens + self._contexts_again(costs, chosen)) * share + shared.tokens
            passes += whole.passes * share + shared.passes
        return Cost(round(tokens), round(passes))

    def _contexts_again(self, costs: Costs, chosen: Sequence[Sample]) -> int:
        """Tokens of the contexts that candidates share, for all parts but one: every part reads them anew."""
        one = costs.contexts(chosen)
        return one * (len(make_plan(self.subset, chosen, as_contexts=True).parts) - 1) if one else 0

    def _cost_alone(self, costs: Costs) -> Cost:
        """Cost of the scorers that read each candidate alone, and of pairs in the other direction than the first's."""
        total = Cost()
        for read, times in ((self.subset, self.alone), (self.assessment, self.of_tasks)):
            one = costs.alone(read) if times else Cost()
            total += Cost(round(one.tokens * times), round(one.passes * times))
        for work in self.beside:
            samples = samples_of(work.scorer, self.assessment, self.run.config.seed)
            own = costs_of(work.scorer, work.task(samples))
            total += own.pairs(self.subset, samples) + own.shared(self.subset, samples)
        return total

    def _disk(self, tokens: float) -> int:
        """Bytes of the parts, tokens of two pairs per candidate among them, and of the pool's records, all written."""
        texts = sum(len(sample.response) for sample in self.samples) / max(1, len(self.samples))
        kept = 4 * texts * sum(n for _, n in self.slices) * bool(self.paired)  # 2 pairs, 2 lists, 4 bytes per token
        parts = self.pairs * BYTES_A_PAIR + kept + tokens / TOKENS_PER_PART * BYTES_A_PART
        return round(parts) + pool_bytes(self.run)


def _peak_memory() -> int | None:
    """Most memory of this process so far, in bytes; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
