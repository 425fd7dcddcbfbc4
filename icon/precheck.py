"""What can be refused before anything is read or computed: strategies that are not there, options that do not fit."""

from __future__ import annotations

from icon.errors import ConfigError
from icon.hooks.contract import built
from icon.protocols import Selector
from icon.session import Session


def check(session: Session) -> None:
    """Look every strategy of the run up and validate its options.

    Raises:
        UnknownStrategyError: A name that nothing installed has.
        ConfigError: Options that do not fit, or a selector that cannot work with the run's backend.
        UserError: No prompt template has that name.
    """
    config = session.config
    chosen = [
        ("assessment", config.assessment, config.assessment_options),
        ("scorer", config.scorer, config.scorer_options),
        *(("scorer", name, {}) for name in config.baselines),
    ]
    for kind, name, options in chosen:
        session.plugins.get(kind, name).validate(dict(options))
    if config.selector != "auto":
        _check_selector(session)
    if config.template == "chat" and config.backend_options.get("special_tokens") is False:
        raise ConfigError(
            "template chat and backend option special_tokens=false: the template's special tokens must be read as "
            "such; valid: another --template, or leave special_tokens out"
        )
    if session.opens_backend:
        session.plugins.get("backend", config.backend).validate(session.backend_options)
    if config.template != "chat":
        _ = session.template


def _check_selector(session: Session) -> None:
    name, backend = session.config.selector, session.config.backend
    selector = built(session.plugins.get("selector", name), dict(session.config.selector_options), Selector, "selector")
    fitting = getattr(selector, "backends", ())
    if fitting and backend not in fitting:
        raise ConfigError(
            f"selector {name}: found the backend {backend}; valid: --backend {' or '.join(fitting)}, or a model of the "
            "selector's own: -o selector.model=smollm2 (a hub name or a folder works too)"
        )


def refuse_other_need(session: Session, needed: bool) -> None:
    """Refuse scorers of which some need an assessment set where none was needed at first, or the other way round.

    A set that is held out of the pool would leave other candidates than the run has.
    """
    stage = session.manifest.stages["assess"]
    if stage.get("needed", needed) != needed and (stage["held_out"] or not stage["samples"]):
        what = "some scorer needs an assessment set" if needed else "no scorer needs an assessment set"
        raise ConfigError(
            f"{session.directory.path}: {what}, which was not so when the run was begun; start a new run with --out, "
            "or keep its --scorer and --baseline"
        )
