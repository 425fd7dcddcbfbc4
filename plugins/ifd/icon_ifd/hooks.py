"""The plugin's hooks; importing them is light, the scorer is imported when it is built."""

from __future__ import annotations

from typing import Any

from icon.plugins import Options, Strategy, hookimpl


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """The scorer `ifd`."""
    return [Strategy("ifd", "instruction-following difficulty: NLL(y given x) / NLL(y), below 1", _ifd, Options)]


def _ifd(options: Any) -> Any:
    from icon_ifd.scorer import IfdScorer

    return IfdScorer()
