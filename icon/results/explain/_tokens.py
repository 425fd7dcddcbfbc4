"""Token log-probabilities of some pairs, given the demonstration and given the control that the run used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum

from icon.errors import PluginError
from icon.inference.following import tokens_after
from icon.plugins import ComparingScorer, Contexts, ScoringTask
from icon.runs.files import TokenDetail
from icon.scorers.passes import score_given
from icon.scorers.positions import masked_tokens
from icon.scorers.rendering import backend_of, render_demonstration, render_target
from icon.types import Sample, Status, Target, TokenLogProbs

Key = tuple[str, str]
"""Ids of a candidate and of an assessment sample."""
Stored = tuple[Sequence[float], Sequence[float]]


class TokenPasses:
    """The passes over some pairs, each context read once for all of them; nothing is read before `measure`.

    Tokens that the parts of the run have are taken from there and not read again.

    Args:
        task: Backend, template and limits of the run; its assessment samples are those of the pairs.
        scorer: Says what a demonstration is compared with.
        pairs: Candidates and assessment samples.
        stored: Log-probabilities that the parts have, conditioned on the demonstration and on the control.

    Raises:
        PluginError: The scorer's contexts are none or too few, or their weights do not sum to 1.
    """

    def __init__(
        self,
        task: ScoringTask,
        scorer: ComparingScorer,
        pairs: Sequence[tuple[Sample, Sample]],
        stored: Mapping[Key, Stored] | None = None,
    ) -> None:
        self._task, self._masked = task, masked_tokens(scorer)
        targets = {sample.id: render_target(sample, task)[0] for _, sample in pairs}
        self._targets = {(candidate.id, sample.id): targets[sample.id] for candidate, sample in pairs}
        self._stored = {pair: found for pair, found in (stored or {}).items() if self._fits(pair, found)}
        unknown = [(one, sample) for one, sample in pairs if (one.id, sample.id) not in self._stored]
        candidates = {candidate.id: candidate for candidate, _ in unknown}
        demonstrations = {id_: render_demonstration(candidate, task).text for id_, candidate in candidates.items()}
        compared = _compared(scorer, task, candidates)
        places = {sample.id: place for place, sample in enumerate(task.assessment)}
        self._contexts: dict[Key, tuple[str, Contexts]] = {}
        for candidate, sample in unknown:
            control = _checked(compared[candidate.id][places[sample.id]], type(scorer).__name__)
            self._contexts[candidate.id, sample.id] = demonstrations[candidate.id], control

    @property
    def n_contexts(self) -> int:
        """How many contexts are read."""
        return len(self._behind(self._contexts))

    @property
    def n_tokens(self) -> int:
        """How many tokens the model reads for all pairs; see `tokens_of`."""
        return self.tokens_of(list(self._targets))

    def tokens_of(self, pairs: Sequence[Key]) -> int:
        """How many tokens the model reads for these pairs, at most: leading tokens of targets may be read once."""
        tokenize, primer = backend_of(self._task).tokenize, self._task.primer
        behind = self._behind(pairs)
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
        wanted = list(self._targets) if pairs is None else pairs
        found: dict[tuple[str, Target], TokenLogProbs] = {}
        for done, (text, targets) in enumerate(self._behind(wanted).items(), start=1):
            results = score_given(text, list(targets), self._task)
            found.update(zip(((text, target) for target in targets), results, strict=True))
            report(done)
        details: list[TokenDetail] = []
        failed: dict[Key, str] = {}
        for pair in wanted:
            if pair in self._stored:
                details.append(self._detail(pair, self._ids(pair), *self._stored[pair]))
                continue
            (demonstration, control), target = self._contexts[pair], self._targets[pair]
            given, controls = found[demonstration, target], [(weight, found[text, target]) for weight, text in control]
            results = [given, *(result for _, result in controls)]
            if fault := next((result for result in results if result.status != Status.OK), None):
                failed[pair] = f"{fault.status}: {fault.reason}"
                continue
            details.append(self._detail(pair, given.token_ids, given.logprobs, _mean(controls)))
        return details, failed

    def _behind(self, pairs: Iterable[Key]) -> dict[str, dict[Target, None]]:
        """By context, the targets of the passes that are to be made."""
        behind: dict[str, dict[Target, None]] = {}
        for pair in pairs:
            demonstration, control = self._contexts.get(pair, ("", ()))
            for text in (demonstration, *(text for _, text in control)) if control else ():
                behind.setdefault(text, {})[self._targets[pair]] = None
        return behind

    def _ids(self, pair: Key) -> Sequence[int]:
        """The token ids of the pair's response, as passes read it."""
        target = self._targets[pair]
        return tokens_after(backend_of(self._task), target.prompt or "\n", target.response)

    def _fits(self, pair: Key, found: Stored) -> bool:
        """Whether there is a log-probability of each token."""
        return pair in self._targets and len(found[0]) == len(found[1]) == len(self._ids(pair))

    def _detail(self, pair: Key, ids: Sequence[int], given: Sequence[float], control: Sequence[float]) -> TokenDetail:
        skip = self._task.skip_tokens + self._masked
        pieces = tuple(backend_of(self._task).token_pieces(ids))
        return TokenDetail(*pair, pieces[skip:], tuple(given[skip:]), tuple(control[skip:]))


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
