"""Carries out tasks on an open model: a scorer is prepared once per block, and measures part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from traceback import extract_tb

from icon.config import RunConfig
from icon.errors import IconError, PluginError
from icon.plugins import Backend, Block, ContributionScorer, PartTask, ScoringTask, Template
from icon.plugins.containing import contained, kind_of
from icon.plugins.manager import Plugins
from icon.runs.parts import part_bytes
from icon.runs.work import scorer_of
from icon.scorers.assessed import check_assessment
from icon.scorers.received import measured, shared_of
from icon.scorers.task import scoring_task
from icon.types import Measurement, Sample


def _nothing(_: Sample) -> None:
    """No-op callback."""


@dataclass(slots=True)
class _Prepared:
    """A scorer and its task for one block.

    Attributes:
        known: The task's `known`, to which what is known of the candidates at hand is added for as long as they are.
        shared: What `prepare` returned; None before that.
    """

    key: str
    scorer: ContributionScorer
    task: ScoringTask
    known: dict[tuple[str, str | None], Measurement] = field(default_factory=dict)
    shared: list[Measurement] | None = None


class Bench:
    """Carries out tasks in this process; it keeps the scorer of one block at a time.

    Args:
        config: The run's settings.
        plugins: Where scorers come from.
        backend: Gives the open backend, for scorers that need it.
        template: Gives the template of a scorer that needs the model, or of one that does not.
    """

    def __init__(
        self,
        config: RunConfig,
        plugins: Plugins,
        backend: Callable[[], Backend],
        template: Callable[[bool], Template],
    ) -> None:
        self._config, self._plugins = config, plugins
        self._backend, self._template = backend, template
        self._prepared: _Prepared | None = None

    def carry_out(self, block: Block, task: PartTask, on_candidate: Callable[[Sample], None] = _nothing) -> bytes:
        """The bytes of the part that a task asks for; empty where there is nothing to write.

        Args:
            block: The task's block.
            task: The task.
            on_candidate: Called after each candidate.

        Raises:
            InputError: Assessment samples cannot be used; the message lists all of them.
            PluginError: The scorer or the backend breaks its contract.
        """
        if task.kind == "check":
            made = self._make(block)
            check_assessment(made.scorer, made.task)
            return b""
        made = self._of(block)
        if made.shared is None:
            made.shared = shared_of(made.scorer, made.task, block.shared or ())
        if task.kind == "shared":
            return part_bytes(task.label, made.shared, block.fingerprint) if made.shared else b""
        made.known |= task.known
        try:
            rows = rows_of_part(task.candidates, made.scorer, block.assessment, on_candidate)
        finally:
            for key in task.known:
                made.known.pop(key, None)
        return part_bytes(task.label, rows, block.fingerprint)

    def _of(self, block: Block) -> _Prepared:
        if self._prepared is None or self._prepared.key != block.key:
            self._prepared = self._make(block)
        return self._prepared

    def _make(self, block: Block) -> _Prepared:
        scorer = scorer_of(self._plugins, self._config, block.scorer)
        needs = scorer.needs_backend
        known = dict(block.known)
        task = scoring_task(
            self._config,
            scorer,
            block.assessment,
            self._template(needs),
            self._backend() if needs else None,
            block.whole,
            known,
        )
        return _Prepared(block.key, scorer, task, known)


def rows_of_part(
    candidates: Sequence[Sample],
    scorer: ContributionScorer,
    assessment: Sequence[Sample],
    on_candidate: Callable[[Sample], None],
) -> list[Measurement]:
    """The measurements of the candidates, in order.

    Raises:
        PluginError: A scorer of a plugin raises, or breaks its contract.
    """
    measurements: list[Measurement] = []
    rows_of_each = measured(scorer, candidates, assessment)
    for candidate in candidates:
        measurements.extend(_next(rows_of_each, scorer, f"on candidate {candidate.id}"))
        on_candidate(candidate)
    _next(rows_of_each, scorer, "after the last candidate")  # more rows than there are candidates are refused
    return measurements


def _next(rows_of_each: Iterator[list[Measurement]], scorer: ContributionScorer, where: str) -> list[Measurement]:
    """The next candidate's rows; none at the end.

    Raises:
        PluginError: A scorer of a plugin raises, or breaks its contract.
    """
    try:
        with contained():
            return next(rows_of_each, [])
    except IconError:
        raise
    except Exception as error:  # a plugin may raise anything
        if type(scorer).__module__.startswith("icon."):
            raise
        raise PluginError(f"{_described(error, scorer)} {where}") from error


def _described(error: Exception, scorer: ContributionScorer) -> str:
    """A description of an error with the scorer that raised it, file and line."""
    last = extract_tb(error.__traceback__)[-1]
    return f"scorer {type(scorer).__name__}: {last.filename}, line {last.lineno}: {kind_of(error)}: {error}"
