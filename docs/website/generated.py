"""Parts of pages that are made from the code: a comment `<!-- generated: NAME -->` is replaced by the part NAME."""

from __future__ import annotations

import re

from commands import commands
from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page
from tables import settings, strategies

PARTS = {"commands": commands, "settings": settings, "strategies": strategies}
MARK = re.compile(r"<!-- generated: (\S+) -->")


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Put the parts in.

    Raises:
        PluginError: There is no part of that name.
    """

    def part(match: re.Match[str]) -> str:
        if match[1] not in PARTS:
            raise PluginError(f"{page.file.src_uri}: {match[0]}: valid: {', '.join(PARTS)}")
        return PARTS[match[1]]()

    return MARK.sub(part, markdown)
