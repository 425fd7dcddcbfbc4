"""The model of a run and its prompt template, opened at first use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import Any

from icon.errors import BackendError
from icon.inference import cache
from icon.inference.received import check_backend
from icon.plugins import Backend, DescribedModel, Executor, Template
from icon.plugins.contract import called
from icon.runs.model_record import PROOF, ModelRecord
from icon.runs.opening import opened, options_to_open
from icon.runs.records import TemplateInput
from icon.runs.run import Run
from icon.runs.said_by_backend import exact_options, notes_of
from icon.runs.same_model import check_same_model
from icon.runs.workers import Workers


class Model:
    """The model of a run and its prompt template.

    Args:
        run: The run. Its run.json records the model, and another model at a later start is refused.
        given: A backend that the caller opened and closes; None to load the one that the settings name.
        devices: Devices of the run; where this process opens the model, it does so on the first. Empty for that of the
            settings.
        executor: Measures in workers of its own; None to measure in this process.
    """

    def __init__(
        self,
        run: Run,
        given: Backend | None = None,
        *,
        devices: tuple[str, ...] = (),
        executor: Executor | None = None,
    ) -> None:
        self.run = run
        self.devices = devices
        self.workers = None if executor is None else Workers(run, executor)
        self._given = given
        self._loaded: Backend | None = None
        self._beside: Backend | None = None
        self._held: Backend | None = None

    @property
    def backend(self) -> Backend:
        """The backend, loaded at first use.

        Raises:
            ConfigError: It is another model than that of an earlier start of the run.
            BackendError: It cannot be loaded.
        """
        if self._beside is not None:
            return self._beside
        backend = self._given or self._loaded
        if backend is None or self._held is not backend:
            known = self.run.manifest.model  # of an earlier start: unless its weights prove it, files are read anew
            with nullcontext() if known is None or PROOF in known.settings else cache.content_read():
                backend = backend or open_backend(self.run, self.options)
                if self._given is None:
                    self._loaded = backend
                check_backend(backend)
                self.run.hold_model(backend.describe())
            self._held = backend
        return backend

    @property
    def given(self) -> Backend | None:
        """The backend that the caller opened; None where this object loads one."""
        return self._given

    @property
    def is_open(self) -> bool:
        """Whether a backend is open, so that using it loads nothing."""
        return any(backend is not None for backend in (self._given, self._loaded, self._beside))

    @property
    def options(self) -> dict[str, Any]:
        """Options to open the backend with. A run goes on with the model it was begun with."""
        return options_to_open(self.run.plugins, self.run.config, self.devices, self.run.manifest.model)

    @property
    def record(self) -> ModelRecord:
        """What the backend reported, from run.json where an earlier start recorded it."""
        if self.run.manifest.model is None:
            _ = self.described
        record = self.run.manifest.model
        assert record is not None
        return record

    @property
    def described(self) -> DescribedModel:
        """The model as the open backend describes it, or else a worker where there are workers; neither is open yet.

        Raises:
            ConfigError: It is another model than that of an earlier start of the run.
            BackendError: It cannot be loaded.
        """
        if self._asked is not None:
            return self._asked.described
        backend = self.backend
        return DescribedModel(backend.describe(), backend.chat_template())

    @cached_property
    def template(self) -> Template:
        """The prompt template of the run; `auto` opens the model, whose own chat template it is if there is one.

        Raises:
            ConfigError: It is another one than at an earlier start of the run.
            TemplateError: It cannot be read, or the model has no chat template.
        """
        from icon.samples.templates import check_special_tokens, load_template, template_digest
        from icon.samples.templates.loading import template_as_described, template_of_model

        name = self.run.config.template
        if name not in ("chat", "auto"):
            template = load_template(name)
        elif self._asked is not None:
            described = self._asked.described
            template = template_as_described(name, described.info, described.chat_template)
        else:
            template = template_of_model(name, self.backend)
        check_special_tokens(template, self._given)
        self.run.hold("template", TemplateInput(name=template.name, digest=template_digest(template)))
        return template

    def template_for(self, *, with_model: bool) -> Template:
        """The template of a scorer; one that needs no model gets `alpaca` for `auto`, so that no model is opened.

        Args:
            with_model: Whether the scorer needs the model.

        Raises:
            ConfigError: It is another one than at an earlier start of the run.
            TemplateError: It cannot be read, or the model has no chat template.
        """
        from icon.samples.templates import load_template

        return self.template if with_model or self.run.config.template != "auto" else load_template("auto")

    def template_digest(self, *, with_model: bool) -> str:
        """Digest of `template_for`, from run.json where an earlier start recorded it."""
        from icon.samples.templates import template_digest

        held = self.run.manifest.inputs.template if self.run.directory.has_parts else None
        if held is not None and (with_model or self.run.config.template != "auto"):
            return held.digest
        return template_digest(self.template_for(with_model=with_model))

    @property
    def tokens_evaluated(self) -> int:
        """Number of tokens that the model has evaluated in this process and in its workers."""
        backend = self._beside or self._given or self._loaded
        here = 0 if backend is None else backend.tokens_evaluated
        return here + (0 if self.workers is None else self.workers.tokens_evaluated)

    @contextmanager
    def beside(self, given: Backend | None = None, *, exact: bool = False) -> Iterator[tuple[Backend, str]]:
        """Open the run's model for measurements outside the run's parts, so the device may differ from the run's.

        Args:
            given: A backend that the caller opened and closes; None to open the run's own, which is closed at the end.
            exact: Whether to open it with the options under which its numbers are most exact; where it cannot be loaded
                so, for lack of memory perhaps, the run's own options are used.

        Yields:
            The backend, and a note on how it was opened.

        Raises:
            ConfigError: It is another model than the run's.
            BackendError: It cannot be loaded.
        """
        backend, note = (given, "with the backend that was given") if given is not None else self._open(exact)
        try:
            check_backend(backend)
            check_same_model(self.run.path, self.record, backend.describe())
            yield backend, note
        finally:
            self._beside = None
            if given is None:
                called(backend, "backend", "close", backend.close)

    def measure_with(self, backend: Backend) -> None:
        """Use this backend until `beside` ends, without checking it against run.json."""
        self._beside = backend

    def report_notes(self) -> None:
        """Pass the notes of an open backend, and of the template it is scored with, on as warnings."""
        if not self.is_open:
            return
        template: Template | None = vars(self).get("template")
        for note in (*notes_of(self.backend, "backend"), *(notes_of(template, "template") if template else ())):
            self.run.warn(note)

    def close(self) -> None:
        """Close a backend that this object loaded, and end its workers."""
        if self.workers is not None:
            self.workers.close()
        if self._loaded is not None:
            loaded, self._loaded = self._loaded, None
            called(loaded, "backend", "close", loaded.close)

    @property
    def _asked(self) -> Workers | None:
        """The workers, where they know the model and this process has not opened it."""
        return None if self.workers is None or self.workers.are_over or self.is_open else self.workers

    def _open(self, exact: bool) -> tuple[Backend, str]:
        if not exact:
            return open_backend(self.run, self.options), "with the run's own options"
        strategy = self.run.plugins.get("backend", self.run.config.backend)
        more = exact_options(strategy)
        if not more:
            return open_backend(self.run, self.options), "with the run's own options; its backend has none more exact"
        named = ", ".join(f"{name}={value}" for name, value in more.items())
        try:
            return open_backend(self.run, {**self.options, **more}), f"with {named}"
        except BackendError as error:
            note = f"with the run's own options, because {named} could not be loaded: {error}"
            return open_backend(self.run, self.options), note


def open_backend(run: Run, options: Mapping[str, Any]) -> Backend:
    """Load the backend that the run's settings name; see `icon.runs.opening.opened`."""
    with run.timed("loading the model"):
        return opened(run.plugins, run.config, options)
