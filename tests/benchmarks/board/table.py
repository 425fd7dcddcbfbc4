"""The board's table, in Markdown, from the results of all arms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from board.conditions import CONDITIONS, N_POOLS
from board.deciding import (
    Figures,
    Interval,
    advantages,
    agreement,
    beyond,
    called,
    draws_called,
    draws_of,
    holm,
    interval,
    is_worse,
    over_conditions,
    qualified,
    tells,
)
from board.rules import NAMES, OF_GRADIENTS
from board.training import BUDGETS, Arm


def print_table(figures: Figures) -> None:
    """Print the draws of each condition, and for each budget and judge the advantage of every rule."""
    telling = _conditions(figures)
    for budget in BUDGETS:
        for judge, words in (("rest", "beyond the first two tokens"), ("all", "all tokens")):
            _rules(figures, budget, judge, f"equal {budget}, {words}", telling)
    _agreement(figures)
    whole = all(
        len(advantages(figures, condition, "tokens", "rest", rule)) == N_POOLS
        for condition in CONDITIONS
        for rule in NAMES
    )
    if not whole:
        print("Not all pools are done: nothing is decided.")
        return
    found = qualified(figures, telling, NAMES)
    shown = ", ".join(f"{rule} ({100 * low:+.1f})" for rule, low in found.items())
    print(f"Qualified, by the lower bound: {shown or 'no rule'}")
    free = [rule for rule in found if rule not in OF_GRADIENTS]
    print(f"Decision: {next(iter(found), 'none')}; of the rules without gradients: {next(iter(free), 'none')}")


def print_added(figures: Figures, board: str, rules: Sequence[str], reference: str) -> None:
    """Print what rules of a later board add to one of the first, at equal tokens and beyond the first two tokens."""
    telling = [name for name in CONDITIONS if tells(draws_of(figures, name, "tokens", "rest"))]
    added = {rule: beyond(figures, telling, rule, reference) for rule in rules}
    if any(found.n < N_POOLS for found in added.values()):
        print(f"The {board} board is not done.\n")
        return
    print(f"The {board} board: advantage in %, and what it is beyond {reference}, with p after Holm's correction:\n")
    print(f"| rule | {' | '.join(telling)} | all that tell | beyond {reference} | p | worse than random somewhere |")
    print("| --- |" + " --- |" * (len(telling) + 4))
    adjusted = holm({rule: found.p for rule, found in added.items()})
    for rule, found in added.items():
        cells = [_cell(figures, name, "tokens", "rest", rule, 1.0) for name in telling]
        whole = _over(figures, telling, rule, "tokens")
        worse = "yes" if is_worse(figures, telling, rule) else "no"
        print(f"| {rule} | {' | '.join([*cells, _ends(whole), _ends(found)])} | {adjusted[rule]:.3f} | {worse} |")
        apart = [_ends(beyond(figures, [name], rule, reference)) for name in telling]
        print(f"| {rule}, beyond {reference} | {' | '.join([*apart, _ends(found)])} | | | |")
    print()


def print_over_all(figures: Figures, budget: str, later: Sequence[str] = ()) -> None:
    """Print what every rule adds over all conditions that tell, beyond the first two tokens.

    Args:
        figures: All results.
        budget: What is equal between arms.
        later: Rules of later boards, among which the p values are corrected as well in a column of its own.
    """
    telling = [name for name in CONDITIONS if tells(draws_of(figures, name, "tokens", "rest"))]
    every = {rule: _over(figures, telling, rule, budget) for rule in (*NAMES, *later)}
    if any(found.n < N_POOLS for found in every.values()):
        return
    columns = [holm({rule: every[rule].p for rule in NAMES})]
    if later:
        columns.append(holm({rule: found.p for rule, found in every.items()}))
    print(f"Over {', '.join(telling)}, advantage in % at equal {budget}, with p after Holm's correction:\n")
    print(f"| rule | advantage | {' | '.join(f'p, of {len(one)} rules' for one in columns)} | without mixed |")
    print("| --- |" + " --- |" * (len(columns) + 2))
    for rule, found in sorted(every.items(), key=lambda item: -item[1].mean):
        cells = [f"{one[rule]:.3f}" if rule in one else "" for one in columns]
        rest = _over(figures, [name for name in telling if name != "mixed"], rule, budget)
        print(f"| {rule} | {_ends(found)} | {' | '.join(cells)} | {_ends(rest)} |")
    print()


def print_called(figures: Figures) -> None:
    """Print how often draws, and rules of a mixed pool, are called better or worse than random draws, or chance."""
    print("Called by the draws' part of the interval of icon validate, beyond the first two tokens:\n")
    print("| what | budget | better | chance | worse |\n| --- | --- | --- | --- | --- |")
    for budget in BUDGETS:
        found: Counter[str] = Counter()
        for condition in CONDITIONS:
            found += draws_called(draws_of(figures, condition, budget, "rest"))
        _called("each draw, beside the others of its pool", budget, found)
        for rule in ("nuggets", "longest", "shortest"):
            draws = draws_of(figures, "mixed", budget, "rest")
            losses = {pool: figures.get(Arm("mixed", pool, budget, rule)) for pool in draws}
            own = Counter(called(draws[pool].losses, one["rest"]) for pool, one in losses.items() if one)
            _called(f"{rule}, in a mixed pool", budget, own)
    print()


def _called(what: str, budget: str, found: Counter[str]) -> None:
    print(f"| {what} | equal {budget} | {found['better']} | {found['chance']} | {found['worse']} |")


def _over(figures: Figures, conditions: Sequence[str], rule: str, budget: str) -> Interval:
    return over_conditions([advantages(figures, name, budget, "rest", rule) for name in conditions])


def _conditions(figures: Figures) -> list[str]:
    """Print what training on random draws does in each condition; returns those that tell something."""
    print("| condition | pools | gain of a draw, nats per token | sd of draws | gain / sd | tells |")
    print("| --- | --- | --- | --- | --- | --- |")
    telling = []
    for condition in CONDITIONS:
        draws = draws_of(figures, condition, "tokens", "rest")
        if not draws:
            continue
        gain, deviation, ratio = (
            float(np.mean(values))
            for values in zip(
                *((one.gain, one.deviation, one.gain / one.deviation) for one in draws.values()), strict=True
            )
        )
        if tells(draws):
            telling.append(condition)
        words = "yes" if tells(draws) else "no"
        print(f"| {condition} | {len(draws)} | {gain:.4f} | {deviation:.4f} | {ratio:.1f} | {words} |")
    print()
    return telling


def _rules(figures: Figures, budget: str, judge: str, title: str, telling: list[str]) -> None:
    conditions = [name for name in CONDITIONS if draws_of(figures, name, budget, judge)]
    if not conditions:
        return
    print(f"Advantage over random draws, % of a draw's gain, {title}; mean [95%] (draws beaten), * after Holm:\n")
    pools = {name: len(advantages(figures, name, budget, judge, NAMES[-1])) for name in conditions}
    heads = [name if n == N_POOLS else f"{name} ({n} of {N_POOLS} pools)" for name, n in pools.items()]
    together = [name for name in telling if pools.get(name) == N_POOLS]
    last = "all that tell" if together == telling else " + ".join(together)
    print(f"| rule | {' | '.join(heads)} | {last} |")
    print("| --- |" + " --- |" * (len(conditions) + 1))
    adjusted = {name: _adjusted(figures, name, budget, judge) for name in conditions}
    for rule in NAMES:
        cells = [_cell(figures, name, budget, judge, rule, adjusted[name].get(rule, 1.0)) for name in conditions]
        whole = over_conditions([advantages(figures, name, budget, judge, rule) for name in together])
        cells.append(_ends(whole) if whole.n else "")
        print(f"| {rule} | {' | '.join(cells)} |")
    print()


def _agreement(figures: Figures) -> None:
    found = {name: agreement(figures, name, NAMES) for name in CONDITIONS}
    said = ", ".join(f"{name} {r:.2f} ({n} of {N_POOLS} pools)" for name, (r, n) in found.items() if n)
    print(f"Correlation over the rules, equal steps with equal tokens, beyond the first two tokens: {said or 'none'}\n")


def _ends(found: Interval) -> str:
    return f"{100 * found.mean:+.0f} [{100 * found.low:+.0f}, {100 * found.high:+.0f}]"


def _adjusted(figures: Figures, condition: str, budget: str, judge: str) -> dict[str, float]:
    found = {rule: list(advantages(figures, condition, budget, judge, rule).values()) for rule in NAMES}
    return holm({rule: interval(values).p for rule, values in found.items() if len(values) > 1})


def _cell(figures: Figures, condition: str, budget: str, judge: str, rule: str, p: float) -> str:
    values = advantages(figures, condition, budget, judge, rule)
    if not values:
        return ""
    draws = draws_of(figures, condition, budget, judge)
    beaten = sum(
        loss > draws[number].mean - value * abs(draws[number].gain)
        for number, value in values.items()
        for loss in draws[number].losses
    )
    n_draws = sum(len(draws[number].losses) for number in values)
    found = interval(list(values.values()))
    ends = "" if found.n < 2 else f" [{100 * found.low:+.0f}, {100 * found.high:+.0f}]"
    return f"{100 * found.mean:+.0f}{ends}{'*' * (p < 0.05)} ({beaten}/{n_draws})"
