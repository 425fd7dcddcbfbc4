"""How far stored measurements agree with the same ones made again: errors, rank correlations, and a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from icon.results.agreement import correlation
from icon.types import Measurement, Status

COLUMNS = ("nll", "nll_random", "c", "log_gain", "value")
RANKED = ("c", "log_gain", "value")
MOST_DECIMALS = 15
"""More than a float64 near 1 can hold."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """A stored measurement with status OK, and the same measured again."""

    stored: Measurement
    again: Measurement


def findings(pairs: Sequence[Rescored]) -> dict[str, Any]:
    """Errors of every column, worst pair named; what could not be measured again is listed with its reason.

    Returns:
        pairs: How many were measured again. errors: by column n, largest, mean and worst pair; NLL and log-gain in nats
        per token. spearman: of stored against measured again. failed: the other pairs. sentence: all of it in words.
    """
    failed = [fault for each in pairs if (fault := _fault(each))]
    sound = [each for each in pairs if not _fault(each)]
    found: dict[str, Any] = {
        "drawn": len(pairs),
        "pairs": len(sound),
        "errors": {name: told for name in COLUMNS if (told := _errors(sound, name))},
        "spearman": {name: _ranks(sound, name) for name in RANKED if _values(sound, name)},
        "failed": failed,
    }
    return {"sentence": sentence(found), **found}


def decimals(error: float) -> int:
    """To how many decimals a number is right whose error is at most that: half a unit of the last one."""
    return MOST_DECIMALS if error == 0 else max(0, min(MOST_DECIMALS, math.floor(-math.log10(2 * error))))


def sentence(found: dict[str, Any]) -> str:
    """What a user should know, in a sentence."""
    errors, failed = found["errors"], len(found["failed"])
    if not errors:
        return f"Nothing can be said: none of {failed} pairs could be measured again."
    main, ranked, name = ("value", "value", "value") if "value" in errors else ("nll", "c", "NLL")
    columns = [(name, main), *([("c", "c")] if "c" in errors else [])]
    holds = " and ".join(f"{_holds(errors[column]['largest'])} ({told})" for told, column in columns)
    unit = "" if main == "value" else " nats per token"
    r = found["spearman"][ranked]
    order = f"rank correlation {r['value']:.3f}" if r["value"] is not None else f"no rank correlation: {r['reason']}"
    text = f"The stored numbers hold {holds}: largest difference {errors[main]['largest']:.2g}{unit}"
    text += f" over {found['pairs']} {'candidates' if main == 'value' else 'pairs'}; {order}"
    return text + (f"; {failed} more could not be measured again." if failed else ".")


def _holds(error: float) -> str:
    n = decimals(error)
    if error == 0:
        return "exactly"
    return f"to {n} decimal{'s' if n > 1 else ''}" if n else "to no decimal"


def _fault(pair: Rescored) -> dict[str, Any] | None:
    """Why a pair has no error, or None where it has one."""
    stored, again = pair.stored, pair.again
    status, reason = again.status, again.reason
    if status == Status.OK:
        numbers = {name: (getattr(stored, name), getattr(again, name)) for name in COLUMNS}
        told = [
            f"{name} is {ours} stored and {theirs} measured again"
            for name, (ours, theirs) in numbers.items()
            if (ours is None) != (theirs is None) or not all(math.isfinite(each or 0.0) for each in (ours, theirs))
        ]
        if not told:
            return None
        status, reason = Status.NOT_FINITE, "; ".join(told)
    return {
        "candidate": stored.candidate,
        "assessment": stored.assessment,
        "status": str(status),
        "reason": reason,
    }


def _values(pairs: Sequence[Rescored], name: str) -> list[tuple[float, float]]:
    """Stored and measured again, of the pairs that have that column."""
    both = [(getattr(each.stored, name), getattr(each.again, name)) for each in pairs]
    return [(stored, again) for stored, again in both if stored is not None and again is not None]


def _errors(pairs: Sequence[Rescored], name: str) -> dict[str, Any] | None:
    known = [each for each in pairs if getattr(each.stored, name) is not None]
    if not known:
        return None
    errors = [abs(stored - again) for stored, again in _values(known, name)]
    largest = max(errors)
    worst = known[errors.index(largest)]
    return {
        "n": len(errors),
        "largest": largest,
        "mean": fmean(errors),
        "worst": {
            "candidate": worst.stored.candidate,
            "assessment": worst.stored.assessment,
            "stored": getattr(worst.stored, name),
            "again": getattr(worst.again, name),
        },
    }


def _ranks(pairs: Sequence[Rescored], name: str) -> dict[str, Any]:
    values = _values(pairs, name)
    return correlation([stored for stored, _ in values], [again for _, again in values])
