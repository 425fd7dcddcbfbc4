"""Stage 2, contribution quantification: how much each candidate helps as a demonstration."""

from __future__ import annotations

from typing import Any

from icon.contribution.options import IconOptions, LengthOptions, PplOptions
from icon.hooks import Options, Strategy


def scorer_strategies() -> list[Strategy]:
    """The built-in scorers; nothing heavy is imported before one is built."""
    return [
        Strategy("icon", "in-context contribution: how much a candidate helps as a demonstration", _icon, IconOptions),
        Strategy("random", "a seeded random number: the baseline of all baselines", _random, Options),
        Strategy(
            "length",
            "length of the response: the baseline every selection must be held against",
            _length,
            LengthOptions,
        ),
        Strategy("ppl", "perplexity of the response given its prompt", _ppl, PplOptions),
    ]


def _icon(options: Any) -> Any:
    from icon.contribution.icon import IconScorer

    return IconScorer(options)


def _random(options: Any) -> Any:
    from icon.contribution.random import RandomScorer

    return RandomScorer(options)


def _length(options: Any) -> Any:
    from icon.contribution.length import LengthScorer

    return LengthScorer(options)


def _ppl(options: Any) -> Any:
    from icon.contribution.ppl import PplScorer

    return PplScorer(options)
