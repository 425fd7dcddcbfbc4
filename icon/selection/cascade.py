"""Selector `cascade`: a cheap score over every candidate, the run's own scorer over the best of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from icon.errors import ConfigError
from icon.plugins import Options, SelectionTask
from icon.selection.checking import n_checks
from icon.types import Keep, Selection, part_of

TIMES = 2
"""How many times as many candidates as are kept the run's own scorer measures by default."""


CHECK = 0.1
"""Part of the measured that is drawn from the others by default."""


class CascadeOptions(Options):
    """Options of `cascade`."""

    narrows: ClassVar[bool] = True

    cheap: str = Field(
        "length",
        description="Scorer that is measured on every candidate first: one without passes per assessment sample, such "
        "as length, ppl, ifd, superfiltering or rds.",
    )
    prefer: Literal["high", "low"] = Field("high", description="Which end of the cheap score goes on.")
    share: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Share of the candidates that the run's own scorer measures; None: the setting subset, else twice "
        "as many as are kept.",
    )
    check: float = Field(
        CHECK,
        ge=0,
        le=0.5,
        description="Part of those that is drawn at random from the candidates that the cheap score rejects, at least "
        "5 and at most half of them, to say what it leaves out; 0: none.",
    )


class CascadeSelector:
    """Ranks those that the run's own scorer measured by its score, and all others behind them by the cheap one.

    The cheap scorer is measured on every candidate, the run's own on the best of them by it and on a few drawn at
    random from the others, which say what the cheap score leaves out. The draw is a seeded hash of the ids. Candidates
    that the run's own scorer could not score are not ranked. It works on columns, as `top` does.
    """

    needs_backend = False
    by_score = True
    fewest_scored = 1

    def __init__(self, options: CascadeOptions) -> None:
        self.options = options
        self.cheap = options.cheap

    def size(self, keep: Keep, candidates: int, subset: int | None) -> int:
        """How many candidates the run's own scorer measures.

        Raises:
            ConfigError: Both `subset` and the option `share` say how many, or it would measure fewer than are kept.
        """
        wanted, share = keep.of(candidates), self.options.share
        if subset is not None and share is not None:
            raise ConfigError(
                f"selector cascade: subset {subset} and the option share {share:g} both say how many candidates are "
                "measured; valid: one of them"
            )
        asked = subset or (TIMES * wanted if share is None else max(1, part_of(share, candidates)))
        if asked < wanted:
            raise ConfigError(
                f"selector cascade: {asked:,} candidates would be measured, and {wanted:,} are to be kept; valid: at "
                f"least as many (--subset {TIMES * wanted}, or -o selector.share), or fewer to keep (--keep)"
            )
        return min(asked, candidates)

    def narrow(self, scores: Mapping[str, float], size: int, seed: int) -> tuple[list[str], list[str]]:
        """Ids of the best by the cheap score, and of those drawn at random from the others."""
        from icon.selection._cascaded import narrowed_to  # it loads numpy

        checks = n_checks(self.options.check, size) if size < len(scores) else 0
        return narrowed_to(scores, size, checks, seed, self._sign)

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given; `decided_by` says by which score.

        `quality` has how many were decided by which score, and what the checked candidates say of the others
        (`icon.selection.checking`). Without `task.narrowed` there is no cheap score, and the others are not ranked.

        Raises:
            ConfigError: There is no candidate, or none has a score.
            PluginError: A score is not finite.
        """
        from icon.selection._cascaded import select_cascaded

        return select_cascaded(task, self.cheap, self._sign)

    @property
    def _sign(self) -> int:
        return 1 if self.options.prefer == "high" else -1
