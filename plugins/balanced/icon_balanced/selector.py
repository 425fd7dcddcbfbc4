"""Selector `balanced`: the best scored candidates of each group, by quotas."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from icon.plugins import SelectionTask
from icon.selection import against_top, by_score, checked_scores, not_scored, scarcity_warnings
from icon.types import Decision, Sample, Selection
from icon_balanced.options import BalancedOptions
from icon_balanced.quotas import Quotas, quotas_of
from icon_balanced.wording import Places, warnings_of


class BalancedSelector:
    """Keeps the best candidates of each group, by (score, highest first; id), until its quota is full.

    As in `top`, a share to keep is one of all candidates. Places that a group cannot
    fill go to the best of all the other candidates, whatever their group. Candidates without a group are a group of
    their own.
    """

    needs_backend = False
    fewest_scored = 1

    def __init__(self, options: BalancedOptions) -> None:
        self.options = options

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given; the selected ones rank first, by score, then the others.

        `quality` has, for each group, its candidates, how many of them are scored (`available`), its quota (None for a
        group that shares `quota_of_the_rest` with others) and how many are selected; and the mean score, with that
        of the candidates that `top` would have selected.

        Raises:
            ConfigError: There is no candidate, or none has a score, or the quotas do not fit the pool.
            PluginError: A score is not finite.
        """
        scores = checked_scores(task)
        ranked = by_score(scores)
        groups = {sample.id: self._group(sample) for sample in task.candidates}
        kept = task.to_keep(len(ranked))
        candidates, scored = Counter(groups.values()), Counter(groups[id_] for id_ in ranked)
        quotas = quotas_of(self.options, candidates, scored, kept)
        first, filled = _choose(ranked, groups, quotas, kept)
        chosen = first | filled
        selected = Counter(groups[id_] for id_ in chosen)
        places = Places(self.options.by, quotas, candidates, scored, selected)
        quality = {
            "n_candidates": len(task.candidates),
            "n_scored": len(ranked),
            "n_selected": len(chosen),
            "n_filled": len(filled),
            "by": self.options.by,
            **against_top(scores, ranked, chosen),
            **places.table(),
        }
        decided = _decide(ranked, groups, first, filled, places)
        decisions = [decided.get(sample.id) or not_scored(sample.id, "balanced") for sample in task.candidates]
        warnings = [
            *scarcity_warnings(task.keep, len(ranked), len(task.candidates)),
            *warnings_of(places, kept, len(filled)),
        ]
        return Selection(decisions, quality, warnings)

    def _group(self, sample: Sample) -> str:
        return (sample.group if self.options.by == "group" else sample.source) or f"(no {self.options.by})"


def _choose(ranked: Sequence[str], groups: dict[str, str], quotas: Quotas, kept: int) -> tuple[set[str], set[str]]:
    """Ids selected within the quotas, and ids that fill the remaining places."""
    left, first = dict(quotas.places), set()
    for id_ in ranked:
        holder = quotas.holder(groups[id_])
        if left.get(holder, 0) > 0:
            left[holder] -= 1
            first.add(id_)
    others = [id_ for id_ in ranked if id_ not in first]
    return first, set(others[: kept - len(first)])


def _decide(
    ranked: Sequence[str], groups: dict[str, str], first: set[str], filled: set[str], places: Places
) -> dict[str, Decision]:
    """A decision for each scored candidate, by id."""
    chosen = [id_ for id_ in ranked if id_ in first or id_ in filled]
    others = [id_ for id_ in ranked if id_ not in first and id_ not in filled]
    ranks = {id_: rank for rank, id_ in enumerate([*chosen, *others], start=1)}
    met: defaultdict[str, int] = defaultdict(int)
    decided = {}
    for place, id_ in enumerate(ranked, start=1):
        group = groups[id_]
        met[group] += 1
        outcome = "selected" if id_ in first else "selected to fill up" if id_ in filled else "below the cut"
        standing = places.standing(group, met[group], beyond=id_ in filled)
        reason = f"{outcome}: {standing}; place {place} of {len(ranked)} by score"
        decided[id_] = Decision(id_, ranks[id_] <= len(chosen), ranks[id_], reason)
    return decided
