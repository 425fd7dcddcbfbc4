"""Scorer `selectit`: the model's own rating of a sample, under several rating prompts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from icon.errors import ConfigError, TemplateError
from icon.plugins import ScoringTask
from icon.samples import load_template
from icon.samples.text import with_blank
from icon.scorers import AloneScorer, TooLong, backend_of, render_target, score_given
from icon.types import Measurement, Message, Sample, Status, Target
from icon_selectit.formulas import sentence_level, token_level
from icon_selectit.options import SelectitOptions
from icon_selectit.prompts import digest, fill, load_prompts

RATINGS = [str(rating) for rating in range(1, 6)]
"""The K = 5 ratings, each scored directly after a rating prompt."""


def targets_after(prompt: str, tokenize: Callable[[str], Sequence[int]]) -> tuple[str, list[Target]]:
    """The context that the ratings share, and each as it is read after it.

    Args:
        prompt: A rendered rating prompt; a blank at its end is the ratings' where the vocabulary joins the two.
        tokenize: Token ids of a text in the middle of a sequence.
    """
    read = [with_blank(prompt, rating, tokenize) for rating in RATINGS]
    context = min((before for before, _ in read), key=len)
    return context, [Target(before[len(context) :], rating) for before, rating in read]


class SelectitScorer(AloneScorer):
    """S_sent = mean / (1 + alpha * std) of the token-level ratings under several rating prompts.

    A rating prompt is rendered in the run's template. It is the context of the five ratings, so the model reads it once
    for all of them. Source: "SelectIT" (arXiv 2402.16705), section 3; its model level, a mean over
    several models, is not part of it. A primer of the run stands in front of the rating prompt; the run's skipped
    tokens are those of responses, and a rating is none, so it always counts.
    """

    needs_backend = True

    def __init__(self, options: SelectitOptions) -> None:
        self.options = options

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Keep the task, and a shared row with the digest of the rating prompts, which the run stores.

        Raises:
            ConfigError: The file of rating prompts cannot be used, or this run began with others.
        """
        self.task = task
        self.prompts = load_prompts(self.options.prompts)
        used = [Measurement("", f"rating prompts {digest(self.prompts)}")]
        if finished and list(finished) != used:
            raise ConfigError(
                f"scorer.prompts: {self.options.prompts or 'the default'}: found {used[0].assessment}, this run began "
                f"with {finished[0].assessment}; use the file as it was, or start a new run with another --out"
            )
        return used

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """The sentence-level rating of each candidate, from one backend call per rating prompt."""
        for candidate in candidates:
            yield [self._measurement(candidate)]

    def _measurement(self, candidate: Sample) -> Measurement:
        try:
            prompts, note = self._prompts(candidate)
        except (TooLong, TemplateError) as error:
            status = Status.TOO_LONG if isinstance(error, TooLong) else Status.FAILED
            return Measurement(candidate.id, status=status, reason=str(error))
        ratings = []
        for number, prompt in enumerate(prompts, 1):
            context, targets = targets_after(prompt, backend_of(self.task).tokenize)
            results = score_given(context, targets, self.task)
            for result in results:
                if result.status != Status.OK:
                    reason = f"rating prompt {number}: {result.reason}"
                    return Measurement(candidate.id, status=result.status, reason=reason)
            ratings.append(token_level([math.fsum(result.logprobs) for result in results]))
        return Measurement(candidate.id, value=sentence_level(ratings, self.options.alpha), reason=note)

    def _prompts(self, candidate: Sample) -> tuple[list[str], str]:
        """The rating prompts of the candidate as the model reads them, and a note of what was cut from its texts."""
        # Plain, since headings would be taken for those of the rating prompt.
        plain = replace(self.task, template=load_template("plain"))
        texts, note = render_target(candidate, plain)
        filled = [fill(prompt, texts.prompt.removesuffix("\n"), texts.response) for prompt in self.prompts]
        turns = [(Message("user", text),) for text in filled]
        samples = [Sample(candidate.id, candidate.row, turn, RATINGS[0]) for turn in turns]
        return [self.task.template.target(sample).prompt for sample in samples], note
