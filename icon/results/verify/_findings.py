"""How far stored measurements agree with the same ones made again: errors, rank correlations, and a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from icon.results.agreed import Correlation
from icon.results.agreement import correlation
from icon.results.verify._records import ColumnError, FailedPair, Findings, WorstPair
from icon.types import Measurement, Status

COLUMNS = ("nll", "nll_random", "c", "log_gain", "value")
RANKED = ("c", "log_gain", "value")
SHOWN = {"nll": "NLL"}
MOST_DECIMALS = 15
"""More than a float64 near 1 can hold."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """A stored measurement with status OK, and the same measured again."""

    stored: Measurement
    again: Measurement


def findings(pairs: Sequence[Rescored]) -> Findings:
    """Errors of every column, with the worst pair; what could not be measured again is listed with its reason."""
    failed = tuple(fault for pair in pairs if (fault := _fault(pair)))
    sound = [pair for pair in pairs if not _fault(pair)]
    errors = {name: error for name in COLUMNS if (error := _errors(sound, name))}
    ranks = {name: _ranks(sound, name) for name in RANKED if _values(sound, name)}
    return Findings(
        sentence=sentence(len(sound), errors, ranks, len(failed)),
        drawn=len(pairs),
        pairs=len(sound),
        errors=errors,
        spearman=ranks,
        failed=failed,
    )


def decimals(error: float) -> int:
    """To how many decimals a number is right whose error is at most that: half a unit of the last one."""
    return MOST_DECIMALS if error == 0 else max(0, min(MOST_DECIMALS, math.floor(-math.log10(2 * error))))


def sentence(pairs: int, errors: Mapping[str, ColumnError], ranks: Mapping[str, Correlation], failed: int) -> str:
    """The findings in a sentence: to how many decimals the stored numbers hold."""
    if not errors:
        return f"Nothing can be said: none of {failed} pairs could be measured again."
    main = next(name for name in ("nll", "value", *errors) if name in errors)
    ranked = next((name for name in ("value", "c", "log_gain") if name in ranks), None)
    columns = dict.fromkeys([main, *([ranked] if ranked else [])])
    holds = " and ".join(f"{_holds(errors[name].largest)} ({SHOWN.get(name, name)})" for name in columns)
    unit = " nats per token" if main == "nll" else ""
    r = ranks[ranked] if ranked else Correlation(value=None, n=0, reason="no score was stored")
    of = "candidates" if errors[main].worst.assessment is None else "pairs"
    order = f"rank correlation {r.value:.3f}" if r.value is not None else f"no rank correlation: {r.reason}"
    text = f"The stored numbers hold {holds}: largest difference {errors[main].largest:.2g}{unit}"
    text += f" over {pairs} {of}; {order}"
    return text + (f"; {failed} more could not be measured again." if failed else ".")


def _holds(error: float) -> str:
    n = decimals(error)
    if error == 0:
        return "exactly"
    return f"to {n} decimal{'s' if n > 1 else ''}" if n else "to no decimal"


def _fault(pair: Rescored) -> FailedPair | None:
    """Why a pair has no error, or None where it has one."""
    stored, again = pair.stored, pair.again
    status, reason = again.status, again.reason
    if status == Status.OK:
        numbers = {name: (getattr(stored, name), getattr(again, name)) for name in COLUMNS}
        faults = [
            f"{name} is {ours} stored and {theirs} measured again"
            for name, (ours, theirs) in numbers.items()
            if (ours is None) != (theirs is None) or not all(math.isfinite(value or 0.0) for value in (ours, theirs))
        ]
        if not faults:
            return None
        status, reason = Status.NOT_FINITE, "; ".join(faults)
    return FailedPair(candidate=stored.candidate, assessment=stored.assessment, status=str(status), reason=reason)


def _values(pairs: Sequence[Rescored], name: str) -> list[tuple[float, float]]:
    """Stored and measured again, of the pairs that have that column."""
    both = [(getattr(pair.stored, name), getattr(pair.again, name)) for pair in pairs]
    return [(stored, again) for stored, again in both if stored is not None and again is not None]


def _errors(pairs: Sequence[Rescored], name: str) -> ColumnError | None:
    known = [pair for pair in pairs if getattr(pair.stored, name) is not None]
    if not known:
        return None
    errors = [abs(stored - again) for stored, again in _values(known, name)]
    largest = max(errors)
    pair = known[errors.index(largest)]
    worst = WorstPair(
        candidate=pair.stored.candidate,
        assessment=pair.stored.assessment,
        stored=getattr(pair.stored, name),
        again=getattr(pair.again, name),
    )
    return ColumnError(n=len(errors), largest=largest, mean=fmean(errors), worst=worst)


def _ranks(pairs: Sequence[Rescored], name: str) -> Correlation:
    values = _values(pairs, name)
    return correlation([stored for stored, _ in values], [again for _, again in values])
