"""The cost of scoring, from the real lengths of the texts: tokens that the model reads, and passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from icon.errors import TemplateError
from icon.inference.packing import common_prefix
from icon.inference.scoring import LEAST_BEGINNING
from icon.plugins import ContextScorer, Continuing, ContributionScorer, ScoringTask
from icon.scorers._bank import control_lengths
from icon.scorers._released import released_noise
from icon.scorers.rendering import Rendered, TooLong, backend_of, render_demonstration, render_target
from icon.types import Sample

Tokens = tuple[int, ...]

PROBE = 1000
"""Random characters whose tokens are counted, to know how many a random context of the released code has."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of some measurements.

    Attributes:
        tokens: Tokens that the model reads; a prefix that targets share is read once.
        passes: Assessment samples that are scored, each once per context.
    """

    tokens: int = 0
    passes: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.tokens + other.tokens, self.passes + other.passes)


def control_of(scorer: object) -> str:
    """The option `control` of a scorer, "released" where every pair has its own; "none" without such an option."""
    options = getattr(scorer, "options", None)
    released = getattr(options, "match", "") == "released"
    return "released" if released else str(getattr(options, "control", "none"))


class Costs:
    """Counts the cost of pairs; each text is tokenised once.

    Args:
        task: Backend, template and token limits.
        control: What `control_of` says of the scorer: random, paired, released or none.
    """

    def __init__(self, task: ScoringTask, control: str = "none") -> None:
        self._task, self._control = task, control
        self._primer = len(backend_of(task).tokenize(task.primer)) if task.primer else 0
        self._demonstrations: dict[str, int] = {}
        self._beginnings: dict[str, str] = {}
        self._targets: dict[str, Tokens] = {}

    def demonstration(self, candidate: Sample) -> int:
        """Length of the candidate's demonstration in tokens; 0 where it cannot be rendered, and nothing is read."""
        if candidate.id not in self._demonstrations:
            try:
                rendered = render_demonstration(candidate, self._task)
            except (TemplateError, TooLong):
                rendered = Rendered("", 0)
            self._demonstrations[candidate.id] = rendered.n_tokens
            self._beginnings[candidate.id] = rendered.beginning
        return self._demonstrations[candidate.id]

    def target(self, sample: Sample) -> Tokens:
        """The tokens read of prompt and response: all but the last, from which nothing is predicted."""
        if sample.id not in self._targets:
            try:
                target, _ = render_target(sample, self._task)
            except (TemplateError, TooLong):
                self._targets[sample.id] = ()
            else:
                tokenize = backend_of(self._task).tokenize
                self._targets[sample.id] = (*tokenize(target.prompt), *tokenize(target.response)[:-1])
        return self._targets[sample.id]

    def targets(self, samples: Iterable[Sample]) -> int:
        """Tokens read of the targets after one context: a prefix that neighbours share is read once."""
        total = 0
        before: Tokens = ()
        for tokens in sorted(self.target(sample) for sample in samples):
            total += len(tokens) - common_prefix(before, tokens)
            before = tokens
        return total

    def pairs(self, candidates: Sequence[Sample], samples: Sequence[Sample], *, first: bool = True) -> Cost:
        """The cost of every candidate as demonstration for every sample.

        Args:
            candidates: The candidates.
            samples: Assessment samples.
            first: Whether these candidates are measured for the first time, which makes no difference here.
        """
        per_context = self.targets(samples)
        readable = [length for candidate in candidates if (length := self.demonstration(candidate))]
        tokens = sum(readable) + len(readable) * (self._primer + per_context) - self._kept(candidates)
        return Cost(tokens, len(readable) * len(samples))

    def _kept(self, candidates: Sequence[Sample]) -> int:
        """Tokens that are not read again, since the demonstration before begins with them too."""
        if not isinstance(backend_of(self._task), Continuing):
            return 0
        beginnings = [self._beginnings.get(candidate.id, "") for candidate in candidates]
        same = (after for before, after in pairwise(beginnings) if before == after and after)
        lengths = (len(backend_of(self._task).tokenize(self._task.primer + text)) for text in same)
        return sum(length for length in lengths if length >= LEAST_BEGINNING)

    def contexts(self, samples: Sequence[Sample]) -> int:
        """Tokens of the contexts that candidates share; 0 here, where each candidate is a context of its own."""
        return 0

    def shared(self, candidates: Iterable[Sample], samples: Sequence[Sample]) -> Cost:
        """The cost of what candidates share: the baseline passes and those conditioned on random contexts.

        The contexts of the control `released`, one per pair, are not shared, but counted here.
        """
        if self._control == "released":
            return self._released(candidates, samples)
        separator = len(backend_of(self._task).tokenize(self._task.template.separator))
        longest = self._task.max_demonstration_tokens + separator
        lengths = [length for candidate in candidates if (length := self.demonstration(candidate))]
        contexts = control_lengths(self._control, lengths, longest)
        per_context = self._primer + self.targets(samples)
        return Cost(sum(contexts) + (len(contexts) + 1) * per_context, (len(contexts) + 1) * len(samples))

    def _released(self, candidates: Iterable[Sample], samples: Sequence[Sample]) -> Cost:
        """The baseline passes, and a pass per pair behind as many random characters as its demonstration has."""
        tokenize, limit = backend_of(self._task).tokenize, self._task.max_demonstration_tokens
        per_character = len(tokenize(released_noise(PROBE, seed=0, candidate="", assessment=""))) / PROBE
        own = [sample for sample in candidates if self.demonstration(sample)]
        rendered = (len(render_demonstration(sample, self._task).text) for sample in own)
        contexts = sum(min(limit, round(length * per_character)) + self._primer for length in rendered)
        targets = sum(len(self.target(sample)) for sample in samples)
        baseline = self._primer + self.targets(samples)
        tokens = baseline + contexts * len(samples) + targets * len(own)
        return Cost(tokens, (len(own) + 1) * len(samples))

    def alone(self, candidates: Iterable[Sample]) -> Cost:
        """The cost of NLL(y given x) of each candidate, as the scorer ppl measures it."""
        own = list(candidates)
        return Cost(self._primer * bool(own) + sum(len(self.target(candidate)) for candidate in own), len(own))


