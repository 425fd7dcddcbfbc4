"""The assessment set as texts: rendered and tokenised as a whole before the first pass, so that no pass is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from icon.errors import InputError, TemplateError
from icon.plugins import ContextScorer, ContributionScorer, ScoringTask
from icon.scorers.passes import too_short
from icon.scorers.rendering import TooLong, backend_of, render_demonstration, render_target
from icon.types import Sample, Target


def render_assessment(task: ScoringTask) -> tuple[list[Target], list[str]]:
    """The assessment samples as targets, and a note of what was cut from each.

    Raises:
        InputError: Some cannot be used as they are; the message lists all of them.
    """
    rendered: list[tuple[Target, str]] = []

    def target(sample: Sample) -> None:
        rendered.append(_target(sample, task))

    _refuse_faults(task.assessment, target)
    return [target for target, _ in rendered], [note for _, note in rendered]


def check_assessment(scorer: ContributionScorer, task: ScoringTask) -> None:
    """Render and tokenise every assessment sample as the scorer will.

    What is too long is refused only for scorers whose use of the samples is known: those that can be raced.

    Raises:
        InputError: Some cannot be used as they are; the message lists all of them.
    """
    if not (scorer.needs_backend and scorer.needs_assessment):
        return
    if isinstance(scorer, ContextScorer):
        _refuse_faults(task.assessment, lambda sample: render_demonstration(sample, task))
    elif getattr(scorer, "mean_of_column", False):
        _refuse_faults(task.assessment, lambda sample: _target(sample, task))
    else:
        _refuse_faults(task.assessment, lambda sample: _refuse_empty(task.template.target(sample), task))


def _target(sample: Sample, task: ScoringTask) -> tuple[Target, str]:
    """The sample as a target, and a note of what was cut from it.

    Raises:
        TooLong: It is beyond a limit and the run does not truncate.
        TemplateError: The template cannot render it.
        InputError: No token of its response counts.
    """
    target, note = render_target(sample, task)
    n_tokens = _refuse_empty(target, task)
    if fault := too_short(n_tokens, task.skip_tokens):
        raise InputError(f"{fault}; use a smaller skip_tokens or leave it out")
    return target, note


def _refuse_empty(target: Target, task: ScoringTask) -> int:
    """Number of tokens of the target's response.

    Raises:
        InputError: There is none.
    """
    n_tokens = len(backend_of(task).tokenize(target.response))
    if not n_tokens:
        raise InputError("its response has no token under the model's tokenizer; leave it out")
    return n_tokens


def _refuse_faults(samples: Sequence[Sample], used: Callable[[Sample], object]) -> None:
    faults = []
    for sample in samples:
        try:
            used(sample)
        except (TooLong, TemplateError, InputError) as error:
            place = f"{sample.id} (row {sample.row}): "
            faults.append(f"  {place}{str(error).removeprefix(f'sample {place}')}")
    if faults:
        raise InputError("\n".join(["assessment samples that cannot be used as they are:", *faults]))
