"""The workers of a run: an executor that is opened at first use, and what it reports passed on to the run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from icon import network, trust
from icon.plugins import Block, DescribedModel, Executor, PartResult, PartTask, WorkerMeasured, WorkerSettings
from icon.plugins.manager import Plugins
from icon.plugins.strategies import built
from icon.plugins.validating import validate_options
from icon.runs.opening import offers_of
from icon.runs.run import Run

LOCAL = "local"
"""Name of the executor with which the run's own process measures."""


def settings_of(run: Run) -> WorkerSettings:
    """What the workers of a run are built from."""
    config, model = run.config, run.manifest.model
    asked = [("backend", config.backend), *(("scorer", name) for name in (config.scorer, *config.baselines))]
    return WorkerSettings(
        config=config.model_dump_json(),
        run=str(run.path),
        folder=os.getcwd(),  # noqa: PTH109  as a text
        model=None if model is None else model.model_dump_json(),
        plugin_files=run.plugins.files,
        offers=offers_of(run.plugins, asked),
        environment={**trust.for_children(), **network.for_children()},
    )


def executor_of(plugins: Plugins, name: str, options: Mapping[str, Any]) -> Executor | None:
    """The executor of that name, not opened; None for `local`, where this process measures by itself.

    Raises:
        UnknownStrategyError: None has that name.
        ConfigError: Its options are invalid.
        PluginError: It lacks something that the protocol `Executor` names.
    """
    if name == LOCAL and not options:
        return None
    validate_options(plugins, "executor", name, dict(options))
    made: Executor = built(plugins.get("executor", name), dict(options), Executor, "executor")
    return None if name == LOCAL else made


class Workers:
    """The workers of a run.

    Args:
        run: The run; gets the record of the model, and warnings.
        executor: The executor, not opened yet.

    Attributes:
        tokens_evaluated: Number of tokens that the workers have evaluated.
        are_over: Whether they were ended; what the model is needed for after that is done in this process.
    """

    def __init__(self, run: Run, executor: Executor) -> None:
        self.tokens_evaluated = 0
        self.are_over = False
        self._run, self._executor = run, executor
        self._is_open = False
        self._n_reported = 0
        self._done: dict[str, WorkerMeasured] = {}

    @property
    def are_elsewhere(self) -> bool:
        """Whether they may be on other machines, and this one may lack the model."""
        return self._executor.elsewhere

    @cached_property
    def described(self) -> DescribedModel:
        """The model as a worker describes it; it is recorded in run.json, and every other worker must have it.

        Raises:
            ConfigError: It is another model than that of an earlier start of the run.
            IconError: No worker can open it.
        """
        self._open()
        with self._run.timed("loading the model"):
            found = self._executor.describe()
        self._run.hold_model(found.info)
        assert self._run.manifest.model is not None
        self._executor.confirm(self._run.manifest.model.model_dump_json())
        self._report()
        return found

    def measure(self, block: Block, tasks: Iterable[PartTask]) -> Iterator[PartResult]:
        """Carry out tasks; their cost is counted, and notes become warnings. See `icon.plugins.Executor.measure`."""
        self._open()
        try:
            for result in self._executor.measure(block, tasks):
                self._count(result)
                for note in result.notes:
                    self._run.warn(note)
                self._report()
                yield result
        finally:
            self._report()

    def close(self) -> None:
        """End them, and say what each has done; safe to call twice."""
        self.are_over = True
        self._executor.close()
        done, self._done = self._done, {}
        for worker in sorted(done):
            self._run.emit(done[worker])

    def _open(self) -> None:
        if not self._is_open:
            self._is_open = True
            self._executor.open(settings_of(self._run))

    def _count(self, result: PartResult) -> None:
        self.tokens_evaluated += result.tokens_evaluated
        before = self._done.get(result.worker, WorkerMeasured(result.worker, 0, 0, 0.0))
        self._done[result.worker] = WorkerMeasured(
            result.worker,
            before.parts + bool(result.data),
            before.tokens_evaluated + result.tokens_evaluated,
            before.seconds + result.seconds,
        )

    def _report(self) -> None:
        """Make a warning of each new note of the executor."""
        notes = self._executor.notes
        for note in notes[self._n_reported :]:
            self._run.warn(note)
        self._n_reported = len(notes)
