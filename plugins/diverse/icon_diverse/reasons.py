"""The decision on each candidate, with the kept candidate that it is most similar to as reason."""

from __future__ import annotations

from collections.abc import Sequence

from icon.types import Decision
from icon_diverse.walk import Walk


def decide(ranked: Sequence[str], walked: Walk, filled: Sequence[int], bound: float) -> dict[str, Decision]:
    """A decision for each ranked candidate, by id.

    The rank is the order of choice for the selected candidates (down the ranking first, then those that fill up), and
    continues with all others in the order of their scores.

    Args:
        ranked: Ids, best score first; positions are places in it.
        walked: The result of the walk down the ranking.
        filled: Positions that fill up, in the order of choice.
        bound: Largest cosine allowed.
    """
    chosen = [*walked.kept, *filled]
    selected, passed = set(chosen), set(walked.passed)
    others = [position for position in range(len(ranked)) if position not in selected]
    decisions = {}
    for rank, position in enumerate([*chosen, *others], start=1):
        place = f"place {position + 1} of {len(ranked)} by score"
        alike = _alike(ranked, walked, position)
        if rank <= len(walked.kept):
            reason = f"selected: choice {rank} of {len(chosen)}, {place}; {alike or 'like none kept before it'}"
        elif rank <= len(chosen):
            reason = f"selected to fill up: choice {rank} of {len(chosen)}, {place}; {alike}, above {bound:g}"
        elif position in passed:
            reason = f"passed over: {alike}, above {bound:g}; {place}"
        else:
            reason = f"below the cut: {place}, {len(chosen)} kept before its turn"
        decisions[ranked[position]] = Decision(ranked[position], rank <= len(chosen), rank, reason)
    return decisions


def _alike(ranked: Sequence[str], walked: Walk, position: int) -> str:
    nearest = walked.nearest[position]
    if nearest < 0:
        return ""
    return f"similarity {walked.similarity[position]:.3f} to {ranked[nearest]}, kept before it"
