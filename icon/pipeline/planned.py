"""Inputs of the stages after the first: pool, assessment set, candidates, scorers, and the choice of a selector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import Any, Literal

from icon.config import RunConfig
from icon.errors import ConfigError, IconError, InterruptedRun
from icon.pipeline.drawing import subset_of
from icon.pipeline.schedule import samples_of, schedule_of
from icon.plugins import Narrowed, Selector
from icon.plugins.manager import Plugins
from icon.plugins.strategies import built
from icon.runs.dropped import PoolRecord
from icon.runs.files import assessment_of
from icon.runs.model import Model
from icon.runs.narrowing import narrowing_of
from icon.runs.pool import records_of
from icon.runs.records import AssessStage
from icon.runs.run import Run
from icon.runs.work import Work, make_scorer
from icon.samples.load import LoadedSamples
from icon.samples.pool_samples import PoolSamples
from icon.types import Sample


@dataclass(frozen=True, slots=True)
class Planned:
    """Inputs of the stages after the first.

    Attributes:
        pool: The pool.
        records: Reads the pool's records once more, as they came; an edited pool is refused.
        stage: What the first stage recorded.
        assessment: The assessment set.
        candidates: The pool's distinct samples without those that are held out or leaks.
        subset: The candidates that are scored, in scoring order.
        works: Each scorer's work by its name, the run's own first.
        beyond_budget: Baseline scorers that are left out because they need the model and there is a budget.
        narrowed: What the cheap scorer said, where a selector narrows the pool and it is measured
            (`icon.pipeline._narrowing`); until then `subset` has every candidate that it is measured on.
        everyone: Those candidates, from then on.
    """

    pool: LoadedSamples
    records: Callable[[], Iterator[PoolRecord]]
    stage: AssessStage
    assessment: Sequence[Sample]
    candidates: PoolSamples
    subset: PoolSamples
    works: Mapping[str, Work]
    beyond_budget: Sequence[str]
    narrowed: Narrowed | None = None
    everyone: PoolSamples | None = None

    def candidates_of(self, work: Work) -> PoolSamples:
        """The candidates that a scorer is measured on: the subset, and all of them for the cheap scorer."""
        is_cheap = self.narrowed is not None and work.name == self.narrowed.cheap
        return self.everyone if self.everyone is not None and is_cheap else self.subset

    @property
    def main(self) -> Work:
        """The work of the run's own scorer."""
        return next(iter(self.works.values()))

    @property
    def samples(self) -> Sequence[Sample]:
        """The assessment samples that the run's own scorer is measured on."""
        return samples_of(self.main.scorer, self.assessment, self.main.run.config.seed)

    @property
    def is_raced(self) -> bool:
        """Whether the run's own scorer is raced."""
        return schedule_of(self.main.run.config, self.main.scorer, len(self.samples)) != "exact"


def planned(run: Run, model: Model, pool: LoadedSamples, asked: Sequence[str] = ()) -> Planned:
    """Gather the inputs of the stages after the first.

    Args:
        run: The run, past its first stage.
        model: Its model.
        pool: Its pool.
        asked: Scorers that were asked for besides the run's own; they are measured whatever the budget.

    Raises:
        WrongRunError: The first stage is not done.
    """
    assessment = assessment_of(run.directory, run.manifest)
    stage = run.manifest.stages.assess
    assert stage is not None
    candidates = pool.samples.without(stage.left_out)
    every = {"subset": None} if narrowing_of(run) else {}
    subset = subset_of(run.config.model_copy(update=every), pool, candidates)
    names, beyond = scorers_of(run, asked)
    works = {name: Work(run, model, name) for name in names}
    return Planned(pool, partial(records_of, run, pool), stage, assessment, candidates, subset, works, beyond)


