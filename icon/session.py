"""What the stages of one run share: its settings, pool, model and template, each opened once and only if needed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from icon.config import DEMO, RunConfig
from icon.data import DEMO_POOL
from icon.errors import PluginError
from icon.hooks.contract import built
from icon.hooks.events import StageFinished, StageStarted, Warned
from icon.hooks.manager import Plugins
from icon.protocols import Backend, ContributionScorer, Reader, Template
from icon.runs.directory import RunDirectory
from icon.runs.held import hold_files, hold_input, hold_model
from icon.runs.manifest import Manifest

if TYPE_CHECKING:
    from icon.samples.load import LoadedSamples
    from icon.samples.records import Record


class Session:
    """A run in progress.

    Args:
        config: The resolved settings.
        plugins: Where strategies come from.
        directory: Where the run's files lie.
        manifest: What run.json says so far.
        backend: A backend that is open already and stays open; None to load the one the settings name.
        devices: Devices to score on, a process each; the first is this process's own. Empty: one process.
        recording: Whether run.json is this session's to write: not where it measures beside the one whose run it is.
    """

    def __init__(
        self,
        config: RunConfig,
        plugins: Plugins,
        directory: RunDirectory,
        manifest: Manifest,
        backend: Backend | None = None,
        *,
        devices: tuple[str, ...] = (),
        recording: bool = True,
    ) -> None:
        self.started = time.perf_counter()
        self.devices = devices
        self.recording = recording
        self.config = config
        self.plugins = plugins
        self.directory = directory
        self.manifest = manifest
        self._given = backend
        self._loaded: Backend | None = None
        self._held: Backend | None = None
        self.stage_name = ""
        self.asked: tuple[str, ...] = ()
        self.joining: tuple[str, ...] = ()
        hold_files(manifest, str(directory.path), plugins.files)

    @property
    def opens_backend(self) -> bool:
        """Whether a model has to be loaded for scoring: some scorer needs one, and none is open already."""
        return self._given is None and any(self.make_scorer(name).needs_backend for name in self.scorers)

    @property
    def scorers(self) -> list[str]:
        """Names of the run's scorer and of the baseline scorers, in this order.

        A budget is for the run's own scorer: a baseline that needs the model is left out of it, and `score` says so.
        """
        names = dict.fromkeys((self.config.scorer, *self.config.baselines))
        return [name for name in names if name not in self.beyond_budget]

    @property
    def beyond_budget(self) -> list[str]:
        """The baseline scorers that are left out since they need the model and there is a budget.

        One that the user asked for on a run that was there, or that was measured then, is not left out.
        """
        if not self.config.budget:
            return []
        others = [name for name in self.config.baselines if name != self.config.scorer and name not in self.asked]
        unknown = [name for name in others if not self.directory.contributions(name).is_dir()]
        return [name for name in unknown if self.make_scorer(name).needs_backend]

    def ask_for(self, scorers: Sequence[str]) -> None:
        """Hold the run's score against these scorers, too, whatever its budget.

        Raises:
            UnknownStrategyError: There is no scorer of a name.
        """
        for name in scorers:
            self.make_scorer(name)
        self.asked = tuple(scorers)
        more = [name for name in dict.fromkeys(scorers) if name not in (self.config.scorer, *self.config.baselines)]
        self.joining = tuple(more)
        self._set_baselines((*self.config.baselines, *more))

    def without(self, scorer: str) -> None:
        """Leave the run as it was without a scorer that was to join it and was refused."""
        if scorer in self.joining:
            self._set_baselines(tuple(name for name in self.config.baselines if name != scorer))
            self.save()

    def _set_baselines(self, names: tuple[str, ...]) -> None:
        self.config = self.config.model_copy(update={"baselines": names})
        self.manifest.config = self.config.model_dump(mode="json")

    @cached_property
    def readers(self) -> dict[str, Reader]:
        """The record formats that are installed, by name; one that breaks is told, and an error if it was asked for."""
        found = {}
        for name, strategy in self.plugins.strategies("reader").items():
            try:
                found[name] = built(strategy, {}, Reader, "reader")
            except PluginError as error:
                if name == self.config.format:
                    raise
                self.warn(f"{error}; its format is left out")
        return found

    def make_scorer(self, name: str) -> ContributionScorer:
        """The scorer of that name, with the run's options if it is the run's own."""
        options = self.config.scorer_options if name == self.config.scorer else {}
        scorer: ContributionScorer = built(
            self.plugins.get("scorer", name), dict(options), ContributionScorer, "scorer"
        )
        return scorer

    @property
    def pool_source(self) -> str:
        """File, folder or hub name of the pool."""
        return str(DEMO_POOL) if self.config.pool == DEMO else self.config.pool

    @cached_property
    def pool(self) -> LoadedSamples:
        """The pool's samples; its digest is held against that of an earlier start of this run."""
        from icon.samples.load import load_samples

        with self.stage("reading the pool"):
            loaded = load_samples(
                self.pool_source,
                format=self.config.format,
                readers=self.readers,
                columns=self.config.columns or None,
                group_field=self.config.group_field,
                every_turn=self.config.turns == "every",
                on_bad_row=self.config.on_bad_row,
                split=self.config.split,
            )
        found = {"source": self.config.pool, "digest": loaded.digest, "format": loaded.format, "rows": loaded.n_rows}
        self.hold("pool", found)
        return loaded

    @property
    def backend(self) -> Backend:
        """The model, loaded at first use; another model than at an earlier start of this run is refused."""
        backend = self._given or self._loaded or self._load()
        if self._held is not backend:
            hold_model(self.manifest, self.directory.path, backend.describe())
            self._held = backend
        return backend

    @property
    def has_model_open(self) -> bool:
        """Whether using the backend now loads nothing."""
        return self._given is not None or self._loaded is not None

    def measure_with(self, backend: Backend) -> None:
        """Use this open backend without holding it against run.json: to measure beside a run, never for its parts."""
        self._given = self._held = backend

    @property
    def backend_options(self) -> dict[str, Any]:
        """The options the settings open the backend with.

        A chat template needs its special tokens read as such: a backend that has an option `special_tokens` is told so.
        """
        knows = "special_tokens" in self.plugins.get("backend", self.config.backend).options.model_fields
        special = {"special_tokens": True} if self.config.template == "chat" and knows else {}
        place = {"device": self.devices[0]} if self.devices else {}
        return {**self.config.backend_options, **special, **place}

    def _load(self) -> Backend:
        with self.stage("loading the model"):
            strategy = self.plugins.get("backend", self.config.backend)
            loaded: Backend = built(strategy, self.backend_options, Backend, "backend")
        self._loaded = loaded
        return loaded

    @property
    def model(self) -> dict[str, Any]:
        """What the backend said of itself, from run.json where an earlier start noted it."""
        if not self.manifest.model:
            _ = self.backend
        return self.manifest.model

    @cached_property
    def template(self) -> Template:
        """The prompt template."""
        from icon.samples.templates import check_special_tokens, load_template, template_digest

        chat = self.backend.chat_template() if self.config.template == "chat" else None
        template = load_template(self.config.template, chat)
        check_special_tokens(template, self._given)
        self.hold("template", {"name": template.name, "digest": template_digest(template)})
        return template

    @property
    def template_digest(self) -> str:
        """Digest of the template, from run.json where an earlier start noted it."""
        if "template" not in self.manifest.inputs:
            _ = self.template
        digest: str = self.manifest.inputs["template"]["digest"]
        return digest

    @property
    def tokens_evaluated(self) -> int:
        """Tokens the model has read in this session."""
        backend = self._given or self._loaded
        return 0 if backend is None else backend.tokens_evaluated

    def records(self) -> Iterator[Record]:
        """The pool's records once more, as they came."""
        from icon.samples.records import iter_records

        return iter_records(self.pool_source, split=self.config.split)

    def hold(self, name: str, found: dict[str, Any]) -> None:
        """Note an input in run.json, or refuse it where an earlier start of this run found another."""
        hold_input(self.manifest, self.directory.path, name, found)

    def warn(self, message: str) -> None:
        """Tell the observers, and keep it in run.json with the stage that says it."""
        warnings = self.manifest.warnings.setdefault(self.stage_name, [])
        if message not in warnings:
            warnings.append(message)
        self.plugins.emit(Warned(message))

    @contextmanager
    def stage(self, name: str, total: int | None = None, done: int = 0) -> Iterator[None]:
        """Tell the observers where a stage begins and ends, and keep its seconds."""
        start = time.perf_counter()
        self.plugins.emit(StageStarted(name, total, done))
        yield
        seconds = time.perf_counter() - start
        spent = self.manifest.times.setdefault("seconds", {})
        spent[name] = round(spent.get(name, 0.0) + seconds, 3)
        self.plugins.emit(StageFinished(name, seconds))

    def save(self) -> None:
        """Write run.json, where that is this session's to do."""
        if not self.recording:
            return
        self.manifest.save(self.directory.manifest_path)

    def close(self) -> None:
        """Free a model that this session loaded."""
        if self._loaded is not None:
            self._loaded.close()
            self._loaded = None
