"""Where the gains of a run sit, by position class, and the warning that they are mostly of the answer's form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from icon.runs.outcome import ClassGain, Positions
from icon.scorers.formulas import spearman
from icon.scorers.positions import by_class, candidate_means, counted, shares
from icon.types import Measurement, Status

MOST_AT_THE_FIRST = 1 / 3
"""Share of the gain, or of its variance between candidates, above which the first token is warned of."""

Parts = tuple[float, int, float, float]
"""NLL, number of tokens that count, and -log p of the first two tokens."""


@dataclass(slots=True)
class _Pairs:
    """Pairs with both of their passes, as columns."""

    given: list[Parts] = field(default_factory=list)
    reference: list[Parts] = field(default_factory=list)
    candidates: list[int] = field(default_factory=list)
    samples: list[int] = field(default_factory=list)


def positions(
    measured: Mapping[str, Sequence[Measurement]],
    baseline: Iterable[Measurement],
    skip_tokens: int,
    masked_tokens: int = 0,
) -> Positions | None:
    """Where the gains sit; None where no two passes over the same response can be compared.

    A pair's gain is that of its demonstration over the control, or over the baseline pass where there is none; that of
    a candidate measured alone is what its prompt gains. Candidates with a failed measurement are left out, as they have
    no score.

    Args:
        measured: Measurements of the run's scorer, by candidate.
        baseline: The passes that candidates share, NLL(S).
        skip_tokens: How many first tokens of each response count in no NLL.
        masked_tokens: How many the scorer leaves out of its comparison, though they count in the NLLs.
    """
    bare = {row.assessment: row for row in baseline if row.first is not None}
    pairs = _pairs(measured, bare)
    if not pairs.given:
        return None
    gains = _nats(pairs.reference, skip_tokens) - _nats(pairs.given, skip_tokens)
    candidates, samples = np.array(pairs.candidates), np.array(pairs.samples)
    left_out = max(skip_tokens, masked_tokens)
    found = shares(gains, candidates, samples, left_out)
    classes = [
        ClassGain(gain=float(gain), share=_or_none(of_gain), variance_share=_or_none(of_variance))
        for gain, of_gain, of_variance in zip(*found, strict=True)
    ]
    first = [row.first for row in bare.values() if row.first is not None]
    return Positions(
        pairs=len(gains),
        skipped=left_out,
        bare_first=float(np.mean(first)) if first else None,
        first=classes[0],
        second=classes[1],
        rest=classes[2],
        rest_rank=_rest_rank(gains, candidates, samples, left_out),
    )


def first_token_warning(found: Positions | None, *, template: str, primed: bool) -> str:
    """A warning where the first token carries more than a third of the gain, with what to do; else "".

    A loss at the first token is none of the gain. Its variance between candidates counts either way, since that is what
    the candidates are ranked by.

    Args:
        found: Where the gains sit.
        template: Name of the template in use.
        primed: Whether the run is primed.
    """
    if found is None or found.skipped:
        return ""
    share = found.first.share if found.first.gain > 0 else None
    varies = found.first.variance_share
    said = [f"{share:.0%} of the mean gain"] if share is not None and share > MOST_AT_THE_FIRST else []
    said += [f"{varies:.0%} of its variance between candidates"] if varies and varies > MOST_AT_THE_FIRST else []
    if not said:
        return ""
    ways = ["leave it out with --skip-tokens 1 or 2"]
    ways += [] if primed else ["show the form before with --primed"]
    ways += [] if template == "chat" else ["use the model's own form, --template chat, where it has one"]
    return (
        f"the first response token carries {' and '.join(said)}, in nats: much of what is measured is the form of an "
        f"answer, which any demonstration shows. To score what comes after it, {'; or '.join(ways)}"
    )


def _pairs(measured: Mapping[str, Sequence[Measurement]], bare: Mapping[str | None, Measurement]) -> _Pairs:
    pairs = _Pairs()
    places: dict[str | None, int] = {}
    number = 0
    for rows in measured.values():
        both = [(row, _given(row), _reference(row, bare)) for row in rows if row.status != Status.MASKED]
        if not both or any(
            row.status != Status.OK or given is None or reference is None for row, given, reference in both
        ):
            continue
        for row, given, reference in both:
            assert given is not None
            assert reference is not None
            pairs.given.append(given)
            pairs.reference.append(reference)
            pairs.candidates.append(number)
            pairs.samples.append(places.setdefault(row.assessment, len(places)))
        number += 1
    return pairs


def _nats(passes: Sequence[Parts], skip_tokens: int) -> NDArray[np.float64]:
    """Nats of each pass by position class, shape (passes, 3)."""
    nll, n_tokens, first, second = np.array(passes, dtype=np.float64).T
    return by_class(nll, n_tokens, first, second, skip_tokens)


def _given(row: Measurement) -> Parts | None:
    if row.nll is None or row.n_tokens is None or row.first is None or row.second is None:
        return None
    return row.nll, row.n_tokens, row.first, row.second


def _reference(row: Measurement, bare: Mapping[str | None, Measurement]) -> Parts | None:
    """The pass that the row's own is compared with."""
    nll = row.nll_alone if row.assessment is None else row.nll_random
    if nll is None:
        own = bare.get(row.assessment) if row.assessment is not None else None
        return None if own is None else _given(own)
    if row.n_tokens is None or row.first_random is None or row.second_random is None:
        return None
    return nll, row.n_tokens, row.first_random, row.second_random


def _rest_rank(
    gains: NDArray[np.float64], candidates: NDArray[np.intp], samples: NDArray[np.intp], skip_tokens: int
) -> float | None:
    """Rank correlation between candidates of the gain at the rest with the whole gain."""
    means = candidate_means(gains, candidates, samples)
    return spearman(means[:, 2], means[:, counted(skip_tokens)].sum(axis=1))


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
