"""A run directory that a process works on: its settings, its run.json, and the events for observers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from icon.config import RunConfig
from icon.plugins import Event, StageFinished, StageStarted, Warned
from icon.plugins.manager import Plugins
from icon.runs.changed import CHANGED_INPUT, CHANGED_PLUGIN, CHANGED_VERSION, plain_input
from icon.runs.checksums import Covered, FileRecord
from icon.runs.commits import commit, publish_beside, withdraw
from icon.runs.directory import RunDirectory
from icon.runs.manifest import Manifest, refuse_differences
from icon.runs.presence import Presence
from icon.runs.records import Record
from icon.runs.same_model import same_record
from icon.runs.staging import StagedFile, stage, staged_path
from icon.runs.stopwatch import Stopwatch
from icon.types import BackendInfo


class Run:
    """A run directory that this process works on: settings, run.json and events.

    Args:
        directory: The run's files.
        manifest: What run.json holds; its settings are those of the run.
        plugins: Strategies and observers.
        recording: Whether this process writes run.json; a worker, which measures for another process, does not.
        release: Does that, where this one has locked it.

    Attributes:
        watch: The seconds of this process.
        stage: Name of the current stage; warnings are recorded under it.
        presence: Whether the folder is still there.
        release: Lets other processes write to the run.

    Raises:
        ConfigError: A plugin file changed since an earlier start of the run.
    """

    def __init__(
        self,
        directory: RunDirectory,
        manifest: Manifest,
        plugins: Plugins,
        *,
        recording: bool = True,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        self.watch, self.stage = Stopwatch(), ""
        self.directory = directory
        self.manifest = manifest
        self.plugins = plugins
        self.recording = recording
        self.release = release
        self.presence = Presence(directory)
        self._staged: dict[Covered, FileRecord] = {}
        self._hold_plugin_files()

    @property
    def config(self) -> RunConfig:
        """The settings that the run was begun with."""
        return self.manifest.config

    @property
    def path(self) -> Path:
        """The run directory."""
        return self.directory.path

    def note(self, **changes: Any) -> None:
        """Set fields of run.json."""
        self.manifest = self.manifest.updated(**changes)

    def note_stage(self, **finished: Record) -> None:
        """Record a stage as finished."""
        self.note(stages=self.manifest.stages.model_copy(update=finished))

    def note_times(self, **changes: Any) -> None:
        """Set fields of `times` in run.json."""
        self.note(times=self.manifest.times.model_copy(update=changes))

    def hold(self, name: str, current: Record | Mapping[str, str]) -> None:
        """Record an input, or refuse it where an earlier start of this run had another.

        A template that nothing is measured with yet may be another, so that a faulty one can be fixed.

        Args:
            name: A field of `Inputs`.
            current: The input as it is now.

        Raises:
            ConfigError: It differs; the message lists every difference.
        """
        held = getattr(self.manifest.inputs, name)
        if held is not None and (name != "template" or self.directory.has_parts):
            refuse_differences(f"{self.path}: {name}", plain_input(held), plain_input(current), CHANGED_INPUT)
        self._note_input(name, current)

    def hold_model(self, info: BackendInfo) -> None:
        """Record what the backend reports of its model, or refuse another model than that of an earlier start.

        Why it runs the model as it does may differ.

        Raises:
            ConfigError: It differs; the message lists every difference.
        """
        self.note(model=same_record(self.path, self.manifest.model, info))

    def hold_offers(self, scorer: str, offers: Mapping[str, str]) -> None:
        """Record which distributions a scorer is measured with, or refuse others than at an earlier start.

        Args:
            scorer: Name of the scorer.
            offers: Distribution and version by what it offers; recorded offers that are not among them stay.

        Raises:
            ConfigError: One of them is another than that of an earlier start.
        """
        offered = self.manifest.inputs.offered_by
        held = offered.get(scorer, {})
        both = held.keys() & offers.keys()
        old, new = ({kind: versions[kind] for kind in both} for versions in (held, offers))
        refuse_differences(f"{self.path}: {scorer}", old, new, CHANGED_VERSION)
        self._note_input("offered_by", {**offered, scorer: {**held, **offers}})

    def warn(self, message: str) -> None:
        """Pass a warning to the observers and record it in run.json under the current stage."""
        known = self.manifest.warnings.get(self.stage, ())
        if message not in known:
            self.note(warnings={**self.manifest.warnings, self.stage: (*known, message)})
        self.plugins.emit(Warned(message))

    def forget_warnings(self) -> None:
        """Drop the recorded warnings of the current stage, which is about to be done again."""
        self.note(warnings={**self.manifest.warnings, self.stage: ()})

    def emit(self, event: Event) -> None:
        """Pass an event to every observer."""
        self.plugins.emit(event)

    @contextmanager
    def timed(self, what: str, total: int | None = None, done: int = 0) -> Iterator[None]:
        """Emit events where a piece of work begins and ends, and record its seconds."""
        self.emit(StageStarted(what, total, done))
        try:
            with self.watch.measuring(what):
                yield
        finally:
            seconds = self.watch.latest
            spent = self.manifest.times.seconds
            self.note_times(seconds={**spent, what: round(spent.get(what, 0.0) + seconds, 3)})
            self.emit(StageFinished(what, seconds, self.watch.complete))

    def begin_measuring(self) -> None:
        """Write run.json before the first measurement; a finished run counts as running again until stage 3."""
        if self.manifest.status == "done":
            self.note(status="running")
        self.save()

    def save(self) -> None:
        """Write run.json, which publishes what was staged, unless another process does that."""
        if self.recording:
            self.presence.check()
            self.note(times=self.watch.counted(self.manifest.times))
            staged, self._staged = self._staged, {}
            self.manifest = commit(self.directory, self.manifest, staged)
            self.presence.saved()

    @contextmanager
    def staging(self, name: Covered) -> Iterator[StagedFile]:
        """Write a file of the run, which the next `save` publishes together with run.json.

        Raises:
            RunError: It cannot be written.
        """
        self.presence.check()
        with stage(self.path, name) as file:
            yield file
        assert file.record is not None
        self._staged[name] = file.record

    def write(self, name: Covered, data: bytes) -> str:
        """Stage a file of these bytes; returns its digest. See `staging`."""
        with self.staging(name) as file:
            file.write(data)
        return self._staged[name].digest

    def staged(self, name: Covered) -> Path:
        """Where a file lies that was staged and is not published yet."""
        return staged_path(self.path, name, self._staged[name])

    def drop(self, name: Covered) -> None:
        """Let the next `save` leave a file out of run.json."""
        self._staged.pop(name, None)
        self.note(files={kept: record for kept, record in self.manifest.files.items() if kept != name})

    def withdraw(self, before: Manifest) -> None:
        """Drop what a stage that failed has staged and recorded of its outcome.

        Args:
            before: run.json as it was before the stage; inputs and times since then stay.
        """
        withdraw(self.directory, self._staged)
        self._staged = {}
        warnings = {name: lines for name, lines in self.manifest.warnings.items() if name != self.stage}
        if self.stage in before.warnings:
            warnings[self.stage] = before.warnings[self.stage]
        self.note(files=before.files, stages=before.stages, results=before.results, warnings=warnings)

    def publish(self, name: Covered, make: Callable[[Manifest], bytes]) -> None:
        """Write one file of the run at once, with run.json, also where this process only reads the run otherwise.

        Args:
            name: Name of the file.
            make: Gives its bytes from run.json as it is now.

        Raises:
            RunInUseError: Another process writes to the run.
            RunError: It cannot be written.
        """
        if self.recording:
            self.write(name, make(self.manifest))
            self.save()
        else:
            published = publish_beside(self.directory, name, make)
            self.note(files={**self.manifest.files, name: published.files[name]})

    def _note_input(self, name: str, value: Record | Mapping[str, Any]) -> None:
        self.note(inputs=self.manifest.inputs.model_copy(update={name: value}))

    def _hold_plugin_files(self) -> None:
        """Record the digests of plugin files by name, or refuse one that changed since an earlier start."""
        held, files = self.manifest.inputs.plugins, self.plugins.files
        both = held.keys() & files.keys()
        old, new = ({name: digests[name] for name in both} for digests in (held, files))
        refuse_differences(f"{self.path}: plugin files", old, new, CHANGED_PLUGIN)
        if files:
            self._note_input("plugins", {**held, **files})
