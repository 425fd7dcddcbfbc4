"""The plugin's hooks; importing them is light, the scorer is imported when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """The scorer `ifd`."""
    from icon.plugins import Options, Strategy

    return [Strategy("ifd", "instruction-following difficulty: NLL(y given x) / NLL(y), below 1", _ifd, Options)]


def _ifd(options: Any) -> Any:
    from icon_ifd.scorer import IfdScorer

    return IfdScorer()
