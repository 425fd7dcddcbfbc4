"""A template with special tokens needs a backend that reads them as such."""

from __future__ import annotations

from icon.errors import ConfigError
from icon.protocols import Backend, Template


def check_special_tokens(template: Template, backend: Backend | None) -> None:
    """Refuse a backend that would read the template's special tokens as plain text.

    Raises:
        ConfigError: The backend is open already and was opened without them.
    """
    if not template.special_tokens or backend is None:
        return
    if backend.describe().settings.get("special_tokens") is False:
        raise ConfigError(
            f"template {template.name} needs special tokens, and the backend reads them as plain text; "
            "open it with special_tokens=True"
        )
