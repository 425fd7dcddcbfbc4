"""The signature of a function that takes the settings of a run: every setting by name, as editors complete it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, get_type_hints

from icon.api.settings import Settings
from icon.config import RunConfig

F = TypeVar("F", bound=Callable[..., Any])


def with_settings(defaults: Mapping[str, Any]) -> Callable[[F], F]:
    """List every setting in the signature of a function that takes `**settings: Unpack[Settings]`.

    Type checkers and editors that read the source understand `Unpack`; `help`, `inspect.signature` and IPython, which
    look at the function itself, see the settings through this, each with its default.

    Args:
        defaults: What the function sets by default; else what `RunConfig` does.
    """
    return partial(_listed, defaults=defaults)


def _listed(function: F, defaults: Mapping[str, Any]) -> F:
    own = inspect.signature(function)
    kept = [parameter for parameter in own.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    listed = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=defaults.get(name, _default(name)), annotation=kind
        )
        for name, kind in get_type_hints(Settings).items()
    ]
    function.__signature__ = own.replace(parameters=[*kept, *listed])  # type: ignore[attr-defined]
    return function


def _default(name: str) -> Any:
    return RunConfig.model_fields[name].get_default(call_default_factory=True)
