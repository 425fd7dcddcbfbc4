"""Cases of the suites: texts for a backend, samples for a scorer, and reference values of the shared numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from icon.plugins import ContributionScorer, ScoringTask
from icon.scorers.passes import response_outcomes, score_pairs
from icon.scorers.rendering import render_demonstration, render_target
from icon.types import Measurement, Message, Sample, Target

CONTEXT = "### Instruction:\nName a river in France.\n\n### Response:The Loire is a river in France.\n\n\n"

BEGINNING = "### System Prompt:\nYou are kind, and say in one short and plain sentence what you are asked for.\n\n"
"""A system prompt, of 16 tokens or more under any tokenizer of words or smaller pieces."""

HEADING = "### Instruction:\n"

OF_TOKENS = ("first", "second", "first_random", "second_random")
NUMBERS = ("nll", "nll_random", "c", "log_gain", "value", "nll_alone", *OF_TOKENS)

TARGETS = [
    Target(HEADING + "Name a river in Spain.\n\n### Response:", "The Ebro is a river in Spain."),
    Target(HEADING + "Name a river in Spain.\n\n### Response:", "The Tagus."),
    Target(HEADING + "Add 17 and 25.\n\n### Response:", "17 + 25 = 42"),
    Target("Grüße aus Köln, 你好, 😀:", " señor, naïve café 😀 ﷽"),
    Target("", "Right behind the context."),
    Target(HEADING + "Count.\n\n### Response:", " ".join(str(number) for number in range(30))),
]

WITH_PROMPT = [target for target in TARGETS if target.prompt]


def _sample(name: str, prompt: str, response: str, group: str | None = None) -> Sample:
    return Sample(name, 0, (Message("user", prompt),), response, group=group)


CANDIDATES = [
    _sample("river", "Name a river in France.", "The Loire is a river in France."),
    _sample("sum", "Add 17 and 25.", "17 + 25 = 42"),
    _sample("poem", "Write two lines about rain.", "Rain on the roof all night;\nthe gutter sings of it till light."),
    _sample("word", "Opposite of hot?", "Cold"),
    _sample("foreign", "Grüße auf Spanisch, bitte.", "¡Hola, señor! ¿Qué tal? 😀"),
]


ASSESSMENT = [
    _sample("spain", "Name a river in Spain.", "The Ebro is a river in Spain.", "facts"),
    _sample("product", "Multiply 6 by 7.", "6 x 7 = 42", "arithmetic"),
    _sample("snow", "Write a line about snow.", "Snow on the roof all night.", "writing"),
]


def measured(
    scorer: ContributionScorer, task: ScoringTask, candidates: Sequence[Sample] = CANDIDATES
) -> list[list[Measurement]]:
    """The candidates' measurements by the scorer, once it is prepared for the task."""
    scorer.prepare(task, [])
    return [list(rows) for rows in scorer.measure(candidates)]


def columns(rows: Sequence[Measurement]) -> list[Any]:
    """The columns c, log-gain and value of the rows as arrays, NaN where there is no number."""
    values = [[getattr(row, name) for row in rows] for name in ("c", "log_gain", "value")]
    return [np.array([math.nan if value is None else value for value in column]) for column in values]


def true_nlls(task: ScoringTask) -> dict[tuple[str, str | None], tuple[float, float | None]]:
    """`nll` and `nll_alone` as defined by `ScoringTask.known`, measured anew for candidates and assessment set."""
    nlls: dict[tuple[str, str | None], tuple[float, float | None]] = {}
    given, alone = (response_outcomes(CANDIDATES, task, with_prompt=prompted) for prompted in (True, False))
    for candidate, one, other in zip(CANDIDATES, given, alone, strict=True):
        nlls[candidate.id, None] = one.nll, other.nll
    for name, context in _contexts(task):
        targets = [render_target(sample, task)[0] for sample in task.assessment]
        for sample, outcome in zip(task.assessment, score_pairs(name, context, task, targets), strict=True):
            nlls[name, sample.id] = outcome.nll, None
    return nlls


def assert_reported(failed: Sequence[Measurement]) -> None:
    """Assert that failed rows have a reason and no number."""
    for row in failed:
        assert row.reason
        assert [name for name in NUMBERS if getattr(row, name) is not None] == []


def recording(calls: list[str], name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, wrapped to append its name to `calls` at each call."""

    def call(*arguments: Any, **named: Any) -> Any:
        calls.append(name)
        return method(*arguments, **named)

    return call


def _contexts(task: ScoringTask) -> Iterator[tuple[str, str]]:
    yield "", ""
    for candidate in CANDIDATES:
        yield candidate.id, render_demonstration(candidate, task).text
