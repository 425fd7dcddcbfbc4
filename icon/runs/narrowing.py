"""The selector of a run that narrows the pool before it is measured, if it has one."""

from __future__ import annotations

from icon.config import RunConfig
from icon.plugins import Narrowing, Selector
from icon.plugins.contract import broken
from icon.plugins.strategies import built
from icon.runs.run import Run


def narrowing_of(run: Run, choice: RunConfig | None = None) -> Narrowing | None:
    """The run's selector where it narrows the pool by a cheap scorer; None for any other, which is not built.

    Args:
        run: The run.
        choice: Settings whose selector it is; None for the run's own.

    Raises:
        ConfigError: Its options are invalid.
        PluginError: It declares the ability and lacks it.
    """
    config = choice or run.config
    strategy = run.plugins.strategies("selector").get(config.selector)
    if strategy is None or not getattr(strategy.options, "narrows", False):
        return None
    selector: object = built(strategy, dict(config.selector_options), Selector, "selector")
    if not isinstance(selector, Narrowing):
        raise broken(selector, "selector", "its options say that it narrows", "a selector with cheap, size and narrow")
    return selector
