"""The command that makes a threshold of the page real."""

from __future__ import annotations

import json
import shlex

from icon.report.page.inputs import PageInput
from icon.report.page.ranking import Ranking


def selector_of(page: PageInput, rank: Ranking) -> str:
    """The selector that a threshold stands for: the run's own, or one that looks at nothing else where that does."""
    if rank.is_a_cut:
        return str(page.manifest.stages["select"]["selector"])
    return "top" if rank.by == "score" else "classifier"


def command(page: PageInput, rank: Ranking) -> str:
    """The command that selects anew; the page puts a count behind it. Options go with the selector they were for."""
    stage, selector = page.manifest.stages["select"], selector_of(page, rank)
    parts = ["icon", "select", page.path, "--selector", selector]
    if selector == stage["selector"]:
        for name, value in (stage.get("selector_options") or {}).items():
            parts += ["-o", f"selector.{name}={json.dumps(value, ensure_ascii=False)}"]
    return f"{shlex.join(parts)} --keep"
