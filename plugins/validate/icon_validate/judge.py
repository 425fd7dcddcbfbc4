"""The judge samples: held out by the run or given as a file, and nothing that a score or a training saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from icon.assessment.leak import find_leaks
from icon.errors import InputError, LeakError, WrongRunError
from icon.runs.files import assessment_of
from icon.runs.pool import readers_of
from icon.runs.run import Run
from icon.runs.validation import JudgeInput
from icon.samples import load_samples
from icon.types import Sample
from icon_validate.encoding import Encoded

FEWEST = 8
"""Fewest judge samples; with fewer, their choice alone decides the verdict."""


@dataclass(frozen=True, slots=True)
class Judge:
    """The judge samples.

    Attributes:
        samples: The samples, in order.
        source: Where they came from.
        notes: What the user should know of them.
    """

    samples: tuple[Sample, ...]
    source: str
    notes: tuple[str, ...] = ()

    @property
    def groups(self) -> dict[str, str | None]:
        """Task group by id."""
        return {sample.id: sample.group for sample in self.samples}

    @property
    def record(self) -> JudgeInput:
        """The record of them; its digest is over their ids, which are digests of their texts."""
        digest = sha256("\n".join(sample.id for sample in self.samples).encode()).hexdigest()
        return JudgeInput(source=self.source, samples=len(self.samples), digest=digest)


def judge_of(run: Run, file: str | None, candidates: Sequence[Sample]) -> Judge:
    """The judge samples of a validation.

    Args:
        run: The run.
        file: A file of judge samples; None for those that the run held out.
        candidates: The candidates that arms may train on.

    Raises:
        WrongRunError: The run held nothing out and no file is given.
        InputError: There are too few.
        LeakError: All or nearly all samples overlap with the pool or the assessment set.
    """
    if file is None:
        return _checked(_guarded(Judge(tuple(_held_out(run)), "held_out.jsonl"), run, candidates))
    loaded = load_samples(
        file, readers=readers_of(run), group_field=run.config.group_field, on_bad_row=run.config.on_bad_row
    )
    notes = list(loaded.notes)
    if loaded.faults:
        notes.append(f"{file}: {len(loaded.faults)} bad rows skipped; the first: {loaded.faults[0]}")
    if loaded.duplicates:
        notes.append(f"{file}: {len(loaded.duplicates)} duplicates counted once")
    return _checked(_guarded(Judge(tuple(loaded.samples), file, tuple(notes)), run, candidates))


def _held_out(run: Run) -> list[Sample]:
    from icon.runs.files import held_out_of

    samples = held_out_of(run.directory, run.manifest)
    if not samples:
        raise WrongRunError(
            f"{run.path}: no judge samples: the run held none out, and its scores have seen its whole assessment set. "
            "Give samples that no score saw with --judge FILE, or run again with --hold-out 64 (or 20%) and another "
            "--out"
        )
    return samples


def _guarded(judge: Judge, run: Run, candidates: Sequence[Sample]) -> Judge:
    """The samples that neither a score nor a training has seen.

    Raises:
        LeakError: Fewer than `FEWEST` are left.
    """
    seen = [*candidates, *assessment_of(run.directory, run.manifest)]
    overlapping = _overlapping(judge.samples, seen)
    kept = tuple(sample for sample in judge.samples if sample.id not in overlapping)
    if not overlapping:
        return judge
    rows = ", ".join(str(sample.row) for sample in judge.samples if sample.id in overlapping)
    what = f"{judge.source}: {len(overlapping)} of {len(judge.samples)} judge samples overlap with the pool or the "
    what += f"assessment set (rows {rows if len(rows) < 200 else rows[:200] + ' ...'})"
    if len(kept) < FEWEST:
        raise LeakError(f"{what}; valid: at least {FEWEST} samples that neither a score nor a training saw")
    return Judge(kept, judge.source, (*judge.notes, f"{what}: they are left out"))


def _overlapping(samples: Sequence[Sample], seen: Sequence[Sample]) -> set[str]:
    """Ids of the judge samples that anything in `seen` overlaps with, exactly or nearly."""
    found: set[str] = set()
    left = list(samples)
    while left and (leaks := find_leaks(left, seen)):  # a candidate is reported with the nearest sample alone
        found |= {leak.assessment_id for leak in leaks}
        left = [sample for sample in left if sample.id not in found]
    return found


def check_length(encoded: Sequence[Encoded], source: str) -> None:
    """Refuse judge samples that say too little, before anything is trained.

    Raises:
        InputError: Fewer than `FEWEST` have a token behind the second, which is what the verdict is of.
    """
    long = sum(one.n_response > 2 for one in encoded)
    if long < FEWEST:
        raise InputError(
            f"{source}: {long} of {len(encoded)} judge samples have a third response token, and the verdict is of the "
            f"tokens behind the second; valid: at least {FEWEST}. Choose judge samples with longer answers (--judge)"
        )


def _checked(judge: Judge) -> Judge:
    if len(judge.samples) < FEWEST:
        raise InputError(
            f"{judge.source}: found {len(judge.samples)} judge samples; valid: at least {FEWEST}, better 64. With "
            "fewer, their choice would decide the verdict"
        )
    return judge
