"""The numbers are those of independent paths: lm-evaluation-harness, and a plain loop over whole sequences.

They are the embedded model's own numbers. Of the contract, this file also holds what depends on its tokenizer, which
merges bytes; the rest is held by models of a few thousand weights (test_contract.py).
"""

import json
import os
import random
from contextlib import contextmanager
from importlib.resources import files
from itertools import cycle
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from icon.testing import BackendSuite
from icon.types import Target
from support import smollm2 as embedded_model
from support.tiers import of_tier

pytestmark = [pytest.mark.model, pytest.mark.slow]

PACKS = {4096: [4], 100: [2, 1, 1], 16: [1, 1, 1, 1]}
"""Targets per forward pass, of the four demo targets, by `pack_tokens`: all in one, in several, each in its own."""


@pytest.fixture(scope="module")
def folder(cache):
    return embedded_model.folder()


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


def spread(texts, n, length=len):
    """`n` of the texts from the shortest to the longest, at even steps between them."""
    ranked = sorted(texts, key=length)
    return [ranked[place * (len(ranked) - 1) // (n - 1)] for place in range(n)]


def demo_requests():
    """Three contexts and four targets of the demo data, from the shortest to the longest.

    The twelve are enough. A sum may be wrong by the context's length, by the response's length (5 to 23 tokens), by the
    other targets of its pass or by the place of the pass behind the context (`PACKS`), and each takes all its forms.
    """
    found = [
        each for name in ("pool", "assessment") for each in records(files("icon.samples.demo") / f"demo_{name}.jsonl")
    ]
    intact = [record for record in found if not record.get("planted")]
    contexts = spread([paper_prompt(record) + record["output"] + "\n\n\n" for record in intact], 3)
    targets = [Target(paper_prompt(record), record["output"]) for record in intact]
    return contexts, spread(targets, 4, lambda target: len(target.response))


def real_requests():
    """Twenty short Alpaca demonstrations with ten short assessment samples each."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    data = Path(os.environ.get("ICON_TEST_DATA", beside))
    if not (data / "assessment_1020.jsonl").is_file():
        pytest.skip(f"no real data at {data}; set ICON_TEST_DATA to the folder that holds assessment_1020.jsonl")
    pool = [record for record in records(data / "alpaca_4000.jsonl") if len(str(record)) < 250]
    tasks = [
        record
        for record in records(data / "assessment_1020.jsonl")
        if 60 < len(record["inputs"] + record["response"]) < 300
    ]
    draw = random.Random(0)
    contexts = [paper_prompt(record) + record["output"] + "\n\n\n" for record in draw.sample(pool, 20)]
    return contexts, [Target(record["inputs"], record["response"]) for record in draw.sample(tasks, 10)]


@contextmanager
def packs_of(backend, pack_tokens, monkeypatch):
    """Sets the size of the packs; gives a list that is filled with the number of targets of every forward pass."""
    engine, passes = backend._chosen.engine, []
    logprobs = engine.logprobs

    def counted(pack):
        passes.append(len(pack.branches))
        return logprobs(pack)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "pack_tokens", pack_tokens)
        patch.setattr(engine, "logprobs", counted)
        yield passes


@pytest.mark.parametrize("requests", of_tier([demo_requests], [demo_requests, real_requests]))
def test_response_sums_are_those_of_lm_evaluation_harness(smollm2, oracle, tokenizer, requests, monkeypatch):
    """Its `loglikelihood`, from the tokens on: a joined text may be cut into other tokens than its three parts.

    Its softmax is taken in float64: in float32 it was off by 1.6e-3 over a response of 88 tokens on some processors.
    """
    huggingface = pytest.importorskip("lm_eval.models.huggingface").HFLM
    harness = huggingface(
        oracle, tokenizer=tokenizer, backend="causal", batch_size=4, max_length=8192, softmax_dtype="float64"
    )
    contexts, targets = requests()
    given, found = [], []
    for context, (pack_tokens, expected) in zip(contexts, cycle(PACKS.items()), strict=False):
        with packs_of(smollm2, pack_tokens, monkeypatch) as passes:
            results = smollm2.score(context, targets)
        assert requests is not demo_requests or passes == expected
        for target, result in zip(targets, results, strict=True):
            before = [*smollm2.tokenize(context), *smollm2.tokenize(target.prompt)]
            given.append((("", ""), before, smollm2.tokenize(target.response)))
            found.append(sum(result.logprobs))
    sums = [total for total, _ in harness._loglikelihood_tokens(given, disable_tqdm=True)]
    assert found == pytest.approx(sums, abs=1e-3)


@pytest.fixture(scope="module")
def alone(oracle, tokenizer):
    """Log-probabilities of each demo target behind the first context: a pass of its own, the softmax in float64."""
    contexts, targets = demo_requests()
    found = {}
    for target in targets:
        texts = (contexts[0], target.prompt, target.response)
        parts = [tokenizer(text, add_special_tokens=False).input_ids for text in texts]
        ids = [token for part in parts for token in part]
        n = len(parts[-1])
        with torch.inference_mode():
            logits = oracle(input_ids=torch.tensor([ids]), logits_to_keep=n + 1).logits[0, :-1].double()
        found[target] = logits.log_softmax(1)[range(n), parts[-1]].tolist()
    return found


@pytest.mark.parametrize("pack_tokens", PACKS)
def test_every_token_is_that_of_a_batch_of_one_whatever_the_pack(smollm2, alone, pack_tokens, monkeypatch):
    contexts, targets = demo_requests()
    order = random.Random(pack_tokens).sample(targets, len(targets))
    with packs_of(smollm2, pack_tokens, monkeypatch) as passes:
        results = smollm2.score(contexts[0], order)
    assert passes == PACKS[pack_tokens]
    for target, result in zip(order, results, strict=True):
        assert result.logprobs == pytest.approx(alone[target], abs=1e-4)


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


class TestTokenizerThatMergesBytes:
    """What of the contract depends on the vocabulary; the other models here have a token per byte."""

    tolerance = 1e-4

    @pytest.fixture
    def backend(self, smollm2):
        return smollm2

    assert_near = BackendSuite.assert_near
    test_one_number_a_token = BackendSuite.test_gives_one_result_per_target_with_one_number_per_response_token
    test_context_and_prompt_are_one_piece = BackendSuite.test_context_and_prompt_are_read_in_one_piece
    test_token_pieces_spell_the_text = BackendSuite.test_token_pieces_spell_the_text
    test_chat_template_is_jinja_source = BackendSuite.test_chat_template_is_jinja_source_or_none
