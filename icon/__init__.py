"""icon: selects instruction-tuning samples for a language model by their in-context contribution.

    import icon

    found = icon.run("pool.jsonl", assessment="my_tasks.jsonl", budget="20m", keep="15%", out="runs/mine")
    print(found.advice.sentence)      # whether it is usable, and what to do next
    found.scores()                    # a pandas table: one row per candidate
    found.as_dataset()                # the selected records, as a trainer takes them
    found.explain("row:17")           # why a sample was kept or dropped

The pool may be a file, a hub name, a `datasets.Dataset`, a DataFrame, or a list of dicts. The same call goes on with a
run that was stopped. `icon.preview` gives a first impression, `icon.plan` says what a run would take, `icon.load_run`
opens one again; `help(icon.run)` lists every setting.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "AbilityError": "icon.errors",
    "BackendError": "icon.errors",
    "BadRowsError": "icon.errors",
    "ConfigError": "icon.errors",
    "Contribution": "icon.types",
    "IconError": "icon.errors",
    "InputError": "icon.errors",
    "InterruptedRun": "icon.errors",
    "LeakError": "icon.errors",
    "Message": "icon.types",
    "ModelNameError": "icon.errors",
    "PluginError": "icon.errors",
    "RunConfig": "icon.config",
    "RunError": "icon.errors",
    "RunResult": "icon.api",
    "Sample": "icon.types",
    "Settings": "icon.api",
    "Status": "icon.types",
    "Target": "icon.types",
    "TemplateError": "icon.errors",
    "TokenLogProbs": "icon.types",
    "UnknownStrategyError": "icon.errors",
    "UserError": "icon.errors",
    "WrongRunError": "icon.errors",
    "as_dataset": "icon.api",
    "compare": "icon.api",
    "explain": "icon.api",
    "export": "icon.api",
    "load_backend": "icon.api",
    "load_run": "icon.api",
    "load_samples": "icon.api",
    "load_validation": "icon.api",
    "plan": "icon.api",
    "preview": "icon.api",
    "run": "icon.api",
    "score": "icon.api",
    "select": "icon.api",
    "verify": "icon.api",
    "write_report": "icon.api",
}

__all__ = [
    "AbilityError",
    "BackendError",
    "BadRowsError",
    "ConfigError",
    "Contribution",
    "IconError",
    "InputError",
    "InterruptedRun",
    "LeakError",
    "Message",
    "ModelNameError",
    "PluginError",
    "RunConfig",
    "RunError",
    "RunResult",
    "Sample",
    "Settings",
    "Status",
    "Target",
    "TemplateError",
    "TokenLogProbs",
    "UnknownStrategyError",
    "UserError",
    "WrongRunError",
    "as_dataset",
    "compare",
    "explain",
    "export",
    "load_backend",
    "load_run",
    "load_samples",
    "load_validation",
    "plan",
    "preview",
    "run",
    "score",
    "select",
    "verify",
    "write_report",
]

if TYPE_CHECKING:
    from icon.api import (
        RunResult,
        Settings,
        as_dataset,
        compare,
        explain,
        export,
        load_backend,
        load_run,
        load_samples,
        load_validation,
        plan,
        preview,
        run,
        score,
        select,
        verify,
        write_report,
    )
    from icon.config import RunConfig
    from icon.errors import (
        AbilityError,
        BackendError,
        BadRowsError,
        ConfigError,
        IconError,
        InputError,
        InterruptedRun,
        LeakError,
        ModelNameError,
        PluginError,
        RunError,
        TemplateError,
        UnknownStrategyError,
        UserError,
        WrongRunError,
    )
    from icon.types import Contribution, Message, Sample, Status, Target, TokenLogProbs


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that `import icon` stays light."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'icon' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
