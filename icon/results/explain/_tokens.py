"""Token log-probabilities of some pairs, given the demonstration and given the control that the run used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum

from icon.errors import PluginError
from icon.plugins import ComparingScorer, Contexts, ScoringTask
from icon.runs.files import TokenDetail
from icon.scorers.kept_tokens import KeptTokens
from icon.scorers.passes import score_given
from icon.scorers.positions import masked_tokens
from icon.scorers.rendering import backend_of, render_demonstration, render_target
from icon.types import Sample, Status, Target, TokenLogProbs

Key = tuple[str, str]
"""Ids of a candidate and of an assessment sample."""


class TokenPasses:
    """The passes over some pairs, each context read once for all of them; nothing is read before `measure`.

    What the run kept of its own passes is taken from there and not read again.

    Args:
        task: Backend, template and limits of the run; its assessment samples are those of the pairs.
        scorer: Says what a demonstration is compared with.
        pairs: Candidates and assessment samples.
        kept: Tokens that the run kept while it measured; None for none.

    Raises:
        PluginError: The scorer's contexts are none or too few, or their weights do not sum to 1.
    """

    def __init__(
        self,
        task: ScoringTask,
        scorer: ComparingScorer,
        pairs: Sequence[tuple[Sample, Sample]],
        kept: KeptTokens | None = None,
    ) -> None:
        self._task, self._masked, self._kept = task, masked_tokens(scorer), kept or KeptTokens(0)
        candidates = {candidate.id: candidate for candidate, _ in pairs}
        places = {sample.id: place for place, sample in enumerate(task.assessment)}
        compared = _compared(scorer, task, candidates)
        demonstrations = {id_: render_demonstration(candidate, task).text for id_, candidate in candidates.items()}
        targets = {sample.id: render_target(sample, task)[0] for _, sample in pairs}
        self._pairs: dict[Key, tuple[Target, str, Contexts]] = {}
        for candidate, sample in pairs:
            control = _checked(compared[candidate.id][places[sample.id]], type(scorer).__name__)
            self._pairs[candidate.id, sample.id] = targets[sample.id], demonstrations[candidate.id], control

    @property
    def n_contexts(self) -> int:
        """How many contexts are read."""
        return len(self._behind(self._pairs, self._kept))

    @property
    def n_tokens(self) -> int:
        """How many tokens the passes over all pairs have; see `tokens_of`."""
        return self.tokens_of(list(self._pairs))

    def tokens_of(self, pairs: Sequence[Key]) -> int:
        """How many tokens the passes over these pairs have, those that the run kept included.

        Leading tokens that targets share may be read once.
        """
        tokenize, primer = backend_of(self._task).tokenize, self._task.primer
        behind = self._behind(pairs, KeptTokens(0))
        lengths = {
            target: len(tokenize(target.prompt)) + len(tokenize(target.response)) - 1
            for target in {target for targets in behind.values() for target in targets}
        }
        return sum(
            len(tokenize(primer + text)) + sum(lengths[target] for target in targets)
            for text, targets in behind.items()
        )

    def measure(
        self, report: Callable[[int], None] = lambda _: None, pairs: Sequence[Key] | None = None
    ) -> tuple[list[TokenDetail], dict[Key, str]]:
        """Make the passes.

        Args:
            report: Called with the number of contexts that are read.
            pairs: Those to measure, by candidate and assessment sample; None for all.

        Returns:
            A detail for each pair that was measured, in order, of the tokens that count; and of the others the reason,
            by candidate and assessment sample.
        """
        wanted = list(self._pairs) if pairs is None else pairs
        found: dict[tuple[str, Target], TokenLogProbs] = {}
        for done, (text, targets) in enumerate(self._behind(wanted, self._kept).items(), start=1):
            results = score_given(text, list(targets), self._task)
            found.update(zip(((text, target) for target in targets), results, strict=True))
            report(done)
        details: list[TokenDetail] = []
        failed: dict[Key, str] = {}
        for pair in wanted:
            target, demonstration, control = self._pairs[pair]
            given = self._kept.pair(*pair, demonstration) or found[demonstration, target]
            controls = [(weight, self._kept.shared(text, target) or found[text, target]) for weight, text in control]
            results = (given, *(result for _, result in controls))
            if fault := next((result for result in results if result.status != Status.OK), None):
                failed[pair] = f"{fault.status}: {fault.reason}"
                continue
            details.append(self._detail(pair, given, _mean(controls)))
        return details, failed

    def _behind(self, pairs: Iterable[Key], kept: KeptTokens) -> dict[str, dict[Target, None]]:
        """By context, the targets of the passes that are not kept."""
        behind: dict[str, dict[Target, None]] = {}
        for pair in pairs:
            target, demonstration, control = self._pairs[pair]
            if kept.pair(*pair, demonstration) is None:
                behind.setdefault(demonstration, {})[target] = None
            for _, text in control:
                if kept.shared(text, target) is None:
                    behind.setdefault(text, {})[target] = None
        return behind

    def _detail(self, pair: Key, given: TokenLogProbs, control: tuple[float, ...]) -> TokenDetail:
        skip = self._task.skip_tokens + self._masked
        pieces = tuple(backend_of(self._task).token_pieces(given.token_ids))
        return TokenDetail(*pair, pieces[skip:], given.logprobs[skip:], control[skip:])


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
