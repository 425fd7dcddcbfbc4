"""What a scorer returns, checked against its contract before any number of it is stored or used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from icon.plugins import ContributionScorer, ScoringTask, TogetherScorer
from icon.plugins.contract import broken, called, is_finite, is_list, is_number, named, shown
from icon.types import Measurement, Sample, Status

NUMBERS = (
    "nll",
    "nll_random",
    "c",
    "log_gain",
    "value",
    "nll_alone",
    "first",
    "second",
    "first_random",
    "second_random",
)
VALID_ROWS = "a list of icon.types.Measurement for each candidate, in order"
VALID_PAIRS = "one row per assessment sample, or a single one by itself"


def shared_of(scorer: ContributionScorer, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
    """What `prepare` returns: the measurements that all candidates share.

    Raises:
        PluginError: It is no list of measurements.
    """
    shared: object = called(scorer, "scorer", "prepare", lambda: scorer.prepare(task, finished))
    if not is_list(shared) or not all(isinstance(row, Measurement) for row in shared):  # type: ignore[attr-defined]
        raise broken(scorer, "scorer", f"prepare gave {shown(shared)}", "a list of icon.types.Measurement")
    assert isinstance(shared, Sequence)
    return [_with_numbers(scorer, row, "prepare") for row in shared]


def measured(
    scorer: ContributionScorer, candidates: Sequence[Sample], assessment: Sequence[Sample]
) -> Iterator[list[Measurement]]:
    """The rows of each candidate in order, as `measure` promises them.

    A number that is not finite becomes a failure with a reason.

    Raises:
        PluginError: The scorer gives something else than a list of rows for each candidate; it is named.
    """
    given: object = scorer.measure(candidates)
    if not hasattr(given, "__iter__"):
        raise broken(scorer, "scorer", f"measure gave {shown(given)}", VALID_ROWS)
    pairs = {sample.id for sample in assessment}
    rows = iter(given)
    for place, candidate in enumerate(candidates):
        try:
            found = next(rows)
        except StopIteration:
            what = f"measure gave the rows of {place} candidates of {len(candidates)}, none for {candidate.id}"
            raise broken(scorer, "scorer", what, VALID_ROWS) from None
        yield _rows(scorer, candidate.id, found, pairs)
    if (more := next(rows, None)) is not None:
        what = f"measure gave more than the rows of {len(candidates)} candidates: {shown(more)}"
        raise broken(scorer, "scorer", what, VALID_ROWS)


def score_of(scorer: ContributionScorer, candidate: str, score: object) -> float:
    """A score as a number, which may not be finite.

    Raises:
        PluginError: It is no number.
    """
    if not is_number(score):
        raise broken(scorer, "scorer", f"the score of candidate {candidate} is {shown(score)}", "a number")
    return float(score)  # type: ignore[arg-type]


def scores_together(scorer: TogetherScorer, candidates: Sequence[str], scores: object) -> dict[str, float]:
    """The score of every candidate from what `together` returns.

    Raises:
        PluginError: A candidate has none, or one that is not finite.
    """
    valid = "a finite score for each candidate that it is given, by id"
    if not isinstance(scores, Mapping):
        raise broken(scorer, "scorer", f"its method together gave {shown(scores)}", valid)
    for id_ in candidates:
        if not is_finite(scores.get(id_)):
            what = f"its method together gave no finite score for candidate {id_}: {shown(scores.get(id_))}"
            raise broken(scorer, "scorer", what, valid)
    return {id_: float(scores[id_]) for id_ in candidates}


def _rows(scorer: ContributionScorer, candidate: str, found: object, pairs: set[str]) -> list[Measurement]:
    if not is_list(found) or not found or not all(isinstance(row, Measurement) for row in found):  # type: ignore[attr-defined]
        what = f"measure gave {shown(found)} for candidate {candidate}"
        raise broken(scorer, "scorer", what, VALID_ROWS)
    assert isinstance(found, Sequence)
    if other := next((row.candidate for row in found if row.candidate != candidate), None):
        what = f"it did not measure candidate {candidate}: measure gave a row of {shown(other)} in its place"
        raise broken(scorer, "scorer", what, VALID_ROWS)
    ids = [row.assessment for row in found]
    if ids != [None] and (len(ids) != len(pairs) or set(ids) != pairs):
        odd = sorted(set(map(str, ids)) ^ pairs)
        what = f"measure gave {len(ids)} rows for candidate {candidate} and {len(pairs)} assessment samples"
        raise broken(scorer, "scorer", f"{what}; the first that does not fit: {odd[:1] or 'one twice'}", VALID_PAIRS)
    return [_with_numbers(scorer, row, f"measure, of candidate {candidate},") for row in found]


def _with_numbers(scorer: ContributionScorer, row: Measurement, where: str) -> Measurement:
    """The row; one with a number that is not finite as a failure."""
    if row.status not in list(Status):
        raise broken(scorer, "scorer", f"{where} gave the status {shown(row.status)}", ", ".join(Status))
    numbers = {name: number for name in NUMBERS if (number := getattr(row, name)) is not None}
    for name, number in numbers.items():
        if not is_number(number):
            raise broken(scorer, "scorer", f"{where} gave {name}={shown(number)}", "a number, or None")
    for name in ("given", "control"):
        tokens: object = getattr(row, name)
        if tokens is not None and not (isinstance(tokens, tuple) and all(map(is_finite, tokens))):
            raise broken(scorer, "scorer", f"{where} gave {name}={shown(tokens)}", "a tuple of numbers, or None")
    if row.status != Status.OK:
        return row
    if bad := next((name for name, number in numbers.items() if not is_finite(number)), None):
        reason = f"{named(scorer, 'scorer')} gave {bad}={float(numbers[bad]):g}"
        return Measurement(row.candidate, row.assessment, status=Status.NOT_FINITE, reason=reason)
    return row
