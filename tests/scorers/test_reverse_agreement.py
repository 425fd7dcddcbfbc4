"""The scorer `reverse` on a real model against plain passes, one whole sequence at a time, from an empty cache."""

from contextlib import closing

import pytest

from icon.plugins import ScoringTask
from icon.samples.templates import load_template
from icon.scorers.options import ReverseOptions
from icon.scorers.reverse import ReverseScorer, companions
from icon.types import Message, Sample
from support.plain_passes import MODELS, PlainPasses, model_file
from support.smollm2 import run_cache

POOL = [
    ("Name a river in France.", "The Loire is a river in France."),
    ("Add 17 and 25.", "42"),
    ("Write of rain.", "Rain on the roof all night; the gutter sings of it till light."),
]
TASKS = [("Name a river in Spain.", "The Ebro."), ("Multiply 6 by 7.", "6 x 7 = 42"), ("Say no.", "No.")]


def samples(pairs, kind):
    return [Sample(f"{kind}{n}", n, (Message("user", x),), y) for n, (x, y) in enumerate(pairs)]


def prompt(sample):
    return f"### Instruction:\n{sample.instruction}\n\n### Response:"


def demonstration(sample):
    return prompt(sample) + sample.response + "\n\n\n"


@pytest.mark.model
@pytest.mark.parametrize("shots", [1, 2])
@pytest.mark.parametrize("model", MODELS)
def test_ratios_are_those_of_plain_passes_one_at_a_time(model, shots):
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    from icon_llamacpp.backend import LlamaCppBackend
    from icon_llamacpp.options import LlamaCppOptions

    path, pool, tasks = model_file(model), samples(POOL, "c"), samples(TASKS, "t")
    scorer = ReverseScorer(ReverseOptions(shots=shots))
    with run_cache(), LlamaCppBackend(LlamaCppOptions(model=str(path), precision="as-is")) as backend:
        scorer.prepare(ScoringTask(backend, load_template("paper"), tasks, 7, 1024, 2040, 1024, True), [])
        rows = [row for found in scorer.measure(pool) for row in found]
    expected = []
    with closing(PlainPasses(path)) as plain:
        for candidate in pool:
            bare = -plain.logprobs(prompt(candidate), candidate.response).mean()
            for task in tasks:
                context = "".join(map(demonstration, [*companions(task, tasks, shots - 1, 7), task]))
                given = -plain.logprobs(context, prompt(candidate), candidate.response).mean()
                expected.append((bare - given) / bare)
    assert [row.value for row in rows] == pytest.approx(expected, abs=1e-3)
    assert max(expected) - min(expected) > 1e-2  # so that agreement says something
