"""The numbers are those of independent paths: lm-evaluation-harness, and a plain loop over whole sequences."""

import json
import os
import random
from importlib.resources import files
from itertools import product
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from icon.inference.embedded import embedded
from icon.types import Target
from icon_torch.gguf import converted

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(cache):
    return converted(embedded("icon-torch", "backends/torch"), torch.float32)


@pytest.fixture(scope="module")
def tokenizer(folder):
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def oracle(folder):
    """The same weights, loaded apart, with transformers' plainest attention."""
    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()


def paper_prompt(record):
    passage = f"\n\n### Input: {record['input']}" if record.get("input") else ""
    return f"### Instruction:\n{record['instruction']}{passage}\n\n### Response:"


def records(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def demo_requests():
    """Five demonstrations of the demo pool with six demo assessment samples each."""
    pool, tasks = (records(files("icon.data").joinpath(f"demo_{name}.jsonl")) for name in ("pool", "assessment"))
    contexts = [paper_prompt(each) + each["output"] + "\n\n\n" for each in pool[::25][:5]]
    targets = [Target(paper_prompt(each), each["output"]) for each in sorted(tasks, key=lambda each: len(str(each)))]
    return contexts, targets[:6]


def real_requests():
    """Twenty short Alpaca demonstrations with ten short assessment samples each."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    data = Path(os.environ.get("ICON_TEST_DATA", beside))
    if not (data / "assessment_1020.jsonl").is_file():
        pytest.skip(f"no real data at {data}; set ICON_TEST_DATA to the folder that holds assessment_1020.jsonl")
    pool = [each for each in records(data / "alpaca_4000.jsonl") if len(str(each)) < 250]
    tasks = [
        each for each in records(data / "assessment_1020.jsonl") if 60 < len(each["inputs"] + each["response"]) < 300
    ]
    draw = random.Random(0)
    contexts = [paper_prompt(each) + each["output"] + "\n\n\n" for each in draw.sample(pool, 20)]
    return contexts, [Target(each["inputs"], each["response"]) for each in draw.sample(tasks, 10)]


REQUESTS = pytest.mark.parametrize("requests", [demo_requests, real_requests])


@REQUESTS
def test_response_sums_are_those_of_lm_evaluation_harness(smollm2, folder, requests):
    """Its `loglikelihood`, from the tokens on: a joined text may be cut into other tokens than its three parts.

    Its softmax is taken in float64: in float32 it was off by 1.6e-3 over a response of 88 tokens on some processors.
    """
    huggingface = pytest.importorskip("lm_eval.models.huggingface").HFLM
    harness = huggingface(
        str(folder), dtype="float32", device="cpu", batch_size=4, max_length=8192, softmax_dtype="float64"
    )
    contexts, targets = requests()
    given, found = [], []
    for context in contexts:
        for target, result in zip(targets, smollm2.score(context, targets), strict=True):
            before = [*smollm2.tokenize(context), *smollm2.tokenize(target.prompt)]
            given.append((("", ""), before, smollm2.tokenize(target.response)))
            found.append(sum(result.logprobs))
    sums = [total for total, _ in harness._loglikelihood_tokens(given, disable_tqdm=True)]
    assert found == pytest.approx(sums, abs=1e-3)


def alone(oracle, parts):
    """Log-probabilities of the last part's tokens: one pass over all of them, the softmax in float64."""
    ids = [token for part in parts for token in part]
    n = len(parts[-1])
    with torch.inference_mode():
        logits = oracle(input_ids=torch.tensor([ids]), logits_to_keep=n + 1).logits[0, :-1].double()
    return logits.log_softmax(1)[range(n), parts[-1]].tolist()


@pytest.mark.parametrize("pack_tokens", [64, 300, 4096])
def test_every_token_is_that_of_a_batch_of_one_whatever_the_pack(smollm2, oracle, tokenizer, pack_tokens):
    contexts, targets = demo_requests()
    kept = smollm2._chosen.engine.pack_tokens
    smollm2._chosen.engine.pack_tokens = pack_tokens
    order = random.Random(pack_tokens).sample(targets, len(targets))
    try:
        results = {contexts[0]: smollm2.score(contexts[0], order)}
    finally:
        smollm2._chosen.engine.pack_tokens = kept
    for (context, scored), (place, target) in product(results.items(), enumerate(order)):
        parts = [
            tokenizer(text, add_special_tokens=False).input_ids for text in (context, target.prompt, target.response)
        ]
        assert scored[place].logprobs == pytest.approx(alone(oracle, parts), abs=1e-4)


def test_embeddings_are_means_of_the_last_hidden_states(smollm2, oracle, tokenizer):
    texts = ["A river in Spain.", "Seven", "def add(a, b):\n    return a + b"]
    means, weighted = (smollm2.embed(texts, pooling=pooling) for pooling in ("mean", "position-weighted"))
    for row, text in enumerate(texts):
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
        with torch.inference_mode():
            states = oracle.base_model(ids).last_hidden_state[0].double()
        ranks = torch.arange(1, len(states) + 1).double()
        assert means[row] == pytest.approx(states.mean(0).numpy(), abs=1e-3)
        assert weighted[row] == pytest.approx(((ranks / ranks.sum()) @ states).numpy(), abs=1e-3)
