"""One scorer's work in a run: the scorer, its task, and the store of its measurements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from icon import __version__
from icon.config import RunConfig
from icon.plugins import ContextScorer, ContributionScorer, ScoringTask
from icon.plugins.manager import Plugins
from icon.plugins.strategies import built
from icon.runs.directory import fingerprint
from icon.runs.files import assessment_of
from icon.runs.model import Model
from icon.runs.narrowing import narrowing_of
from icon.runs.opening import offers_of
from icon.runs.parts import PartStore
from icon.runs.run import Run
from icon.scorers.lengths import how_of
from icon.scorers.task import scoring_task
from icon.types import Sample

DECISIVE = (
    "max_prompt_tokens",
    "max_demonstration_tokens",
    "max_response_tokens",
    "on_too_long",
    "subset",
    "skip_urls",
    "seed",
    "confidence",
    "order",
)
"""Settings that decide a measurement, besides pool, assessment set, template, model, scorer and version."""
LATER = ("skip_tokens", "primed", "subset_draw", "reasoning", "ignore")
"""More of these, which count where they are not at their defaults: parts from before they existed stay valid."""


def make_scorer(run: Run, name: str) -> ContributionScorer:
    """Build the scorer of that name; see `scorer_of`."""
    return scorer_of(run.plugins, run.config, name)


def scorer_of(plugins: Plugins, config: RunConfig, name: str) -> ContributionScorer:
    """Build the scorer of that name, with the run's options if it is the run's own.

    Raises:
        UnknownStrategyError: No scorer has that name.
        PluginError: It lacks something that the protocol `ContributionScorer` names.
    """
    options = config.scorer_options if name == config.scorer else {}
    scorer: ContributionScorer = built(plugins.get("scorer", name), dict(options), ContributionScorer, "scorer")
    return scorer


@dataclass(frozen=True)
class Work:
    """One scorer's work in a run.

    Attributes:
        run: The run, past its first stage.
        model: Its model, opened by `task` if the scorer needs it.
        name: Name of the scorer.
    """

    run: Run
    model: Model
    name: str

    @cached_property
    def scorer(self) -> ContributionScorer:
        """The scorer, built at first use."""
        return make_scorer(self.run, self.name)

    @property
    def is_main(self) -> bool:
        """Whether this is the run's own scorer, not a baseline."""
        return self.name == self.run.config.scorer

    def task(self, assessment: Sequence[Sample]) -> ScoringTask:
        """The scorer's task on these assessment samples; opens the model if the scorer needs it."""
        backend = self.model.backend if self.scorer.needs_backend else None
        template = self.model.template_for(with_model=self.scorer.needs_backend)
        return scoring_task(self.run.config, self.scorer, assessment, template, backend, self.whole)

    @property
    def whole(self) -> Sequence[Sample]:
        """The whole assessment set, for a `ContextScorer` that is measured on a part of it; else nothing."""
        if isinstance(self.scorer, ContextScorer) and self.run.manifest.stages.assess is not None:
            return assessment_of(self.run.directory, self.run.manifest)
        return ()

    def store(self, *, read_only: bool = False) -> PartStore:
        """The store of the scorer's parts, with the fingerprint of everything that decides its measurements."""
        folder = self.run.directory.contributions(None if self.is_main else self.name)
        return PartStore(folder, fingerprint(self._decisive()), read_only=read_only)

    def stores(self, *, read_only: bool = True) -> Iterator[PartStore]:
        """The store of the scorer's parts, and that of each slice of its race."""
        store = self.store(read_only=read_only)
        yield from (store, *store.slices())

    def hold_offers(self) -> None:
        """Record the distributions of scorer, backend and record format, before anything is measured.

        Raises:
            ConfigError: An earlier start of the run measured with other ones.
        """
        run = self.run
        pool = run.manifest.inputs.pool
        asked = [("scorer", self.name), ("reader", pool.format if pool else "")]
        if self.scorer.needs_backend:
            asked.append(("backend", run.config.backend))
        run.hold_offers(self.name, offers_of(run.plugins, asked))

    def _decisive(self) -> dict[str, object]:
        run, inputs, stages = self.run, self.run.manifest.inputs, self.run.manifest.stages
        assert inputs.pool is not None
        assert stages.assess is not None
        settings = run.config.model_dump(mode="json")
        decisive = {key: settings[key] for key in DECISIVE} | {
            "version": __version__,
            "scorer": self.name,
            "scorer_options": settings["scorer_options"] if self.is_main else {},
            "pool": inputs.pool.digest,
            "assessment": stages.assess.digest,
            "template": self.model.template_digest(with_model=self.scorer.needs_backend),
            "model": self.model.record.decisive() if self.scorer.needs_backend else None,
        }
        for key in LATER:
            if getattr(run.config, key) != RunConfig.model_fields[key].default:
                decisive[key] = settings[key]
        if digest := run.plugins.files.get(run.plugins.get("scorer", self.name).distribution):
            decisive["plugin_file"] = digest
        if self.is_main:  # the candidates of a slice depend on the run's own `keep`, whatever is selected later
            budget = run.config.budget is not None
            decisive["schedule"] = {"schedule": run.config.schedule, "keep": run.config.keep, "budget": budget}
            if narrowing_of(run):
                decisive["narrowed"] = {"selector": run.config.selector, "options": settings["selector_options"]}
            if (how := how_of(run.config, self.scorer)) != "none":  # it decides who is left in a race
                decisive["equal_length"] = how
        return decisive
