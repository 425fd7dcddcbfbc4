"""Options of the built-in executors."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from icon.plugins import Options


def devices_of(text: str) -> tuple[str, ...]:
    """The devices that a text such as 0,1 names; a bare number is a GPU of CUDA.

    Raises:
        ValueError: A name is empty.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise ValueError(f"found {text!r}; valid: names such as 0,1 or cuda:0,cuda:1")
    return tuple(f"cuda:{part}" if part.isdigit() else part for part in parts)


def _devices(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return devices_of(value) if isinstance(value, str) else value


class LocalOptions(Options):
    """Options of `local`: none."""


class ProcessesOptions(Options):
    """Options of `processes`."""

    devices: Annotated[tuple[str, ...], BeforeValidator(_devices)] = Field(
        min_length=1,
        description="Devices, one worker process on each: 0,1 for two GPUs, cpu,cpu for two processes; --devices is "
        "the same.",
    )
