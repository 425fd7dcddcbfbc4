"""Foreign texts, such as those of plugins, shown literally: markup and control sequences have no effect."""

from __future__ import annotations

import re
from typing import Any

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that control a terminal, except line breaks and tabs, and lone surrogates, which cannot be shown."""

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


def without_control(text: str, kept: str = "") -> str:
    """The text with a replacement character for each control character that is not in `kept`."""
    return CONTROL.sub(lambda match: match[0] if match[0] in kept else "\N{REPLACEMENT CHARACTER}", text)


def in_a_line(text: str) -> str:
    """Markup of the text on one line, without control characters."""
    return as_written(" ".join(without_control(text).split()))


def make_harmless(command: Any) -> None:
    """Make a built command and its subcommands show their help texts literally."""
    has_markup = getattr(command, "rich_markup_mode", None) == "rich"
    for owner in (command, *command.params):
        for name in (*MARKED, *PLAIN):
            text = getattr(owner, name, None)
            if text is None or isinstance(text, bool):
                continue
            plain = without_control(str(text), LAYOUT)
            setattr(owner, name, as_written(plain) if has_markup and name in MARKED else plain)
    for subcommand in getattr(command, "commands", {}).values():
        make_harmless(subcommand)
