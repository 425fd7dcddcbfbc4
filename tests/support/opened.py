"""A run opened with its model and pool, stage by stage: what the command line and `icon.run` do in one go."""

from __future__ import annotations

from pathlib import Path

from icon.pipeline import stages
from icon.pipeline.builtin import default_plugins
from icon.runs.directory import RunDirectory
from icon.runs.manifest import load_manifest
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run
from icon.runs.work import Work


class Opened:
    """A run with its model and pool.

    Args:
        run: The run.
        backend: A backend that is open already; None to load the run's own.
        executor: Measures in workers of its own; None to measure in this process.
    """

    def __init__(self, run, backend=None, executor=None):
        self.run, self.model, self.pool = run, Model(run, backend, executor=executor), PoolReader(run)
        self.directory, self.plugins = run.directory, run.plugins

    @classmethod
    def at(cls, path, backend=None, *, plugins=None, recording=True):
        """An existing run."""
        directory = RunDirectory(Path(path))
        manifest = load_manifest(directory.manifest_path)
        return cls(Run(directory, manifest, plugins or default_plugins(), recording=recording), backend)

    @property
    def manifest(self):
        """What run.json holds now."""
        return self.run.manifest

    @property
    def samples(self):
        """The pool's samples."""
        return self.pool.samples.samples

    def work(self, name=None):
        """A scorer's work, the run's own unless named."""
        return Work(self.run, self.model, name or self.run.config.scorer)

    def settings(self, **changes):
        """Give the run other settings."""
        self.run.note(config=self.run.config.model_copy(update=changes))

    def all_stages(self):
        """From the first to the last."""
        stages.run_stages(self.run, self.model, self.pool)

    def assess(self):
        """Stage 1."""
        stages.perform(self.run, "assess", lambda: stages.assess(self.run, self.model, self.pool))

    def score(self, *asked):
        """Stage 2, with scorers that join the run."""
        stages.perform(self.run, "score", lambda: stages.score(self.run, self.model, self.pool, asked))

    def share(self, share, *asked):
        """A share of stage 2."""
        stages.score_share(self.run, self.model, self.pool, share, asked)

    def select(self, **changes):
        """Stage 3, with other settings than the run's."""
        choice = stages.Choice(self.run.config.model_copy(update=changes))
        stages.perform(self.run, "select", lambda: stages.select(self.run, self.model, self.pool, choice))

    def report(self):
        """Stage 4."""
        stages.perform(self.run, "report", lambda: stages.report(self.run, self.model, self.pool))
