"""The protocol of executors, which measure in other processes, and the plain records that travel to them and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from icon.types import BackendInfo, ChatTemplate, Measurement, Sample

KnownRows = Mapping[tuple[str, str | None], Measurement]
"""Measurements by candidate and assessment sample; see `icon.plugins.ScoringTask`."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The input of a worker: plain data, so that it can be built in another process or on another machine.

    Attributes:
        config: The run's settings as JSON.
        run: The run directory, for messages; a worker neither reads nor writes it.
        folder: The folder that relative paths of the settings are in; a worker goes there, where it has such a folder.
        model: The record of the model in run.json as JSON; a worker with another model refuses to work. None where no
            start of the run has recorded it.
        plugin_files: Digests by name of the plugin files that decide scores.
        offers: Distribution and version by what it offers, such as `backend torch`; a worker has the same ones.
        environment: Environment variables of the worker's process: what the user allowed to run, and whether a hub may
            be asked.
        device: The backend's option `device`; "" for that of the settings.
    """

    config: str
    run: str
    folder: str = ""
    model: str | None = None
    plugin_files: Mapping[str, str] = field(default_factory=dict)
    offers: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    device: str = ""


@dataclass(frozen=True, slots=True)
class DescribedModel:
    """What the process of a run must know of a model that workers open and it does not."""

    info: BackendInfo
    chat_template: ChatTemplate | None


@dataclass(frozen=True, slots=True)
class Block:
    """One scorer on one list of assessment samples: what many tasks have in common.

    Attributes:
        key: Names it within one executor. A worker prepares a scorer for it once.
        scorer: Name of the scorer.
        assessment: The assessment samples; empty for a scorer that needs none.
        whole: The whole assessment set, for a `ContextScorer` that is measured on a part of it.
        fingerprint: Digest of everything that decides a measurement, for the metadata of each part.
        known: What other scorers measured of the assessment samples; that of candidates comes with their tasks.
        shared: The measurements that all candidates share; None until a task of the kind `shared` has made them. The
            block with them has the same key.
    """

    key: str
    scorer: str
    assessment: tuple[Sample, ...]
    whole: tuple[Sample, ...] = ()
    fingerprint: str = ""
    known: KnownRows = field(default_factory=dict)
    shared: tuple[Measurement, ...] | None = None


@dataclass(frozen=True, slots=True)
class PartTask:
    """A piece of work that one worker does in one go.

    Attributes:
        label: Label of the part: its number in six digits, or the kind of a task without candidates.
        candidates: The candidates to measure.
        known: What other scorers measured of these candidates.
        kind: A part; `shared` for the measurements that all candidates share; or `check`, which renders and tokenises
            the assessment samples and makes no pass.
    """

    label: str
    candidates: tuple[Sample, ...] = ()
    known: KnownRows = field(default_factory=dict)
    kind: Literal["part", "shared", "check"] = "part"


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a worker made of a task.

    Attributes:
        label: Label of the task.
        data: The part's bytes, as the process of the run would write them itself; empty where nothing is to be written.
        worker: The worker's name, for people.
        tokens_evaluated: Tokens that its model evaluated in this task.
        seconds: How long it took.
        notes: What its backend or template noted; see `icon.plugins.Noting`.
    """

    label: str
    data: bytes
    worker: str = ""
    tokens_evaluated: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


@runtime_checkable
class Executor(Protocol):
    """Carries out the measuring of a run, in workers of its own; `icon.pipeline.executors.worker.Worker` is one.

    The process of the run decides what is measured, and writes every file: parts, run.json. So a run that was begun
    with one executor goes on with any other, and comes to the same files. An executor passes
    `icon.testing.ExecutorSuite`.

    A worker that dies is replaced, and its task goes to whoever is free. One that cannot be built is a note, and the
    others go on; where none can be, its error is raised.
    """

    elsewhere: bool
    """Whether workers may be on other machines: then this one may lack the model, and nobody looks for it here."""
    notes: Sequence[str]
    """Sentences on workers that were lost, replaced or could not be built; each becomes a warning of the run."""

    def open(self, settings: WorkerSettings) -> None:
        """Reserve or start workers; called once, before everything else.

        Raises:
            ConfigError: The options cannot be used, such as an address where nobody listens.
            ExecutorError: Workers cannot be had.
        """
        ...

    def describe(self) -> DescribedModel:
        """The model, as the first worker that has opened it describes it.

        Raises:
            IconError: No worker can open it: the first error.
        """
        ...

    def confirm(self, model: str) -> None:
        """Take the record of the model, as JSON, that every worker must have from now on: `WorkerSettings.model`."""
        ...

    def measure(self, block: Block, tasks: Iterable[PartTask]) -> Iterator[PartResult]:
        """Carry out tasks; gives the result of each label once, in whatever order they finish.

        The next task is asked for when a worker is free and not before, since it may depend on results. A call
        abandons what an earlier one that was not exhausted has left running.

        Raises:
            IconError: A task raised it; with the worker's name.
            ExecutorError: A task was lost with several workers, or no worker is left.
        """
        ...

    def close(self) -> None:
        """End all workers at once, whatever they are doing; safe to call twice, and before `open`."""
        ...
