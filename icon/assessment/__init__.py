"""Stage 1, assessment set construction: which tasks stand for what the model should become good at.

Beside `build`, every builder here says `held_out`, whether its samples come from the pool and leave it, and after
`build` has `notes`: one sentence for each thing a reader of the run should know, such as rows that were skipped.
"""

from __future__ import annotations

from icon.assessment.clustered import ClusteredBuilder, ClusteredOptions
from icon.assessment.demo import DemoBuilder, DemoOptions
from icon.assessment.file import FileBuilder, FileOptions
from icon.assessment.paper import PaperBuilder, PaperOptions
from icon.assessment.stratified import StratifiedBuilder, StratifiedOptions
from icon.hooks import Strategy


def builder_strategies() -> list[Strategy]:
    """The built-in assessment builders; nothing heavy is imported before one builds."""
    return [
        Strategy("file", "your own target tasks, from a file or data set", FileBuilder, FileOptions),
        Strategy(
            "stratified",
            "a part of the pool, by its groups",
            StratifiedBuilder,
            StratifiedOptions,
        ),
        Strategy(
            "clustered",
            "a part of the pool, by clusters of its texts",
            ClusteredBuilder,
            ClusteredOptions,
        ),
        Strategy("paper", "the paper's strata, drawn from OpenOrca and Dolly-15k", PaperBuilder, PaperOptions),
        Strategy("demo", "the embedded demo tasks", DemoBuilder, DemoOptions),
    ]
