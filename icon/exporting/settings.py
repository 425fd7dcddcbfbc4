"""The settings that replay a run, fit to be given away: local paths are cut to the names of their files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def public(value: Any) -> Any:
    """The same settings without the folders of this machine; a hub name stays."""
    if isinstance(value, dict):
        return {key: public(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [public(each) for each in value]
    return public_name(value) if isinstance(value, str) else value


def public_name(text: str) -> str:
    """A path's last part; a hub name, owner/name, and anything that is no path stays."""
    if "/" not in text and "\\" not in text:
        return text
    path = Path(text)
    local = path.exists() or path.is_absolute() or text.startswith((".", "~"))
    if not local and _HUB_NAME.fullmatch(text):
        return text
    return re.split(r"[/\\]", text.rstrip("/\\"))[-1]