class ContextCosts(Costs):
    """Counts the cost of pairs of a `ContextScorer`, in which the assessment samples are the contexts.

    Args:
        task: Backend, template and token limits.
        shots: Assessment samples in each context.
    """

    def __init__(self, task: ScoringTask, shots: int = 1) -> None:
        super().__init__(task)
        self._shots = shots

    def pairs(self, candidates: Sequence[Sample], samples: Sequence[Sample], *, first: bool = True) -> Cost:
        """The cost of every candidate's response conditioned on each sample's context.

        Each context is counted once for these candidates; its companions count as long as its own sample.

        Args:
            candidates: The candidates.
            samples: The assessment samples that the contexts are for.
            first: Whether these candidates are measured for the first time, and read without a context as well.
        """
        if not candidates:
            return Cost()
        one = self.alone(candidates)
        times = len(samples) + first
        return Cost(self.contexts(samples) + times * one.tokens, times * one.passes)

    def contexts(self, samples: Sequence[Sample]) -> int:
        """Tokens of the samples' contexts; companions count as long as the sample itself."""
        return self._primer * len(samples) + self._shots * sum(self.demonstration(sample) for sample in samples)

    def shared(self, candidates: Iterable[Sample], samples: Sequence[Sample]) -> Cost:
        """Nothing is shared beside the contexts."""
        return Cost()


def own_passes(scorer: ContributionScorer) -> int:
    """How many passes over its own text a candidate costs; 0 for a scorer of pairs."""
    return int(getattr(scorer, "own_passes", 0 if scorer.needs_assessment else 1))


def costs_of(scorer: ContributionScorer | None, task: ScoringTask) -> Costs:
    """Counts what a scorer's pairs cost."""
    if isinstance(scorer, ContextScorer):
        return ContextCosts(task, int(getattr(getattr(scorer, "options", None), "shots", 1)))
    return Costs(task, control_of(scorer))
