"""Refuses options of one command line that exclude one another, or that would have no effect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from icon.config import DEMO
from icon.errors import ConfigError


def refuse_conflicts(given: Mapping[str, Any], options: Mapping[tuple[str, str], Any]) -> None:
    """Refuse conflicts within one command line; settings of files and presets may be overridden.

    Args:
        given: Options of the command by name.
        options: Values of `-o STAGE.NAME=VALUE` by stage and name.

    Raises:
        ConfigError: Two options exclude one another, or one has no effect beside the others.
    """
    if "devices" in given:
        refuse_two_places(given.get("device"), given["devices"])
        if ("backend", "device") in options:
            place = options["backend", "device"]
            raise ConfigError(f"--devices {given['devices']} and -o backend.device={place}: valid: one of the two")
    if given.get("schedule") == "exact":
        from icon.pipeline.schedule import OF_A_RACE

        for name in OF_A_RACE:
            if name in given:
                raise ConfigError(
                    f"--{name} {given[name]}: it is a setting of races, and --schedule exact measures every pair; "
                    "valid: --schedule race or uniform, or leave it out"
                )
    pool = given.get("pool", None if "config" in given else DEMO)
    if "split" in given and isinstance(pool, str) and (pool == DEMO or Path(pool).is_file()):
        raise ConfigError(
            f"--split {given['split']}: the pool {pool} is one file, which has no splits; valid: beside a data set on "
            "the hub or a folder that datasets saved"
        )


def refuse_two_places(device: str | None, devices: str | None) -> None:
    """Refuse --device beside --devices.

    Raises:
        ConfigError: Both are given.
    """
    if device is not None and devices is not None:
        raise ConfigError(
            f"--device {device} and --devices {devices}: both say where scoring runs; valid: --device for one process, "
            "or --devices for one process per device"
        )


def refuse_two_values(option: str, first: Any, second: Any) -> None:
    """Refuse two different values for one option of a strategy.

    Raises:
        ConfigError: They differ.
    """
    if first != second:
        raise ConfigError(f"{option}: found the two values {first!r} and {second!r}; valid: one of them")
