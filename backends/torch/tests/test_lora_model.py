"""`lora` with a model that the backend opened: it finds a property of real texts, and the model scores as before.

The tiny model reads bytes; the long tier repeats it with the embedded one, which takes a minute.
"""

from __future__ import annotations

import json
import random
from importlib.resources import files

import pytest

from icon.plugins import SelectionTask
from icon.samples import content_id
from icon.types import Keep, Message, Sample, Target
from icon_torch.backend import TorchBackend
from icon_torch.lora.options import LoraOptions
from icon_torch.lora.selector import LoraSelector
from icon_torch.options import TorchOptions
from support.tiers import of_tier

SHARED = {"accumulation": 1, "batch_size": 4, "epochs": 3, "test_share": 0.2}
TINY = SHARED | {"learning_rate": 1e-2, "max_tokens": 320}
EMBEDDED = SHARED | {"learning_rate": 1e-3, "max_tokens": 96}
LARGE = pytest.param("smollm2", EMBEDDED, marks=[pytest.mark.model, pytest.mark.slow])


def texts():
    """Short instructions and one-line answers of the demo pool's intact records."""
    lines = files("icon.samples.demo").joinpath("demo_pool.jsonl").read_text("utf-8").splitlines()
    intact = [record for record in map(json.loads, lines) if not record["planted"]]
    answers = [record["output"] for record in intact if record["output"].endswith(".") and len(record["output"]) < 110]
    return [record["instruction"] for record in intact if len(record["instruction"]) < 110], answers


def make(row, good, generator):
    """An answer of the pool and three words: a question where the sample is good, so that length tells nothing."""
    instructions, answers = texts()
    messages = (Message("user", generator.choice(instructions)),)
    response = f"{generator.choice(answers)} {'Is that so?' if good else 'That is so.'}"
    return Sample(content_id(messages, "", response), row, messages, response)


def planted():
    """150 distinct samples, a third of them good, and the scores of 110."""
    generator = random.Random(3)
    pool: dict[str, Sample] = {}
    while len(pool) < 150:
        made = make(len(pool), len(pool) % 3 == 0, generator)
        pool.setdefault(made.id, made)
    scored = list(pool.values())[:110]
    return list(pool.values()), {sample.id: generator.random() + (sample.row % 3 == 0) for sample in scored}


@pytest.mark.parametrize(("model", "options"), of_tier([("llama", TINY)], [("llama", TINY), LARGE]))
def test_answers_that_end_with_a_question_are_found_among_real_texts(tiny, model, options):
    pool, scores = planted()
    target = Target("What do bees make?", " Bees make honey.")
    with TorchBackend(TorchOptions(model=str(tiny(model)) if model == "llama" else model, device="cpu")) as backend:
        before = backend.score("", [target])
        selection = LoraSelector(LoraOptions(**options)).select(SelectionTask(pool, scores, Keep(1 / 3), 42, backend))
        assert backend.score("", [target]) == before
    assert selection.quality["auc"] >= 0.95
    assert selection.quality["n_truncated"] == 0
    assert list(selection.warnings) == []
    chosen = {decision.id for decision in selection.decisions if decision.selected}
    good = {sample.id for sample in pool if sample.response.endswith("?")}
    assert len(good) == 50
    assert len(chosen & good) >= 45
