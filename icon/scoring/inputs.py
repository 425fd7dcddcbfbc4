"""What stage 2 works with and where it keeps what it measured."""

from __future__ import annotations

from collections.abc import Sequence

from icon import __version__
from icon.config import validate
from icon.protocols import ContributionScorer, Noting, ScoringTask
from icon.runs.directory import fingerprint
from icon.runs.held import hold_offers
from icon.runs.parts import PartStore
from icon.session import Session
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
"""Settings that decide a measurement, beside pool, assessment set, template, model, scorer and version."""


def scoring_task(session: Session, scorer: ContributionScorer, assessment: Sequence[Sample]) -> ScoringTask:
    """What the scorer works with."""
    config = session.config
    return ScoringTask(
        backend=session.backend if scorer.needs_backend else None,
        template=session.template,
        assessment=assessment,
        seed=config.seed,
        max_prompt_tokens=config.max_prompt_tokens,
        max_demonstration_tokens=config.max_demonstration_tokens,
        max_response_tokens=config.max_response_tokens,
        truncate=config.on_too_long == "truncate",
    )


def hold_offers_of(session: Session, name: str, scorer: ContributionScorer) -> None:
    """Hold the distributions that a scorer, the backend and the record format are of: before anything is measured.

    Raises:
        ConfigError: An earlier start of the run measured with another one.
    """
    asked = [("scorer", name), ("reader", session.manifest.inputs["pool"]["format"])]
    if scorer.needs_backend:
        asked.append(("backend", session.config.backend))
    versions = session.plugins.versions()
    offers = {}
    for kind, each in asked:
        if strategy := session.plugins.strategies(kind).get(each):
            version = versions.get(strategy.distribution, "")
            offers[f"{kind} {each}"] = f"{strategy.distribution} {version}".strip()
    hold_offers(session.manifest, session.directory.path, name, offers)


def begin_measuring(session: Session) -> None:
    """Write run.json before the first measurement: a run that was done is not any more, until it is selected from."""
    if session.manifest.status == "done":
        session.manifest.status = "running"
    session.save()


def tell_notes_of_backend(session: Session) -> None:
    """Warn of what the model's backend noted while it worked; nothing where none is open, or where it notes nothing."""
    if session.has_model_open and isinstance(session.backend, Noting):
        for note in session.backend.notes:
            session.warn(note)


def part_store(session: Session, name: str, scorer: ContributionScorer, *, read_only: bool = False) -> PartStore:
    """The scorer's parts, under the fingerprint of everything that decides its measurements."""
    settings = session.config.model_dump(mode="json")
    is_main = name == session.config.scorer
    decisive = {key: settings[key] for key in DECISIVE} | {
        "version": __version__,
        "scorer": name,
        "scorer_options": settings["scorer_options"] if is_main else {},
        "pool": session.manifest.inputs["pool"]["digest"],
        "assessment": session.manifest.stages["assess"]["digest"],
        "template": session.template_digest,
        "model": session.model if scorer.needs_backend else None,
    }
    if digest := session.plugins.files.get(session.plugins.get("scorer", name).distribution):
        decisive["plugin_file"] = digest
    if is_main:  # who is measured on a slice depends on the run's own cut, whatever is selected with later
        own = validate(session.manifest.config)
        decisive["schedule"] = {"schedule": own.schedule, "keep": own.keep, "budget": own.budget is not None}
    folder = session.directory.contributions(None if is_main else name)
    return PartStore(folder, fingerprint(decisive), read_only=read_only)
