"""What the first stage left for the others: the assessment set, the candidates, and those of them that are scored."""

from __future__ import annotations

from typing import Any

from icon.contribution.plan import draw_subset
from icon.errors import WrongRunError
from icon.hooks.contract import built
from icon.protocols import Selector
from icon.runs.samples_file import read_samples
from icon.session import Session
from icon.types import Sample


def assessment_of(session: Session) -> list[Sample]:
    """The assessment set as the first stage wrote it.

    Raises:
        WrongRunError: The first stage is not done.
    """
    if "assess" not in session.manifest.stages:
        raise WrongRunError(f"{session.directory.path}: no assessment set yet; run `icon assess` first")
    return read_samples(session.directory.assessment, session.manifest.stages["assess"]["digest"])


def candidates_of(session: Session) -> list[Sample]:
    """The pool's distinct samples without those that are held out or leaked."""
    stage = session.manifest.stages["assess"]
    out = {*stage["held_out"], *stage["leaks"]}
    return [each for each in session.pool.samples if each.id not in out]


def subset_of(session: Session, candidates: list[Sample]) -> list[Sample]:
    """The candidates that are scored."""
    config = session.config
    return draw_subset(candidates, subset=config.subset, seed=config.seed, skip_urls=config.skip_urls)


def selector_of(
    session: Session, n_scored: int, n_candidates: int, *, usable: int | None = None
) -> tuple[str, Selector, dict[str, Any]]:
    """The selector by name, with its options; left open, top where every candidate is scored, else the classifier.

    Args:
        session: The run.
        n_scored: How many candidates are measured, those that failed included.
        n_candidates: How many there are.
        usable: Of a race, how many of them have a score; top is taken where that is too few for the selector.
    """
    asked, options = session.config.selector, dict(session.config.selector_options)
    name = ("top" if n_scored >= n_candidates else "classifier") if asked == "auto" else asked
    selector: Selector = built(session.plugins.get("selector", name), options, Selector, "selector")
    if usable is not None and usable < selector.fewest_scored:
        session.warn(f"{usable} candidates are scored, too few for {name}: the best of them are selected")
        return "top", session.plugins.get("selector", "top").make({}), {}
    return name, selector, options
