"""The rules of the board: which of a pool's candidates each of them keeps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from board.scoring import Scores
from icon.plugins import SelectionTask
from icon.scorers.lengths import ranks_within
from icon.types import Keep, Sample

Rule = Callable[[Sequence[Sample], Mapping[str, Scores]], Mapping[str, float]]
"""From the candidates and their figures to a score of each, the higher the better."""


def column(name: str, sign: float = 1.0) -> Rule:
    """The figure of that name."""
    return lambda pool, scores: {one.id: sign * scores[one.id][name] for one in pool}


def at_equal_length(rule: Rule) -> Rule:
    """The residual of a score on the logarithm of the response length in tokens, over the pool (METHOD)."""

    def residual(pool: Sequence[Sample], scores: Mapping[str, Scores]) -> dict[str, float]:
        values = rule(pool, scores)
        lengths = np.array([math.log(scores[one.id]["tokens"]) for one in pool])
        raw = np.array([values[one.id] for one in pool])
        slope, level = np.polyfit(lengths, raw, 1)
        return {one.id: float(rest) for one, rest in zip(pool, raw - slope * lengths - level, strict=True)}

    return residual


def in_strata(rule: Rule) -> Rule:
    """The rank of a score within the decile of response length in tokens, as `--equal-length strata` has it."""

    def ranks(pool: Sequence[Sample], scores: Mapping[str, Scores]) -> dict[str, float]:
        values = rule(pool, scores)
        lengths = np.array([scores[one.id]["tokens"] for one in pool])
        found = ranks_within(np.array([values[one.id] for one in pool]), lengths)
        return {one.id: float(rank) for one, rank in zip(pool, found, strict=True)}

    return ranks


def ties_by(first: Rule, second: Rule) -> Rule:
    """The places from the worst up by one score, and where that ties by another."""

    def places(pool: Sequence[Sample], scores: Mapping[str, Scores]) -> dict[str, float]:
        main, other = first(pool, scores), second(pool, scores)
        ordered = sorted({(main[one.id], other[one.id]) for one in pool})
        return {one.id: float(ordered.index((main[one.id], other[one.id]))) for one in pool}

    return places


def ifd(pool: Sequence[Sample], scores: Mapping[str, Scores]) -> dict[str, float]:
    """NLL(y given x) / NLL(y), highest first among those below 1."""
    ratios = {one.id: scores[one.id]["nll"] / scores[one.id]["nll_alone"] for one in pool}
    return {id_: ratio if ratio < 1 else -ratio for id_, ratio in ratios.items()}


RULES: dict[str, Rule] = {
    "icon": column("c"),
    "icon log-gain": column("log_gain"),
    "icon skip 2": column("rest"),
    "icon skip 2, equal length": at_equal_length(column("rest")),
    "low ppl": column("nll", -1),
    "low ppl, equal length": at_equal_length(column("nll", -1)),
    "ifd": ifd,
    "longest": column("tokens"),
    "shortest": column("tokens", -1),
    "reverse, equal length": at_equal_length(column("reverse")),
    "nuggets": column("nuggets"),
    "less": column("less"),
    "rds": column("rds"),
}
"""Rules that keep the best by a score."""

DIVERSE = {
    "icon skip 2 + diverse": "icon skip 2",
    "less + diverse": "less",
    "low ppl, eq + diverse": "low ppl, equal length",
}
"""Rules that go down a ranking and pass over what is like a kept record."""

DROPPED = {"drop the worst by icon skip 2": "icon skip 2", "drop the worst by low ppl, eq": "low ppl, equal length"}
"""Rules that leave out the worst of a ranking and draw the rest at random."""

DEFAULT = "nuggets"
"""The rule that the first board made the default."""

SECOND = {
    "nuggets, ties by log-gain": ties_by(column("nuggets"), column("log_gain")),
    "nuggets + diverse": column("nuggets"),
    "nuggets, ties by log-gain, + diverse": ties_by(column("nuggets"), column("log_gain")),
}
"""Rules of the second board (README.md), which were added when the results of the first were known."""

THIRD = {"reverse, strata": in_strata(column("reverse"))}
"""The rule of the third board, which is compared with `LEVELLED`."""

LEVELLED = "reverse, equal length"
"""The rule of the first board that is what `reverse` did by default until the third, and does in a race."""

ADDED = SECOND | THIRD
"""Rules that were added when the results of the first board were known, at equal tokens only."""

FREE_OF_TARGET = ("low ppl", "low ppl, equal length", "ifd", "longest", "shortest", "low ppl, eq + diverse")
FREE_OF_TARGET += ("drop the worst by low ppl, eq",)

OF_GRADIENTS = ("less", "less + diverse")
"""Rules that need gradients, which a backend such as llama.cpp does not give: the reference."""

SHARE_DROPPED = 1 / 3

NAMES = (*RULES, *DIVERSE, *DROPPED)

OF_TARGET = tuple(name for name in (*NAMES, *ADDED) if name not in FREE_OF_TARGET)
"""Rules that choose otherwise for another target."""


def chosen(name: str, pool: Sequence[Sample], scores: Mapping[str, Scores], kept: int, seed: int) -> list[str]:
    """Ids of the `kept` candidates that the rule of this name keeps, in the order of their ids.

    Args:
        name: One of `NAMES` or of `ADDED`.
        pool: The candidates.
        scores: Their figures.
        kept: How many to keep.
        seed: For rules that draw.
    """
    if name in DIVERSE:
        return _diverse(RULES[DIVERSE[name]](pool, scores), pool, kept)
    if name in SECOND and name.endswith("+ diverse"):
        return _diverse(SECOND[name](pool, scores), pool, kept)
    values = (RULES | ADDED)[DROPPED.get(name, name)](pool, scores)
    ranked = sorted(values, key=lambda id_: (-values[id_], id_))
    if name in DROPPED:
        best = ranked[: len(ranked) - round(SHARE_DROPPED * len(ranked))]
        return sorted(str(id_) for id_ in np.random.default_rng(seed).choice(sorted(best), kept, replace=False))
    return sorted(ranked[:kept])


def _diverse(values: Mapping[str, float], pool: Sequence[Sample], kept: int) -> list[str]:
    from icon_diverse.options import DiverseOptions
    from icon_diverse.selector import DiverseSelector

    task = SelectionTask(pool, values, Keep(count=kept), 0, None)
    decisions = DiverseSelector(DiverseOptions()).select(task).decisions
    return sorted(one.id for one in decisions if one.selected)
