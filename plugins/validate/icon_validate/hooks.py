"""The plugin's hooks; importing them is light."""

from __future__ import annotations

from typing import Any

from icon.plugins import hookimpl


@hookimpl
def icon_commands(app: Any) -> None:
    """Add `icon validate`."""
    from icon_validate.command import register

    register(app)
