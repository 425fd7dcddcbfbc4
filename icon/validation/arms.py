"""The arms of a validation: the selection, random draws of its size, what other rules would choose, and the pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b, sha256
from math import comb

from icon.errors import UserError
from icon.types import RowStatus, ScoreRow
from icon.validation.losses import Kind

SELECTION, BARE, POOL = "selection", "bare", "pool"
"""Names of the arms that every validation has."""
LOW_PPL = "low-ppl"
"""Name of the arm of the candidates with the lowest PPL(y given x)."""


@dataclass(frozen=True, slots=True)
class ArmSpec:
    """What an arm is trained on.

    Attributes:
        name: Its name.
        kind: What it is.
        ids: Ids of its candidates, sorted; empty for the bare model.
    """

    name: str
    kind: Kind
    ids: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Digest of the candidates."""
        return digest_of(self.ids)


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms to train, in the order of their worth, and why others are left out.

    Attributes:
        specs: The bare model, the selection, the random draws, the rules, the pool.
        notes: A sentence for each rule that is left out.
    """

    specs: tuple[ArmSpec, ...]
    notes: tuple[str, ...] = ()


def digest_of(ids: Sequence[str]) -> str:
    """Digest of a set of candidates, independent of their order."""
    return sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]


def selection_digest(rows: Sequence[ScoreRow]) -> str:
    """Digest of the selection in these rows: a verdict names it, and is of no other selection."""
    return digest_of([row.id for row in rows if row.selected])


def arms_of(
    rows: Sequence[ScoreRow],
    lengths: Mapping[str, int],
    *,
    n_draws: int,
    seed: int,
    perplexity: Mapping[str, float] | None = None,
    with_pool: bool = True,
) -> Arms:
    """The arms of a run that has selected.

    Args:
        rows: The rows of scores.parquet.
        lengths: Length of each candidate's response, in characters or tokens, by id.
        n_draws: Number of random draws, at least 2. Draw k is the same whatever the number.
        seed: Decides the draws.
        perplexity: PPL(y given x) by id, where the run has no baseline `ppl`.
        with_pool: Whether the whole pool is an arm.

    Raises:
        UserError: Nothing is selected, or the pool is too small for so many different draws.
    """
    chosen = sorted(row.id for row in rows if row.selected)
    pool = eligible(rows)
    if not chosen:
        raise UserError("no candidate is selected; valid: a run that has selected. Select with a larger --keep")
    _check_size(len(pool), len(chosen), n_draws)
    draws = [ArmSpec(f"random-{k:02d}", "random", random_draw(pool, len(chosen), seed, k)) for k in _numbers(n_draws)]
    rules, notes = _rules(rows, pool, len(chosen), lengths, perplexity or {})
    known = {ArmSpec(SELECTION, "selection", tuple(chosen)).ids: SELECTION}
    kept = []
    for rule in rules:
        if same := known.get(rule.ids):
            notes.append(f"{rule.name} would choose the same candidates as {same}: it is not trained again")
        else:
            known[rule.ids] = rule.name
            kept.append(rule)
    specs = [ArmSpec(BARE, "bare", ()), ArmSpec(SELECTION, "selection", tuple(chosen)), *draws, *kept]
    if with_pool:
        specs.append(ArmSpec(POOL, "pool", tuple(pool)))
    return Arms(tuple(specs), tuple(notes))


def eligible(rows: Sequence[ScoreRow]) -> list[str]:
    """Ids of the candidates that the selector could choose, sorted: those that it ranked.

    Of a selector that ranks only what it selects, the scored candidates.
    """
    candidates = [row for row in rows if row.status.is_candidate]
    ranked = {row.id for row in candidates if row.rank is not None or row.selected}
    if all(row.selected for row in candidates if row.id in ranked):
        ranked |= {row.id for row in candidates if row.status == RowStatus.SCORED}
    return sorted(ranked)


def random_draw(pool: Sequence[str], size: int, seed: int, number: int) -> tuple[str, ...]:
    """Random draw `number`: the candidates with the smallest seeded hashes, whatever the order of the pool."""
    keys = {id_: blake2b(f"{seed}/draw {number}/{id_}".encode(), digest_size=16).digest() for id_ in pool}
    return tuple(sorted(sorted(pool, key=lambda id_: keys[id_])[:size]))


def _numbers(n_draws: int) -> range:
    return range(1, n_draws + 1)


def _check_size(n_pool: int, size: int, n_draws: int) -> None:
    """Refuse a pool with too few different selections.

    Raises:
        UserError: There are fewer than draws and the selection together need.
    """
    if n_draws < 2:
        raise UserError(f"found {n_draws} random draws; valid: at least 2, better 12 (--draws)")
    few = size if n_pool <= 1000 else min(size, n_pool - size, 4)  # C(n, 4) is enough, and C(n, k) would take minutes
    different = comb(n_pool, few)
    if different <= 10 * n_draws:
        raise UserError(
            f"the pool has {n_pool:,} candidates that could be selected, and {size:,} are: {different:,} different "
            f"choices, too few for {n_draws} random draws; valid: a smaller --keep (icon select), a larger pool, or "
            "fewer --draws"
        )


def _rules(
    rows: Sequence[ScoreRow],
    pool: Sequence[str],
    size: int,
    lengths: Mapping[str, int],
    perplexity: Mapping[str, float],
) -> tuple[list[ArmSpec], list[str]]:
    """What other rules choose, and notes on those that know too few candidates."""
    scores: dict[str, dict[str, float]] = {
        "longest": {id_: float(lengths[id_]) for id_ in pool if id_ in lengths},
        "shortest": {id_: -float(lengths[id_]) for id_ in pool if id_ in lengths},
        LOW_PPL: {id_: -perplexity[id_] for id_ in pool if id_ in perplexity},
    }
    members = set(pool)
    for row in rows:
        for name, value in row.baselines.items():
            name = LOW_PPL if name == "ppl" else name
            if row.id in members and name not in ("length", "random"):
                scores.setdefault(name, {})[row.id] = value
    rules, notes = [], []
    for name, known in scores.items():
        if len(known) >= size:
            best = sorted(known, key=lambda id_: (-known[id_], id_))[:size]
            rules.append(ArmSpec(name, "rule", tuple(sorted(best))))
        else:
            notes.append(f"{name} is left out: it is known of {len(known):,} candidates, and {size:,} are selected")
    return rules, notes
