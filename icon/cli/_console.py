"""The two consoles, errors and warnings, and text from data made safe to print."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from icon.errors import IconError, InterruptedRun
from icon.plugins.plain_text import without_control

if TYPE_CHECKING:
    from rich.console import Console


@cache
def out() -> Console:
    """Standard output."""
    from rich.console import Console

    return Console(highlight=False)


@cache
def err() -> Console:
    """Standard error: progress, warnings, errors."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def safe(text: str) -> str:
    """Text from data without control sequences, on any terminal; line breaks and tabs stay."""
    return without_control(text)


def one_line(text: str, width: int) -> str:
    """Text from data on one line, cut to a width."""
    flat = " ".join(safe(text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def warn(message: str) -> None:
    """Print a warning on standard error."""
    from rich.text import Text

    err().print(Text("warning: ", style="yellow").append(safe(message), style="default"), soft_wrap=True)


def fail(error: IconError) -> int:
    """Print an error on standard error; gives the exit code."""
    from rich.text import Text

    stopped = isinstance(error, InterruptedRun)
    label = Text("stopped: ", style="yellow") if stopped else Text("error: ", style="bold red")
    err().print(label.append(safe(str(error)), style="default"), soft_wrap=True)
    return error.exit_code
