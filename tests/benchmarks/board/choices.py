"""What the rules keep: how much of a choice ids decide, and of which kind the kept records of a mixed pool are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from board.conditions import CONDITIONS, KEPT, N_POOLS, Data, Pool
from board.rules import ADDED, DEFAULT, NAMES, RULES, THIRD, chosen
from board.scoring import Scores, Scoring
from board.training import Arm
from icon.selection._best import tied_at_cut


@dataclass(frozen=True, slots=True)
class Ties:
    """Equal scores at the cut of a pool.

    Attributes:
        tied: How many candidates have the score of the last one kept; 0 where no ids decide.
        by_ids: How many of these are kept, by their ids.
    """

    tied: int
    by_ids: int


def ties_of(values: Iterable[float], kept: int) -> Ties:
    """The ties at the cut between the best `kept` scores and the others."""
    found = tied_at_cut(np.sort(np.array(list(values)))[::-1], kept)
    return Ties(found.get("n_tied", 0), found.get("n_selected_tied", 0))


def share_of(kept: Collection[str], kind: Collection[str]) -> float:
    """Which share of the kept records is of a kind."""
    return sum(id_ in kind for id_ in kept) / len(kept)


def print_choices(data: Data, scoring: Scoring) -> None:
    """Print the ties of the default and of strata, and how many GSM8K problems each rule keeps of a mixed pool."""
    pools = {name: [data.pool(name, number) for number in range(N_POOLS)] for name in CONDITIONS}
    for rule in (DEFAULT, *THIRD):
        _print_ties(rule, {name: [_ties(rule, pool, scoring) for pool in found] for name, found in pools.items()})
    problems = {one.id for one in data.gsm8k}
    print("| rule | GSM8K problems among the kept of a mixed pool |\n| --- | --- |")
    shares = {rule: _problems(rule, pools["mixed"], scoring, problems) for rule in (*NAMES, *ADDED)}
    for rule, share in sorted(shares.items(), key=lambda item: -item[1]):
        print(f"| {rule} | {share:.0%} |")


def _print_ties(rule: str, found: Mapping[str, Sequence[Ties]]) -> None:
    every = [one for pools in found.values() for one in pools]
    half = sum(2 * one.by_ids >= KEPT for one in every)
    some, most = sum(one.by_ids > 0 for one in every), max(one.by_ids for one in every)
    print(
        f"Of {len(every)} pools ids decide a part of the choice of {rule} in {some}, at most {most} of {KEPT}, and half"
    )
    print(f"or more in {half}. Means over pools:\n")
    print(f"| condition | with the score of the last one kept (range) | of these kept by ids, of {KEPT} |")
    print("| --- | --- | --- |")
    for name, pools in found.items():
        tied, by_ids = [one.tied for one in pools], [one.by_ids for one in pools]
        print(f"| {name} | {np.mean(tied):.1f} ({min(tied)} to {max(tied)}) | {np.mean(by_ids):.1f} |")
    print()


def _ties(rule: str, pool: Pool, scoring: Scoring) -> Ties:
    return ties_of((RULES | ADDED)[rule](pool.candidates, _scores(pool, scoring)).values(), KEPT)


def _problems(rule: str, pools: Sequence[Pool], scoring: Scoring, problems: Collection[str]) -> float:
    """The mean over pools."""
    shares = []
    for pool in pools:
        seed = Arm(pool.condition, pool.number, "tokens", rule).seed
        shares.append(share_of(chosen(rule, pool.candidates, _scores(pool, scoring), KEPT, seed), problems))
    return float(np.mean(shares))


def _scores(pool: Pool, scoring: Scoring) -> Mapping[str, Scores]:
    return scoring.scores(pool.target, pool.candidates)
