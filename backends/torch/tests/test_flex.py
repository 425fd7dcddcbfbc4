"""FlexAttention as it runs on a GPU, compiled, has the numbers of plain passes; a CPU can compile it too."""

import random
import shutil

import numpy as np
import pytest
import torch
from torch._dynamo.testing import CompileCounter
from torch.nn.attention.flex_attention import flex_attention

from icon.inference import Branch, pack
from icon_torch import attention, flex
from icon_torch.engine import SharedEngine, decoder
from icon_torch.head import Head
from support.architectures import model_of

CONTEXTS = [(20, 6, 60), (150, 4, 60), (20, 12, 300), (128, 12, 300), (0, 4, 300), (150, 9, 300)]
"""Tokens of a context, branches, tokens of a pack: one block of rows or keys or several, fewer rows or as many."""


@pytest.fixture
def opened(monkeypatch):
    """An engine whose attention is a given form of FlexAttention, and a model of the same weights as transformers'."""

    def get(name, kernel):
        attention.register()
        oracle, model = model_of(name, attention="eager"), model_of(name)
        model.load_state_dict(oracle.state_dict())
        model.requires_grad_(False)
        model.set_attn_implementation(attention.NAME)
        monkeypatch.setattr(flex, "kernel", lambda device: kernel)
        return SharedEngine(model, decoder(model), Head(model), 2000, 400, form="flex"), oracle

    torch._dynamo.reset()
    yield get
    torch._dynamo.reset()


def packs(seed, n_shared, n_branches, max_tokens):
    """A context, and packs after it whose branches have a common beginning."""
    draw = random.Random(seed)

    def ids(n):
        return tuple(draw.randrange(1, 250) for _ in range(n))

    shared, beginning = ids(n_shared), ids(3)
    tokens = [beginning + ids(draw.choice([4, 10, 25, 60, 90])) for _ in range(n_branches)]
    branches = [Branch(index, each, (*each[-2:], 7)) for index, each in enumerate(tokens)]
    return shared, list(pack(branches, max_tokens=max_tokens, max_branches=100))


def assert_plain(engine, oracle, shared, trie):
    """The pack's numbers are those of one pass per branch over the whole sequence, the softmax in float64."""
    for branch, found in zip(trie.branches, engine.logprobs(trie), strict=True):
        with torch.inference_mode():
            logits = oracle(input_ids=torch.tensor([[*shared, *branch.tokens]]), use_cache=False).logits[0].double()
        expected = logits[-3:].log_softmax(1)[range(3), list(branch.response)].numpy()
        np.testing.assert_allclose(found, expected, atol=1e-4, rtol=0)


@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler: torch compiles for a CPU with g++")
def test_the_compiled_kernel_has_the_numbers_of_plain_passes(opened, monkeypatch, tmp_path):
    """Of one shape: with shapes left open torch 2.13 writes C++ that does not compile (names of sizes are mixed up)."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    engine, oracle = opened("llama", flex_attention)
    shared, (first, *_) = packs(0, 20, 7, 300)
    engine.start(shared)
    engine.logprobs(first)  # reads the context
    monkeypatch.setattr(flex, "kernel", lambda device: torch.compile(flex_attention, dynamic=False))
    assert_plain(engine, oracle, shared, first)
    assert list(tmp_path.rglob("*.so"))


@torch._dynamo.config.patch(fail_on_recompile_limit_hit=True)
def test_packs_of_any_length_and_of_several_models_are_computed_by_the_kernel(opened):
    """Four variants a kind of layer: with torch's limit of eight, the second model would come to compute all scores."""
    counter = CompileCounter()
    kernel = flex.unlimited(torch.compile(flex_attention, backend=counter, dynamic=True))
    for name, most in (("gemma2", 8), ("llama", 12)):
        engine, oracle = opened(name, kernel)
        for seed, sizes in enumerate(CONTEXTS):
            shared, tries = packs(seed, *sizes)
            engine.start(shared)
            for trie in tries:
                assert_plain(engine, oracle, shared, trie)
        assert counter.frame_count <= most
    assert counter.frame_count > torch._dynamo.config.recompile_limit
