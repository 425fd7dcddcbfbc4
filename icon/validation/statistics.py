"""The verdict on a selection: better than random draws of the same size, worse, or not distinguishable from chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icon.errors import InputError
from icon.validation.intervals import compared, holm
from icon.validation.losses import POSITIONS, ArmLosses, Kind, Position, loss_matrix
from icon.validation.power import Power, power
from icon.validation.records import Comparison, Gain, Outcome, Verdict

FEWEST_DRAWS = 2
"""Fewest random draws that have a variance."""
TELLS = 3.0
"""Standard deviations of the draws by which training on them must change the judge, for a choice to matter."""
SHARE = 0.05
"""The advantage that `Verdict.power` asks about, as a share of what a random draw gains."""


def verdict(
    selection: ArmLosses,
    draws: Sequence[ArmLosses],
    *,
    groups: Mapping[str, str | None] | None = None,
    others: Sequence[ArmLosses] = (),
    bare: ArmLosses | None = None,
    seconds: float | None = None,
    confidence: float = 0.95,
) -> Verdict:
    """The verdict on a selection; docs/method.md, "Validation", has the formula of the interval.

    Args:
        selection: The selection's arm.
        draws: Random draws of the same size; those that failed are left out and named.
        groups: Task group of judge samples, by id.
        others: Other rules, and the whole pool.
        bare: The bare model, judged.
        seconds: Seconds per arm, for what a closer look takes; by default the mean of the draws'.
        confidence: Of the intervals.

    Raises:
        InputError: The selection's arm or all but one of the draws failed, arms were judged on other samples, or no
            judge sample has a third response token.
    """
    everything = (selection, *draws, *others, *([bare] if bare else []))
    failed = {arm.name: arm.reason or "not judged" for arm in everything if not arm.is_ok}
    usable = [arm for arm in draws if arm.is_ok]
    _check(selection, usable, failed)
    answers = {position: found for position in POSITIONS if (found := _one(selection, usable, position, confidence))}
    if "rest" not in answers:
        raise InputError("no judge sample has a third response token; valid: judge samples with longer answers")
    main = answers["rest"]
    gained = _gain(bare, usable) if bare and bare.is_ok else None
    return Verdict(
        outcome=main.outcome,
        difference=main.difference,
        low=main.low,
        high=main.high,
        confidence=confidence,
        beaten=main.beaten,
        n_draws=main.n_draws,
        n_samples=main.n_samples,
        draws=_means(usable),
        positions=answers,
        groups=_by_group(selection, usable, groups or {}, confidence),
        arms=_several([arm for arm in others if arm.is_ok], usable, confidence),
        gain=gained,
        power=_power(selection, usable, gained, seconds, confidence) if gained and gained.tells else None,
        failed=failed,
    )


def verdict_of(arms: Sequence[ArmLosses], *, groups: Mapping[str, str | None] | None = None) -> Verdict:
    """The verdict over all arms of a validation, by their kinds.

    Args:
        arms: The selection's arm, the random draws, and whatever others there are.
        groups: Task group of judge samples, by id.

    Raises:
        InputError: There is no arm of the selection, or see `verdict`.
    """
    kinds: dict[Kind, list[ArmLosses]] = defaultdict(list)
    for arm in arms:
        kinds[arm.kind].append(arm)
    if not kinds["selection"]:
        raise InputError("no arm of the selection; valid: one, and at least 2 random draws")
    bare = next(iter(kinds["bare"]), None)
    others = (*kinds["rule"], *kinds["pool"])
    return verdict(kinds["selection"][0], kinds["random"], groups=groups, others=others, bare=bare)


def by_values(arms: Sequence[ArmLosses], field: Literal["tasks", "answers"]) -> dict[str, Comparison]:
    """Compare the arms by their benchmark tasks or by a pairwise judge's answers; empty where they have none.

    The selection is one question; the others are corrected for their number. Arms that failed are left out.

    Raises:
        InputError: Arms have values of other tasks or questions.
    """
    usable = [arm for arm in arms if arm.is_ok and arm.kind != "bare"]
    draws = [arm for arm in usable if arm.kind == "random"]
    names = sorted(getattr(usable[0], field)) if usable else []
    if not names or len(draws) < FEWEST_DRAWS:
        return {}
    for arm in usable:
        if sorted(getattr(arm, field)) != names:
            raise InputError(f"arm {arm.name}: {field} differ from those of {usable[0].name}; measure both again")
    values = {arm.name: np.array([getattr(arm, field)[name] for name in names], dtype=np.float64) for arm in usable}
    drawn = np.array([values[arm.name] for arm in draws])
    found: dict[str, Comparison] = {}
    for own in (True, False):
        several = {
            arm.name: (arm.kind, values[arm.name])
            for arm in usable
            if arm.kind != "random" and (arm.kind == "selection") == own
        }
        found |= compare(several, drawn, higher_is_better=True)
    return found


def compare(
    arms: Mapping[str, tuple[Kind, NDArray[np.float64]]],
    draws: NDArray[np.float64],
    *,
    higher_is_better: bool = False,
    confidence: float = 0.95,
) -> dict[str, Comparison]:
    """Compare arms with random draws by any value per judge sample, task or question, with Holm's correction.

    Args:
        arms: By name, the kind of an arm and its values, shape (m,).
        draws: Values of the draws, shape (n, m).
        higher_is_better: Whether a value is a success and not a loss.
        confidence: Of the intervals.
    """
    sign = -1.0 if higher_is_better else 1.0
    found = [_comparison(name, kind, sign * values, sign * draws, confidence) for name, (kind, values) in arms.items()]
    if higher_is_better:
        found = [one.model_copy(update={"loss": -one.loss}) for one in found]
    return {one.name: one for one in _corrected(found, confidence)}


def _check(selection: ArmLosses, draws: Sequence[ArmLosses], failed: Mapping[str, str]) -> None:
    if not selection.is_ok:
        raise InputError(f"arm {selection.name}: {failed[selection.name]}; no verdict without it")
    if len(draws) < FEWEST_DRAWS:
        reasons = "".join(f"\n  {name}: {reason}" for name, reason in failed.items())
        raise InputError(f"found {len(draws)} random draws with losses; valid: at least {FEWEST_DRAWS}{reasons}")


def _one(
    arm: ArmLosses, draws: Sequence[ArmLosses], position: Position, confidence: float, only: set[str] | None = None
) -> Comparison | None:
    """The arm against the draws; None where no judge sample has such a token."""
    ids, values = loss_matrix([arm, *draws], position)
    places = [i for i, id_ in enumerate(ids) if only is None or id_ in only]
    if not places:
        return None
    return _comparison(arm.name, arm.kind, values[0, places], values[1:, places], confidence)


def _comparison(
    name: str, kind: Kind, arm: NDArray[np.float64], draws: NDArray[np.float64], confidence: float
) -> Comparison:
    found = compared(arm, draws, confidence)
    low, high = float(found.low), float(found.high)
    return Comparison(
        name=name,
        kind=kind,
        outcome="better" if low > 0 else "worse" if high < 0 else "chance",
        difference=float(found.difference),
        low=low,
        high=high,
        p=float(found.p),
        beaten=int(found.beaten),
        n_draws=len(draws),
        n_samples=len(arm),
        loss=float(arm.mean()),
    )


def _several(arms: Sequence[ArmLosses], draws: Sequence[ArmLosses], confidence: float) -> dict[str, Comparison]:
    found = [one for arm in arms if (one := _one(arm, draws, "rest", confidence))]
    return {one.name: one for one in _corrected(found, confidence)}


def _corrected(found: Sequence[Comparison], confidence: float) -> list[Comparison]:
    """The same comparisons with the outcome by Holm's adjusted p; their intervals stay those of each alone."""
    several = holm([one.p for one in found])
    corrected = []
    for one, p in zip(found, several, strict=True):
        side: Outcome = "better" if one.difference > 0 else "worse"
        changes = {"p_holm": p, "outcome": side if p < 1 - confidence else "chance"}
        corrected.append(one.model_copy(update=changes))
    return corrected


