"""Standard streams and arguments whose encoding is not UTF-8, as under cp1252 or LC_ALL=C."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from icon.errors import ConfigError


def replace_what_cannot_be_shown() -> None:
    """Let both standard streams write a "?" for a character that their encoding lacks.

    Without it the first such character of a text ends the program, after its work is done. JSON has escapes instead.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="replace")


def refuse_undecodable(arguments: Sequence[str]) -> None:
    """Refuse an argument whose bytes are no text in the system's encoding: no file of icon could name it.

    Raises:
        ConfigError: There is one.
    """
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            shown = argument.encode("ascii", "replace").decode()
            raise ConfigError(
                f"the argument {shown}: found bytes that are no text in the encoding of this system "
                f"({sys.getfilesystemencoding()}); valid: text. Set PYTHONUTF8=1, or LC_ALL to a UTF-8 locale such as "
                "C.UTF-8; or give the file another name"
            ) from None
