"""The worker: plugins and model of a run in a process of its own, on any machine, without the run directory."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from icon import network
from icon.config import RunConfig
from icon.inference import cache
from icon.inference.received import check_backend
from icon.pipeline.builtin import default_plugins
from icon.pipeline.executors.bench import Bench
from icon.plugins import Backend, Block, DescribedModel, PartResult, PartTask, Template, WorkerSettings
from icon.plugins.contract import called
from icon.runs.changed import CHANGED_PLUGIN, CHANGED_VERSION
from icon.runs.manifest import refuse_differences
from icon.runs.model_record import PROOF, ModelRecord
from icon.runs.opening import offers_of, opened, options_to_open
from icon.runs.said_by_backend import notes_of
from icon.runs.same_model import same_record


class Worker:
    """Measures parts of a run in this process. The model is opened at first use.

    Args:
        settings: What it is built from.
        name: Its name, for people.

    Raises:
        ConfigError: Plugin files or versions are others than where the run is.
        UnknownStrategyError: A strategy of the run is not installed here.
    """

    def __init__(self, settings: WorkerSettings, name: str = "") -> None:
        os.environ.update(settings.environment)
        if settings.folder and Path(settings.folder).is_dir():
            os.chdir(settings.folder)
        self.settings, self.name = settings, name
        self._config = RunConfig.model_validate_json(settings.config)
        self._plugins = default_plugins(received=self._config.plugins)
        self._loaded: Backend | None = None
        self._noted: set[str] = set()
        self._bench = Bench(self._config, self._plugins, lambda: self.backend, self._template_for)
        self._refuse_others()

    @property
    def backend(self) -> Backend:
        """The backend, loaded at first use.

        Raises:
            ConfigError: It is another model than the run's.
            BackendError: It cannot be loaded.
        """
        if self._loaded is None:
            self._loaded = self._open()
        return self._loaded

    def describe(self) -> DescribedModel:
        """The model, opened for it; as for `backend`."""
        return DescribedModel(self.backend.describe(), self.backend.chat_template())

    def confirm(self, model: str) -> None:
        """Take the run's record of the model, as JSON.

        Raises:
            ConfigError: The model that is open is another one.
        """
        self.settings = replace(self.settings, model=model)
        if self._loaded is not None:
            same_record(self.settings.run, self._record, self._loaded.describe())

    def measure(self, block: Block, task: PartTask) -> PartResult:
        """Carry out a task; see `icon.pipeline.executors.bench.Bench.carry_out`."""
        start, before = time.perf_counter(), self._tokens
        data = self._bench.carry_out(block, task)
        seconds, spent = time.perf_counter() - start, self._tokens - before
        return PartResult(task.label, data, self.name, spent, seconds, self._new_notes())

    def close(self) -> None:
        """Free the model; safe to call twice."""
        if self._loaded is not None:
            loaded, self._loaded = self._loaded, None
            called(loaded, "backend", "close", loaded.close)

    @property
    def _record(self) -> ModelRecord | None:
        model = self.settings.model
        return None if model is None else ModelRecord.model_validate_json(model)

    @property
    def _tokens(self) -> int:
        return 0 if self._loaded is None else self._loaded.tokens_evaluated

    @cached_property
    def _template(self) -> Template:
        from icon.samples.templates import load_template
        from icon.samples.templates.loading import template_of_model

        name = self._config.template
        return template_of_model(name, self.backend) if name in ("chat", "auto") else load_template(name)

    def _template_for(self, with_model: bool) -> Template:
        """The template of a scorer; see `icon.runs.model.Model.template_for`."""
        from icon.samples.templates import load_template

        return self._template if with_model or self._config.template != "auto" else load_template("auto")

    def _open(self) -> Backend:
        known, device = self._record, self.settings.device
        options = options_to_open(self._plugins, self._config, (device,) if device else (), known)
        with ExitStack() as stack:
            stack.enter_context(network.limited(network.reason(received=True)))
            if known is not None and PROOF not in known.settings:  # nothing but the files proves that it is the same
                stack.enter_context(cache.content_read())
            backend = opened(self._plugins, self._config, options)
            stack.callback(backend.close)
            check_backend(backend)
            same_record(self.settings.run, known, backend.describe())
            stack.pop_all()
        return backend

    def _refuse_others(self) -> None:
        """Refuse other plugin files and other versions than where the run is.

        Raises:
            ConfigError: They differ; the message lists every difference.
        """
        settings, files = self.settings, self._plugins.files
        refuse_differences(f"{settings.run}: plugin files here", settings.plugin_files, files, CHANGED_PLUGIN)
        asked = [(kind, name) for kind, _, name in (offer.partition(" ") for offer in settings.offers)]
        found = offers_of(self._plugins, asked)
        refuse_differences(f"{settings.run}: versions here", settings.offers, found, CHANGED_VERSION)

    def _new_notes(self) -> tuple[str, ...]:
        """What backend and template noted since the last task."""
        notes: list[str] = []
        template: Template | None = vars(self).get("_template")
        for thing, kind in ((self._loaded, "backend"), (template, "template")):
            found: Sequence[str] = notes_of(thing, kind) if thing is not None else ()
            notes += [note for note in found if note not in self._noted]
        self._noted.update(notes)
        return tuple(dict.fromkeys(notes))
