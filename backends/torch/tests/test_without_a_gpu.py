"""What only a GPU does, on a pretended one: which numbers travel when, and the memory of packs of an 8B model."""

import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaConfig

from icon.inference import Branch, pack
from icon_torch import attention, flex, memory
from icon_torch.apart import PaddedEngine
from icon_torch.engine import SharedEngine, decoder
from icon_torch.head import BLOCK_BYTES, Head
from support import fake_gpu
from support.architectures import SMALL

EIGHT_B = {
    "vocab_size": 128256,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
}
"""LLaMA-3.1-8B without its number of layers."""


@pytest.fixture
def gpu(monkeypatch):
    """Watches the pretended GPU; kernels of attention that a CPU lacks make their result and nothing else."""
    monkeypatch.setattr(flex, "attend", lambda prepared, query, *others: torch.empty_like(query))
    monkeypatch.setattr(attention, "scaled_dot_product_attention", lambda query, *_, **__: torch.empty_like(query))
    attention.register()
    with fake_gpu.pretended() as watch:
        yield watch


def model_of(**settings):
    model = AutoModelForCausalLM.from_config(LlamaConfig(**settings), dtype=torch.bfloat16).eval()
    model.requires_grad_(False)
    model.set_attn_implementation(attention.NAME)
    return fake_gpu.onto(model)


def engine_of(model, form, pack_tokens):
    parts = (model, decoder(model), Head(model), 8192, pack_tokens)
    return PaddedEngine(*parts) if form == "padded" else SharedEngine(*parts, form=form)


def pack_of(n_branches, length):
    """Branches of some length whose last 50 tokens, or all but one, are responses."""
    branches = [Branch(n, (1, *range(n, n + length - 1)), tuple(range(min(50, length - 1)))) for n in range(n_branches)]
    return next(pack(branches, max_tokens=n_branches * length, max_branches=n_branches))


@pytest.mark.parametrize("form", ["flex", "masked", "padded"])
def test_a_pack_is_sent_before_the_pass_and_its_numbers_come_back_once(gpu, form):
    """Each copy to the processor waits for all that is queued; so does one to the GPU that is queued after a pass."""
    model = model_of(**SMALL)
    engine, trie = engine_of(model, form, 400), pack_of(12, 30)
    engine.start(range(20))
    sent = []
    model.model.layers[1].register_forward_hook(lambda *_: sent.append(gpu.sent))
    for _ in range(2):  # the context is read, and then found in the cache
        gpu.waits.clear()
        logprobs = engine._logprobs(trie)
        assert (logprobs.device.type, logprobs.dtype, tuple(logprobs.shape)) == ("cpu", torch.float64, (12 * 29,))
        assert gpu.waits == ["_to_copy"]
        assert gpu.sent == sent[-1]


def test_logits_of_half_precision_are_float32_and_are_made_in_blocks(gpu, monkeypatch):
    """Blocks of 64 rows at 320 words of 4 bytes; what a block needed is free for the next one."""
    head = Head(model_of(**SMALL))
    monkeypatch.setitem(BLOCK_BYTES, "cuda", 64 * 320 * 4)
    states = torch.empty(200, 32, dtype=torch.bfloat16, device=fake_gpu.GPU)
    assert head._project(states).dtype == torch.float32
    before, gpu.peak = gpu.held, gpu.held
    head.logprobs(states, torch.zeros(200, dtype=torch.long, device=fake_gpu.GPU))
    assert gpu.peak - before < 3 * 64 * 320 * 4
    assert gpu.waits == ["_to_copy"]


@pytest.mark.parametrize("form", ["flex", "masked"])
def test_a_pack_of_llama_8b_takes_no_more_memory_than_estimated_and_no_less_than_a_third(gpu, form):
    """Four of its layers, packs of 4,096 tokens, the context read with the first and cached for the second."""
    model = model_of(**EIGHT_B, num_hidden_layers=4)
    engine, trie = engine_of(model, form, 4096), pack_of(20, 200)
    engine.start(range(100))
    estimate = memory.bytes_per_token(model) * (len(trie.token) + 100)
    before, gpu.peak = gpu.held, gpu.held
    peaks = []
    for _ in range(2):
        gpu.peak = gpu.held
        engine._predicting_states(trie)
        peaks.append(gpu.peak - before)
    assert estimate / 3 < max(peaks) < estimate
