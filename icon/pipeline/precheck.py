"""What can be refused before anything is read or computed: strategies that do not exist, options that do not fit."""

from __future__ import annotations

from collections.abc import Sequence

from icon.errors import ConfigError
from icon.hooks.contract import built
from icon.protocols import Selector
from icon.runs.model import Model
from icon.runs.run import Run
from icon.runs.work import make_scorer


def check(run: Run, model: Model, scorers: Sequence[str]) -> None:
    """Look up every strategy of the run and validate its options.

    Args:
        run: The run.
        model: Its model, which is not opened.
        scorers: Names of the scorers that are measured.

    Raises:
        UnknownStrategyError: A name that nothing installed has.
        ConfigError: Options that do not fit, or a selector that cannot work with the run's backend.
        UserError: No prompt template has that name.
    """
    config = run.config
    chosen = [
        ("assessment", config.assessment, config.assessment_options),
        ("scorer", config.scorer, config.scorer_options),
        *(("scorer", name, {}) for name in config.baselines),
    ]
    for kind, name, options in chosen:
        run.plugins.get(kind, name).validate(dict(options))
    if config.selector != "auto":
        _check_selector(run)
    if config.template == "chat" and config.backend_options.get("special_tokens") is False:
        raise ConfigError(
            "template chat and backend option special_tokens=false: the template's special tokens must be read as "
            "such; valid: another --template, or leave special_tokens out"
        )
    if model.given is None and any(make_scorer(run, name).needs_backend for name in scorers):
        run.plugins.get("backend", config.backend).validate(model.options)
    if config.template != "chat":
        _ = model.template


def _check_selector(run: Run) -> None:
    name, backend = run.config.selector, run.config.backend
    selector = built(run.plugins.get("selector", name), dict(run.config.selector_options), Selector, "selector")
    fitting = getattr(selector, "backends", ())
    if fitting and backend not in fitting:
        raise ConfigError(
            f"selector {name}: found the backend {backend}; valid: --backend {' or '.join(fitting)}, or a model of the "
            "selector's own: -o selector.model=smollm2 (a hub name or a folder works too)"
        )


def refuse_other_need(run: Run, needed: bool) -> None:
    """Refuse scorers of which some need an assessment set where none was needed at first, or the other way round.

    A set that is held out of the pool would leave other candidates than the run has.
    """
    stage = run.manifest.stages.assess
    if stage is None or stage.needed is None or stage.needed == needed:
        return
    if stage.held_out or not stage.samples:
        what = "some scorer needs an assessment set" if needed else "no scorer needs an assessment set"
        raise ConfigError(
            f"{run.path}: {what}, which was not so when the run was begun; start a new run with --out, or keep its "
            "--scorer and --baseline"
        )
