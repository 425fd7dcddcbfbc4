"""The Python interface without a run directory: score, load_samples and load_backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from icon import network
from icon.api._beginning import addressed
from icon.config import validate
from icon.pipeline.builtin import default_plugins
from icon.plugins import Backend, ContributionScorer
from icon.plugins.strategies import built
from icon.plugins.validating import validate_options
from icon.types import Contribution, Sample

if TYPE_CHECKING:
    from icon.api._given import AnyPool


def score(
    samples: Sequence[Sample],
    assessment: Sequence[Sample] = (),
    *,
    backend: Backend | None = None,
    scorer: str = "nuggets",
    template: str = "auto",
    seed: int = 42,
    equal_length: Literal["auto", "regress", "strata", "none"] = "auto",
    skip_tokens: int = 0,
    primed: bool = False,
    plugins: Sequence[str] = (),
    **options: Any,
) -> list[Contribution]:
    """Score candidates without a run directory; the scores are those of a run with the same settings.

    Args:
        samples: The candidates.
        assessment: The assessment set; empty for a scorer that needs none.
        backend: An open backend; None for a scorer that needs none.
        scorer: Name of the contribution scorer.
        template: Name of the prompt template; "auto" is the model's chat template where it has one and the backend
            reads its special tokens (`load_backend(..., special_tokens="auto")`), else "alpaca".
        seed: Seed of the random contexts.
        equal_length: How candidates are compared at equal response length; see `icon.RunConfig`.
        skip_tokens: How many tokens at the beginning of each response count in no score.
        primed: Whether one neutral demonstration stands in front of every text.
        plugins: Python files with strategies.
        **options: Options of the scorer.

    Returns:
        One contribution per candidate, in order; a failure has a status and no score.

    Raises:
        icon.ConfigError: The scorer needs an assessment set or a backend and gets none, an option is invalid, or too
            few candidates have a score to compare them at equal length.
    """
    from icon.pipeline.schedule import samples_of
    from icon.scorers.task import score_samples

    with network.as_named():
        offered = default_plugins(plugins)
        validate_options(offered, "scorer", scorer, options)
        chosen: ContributionScorer = built(offered.get("scorer", scorer), dict(options), ContributionScorer, "scorer")
        settings = {"scorer": scorer, "template": template, "seed": seed, "equal_length": equal_length}
        config = validate({**settings, "skip_tokens": skip_tokens, "primed": primed})
        used = samples_of(chosen, assessment, seed)
        return score_samples(samples, used, chosen, config, backend, whole=assessment)


def load_samples(source: AnyPool, **options: Any) -> list[Sample]:
    """Read the distinct samples of a file, folder, hub data set, or of an object; see `icon.samples.load_samples`."""
    from icon.samples.load import load_samples as load

    with network.as_named():
        readers = {name: strategy.make({}) for name, strategy in default_plugins().strategies("reader").items()}
        with addressed(source, options) as address:
            return list(load(address, **{"readers": readers, **options}).samples)


def load_backend(name: str = "llamacpp", **options: Any) -> Backend:
    """Open a backend by name: a context manager that frees the model.

    Raises:
        icon.UnknownStrategyError: No such backend is installed; the message says what to install.
        icon.ConfigError: An option is unknown or has a wrong value.
    """
    with network.as_named():
        backend: Backend = default_plugins().get("backend", name).make(options)
    return backend
