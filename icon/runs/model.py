"""The model of a run and its prompt template: opened in one way, at first use and only if needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from icon.errors import BackendError, ConfigError
from icon.plugins import Backend, Noting, Template
from icon.plugins.strategies import built
from icon.runs.records import ModelRecord, TemplateInput
from icon.runs.run import Run
from icon.types import BackendInfo


class Model:
    """The model of a run and its prompt template.

    Args:
        run: The run that the model is held by: another one than at an earlier start is refused.
        given: A backend that is open already and stays open; None to load the one that the settings name.
        devices: Devices to score on, a process each; the first is this process's own. Empty: one process.
    """

    def __init__(self, run: Run, given: Backend | None = None, *, devices: tuple[str, ...] = ()) -> None:
        self.run = run
        self.devices = devices
        self._given = given
        self._loaded: Backend | None = None
        self._beside: Backend | None = None
        self._held: Backend | None = None

    @property
    def backend(self) -> Backend:
        """The backend, loaded at first use.

        Raises:
            ConfigError: It runs another model than an earlier start of the run.
            BackendError: It cannot be loaded.
        """
        if self._beside is not None:
            return self._beside
        if self._given is None and self._loaded is None:
            self._loaded = open_backend(self.run, self.options)
        backend = self._given or self._loaded
        assert backend is not None
        if self._held is not backend:
            self.run.hold_model(backend.describe())
            self._held = backend
        return backend

    @property
    def given(self) -> Backend | None:
        """The backend that was open already."""
        return self._given

    @property
    def is_open(self) -> bool:
        """Whether using the backend now loads nothing."""
        return any(backend is not None for backend in (self._given, self._loaded, self._beside))

    @property
    def options(self) -> dict[str, Any]:
        """The options that the settings open the backend with; see `backend_options`."""
        return backend_options(self.run, self.devices)

    @property
    def record(self) -> ModelRecord:
        """What the backend reported, from run.json where an earlier start recorded it."""
        if self.run.manifest.model is None:
            _ = self.backend
        record = self.run.manifest.model
        assert record is not None
        return record

    @cached_property
    def template(self) -> Template:
        """The prompt template.

        Raises:
            ConfigError: It is another one than at an earlier start of the run.
            TemplateError: It cannot be read, or the model has no chat template.
        """
        from icon.samples.templates import check_special_tokens, load_template, template_digest

        name = self.run.config.template
        template = load_template(name, self.backend.chat_template() if name == "chat" else None)
        check_special_tokens(template, self._given)
        self.run.hold("template", TemplateInput(name=template.name, digest=template_digest(template)))
        return template

    @property
    def template_digest(self) -> str:
        """Digest of the template, from run.json where an earlier start recorded it."""
        if self.run.manifest.inputs.template is None:
            _ = self.template
        held = self.run.manifest.inputs.template
        assert held is not None
        return held.digest

    @property
    def tokens_evaluated(self) -> int:
        """Tokens that the model has read in this process."""
        backend = self._beside or self._given or self._loaded
        return 0 if backend is None else backend.tokens_evaluated

    @contextmanager
    def beside(self, given: Backend | None = None, *, exact: bool = False) -> Iterator[tuple[Backend, str]]:
        """Measure with the run's model beside the run, never for its parts: on another device it is the same model.

        Args:
            given: A backend that is open already and stays open; None to open the run's own, closed in the end.
            exact: Whether to open it with the options under which its numbers carry the most digits; with the run's
                own where such a model cannot be loaded, for want of memory perhaps.

        Yields:
            The backend, and a note on how it was opened.

        Raises:
            ConfigError: It is another model than the run's.
            BackendError: It cannot be loaded.
        """
        backend, note = (given, "with the backend that was given") if given is not None else self._open(exact)
        try:
            check_same_model(self.run.path, self.record, backend.describe())
            yield backend, note
        finally:
            self._beside = None
            if given is None:
                backend.close()

    def measure_with(self, backend: Backend) -> None:
        """Use this backend until `beside` ends, without holding it against run.json."""
        self._beside = backend

    def report_notes(self) -> None:
        """Warn of what an open backend noted while it worked."""
        if self.is_open and isinstance(self.backend, Noting):
            for note in self.backend.notes:
                self.run.warn(note)

    def close(self) -> None:
        """Free a backend that was loaded here."""
        if self._loaded is not None:
            self._loaded.close()
            self._loaded = None

    def _open(self, exact: bool) -> tuple[Backend, str]:
        if not exact:
            return open_backend(self.run, self.options), "with the run's own options"
        strategy = self.run.plugins.get("backend", self.run.config.backend)
        more = dict(getattr(strategy.options, "exact", {}))
        if not more:
            known = "with the run's own options; its backend knows of no form more exact"
            return open_backend(self.run, self.options), known
        named = ", ".join(f"{name}={value}" for name, value in more.items())
        try:
            return open_backend(self.run, {**self.options, **more}), f"with {named}"
        except BackendError as error:
            note = f"with the run's own options, because {named} could not be loaded: {error}"
            return open_backend(self.run, self.options), note


def backend_options(run: Run, devices: tuple[str, ...] = ()) -> dict[str, Any]:
    """The options that the settings open the backend with.

    A chat template needs its special tokens read as such: a backend that has an option `special_tokens` gets it.
    """
    config = run.config
    knows = "special_tokens" in run.plugins.get("backend", config.backend).options.model_fields
    special = {"special_tokens": True} if config.template == "chat" and knows else {}
    place = {"device": devices[0]} if devices else {}
    return {**config.backend_options, **special, **place}


def open_backend(run: Run, options: Mapping[str, Any]) -> Backend:
    """Load the backend that the run's settings name.

    Raises:
        BackendError: It cannot be loaded.
        PluginError: It lacks what a backend must offer.
    """
    with run.timed("loading the model"):
        strategy = run.plugins.get("backend", run.config.backend)
        loaded: Backend = built(strategy, dict(options), Backend, "backend")
    return loaded


def check_same_model(path: Path, model: ModelRecord, found: BackendInfo) -> None:
    """Refuse a backend whose numbers would be those of another model.

    Args:
        path: The run directory, for the message.
        model: What run.json says of the run's model.
        found: What the backend reports of itself.

    Raises:
        ConfigError: It is another model.
    """
    old, new = _identity(model), _identity(ModelRecord.of(found))
    wrong = [f"  {name}: {old[name]!r} -> {new.get(name)!r}" for name in old if old[name] != new.get(name)]
    if wrong:
        raise ConfigError(
            "\n".join(
                [
                    f"{path}: not the model this run was scored with:",
                    *wrong,
                    "Put the model back where it was; or, for a run from Python, give the backend it was made with.",
                ]
            )
        )


def _identity(model: ModelRecord) -> dict[str, object]:
    """What must be the same, whatever the precision; a file's digest says more than its name."""
    found: dict[str, object] = {
        "backend": model.backend,
        "tokenizer_digest": model.tokenizer_digest,
        "bos": model.bos,
    }
    source = model.settings.get("source_digest")
    return found | ({"source_digest": source} if source else {"model": model.model})