def _by_group(
    selection: ArmLosses, draws: Sequence[ArmLosses], groups: Mapping[str, str | None], confidence: float
) -> dict[str, Comparison]:
    members: dict[str, set[str]] = defaultdict(set)
    for id_, group in groups.items():
        if group:
            members[group].add(id_)
    found = {name: _one(selection, draws, "rest", confidence, members[name]) for name in sorted(members)}
    known = {name: one for name, one in found.items() if one}
    return dict(zip(known, _corrected(list(known.values()), confidence), strict=True))


def _means(draws: Sequence[ArmLosses]) -> dict[str, float]:
    _, values = loss_matrix(draws, "rest")
    return {arm.name: float(mean) for arm, mean in zip(draws, values.mean(axis=1), strict=True)}


def _gain(bare: ArmLosses, draws: Sequence[ArmLosses]) -> Gain:
    _, values = loss_matrix([bare, *draws], "rest")
    means = values.mean(axis=1)
    gain, sd = float(means[0] - means[1:].mean()), float(means[1:].std(ddof=1))
    return Gain(bare=float(means[0]), gain=gain, sd=sd, tells=abs(gain) >= TELLS * sd and gain != 0)


def _power(
    selection: ArmLosses, draws: Sequence[ArmLosses], gained: Gain, seconds: float | None, confidence: float
) -> Power:
    _, values = loss_matrix([selection, *draws], "rest")
    variance = float(compared(values[0], values[1:], confidence).standard_error) ** 2
    s2, n = gained.sd**2, len(draws)
    known = [arm.seconds for arm in draws if arm.seconds > 0]
    each = seconds if seconds is not None else (sum(known) / len(known) if known else None)
    sampled = max(0.0, variance - s2 * (1 + 1 / n))
    return power(gain=gained.gain, share=SHARE, n=n, s2=s2, sampled=sampled, seconds=each, confidence=confidence)
