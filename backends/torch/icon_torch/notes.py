"""Notes on what makes scoring slower than it could be, which become warnings of a run."""

from __future__ import annotations

from icon_torch.apart import PlainEngine
from icon_torch.options import TorchOptions
from icon_torch.reach import WithinReach
from icon_torch.trial import Chosen


def notes(options: TorchOptions, chosen: Chosen) -> list[str]:
    """What happened while the chosen engine worked, and which models are evaluated one sequence at a time."""
    engine, found = chosen.engine, []
    if isinstance(engine, PlainEngine) and options.attention == "auto":
        found.append(
            f"torch evaluates {options.model} one sequence at a time, which is slower: {chosen.note}. "
            "No score depends on it"
        )
    if isinstance(engine, WithinReach) and engine.n_beyond:
        found.append(
            f"torch evaluates sequences of more than {engine.reach:,} tokens one at a time, which is slower: "
            f"{chosen.note}. No score depends on it"
        )
    if engine.ran_short:
        found.append(
            f"torch found no memory on {engine.device} for packs of {engine.largest_pack} tokens: what does not fit is "
            "halved, and grows back later. No score depends on it, but scoring is slower; to avoid the failed "
            f"attempts: a smaller -o backend.pack_tokens, or less of {engine.device} in use by others"
        )
    return found
