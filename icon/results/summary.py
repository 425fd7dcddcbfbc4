"""The closing summary: the result, how far to trust it, and how it compares with the baselines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from icon.config import RunConfig
from icon.plugins import ContributionScorer
from icon.results._counts import (
    both_scores,
    by_status,
    cut_to_limits,
    ends,
    in_both_tops,
    reasons_of,
    source_facts,
)
from icon.results.at_length import AtLength
from icon.results.audit import audit
from icon.runs.audited import Audit
from icon.runs.outcome import (
    Against,
    AssessmentCount,
    Positions,
    RaceFacts,
    ReliabilityRecord,
    ShownSample,
    Summary,
)
from icon.runs.records import RaceStep
from icon.runs.score_table import ScoreTable
from icon.runs.scores import as_table
from icon.runs.standing import Standing
from icon.runs.writing import printable
from icon.scorers.aggregate import matrix
from icon.scorers.formulas import spearman, split_half
from icon.types import Contribution, Keep, Measurement, RowStatus, Sample, ScoreRow, Selection, part_of

if TYPE_CHECKING:
    from icon.scorers.racing import Outcome

PREVIEW = 160
"""Characters of a sample that the summary shows."""

SHOWN = 3
"""Most samples in each of the lists of the best and the worst; no sample is in both."""

_SAMPLE = re.compile(r"\bsample [0-9a-f]{16} \([^()]*\): ")
"""The beginning of a reason that names its sample, as those of templates do."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Input of the summary.

    Attributes:
        contributions: Of the run's scorer, by candidate.
        baselines: Of each baseline scorer, by its name and then by candidate.
        measurements: Of the run's scorer, by candidate; empty where candidates were measured on different samples.
        selection: The selector's decisions and what it says of itself.
        rows: Every row of the pool.
        assessment: The assessment set.
        samples: The pool's samples by id.
        audit: Value of the audit field by row; empty without one.
    """

    contributions: Mapping[str, Contribution]
    baselines: Mapping[str, Mapping[str, Contribution]]
    measurements: Mapping[str, Sequence[Measurement]]
    selection: Selection
    rows: Sequence[ScoreRow]
    assessment: Sequence[Sample]
    samples: Mapping[str, Sample]
    audit: Mapping[int, str]


def summarise(
    scored: Scored,
    made: ContributionScorer,
    *,
    scorer: str,
    keep: Keep,
    seed: int,
    audit_field: str | None,
    race: RaceFacts | None,
    positions: Positions | None = None,
    at: AtLength | None = None,
    standing: Standing | None = None,
) -> Summary:
    """The summary of a run that has selected.

    Args:
        scored: What the run found.
        made: The run's scorer.
        scorer: Its name.
        keep: How much was to be kept.
        seed: Seed of the split halves.
        audit_field: Name of the audit field.
        race: What the race came to; None where every pair was measured.
        positions: Where the gains sit.
        at: How the scores were made equal in length; None where they were not.
        standing: Whether what was measured carries a choice.
    """
    rows = as_table(scored.rows)
    best, worst = ends(rows, SHOWN)
    groups = Counter(task.group for task in scored.assessment if task.group)
    return Summary(
        scorer=scorer,
        rows=by_status(rows),
        assessment=AssessmentCount(samples=len(scored.assessment), groups=dict(sorted(groups.items()))),
        keep=str(keep),
        keep_of=len(scored.selection.decisions) if keep.count is None else None,
        selected=int(rows.selected.sum()),
        candidates=len(scored.selection.decisions),
        selection_quality=dict(scored.selection.quality),
        reliability=reliability_of(scored.measurements, made, seed, at),
        against={name: _against(scored, name, keep) for name in scored.baselines},
        best=tuple(_shown(row, scored.samples) for row in best),
        worst=tuple(_shown(row, scored.samples) for row in worst),
        audit=_audit(scored, scorer, audit_field, keep),
        failures=_failures(rows),
        truncated=cut_to_limits(scored.contributions),
        needs_model=made.needs_backend,
        race=race,
        positions=positions,
        equal_length=at.facts(scored.contributions) if at else None,
        standing=standing,
        sources=source_facts(rows),
    )


def reliability_of(
    measurements: Mapping[str, Sequence[Measurement]], made: ContributionScorer, seed: int, at: AtLength | None
) -> ReliabilityRecord | None:
    """Split-half reliability of the scores; None where it cannot be computed.

    Args:
        measurements: By candidate; empty where candidates were measured on different samples.
        made: The scorer.
        seed: Seed of the splits.
        at: How the scores are made equal in length; None where they are not.
    """
    ids, values = matrix(measurements, made.column)
    found = split_half(values, seed=seed, transform=at.transform(ids) if at else None) if ids else None
    return ReliabilityRecord(**asdict(found), samples=values.shape[1]) if found else None


def _failures(rows: ScoreTable) -> dict[str, int]:
    """The most frequent reasons of failed candidates, without the sample that some of them name."""
    found: Counter[str] = Counter()
    for reason, n in reasons_of(rows, RowStatus.FAILED).items():
        found[_SAMPLE.sub("", reason)] += n
    return dict(found.most_common(5))


def _against(scored: Scored, name: str, keep: Keep) -> Against:
    """Rank correlation of the score with a baseline, and how much of the top share they have in common."""
    ids, ours, theirs = both_scores(scored.contributions, scored.baselines[name])
    share = keep.as_share(len(scored.selection.decisions))
    n = min(len(ids), max(1, part_of(share, len(ids))))
    return Against(
        spearman=spearman(ours, theirs),
        overlap=in_both_tops(ids, ours, theirs, n) / n if n else None,
        candidates=len(ids),
        top=n,
    )


def _score(found: Mapping[str, Contribution], id_: str) -> float | None:
    return found[id_].score if id_ in found else None


def _shown(row: ScoreRow, samples: Mapping[str, Sample]) -> ShownSample:
    sample = samples[row.id]
    return ShownSample(
        id=row.id,
        row=row.row,
        score=row.score,
        standard_error=row.standard_error,
        prompt=printable(sample.prompt_text[:PREVIEW]),
        response=printable(sample.response[:PREVIEW]),
    )


def _audit(scored: Scored, scorer: str, field: str | None, keep: Keep) -> Audit | None:
    """What the audit field marks among the scored candidates, by the run's scorer and by each baseline."""
    if not any(scored.audit.values()):
        return None
    marks = {row.id: scored.audit.get(row.row, "") for row in scored.rows if row.status == RowStatus.SCORED}
    scores = {
        name: {id_: score for id_ in marks if (score := _score(found, id_)) is not None}
        for name, found in {scorer: scored.contributions, **scored.baselines}.items()
    }
    share = keep.as_share(len(scored.selection.decisions))
    return audit(marks, scores, field=field, best=max(1, part_of(share, len(marks))))


def race_facts(outcome: Outcome, n_samples: int, config: RunConfig) -> RaceFacts:
    """The facts of a race.

    Args:
        outcome: The race.
        n_samples: Size of the assessment set.
        config: The settings: the confidence at which a candidate counts as decided, and the capture asked for.

    Returns:
        The facts; capture and reliability are None where too little is measured to say.
    """
    found = outcome.look
    known = bool(np.isfinite(found.estimates.error).all())
    last = outcome.path[-1]
    return RaceFacts(
        ended=outcome.ended,
        confidence=config.confidence,
        decided_in=int(found.accepted.sum()),
        decided_out=int(found.rejected.sum()),
        open=int(found.undecided.sum()),
        capture=found.capture if known else None,
        reliability=found.estimates.reliability if known else None,
        signal=found.estimates.signal,
        candidates=last.measured,
        samples_reached=outcome.measured,
        samples=n_samples,
        pairs=last.pairs,
        pairs_exact=len(outcome.candidates) * n_samples,
        path=race_path(outcome),
        asked=config.capture,
    )


def race_path(outcome: Outcome) -> tuple[RaceStep, ...]:
    """Every look at the race, as run.json keeps it."""
    return tuple(RaceStep.model_validate(asdict(step)) for step in outcome.path)