def scorers_of(run: Run, asked: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """The run's scorer and its baseline scorers, in this order, and the baselines that the budget leaves out.

    The cheap scorer of a selector that narrows the pool is the first of the baselines. A budget is for the run's own
    scorer. A baseline that needs the model is left out within a budget, unless the user asked for it on an existing
    run, or it has measurements, or it is the cheap one.
    """
    config = run.config
    cheap = [selector.cheap] if (selector := narrowing_of(run)) else []
    names = list(dict.fromkeys((config.scorer, *cheap, *config.baselines)))
    if not config.budget:
        return names, []
    beyond = [
        name
        for name in names[1:]
        if name not in (*cheap, *asked)
        and not run.directory.contributions(name).is_dir()
        and make_scorer(run, name).needs_backend
    ]
    return [name for name in names if name not in beyond], beyond


@contextmanager
def joined(run: Run, asked: Sequence[str]) -> Iterator[None]:
    """Add scorers that were asked for to the run's baselines; an error removes them again.

    Raises:
        UnknownStrategyError: There is no scorer of a name.
    """
    joining = join_scorers(run, asked)
    try:
        yield
    except InterruptedRun:
        raise
    except IconError:
        if joining:
            set_baselines(run, [name for name in run.config.baselines if name not in joining])
            run.save()
        raise


def join_scorers(run: Run, names: Sequence[str]) -> list[str]:
    """Add scorers to the run's baselines; returns the new ones.

    Raises:
        UnknownStrategyError: No scorer has one of these names.
    """
    for name in names:
        make_scorer(run, name)
    config = run.config
    joining = [name for name in dict.fromkeys(names) if name not in (config.scorer, *config.baselines)]
    set_baselines(run, (*config.baselines, *joining))
    return joining


def set_baselines(run: Run, names: Sequence[str]) -> None:
    """Replace the run's baseline scorers."""
    run.note(config=run.config.model_copy(update={"baselines": tuple(names)}))


@dataclass(frozen=True, slots=True)
class ChosenSelector:
    """A selector with its name and options, and why it is another than was asked for, if it is."""

    name: str
    selector: Selector
    options: Mapping[str, Any]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The settings of a selection.

    Attributes:
        config: The settings to select by: those of the run, or others that `icon select` was given.
    """

    config: RunConfig

    def selector(
        self, plugins: Plugins, n_scored: int, n_candidates: int, *, usable: int | None = None
    ) -> ChosenSelector:
        """Build the selector.

        For `auto` it is top where every candidate is scored, else the classifier; whether either is used is decided
        by what was measured (`icon.pipeline._choosing`).

        Args:
            plugins: Where selectors come from.
            n_scored: Number of measured candidates, failed ones included.
            n_candidates: Number of candidates.
            usable: In a race, the number of candidates with a score; too few for the selector, and top is used.
        """
        asked, options = self.config.selector, dict(self.config.selector_options)
        name = ("top" if n_scored >= n_candidates else "classifier") if asked == "auto" else asked
        selector: Selector = built(plugins.get("selector", name), options, Selector, "selector")
        if usable is not None and usable < selector.fewest_scored:
            note = f"{usable} candidates are scored, too few for {name}: the best of them are selected"
            return ChosenSelector("top", plugins.get("selector", "top").make({}), {}, note)
        return ChosenSelector(name, selector, options)


def hold_files(run: Run, name: Literal["assessment", "scorer"], options: Mapping[str, object]) -> None:
    """Record the digests of the files that these options name, or refuse them where they changed.

    Args:
        run: The run.
        name: Whose options these are: the name under which run.json has the digests.
        options: Option values; those that are paths of files are recorded.

    Raises:
        ConfigError: An earlier start of this run read other files, or files with other contents; or one cannot be read.
    """
    named = [Path(value).expanduser() for value in options.values() if isinstance(value, str)]
    files = [str(path) for path in named if path.is_file()]
    if files or getattr(run.manifest.inputs, name) is not None:
        run.hold(name, {path: _digest(path) for path in files})


def _digest(path: str) -> str:
    """Sha256 of a file's bytes, in hex: it may be of any kind, prompts in a text file among them."""
    try:
        with Path(path).open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; valid: a file that can be read") from None
