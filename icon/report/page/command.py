"""The command that makes a threshold of the page real."""

from __future__ import annotations

import json
import shlex
from typing import Any

from icon.report.page.inputs import PageInput
from icon.report.page.ranking import Ranking


def selector_of(page: PageInput, rank: Ranking) -> str:
    """The selector that a threshold stands for: the run's own, or one that looks at nothing else where that does."""
    if rank.is_a_cut:
        return page.chosen.selector
    return "top" if rank.by == "score" else "classifier"


def command(page: PageInput, rank: Ranking) -> str:
    """The command that selects anew; the page puts a count behind it. Options go with the selector they were for."""
    selector = selector_of(page, rank)
    parts = ["icon", "select", page.path, "--selector", selector]
    for name, value in _options(page, rank, selector).items():
        parts += ["-o", f"selector.{name}={json.dumps(value, ensure_ascii=False)}"]
    return f"{shlex.join(parts)} --keep"


def _options(page: PageInput, rank: Ranking, selector: str) -> dict[str, Any]:
    """The selector's options, and the share of labels that the shown probabilities were learned from.

    A classifier labels the share to keep where no other is given: another count would teach it anew, and the ranking
    would be another one than the page shows.
    """
    options = dict(page.chosen.selector_options) if selector == page.chosen.selector else {}
    share = page.summary.selection_quality.get("label_share")
    if rank.by == "probability" and share is not None and options.get("label_share") is None:
        options["label_share"] = share
    return options
