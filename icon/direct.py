"""The parts of icon used by themselves from Python: samples, backends and scores without a run directory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from icon.builtin import default_plugins
from icon.config import RunConfig
from icon.contribution.aggregate import by_candidate, contribution
from icon.errors import ConfigError
from icon.protocols import Backend, ScoringTask
from icon.types import Contribution, Sample


def score(
    samples: Sequence[Sample],
    assessment: Sequence[Sample],
    *,
    backend: Backend,
    scorer: str = "icon",
    template: str = "alpaca",
    seed: int = 42,
    plugins: Sequence[str] = (),
    **options: Any,
) -> list[Contribution]:
    """Score candidates against an assessment set without a run directory.

    Args:
        samples: The candidates.
        assessment: The assessment set.
        backend: An open backend.
        scorer: Name of the contribution scorer.
        template: Name of the prompt template.
        seed: Seed of the random contexts.
        plugins: Python files with strategies of your own.
        **options: Options of the scorer.

    Returns:
        One contribution a candidate, in order; a failure has a status and no score.
    """
    from icon.samples.templates import check_special_tokens, load_template

    if not assessment:
        raise ConfigError("the assessment set is empty; valid: at least one sample")
    defaults = RunConfig()
    rendering = load_template(template, backend.chat_template() if template == "chat" else None)
    check_special_tokens(rendering, backend)
    task = ScoringTask(
        backend=backend,
        template=rendering,
        assessment=assessment,
        seed=seed,
        max_prompt_tokens=defaults.max_prompt_tokens,
        max_demonstration_tokens=defaults.max_demonstration_tokens,
        max_response_tokens=defaults.max_response_tokens,
        truncate=True,
    )
    chosen = default_plugins(plugins).get("scorer", scorer).make(options)
    chosen.prepare(task, [])
    distinct = list({each.id: each for each in samples}.values())
    rows = by_candidate(each for found in chosen.measure(distinct) for each in found)
    groups = {each.id: each.group for each in assessment}
    return [contribution(each.id, rows[each.id], groups, chosen) for each in samples]


def load_samples(source: str | Path, **options: Any) -> list[Sample]:
    """Read the distinct samples of a file, folder or hub data set; see `icon.samples.load.load_samples`."""
    from icon.samples.load import load_samples as load

    readers = {name: strategy.make({}) for name, strategy in default_plugins().strategies("reader").items()}
    return load(str(source), **{"readers": readers, **options}).samples


def load_backend(name: str = "llamacpp", **options: Any) -> Backend:
    """Open a backend by name: a context manager that frees the model.

    Raises:
        icon.UnknownStrategyError: No such backend is installed; the message says what to install.
        icon.ConfigError: An option is unknown or has a wrong value.
    """
    backend: Backend = default_plugins().get("backend", name).make(options)
    return backend
