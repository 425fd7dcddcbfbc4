"""Who measures a run's parts: this process with its own model, or the workers of an executor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Protocol

from icon.pipeline.executors.bench import Bench
from icon.plugins import Block, PartResult, PartTask, Template
from icon.runs.parts import PartStore
from icon.runs.work import Work
from icon.runs.workers import Workers
from icon.types import Measurement, Sample

Known = Mapping[tuple[str, str | None], Measurement]
"""Measurements by candidate and assessment sample; see `icon.plugins.ScoringTask`."""

_numbers = count()


class Hands(Protocol):
    """Carries out tasks. The next one is asked for when a worker is free and not before."""

    def measure(
        self, block: Block, tasks: Iterable[PartTask], on_candidate: Callable[[Sample], None]
    ) -> Iterator[PartResult]:
        """Carry out tasks; `on_candidate` is called once each candidate is measured."""
        ...


class Here:
    """This process, with the run's own model.

    Args:
        work: The scorer's work.
    """

    def __init__(self, work: Work) -> None:
        run, model = work.run, work.model
        if work.scorer.needs_backend:
            _ = model.backend  # opened before the time of the measuring is taken

        def template(needs: bool) -> Template:
            return model.template_for(with_model=needs)

        self._bench = Bench(run.config, run.plugins, lambda: model.backend, template)

    def measure(
        self, block: Block, tasks: Iterable[PartTask], on_candidate: Callable[[Sample], None]
    ) -> Iterator[PartResult]:
        """Carry out tasks one after the other."""
        for task in tasks:
            yield PartResult(task.label, self._bench.carry_out(block, task, on_candidate))


class Elsewhere:
    """The workers of an executor.

    Args:
        workers: The run's workers.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._key = ""
        self._of_samples: dict[tuple[str, str | None], Measurement] = {}
        self._of_candidates: dict[str, dict[tuple[str, str | None], Measurement]] = {}

    def measure(
        self, block: Block, tasks: Iterable[PartTask], on_candidate: Callable[[Sample], None]
    ) -> Iterator[PartResult]:
        """Carry out tasks; each has what is known of its candidates, and the block what they share."""
        if self._key != block.key:
            self._split(block)
        given: dict[str, PartTask] = {}

        def own() -> Iterator[PartTask]:
            for task in tasks:
                given[task.label] = task
                yield replace(task, known=self._known_of(task.candidates))

        for result in self._workers.measure(replace(block, known=self._of_samples), own()):
            task = given.pop(result.label)
            yield result
            for candidate in task.candidates:  # the part is stored by now
                on_candidate(candidate)

    def _split(self, block: Block) -> None:
        self._key, self._of_samples, self._of_candidates = block.key, {}, {}
        for key, row in block.known.items():
            owner = self._of_candidates.setdefault(key[0], {}) if key[0] else self._of_samples
            owner[key] = row

    def _known_of(self, candidates: Sequence[Sample]) -> Known:
        return {key: row for one in candidates for key, row in self._of_candidates.get(one.id, {}).items()}


def hands_of(work: Work, *, alone: bool = False) -> Hands:
    """Who measures the parts of a scorer's work; one without a model is measured in this process.

    Args:
        work: The scorer's work.
        alone: Whether this process is to measure, as within a budget, or where it has a share of its own.
    """
    workers = work.model.workers
    return Here(work) if alone or workers is None or not work.scorer.needs_backend else Elsewhere(workers)


def block_of(
    work: Work, samples: Sequence[Sample], store: PartStore | None = None, known: Known | None = None
) -> Block:
    """What the tasks of a scorer on these assessment samples have in common.

    Args:
        work: The scorer's work.
        samples: The assessment samples.
        store: The store of the parts; None where nothing is to be stored.
        known: What other scorers of the run measured.
    """
    return Block(
        f"{work.name}-{next(_numbers)}",
        work.name,
        tuple(samples),
        tuple(work.whole),
        "" if store is None else store.fingerprint,
        known or {},
    )


def check_samples(work: Work, samples: Sequence[Sample], hands: Hands) -> None:
    """Render and tokenise assessment samples as the scorer will, before its first pass.

    Raises:
        InputError: Some cannot be used as they are; the message lists all of them.
    """
    check = [PartTask("check", kind="check")]
    for _ in hands.measure(block_of(work, samples), check, lambda _: None):
        pass
