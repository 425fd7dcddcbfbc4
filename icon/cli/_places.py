"""Where a run is measured: its devices, and the executor of `--executor` with its options; no settings of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from icon.cli._settings import parse_devices, parse_options
from icon.errors import ConfigError

ALONE, PER_DEVICE = "local", "processes"


@dataclass(frozen=True, slots=True)
class Places:
    """Where a run is measured.

    Attributes:
        devices: The devices that were named; this process opens a model on the first.
        executor: Name of the executor.
        options: Its options.
    """

    devices: tuple[str, ...] = ()
    executor: str = ALONE
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """What the command line said, for a message; empty where it said nothing."""
        if self.devices:
            return f"--devices {','.join(self.devices)}"
        return "" if self.executor == ALONE else f"--executor {self.executor}"


def places_of(devices: str | None, executor: str | None, options: Sequence[str]) -> Places:
    """What `--devices`, `--executor` and `-o executor.NAME=VALUE` say together; several devices are `processes`.

    Raises:
        ConfigError: They do not fit.
    """
    named = parse_devices(devices)
    own = {name: value for (stage, name), value in parse_options(options).items() if stage == "executor"}
    chosen = executor or (PER_DEVICE if len(named) > 1 or "devices" in own else ALONE)
    if chosen == PER_DEVICE:
        if named and "devices" in own:
            raise ConfigError(f"--devices {devices} and -o executor.devices={own['devices']}: valid: one of the two")
        if not named and "devices" not in own:
            raise ConfigError("--executor processes: found no devices; valid: --devices 0,1, or --devices cpu,cpu")
        named = named or parse_devices(str(own["devices"]))
        return Places(named, chosen, {**own, "devices": named})
    if len(named) > 1:
        raise ConfigError(
            f"--executor {chosen} and --devices {devices}: several devices are those of --executor processes; valid: "
            "one of the two"
        )
    return Places(named, chosen, own)
