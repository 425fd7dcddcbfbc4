"""The two consoles, errors and warnings, and text from data made safe to print."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from icon.errors import IconError, InterruptedRun
from icon.visible import JOINER, visible

if TYPE_CHECKING:
    from rich.console import Console


@cache
def out() -> Console:
    """Standard output; texts are no markup unless `print` is asked to read them so."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


@cache
def err() -> Console:
    """Standard error: progress, warnings, errors; texts are no markup here either."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def safe(text: str) -> str:
    """Text from data with escapes for what would steer a terminal or hide on it; line breaks and tabs stay.

    The consoles do the same with all that is printed; done before, a table knows how wide its cells are.
    """
    return visible(text)


def one_line(text: str, width: int) -> str:
    """Text from data on one line, cut to a width."""
    flat = " ".join(safe(text).split())
    return flat if len(flat) <= width else safe(flat[: width - 1].rstrip(JOINER)) + "…"


def give_or_take(error: float | None) -> str:
    """A standard error behind its score; nothing where it is not known, or would be 0.

    That of a race is of what is not measured yet of the assessment set, so that it is 0 where all of it is measured.
    """
    return "" if error is None or error < 0.0005 else f" ±{error:.3f}"


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
