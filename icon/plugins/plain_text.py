"""Texts of others, shown as they are written: neither markup nor control sequences have an effect."""

from __future__ import annotations

import re
from typing import Any

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that steer a terminal, unlike line breaks and tabs, and halves of characters, which nothing can show."""

LAYOUT = "\b\f"
"""Control characters that have a meaning in help texts: keep these line breaks, and show nothing from here on."""

MARKED, PLAIN = ("help", "short_help", "epilog", "rich_help_panel"), ("metavar", "show_default")
"""Texts of a command or a parameter that Typer reads as markup, and those that it shows as text."""

NOTHING = "[none][/]"
"""Markup without an effect; what stands around it is never read as one tag or one code."""

BRACKET = re.compile(r"\\*\[")
"""A bracket with the backslashes before it, the last of which Rich would take away."""

EMOJI = re.compile(r":(?=\S+?:)")
"""Where Rich may find a code such as :bug:."""


def as_written(text: str) -> str:
    """Markup that Rich shows as this text."""
    apart = BRACKET.sub(lambda found: "\\" + found[0] + NOTHING, text)
    return EMOJI.sub(":" + NOTHING, apart)


def without_control(text: str, kept: str = "") -> str:
    """The text with a mark in the place of each control character but those that are to be kept."""
    return CONTROL.sub(lambda found: found[0] if found[0] in kept else "\N{REPLACEMENT CHARACTER}", text)


def in_a_line(text: str) -> str:
    """Markup for a text on one line, without control characters."""
    return as_written(" ".join(without_control(text).split()))


def make_harmless(command: Any) -> None:
    """Let a built command, and those below it, show all of their help texts as they are written."""
    has_markup = getattr(command, "rich_markup_mode", None) == "rich"
    for owner in (command, *command.params):
        for name in (*MARKED, *PLAIN):
            text = getattr(owner, name, None)
            if text is None or isinstance(text, bool):
                continue
            plain = without_control(str(text), LAYOUT)
            setattr(owner, name, as_written(plain) if has_markup and name in MARKED else plain)
    for below in getattr(command, "commands", {}).values():
        make_harmless(below)
