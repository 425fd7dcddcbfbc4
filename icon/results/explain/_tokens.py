"""Token log-probabilities of some pairs, given the demonstration and given the control that the run used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import fsum

from icon.errors import PluginError
from icon.plugins import ComparingScorer, Contexts, ScoringTask
from icon.runs.files import TokenDetail
from icon.scorers.passes import score_given
from icon.scorers.positions import masked_tokens
from icon.scorers.rendering import backend_of, render_demonstration, render_target
from icon.types import Sample, Status, Target, TokenLogProbs


class TokenPasses:
    """The passes over some pairs, each context read once for all of them; nothing is read before `measure`.

    Args:
        task: Backend, template and limits of the run; its assessment samples are those of the pairs.
        scorer: Says what a demonstration is compared with.
        pairs: Candidates and assessment samples.

    Raises:
        PluginError: The scorer's contexts are none or too few, or their weights do not sum to 1.
    """

    def __init__(self, task: ScoringTask, scorer: ComparingScorer, pairs: Sequence[tuple[Sample, Sample]]) -> None:
        self._task, self._masked = task, masked_tokens(scorer)
        candidates = {candidate.id: candidate for candidate, _ in pairs}
        places = {sample.id: place for place, sample in enumerate(task.assessment)}
        compared = _compared(scorer, task, candidates)
        self._pairs: dict[tuple[str, str], tuple[Target, str, Contexts]] = {}
        self._behind: dict[str, dict[Target, None]] = {}
        for candidate, sample in pairs:
            target, _ = render_target(sample, task)
            demonstration = render_demonstration(candidate, task).text
            control = _checked(compared[candidate.id][places[sample.id]], type(scorer).__name__)
            self._pairs[candidate.id, sample.id] = target, demonstration, control
            for text in (demonstration, *(text for _, text in control)):
                self._behind.setdefault(text, {})[target] = None

    @property
    def n_contexts(self) -> int:
        """How many contexts are read."""
        return len(self._behind)

    @property
    def n_tokens(self) -> int:
        """How many tokens the model reads for it, at most: leading tokens that targets share may be read once."""
        backend = backend_of(self._task)
        lengths = {
            target: len(backend.tokenize(target.prompt)) + len(backend.tokenize(target.response)) - 1
            for target, _, _ in self._pairs.values()
        }
        return sum(
            len(backend.tokenize(self._task.primer + text)) + sum(lengths[target] for target in targets)
            for text, targets in self._behind.items()
        )

    def measure(
        self, report: Callable[[int], None] = lambda _: None
    ) -> tuple[list[TokenDetail], dict[tuple[str, str], str]]:
        """Make the passes.

        Args:
            report: Called with the number of contexts that are read.

        Returns:
            A detail for each pair that was measured, in order, of the tokens that count; and of the others the reason,
            by candidate and assessment sample.
        """
        backend, skip = backend_of(self._task), self._task.skip_tokens + self._masked
        found: dict[tuple[str, Target], TokenLogProbs] = {}
        for done, (text, targets) in enumerate(self._behind.items(), start=1):
            results = score_given(text, list(targets), self._task)
            found.update(zip(((text, target) for target in targets), results, strict=True))
            report(done)
        details: list[TokenDetail] = []
        failed: dict[tuple[str, str], str] = {}
        for (candidate, sample), (target, demonstration, control) in self._pairs.items():
            given = found[demonstration, target]
            controls = [(weight, found[text, target]) for weight, text in control]
            if fault := next(
                (result for result in (given, *(result for _, result in controls)) if result.status != Status.OK), None
            ):
                failed[candidate, sample] = f"{fault.status}: {fault.reason}"
                continue
            pieces = tuple(backend.token_pieces(given.token_ids))
            details.append(TokenDetail(candidate, sample, pieces[skip:], given.logprobs[skip:], _mean(controls)[skip:]))
        return details, failed


def _compared(
    scorer: ComparingScorer, task: ScoringTask, candidates: Mapping[str, Sample]
) -> dict[str, Sequence[Contexts]]:
    """What each candidate's demonstration is compared with, an entry per assessment sample."""
    found = [list(contexts) for contexts in scorer.compared_with(task, list(candidates.values()))]
    if len(found) != len(candidates) or any(len(contexts) != len(task.assessment) for contexts in found):
        lengths = [len(contexts) for contexts in found]
        raise PluginError(
            f"scorer {type(scorer).__name__}: compared_with gave lists of {lengths} entries; valid: {len(candidates)} "
            f"lists, one a candidate, of {len(task.assessment)}, one an assessment sample"
        )
    return dict(zip(candidates, found, strict=True))


def _mean(controls: Sequence[tuple[float, TokenLogProbs]]) -> tuple[float, ...]:
    """The weighted mean of log p, token by token: the token ids are the same given every context."""
    columns = zip(*(result.logprobs for _, result in controls), strict=True)
    weights = [weight for weight, _ in controls]
    return tuple(fsum(weight * value for weight, value in zip(weights, column, strict=True)) for column in columns)


def _checked(contexts: Contexts, scorer: str) -> Contexts:
    if not contexts or abs(fsum(weight for weight, _ in contexts) - 1) > 1e-9:
        weights = [weight for weight, _ in contexts]
        raise PluginError(f"scorer {scorer}: compared_with gave the weights {weights}; valid: weights that sum to 1")
    return contexts
