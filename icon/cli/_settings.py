"""Turns options of the command line into settings, and loads the plugins of this process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from icon import trust
from icon._settings_file import is_run_json
from icon.cli._conflicts import refuse_conflicts, refuse_two_values
from icon.cli._loaded import load_plugins
from icon.config import RunConfig, assessment_setting, resolve
from icon.errors import ConfigError
from icon.plugins.single_file import absolute

STAGES = ("assessment", "backend", "scorer", "selector", "executor")
"""Stages whose strategies take options; those of the executor are no settings of a run."""

OPTIONS = (
    ("model", "backend"),
    ("dtype", "backend"),
    ("device", "backend"),
    ("control", "scorer"),
    ("features", "selector"),
)
"""Options of a strategy that have a command-line option of their own, and the stage whose strategy takes them."""

SINGULAR = {"columns": "column", "baselines": "baseline", "plugins": "plugin", "ignore": "ignore"}
"""Settings whose option is given once per value, and the option's name."""

SETTING = {option: setting for setting, option in SINGULAR.items()}

PLAIN = RunConfig.model_fields.keys() - {"assessment", *SINGULAR}
"""Settings that take the value of the option of the same name."""


def collect(given: dict[str, Any], below: dict[str, Any] | None = None) -> RunConfig:
    """Settings from the options given on the command line, over the command's own defaults.

    Raises:
        ConfigError: A setting is unknown or has a wrong value.
    """
    settings: dict[str, Any] = {key: value for key, value in given.items() if key in PLAIN}
    settings |= {setting: tuple(given[option]) for setting, option in SINGULAR.items() if option in given}
    if "plugin" in given:
        settings["plugins"] = tuple(map(absolute, given["plugin"]))
        trust.name(plugins=dict.fromkeys(settings["plugins"], ""))
    if "assessment" in given:
        loaded = load_plugins(_files(given))
        settings |= assessment_setting(given["assessment"], loaded.strategies("assessment"))
    if "column" in given:
        settings["columns"] = dict(_pair(text, "--column") for text in given["column"])
    options = parse_options(given.get("option", []))
    refuse_conflicts(given, options)
    for name, stage in OPTIONS:
        if name in given:
            value = options.setdefault((stage, name), given[name])
            refuse_two_values(f"--{name} and -o {stage}.{name}", given[name], value)
    trust.name(options=(f"{stage}.{name}" for stage, name in options))
    for (stage, name), value in _of_settings(options).items():
        settings.setdefault(f"{stage}_options", {})[name] = value
    if "features" in given and "selector" not in given:
        rest = resolve({}, preset=given.get("preset"), file=given.get("config"), below=below)
        if rest.selector == "auto":
            settings["selector"] = "classifier"
    spelled = {SETTING.get(name, name): f"--{name.replace('_', '-')}" for name in given}
    own = "config" in given and not is_run_json(Path(given["config"]))  # a settings file, and no run's
    config = resolve(
        settings,
        preset=given.get("preset"),
        file=given.get("config"),
        below=below,
        spelled=spelled,
        builders=(lambda: load_plugins(_files(given)).strategies("assessment")) if own else None,
    )
    if own:  # its values, not its code
        trust.name(options=(f"selector.{name}" for name in config.selector_options))
    changes = {"plugins": tuple(map(absolute, config.plugins)), **_given_pool(config, given)}
    return config.model_copy(update=changes)


def _of_settings(options: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """The options that are settings of a run: all but the executor's."""
    return {key: value for key, value in options.items() if key[0] != "executor"}


def _given_pool(config: RunConfig, given: dict[str, Any]) -> dict[str, str]:
    """The place of a pool that has no address, where a new run takes the settings of the one whose folder holds it."""
    from icon.runs.given import given_path, is_given

    if "config" not in given or "pool" in given or not is_given(config.pool):
        return {}
    folder, out = Path(given["config"]).parent, given.get("out")
    held = given_path(folder)
    goes_on = out is not None and Path(out).resolve() == folder.resolve()
    return {} if held is None or goes_on else {"pool": str(held.absolute())}


def _files(given: dict[str, Any]) -> tuple[str, ...]:
    """The plugin files, which may offer the requested assessment builder."""
    if "plugin" in given or "config" not in given:
        return tuple(map(absolute, given.get("plugin", ())))
    return tuple(map(absolute, resolve({}, file=given["config"]).plugins))


def parse_options(texts: Sequence[str]) -> dict[tuple[str, str], Any]:
    """Values of several `-o STAGE.NAME=VALUE` by stage and name.

    Raises:
        ConfigError: One is not of that form, or one name has two values.
    """
    options: dict[tuple[str, str], Any] = {}
    for stage, name, value in map(parse_option, texts):
        refuse_two_values(f"-o {stage}.{name}", options.setdefault((stage, name), value), value)
    return options


def parse_option(text: str) -> tuple[str, str, Any]:
    """Stage, name and value of `-o STAGE.NAME=VALUE`; the value is read as JSON where it is JSON.

    Raises:
        ConfigError: It is not of that form.
    """
    key, value = _pair(text, "--option")
    stage, _, name = key.partition(".")
    if stage not in STAGES or not name:
        raise ConfigError(f"--option {text}: valid: STAGE.NAME=VALUE with a stage of {', '.join(STAGES)}")
    return stage, name, _value(value)


def parse_devices(text: str | None) -> tuple[str, ...]:
    """The devices of `--devices`; a bare number is a GPU of CUDA.

    Raises:
        ConfigError: A part is empty.
    """
    if text is None:
        return ()
    from icon.pipeline.executors.options import devices_of

    try:
        return devices_of(text)
    except ValueError:
        raise ConfigError(f"--devices {text}: found an empty name; valid: names such as 0,1 or cuda:0,cuda:1") from None


def _pair(text: str, option: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise ConfigError(f"{option} {text}: found no NAME=VALUE")
    return key.strip(), value.strip()


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
