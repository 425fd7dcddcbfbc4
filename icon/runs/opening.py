"""Opens the backend that the settings of a run name, in the process of the run or in a worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from icon import trust
from icon.config import RunConfig
from icon.plugins import Backend
from icon.plugins.manager import Plugins
from icon.plugins.strategies import built
from icon.runs.model_record import ModelRecord
from icon.runs.records import plain
from icon.runs.said_by_backend import options_as_begun


def options_to_open(
    plugins: Plugins, config: RunConfig, devices: tuple[str, ...] = (), begun: ModelRecord | None = None
) -> dict[str, Any]:
    """Options to open the backend with.

    A chat template needs its special tokens to be parsed, and in a text template they are plain text: where the backend
    has the option `special_tokens`, it is set so, unless the settings do. With `auto` the backend decides.

    Args:
        plugins: Where the backend comes from.
        config: The run's settings.
        devices: Devices of the run; the backend is opened on the first. Empty for that of the settings.
        begun: The model that the run was begun with, with which it goes on.

    Raises:
        PluginError: What the backend adds for such a model is no mapping of options.
    """
    strategy = plugins.get("backend", config.backend)
    option = strategy.options.model_fields.get("special_tokens")
    options = {**config.backend_options, **({"device": devices[0]} if devices else {})}
    if option is not None:
        knows_auto = any("auto" in get_args(part) for part in get_args(option.annotation))
        special = {"chat": True, "auto": "auto" if knows_auto else True}.get(config.template, False)
        options = {"special_tokens": special, **options}
    return options_as_begun(strategy, options, plain(begun)) if begun else options


def opened(plugins: Plugins, config: RunConfig, options: Mapping[str, Any]) -> Backend:
    """Load the backend that the settings name.

    Code that comes with the model runs only if the user allowed it (`icon.trust`), whatever the settings say.

    Raises:
        UntrustedCodeError: The settings ask for such code, and the user did not allow it.
        BackendError: It cannot be loaded.
        PluginError: It lacks something that the protocol `Backend` names.
    """
    with trust.guarded():
        strategy = plugins.get("backend", config.backend)
        loaded: Backend = built(strategy, dict(options), Backend, "backend")
    return loaded


def offers_of(plugins: Plugins, asked: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Distribution and version that offers each of these strategies, by kind and name; unknown ones are left out."""
    versions, offers = plugins.versions(), {}
    for kind, name in asked:
        if strategy := plugins.strategies(kind).get(name):
            version = versions.get(strategy.distribution, "")
            offers[f"{kind} {name}"] = f"{strategy.distribution} {version}".strip()
    return offers
