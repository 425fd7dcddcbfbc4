"""Foreign texts, such as those of plugins, shown literally: markup and control sequences have no effect."""

from __future__ import annotations

import re
from typing import Any

from icon.visible import visible

LAYOUT = "\b\f"
"""Control characters with a meaning in help texts: keep these line breaks, and end the shown text here."""

MARKED, PLAIN = ("help", "short_help", "epilog", "rich_help_panel"), ("metavar", "show_default")
"""Texts of a command or a parameter that Typer reads as markup, and those that it shows as text."""

NOTHING = "[none][/]"
"""Markup without an effect, which keeps the texts around it from being read as one tag or code."""

BRACKET = re.compile(r"\\*\[")
"""A bracket with the backslashes before it, the last of which Rich would remove."""

EMOJI = re.compile(r":(?=\S+?:)")
"""A colon that may begin an emoji code such as :bug:."""


def as_written(text: str) -> str:
    """Markup that Rich shows as this text."""
    escaped = BRACKET.sub(lambda match: "\\" + match[0] + NOTHING, text)
    return EMOJI.sub(":" + NOTHING, escaped)


def in_a_line(text: str) -> str:
    """Markup of the text on one line, escapes in place of what is not seen."""
    return as_written(" ".join(visible(text).split()))


def make_harmless(command: Any) -> None:
    """Make a built command and its subcommands show their help texts literally."""
    has_markup = getattr(command, "rich_markup_mode", None) == "rich"
    for owner in (command, *command.params):
        for name in (*MARKED, *PLAIN):
            text = getattr(owner, name, None)
            if text is None or isinstance(text, bool):
                continue
            plain = visible(str(text), LAYOUT)
            setattr(owner, name, as_written(plain) if has_markup and name in MARKED else plain)
    for subcommand in getattr(command, "commands", {}).values():
        make_harmless(subcommand)
