"""Where the gain sits, from the pairs that a plan scores to measure the speed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from icon.plugins import ComparingScorer, ScoringTask
from icon.results.positions import positions
from icon.runs.outcome import ClassGain, Positions
from icon.scorers.passes import Outcome, outcomes_given
from icon.scorers.rendering import render_target
from icon.types import Measurement, Sample, Status, TokenLogProbs

MOST = 8
"""Most assessment samples that are read once more, in front of what demonstrations are compared with."""


@dataclass(slots=True)
class TrialGain:
    """Keeps the pairs of a speed measurement, and says afterwards where their gain sits."""

    candidates: dict[str, Sample] = field(default_factory=dict)
    samples: dict[str, Sample] = field(default_factory=dict)
    rows: dict[tuple[str, str], Measurement] = field(default_factory=dict)

    def note(self, candidate: Sample, sample: Sample, result: TokenLogProbs) -> None:
        """Keep a pair that was scored, where its sample is among the first `MOST`."""
        if sample.id in self.samples or len(self.samples) < MOST:
            self.candidates[candidate.id], self.samples[sample.id] = candidate, sample
            self.rows[candidate.id, sample.id] = _row(candidate.id, sample.id, Outcome.of(result))

    def where(self, task: ScoringTask, scorer: ComparingScorer) -> Positions | None:
        """Where the gain of these pairs sits, against one context that the scorer compares the first candidate with.

        One call of the model. The pairs are too few for the variance between candidates, which is left out.

        Args:
            task: The task of the run.
            scorer: Its scorer.

        Returns:
            None where nothing was kept or the reference pass failed.
        """
        if not self.rows:
            return None
        used = list(self.samples.values())
        chosen = replace(task, assessment=used)
        contexts = next(iter(scorer.compared_with(chosen, [next(iter(self.candidates.values()))])))
        targets = [render_target(sample, task)[0] for sample in used]
        read = outcomes_given(contexts[0][0][1], targets, task)
        reference = [_row("", sample.id, own) for sample, own in zip(used, read, strict=True)]
        bare = [row for row in reference if row.status == Status.OK]
        known = {row.assessment for row in bare}
        # each pair by itself: a candidate without one of them would be left out as failed
        pairs = {f"{place}": [row] for place, row in enumerate(self.rows.values()) if row.assessment in known}
        found = positions(pairs, bare, task.skip_tokens)
        return None if found is None else _of_few(found)


def _row(candidate: str, sample: str, own: Outcome) -> Measurement:
    if own.status != Status.OK:
        return Measurement(candidate, sample, status=own.status, reason=own.reason)
    return Measurement(candidate, sample, nll=own.nll, n_tokens=own.n_tokens, first=own.first, second=own.second)


def _of_few(found: Positions) -> Positions:
    """Without what a few pairs do not say."""
    first, second, rest = (_mean_only(own) for own in (found.first, found.second, found.rest))
    return found.model_copy(
        update={"bare_first": None, "first": first, "second": second, "rest": rest, "rest_rank": None}
    )


def _mean_only(own: ClassGain) -> ClassGain:
    return own.model_copy(update={"variance_share": None})
