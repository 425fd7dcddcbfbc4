"""The repair of a run directory: all that can be made again from what is there, without a model and without plugins."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree

from icon.errors import IconError
from icon.pipeline import builtin
from icon.pipeline.doctor._examining import examine, refuse_other
from icon.pipeline.doctor._files import covered_state
from icon.pipeline.doctor._manifest import rescue
from icon.pipeline.doctor._others import SET_ASIDE, temporaries
from icon.pipeline.doctor._parts import stores
from icon.pipeline.doctor._records import Examined
from icon.pipeline.doctor._selection import select_again
from icon.pipeline.mending import mend_samples, set_aside
from icon.plugins.manager import Plugins
from icon.results import report as reporting
from icon.results.compared import TEXTS
from icon.runs.checksums import Covered
from icon.runs.commits import finish
from icon.runs.directory import RunDirectory
from icon.runs.lock import RunLock
from icon.runs.manifest import Manifest
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run

OF_STAGE_1: tuple[Covered, ...] = ("assessment.jsonl", "held_out.jsonl")
OF_STAGE_3: tuple[Covered, ...] = ("scores.parquet", "selected.jsonl", "dropped.jsonl")
REPORT: Covered = "report.html"
EXPLAINED: Covered = "explained.jsonl"


def repair(path: Path) -> Examined:
    """Repair what can be made again from what is there; gives the state afterwards.

    Commits that a process was killed in are finished, leftovers of ended processes removed, damaged parts set aside;
    run.json, the assessment set, the selection and the page are made again. Nothing is measured.

    Args:
        path: The run directory.

    Raises:
        WrongRunError: It is no folder, or holds nothing of a run.
        RunInUseError: Another process writes to the run.
    """
    refuse_other(path)
    done: list[str] = []
    left: list[str] = []
    with RunLock.taken(path) as lock:
        directory = RunDirectory(path)
        manifest = rescue(directory, done, left)
        if lock.warning:  # what looks left over may be in the works elsewhere
            left.append(f"what killed processes left: it is not removed; {lock.warning}")
        else:
            if manifest is not None:
                done += [f"{moved.name}: {_finished(moved)}" for moved in finish(directory, manifest)]
            done += _clean(directory)
        if manifest is not None:
            _Repair(directory, manifest, done, left).perform()
    return examine(path, done, left)


def _finished(path: Path) -> str:
    return "got its name" if path.exists() else "removed, which a killed process or an earlier selection left"


def _clean(directory: RunDirectory) -> Iterator[str]:
    """Remove temporary files of ended processes; set damaged parts aside, or remove them where they are replaced."""
    for path in temporaries(directory.path, in_use=False):
        rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        yield f"{path.relative_to(directory.path)}: removed, which a killed process left"
    whole = directory.path.resolve()
    for store in stores(directory):
        for path in (*store.damaged, *store.aside):
            if not path.parent.resolve().is_relative_to(whole):
                continue  # a link leads there
            name = path.relative_to(directory.path)
            if store.is_replaced(path):
                path.unlink()
                yield f"{name}: removed, since a sound part is in its place"
            elif path in store.damaged:
                path.rename(path.with_suffix(SET_ASIDE))
                yield f"{name}: damaged, and set aside; icon score {directory.path} measures it again"


class _Repair:
    """The repair of the files that run.json names.

    Args:
        directory: The run directory, which this process has locked.
        manifest: Its run.json.
        done: Gets what was done, in words.
        left: Gets what could not be done, in words.
    """

    def __init__(self, directory: RunDirectory, manifest: Manifest, done: list[str], left: list[str]) -> None:
        plugins = Plugins([sys.modules[builtin.__name__]], entry_points=False)
        self.run = Run(directory, manifest, plugins)
        self.model, self.pool = Model(self.run), PoolReader(self.run)
        self.done, self.left = done, left

    def perform(self) -> None:
        """Make again what is missing or damaged, in the order in which the stages made it."""
        where = self.run.path
        if names := self._wrong(OF_STAGE_1):
            self._try(
                names, lambda: mend_samples(self.run, self.pool.samples), "the command that began the run mends it"
            )
        if names := self._wrong(OF_STAGE_3):
            damaged = [name for name in names if (where / name).exists()]
            self._try(names, lambda: select_again(self.run, self.model, self.pool, damaged), f"icon select {where}")
        if self._wrong((EXPLAINED,)):
            self._try([EXPLAINED], self._forget_explained, f"icon explain {where} ID")
        if self._wrong((REPORT,)):
            self._try([REPORT], self._draw, f"icon report {where}")
        if self._wrong((TEXTS,)):  # a page that was drawn again has made it again
            self._try([TEXTS], self._forget_compared, f"icon report {where}")

    def _wrong(self, names: tuple[Covered, ...]) -> list[Covered]:
        """Those of the files that are missing or damaged."""
        known = ((name, covered_state(self.run.directory, self.run.manifest, name)[0]) for name in names)
        return [name for name, state in known if state in ("missing", "damaged")]

    def _try(self, names: list[Covered], make: Callable[[], str], other: str) -> None:
        """Make files again, or say why that is not possible."""
        before = self.run.manifest
        try:
            said = make()
            self.run.save()
        except IconError as error:
            self.run.withdraw(before)
            self.run.note(warnings=before.warnings, times=before.times, status=before.status)
            reason = str(error).partition("\n")[0].rstrip(":")
            self.left.append(f"{', '.join(names)}: not made again ({reason}); what can: {other}")
        else:
            self.done.append(f"{', '.join(names)}: {said}")

    def _forget_explained(self) -> str:
        if self.run.directory.explained.exists():
            set_aside(self.run.directory.explained)
        self.run.drop(EXPLAINED)
        return "set aside; the same `icon run`, or `icon explain`, measures the tokens again"

    def _forget_compared(self) -> str:
        self.run.directory.texts.unlink(missing_ok=True)
        self.run.drop(TEXTS)
        return "removed; the next report compares the texts again"

    def _draw(self) -> str:
        self.run.directory.report.unlink(missing_ok=True)  # damaged, it may be taken for another file
        notes: list[str] = []
        reporting.report(self.run, self.pool, None, notes)
        return "drawn again, without sections of plugins, which `icon report` adds"
