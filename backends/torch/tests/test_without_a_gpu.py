"""What only a GPU does, on a pretended one: which numbers travel when, and the memory of packs of an 8B model."""

from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaConfig

from icon.errors import UserError
from icon.inference import Branch, pack
from icon_torch import attention, flex, memory
from icon_torch.apart import PaddedEngine
from icon_torch.device import device_name, find_device
from icon_torch.engine import SharedEngine, decoder
from icon_torch.head import BLOCK_BYTES, Head
from icon_torch.loading import _dtype as dtype_of
from icon_torch.options import TorchOptions
from icon_torch.trial import Loaded
from icon_torch.trial import _candidates as candidates
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


def test_a_gpu_is_tried_with_flex_attention_first(gpu):
    model = model_of(**SMALL)
    loaded = Loaded(model, decoder(model), 8192, 400)
    assert [name for name, _ in candidates(loaded, "auto")] == ["flex", "masked", "padded"]


@pytest.mark.parametrize(
    ("free", "tokens"), [(64 * 2**30, 8192), (2 * 1000 * 442_368, 896), (2 * 1024 * 442_368, 1024), (2**20, 128)]
)
def test_a_pack_takes_half_of_the_free_memory_in_steps_of_128_tokens(gpu, monkeypatch, free, tokens):
    """LLaMA-3.1-8B: 442,368 bytes per token (`test_memory.py`); at least 128 tokens and at most 8,192."""
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free, 80 * 2**30))
    model = SimpleNamespace(config=LlamaConfig(**EIGHT_B, num_hidden_layers=32), dtype=torch.bfloat16)
    assert memory.pack_tokens(model, fake_gpu.GPU) == tokens


def test_after_a_lack_of_memory_what_the_allocator_keeps_is_given_back(monkeypatch):
    given = []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: given.append(True))
    memory.give_back(torch.device("cpu"))
    assert not given
    memory.give_back(fake_gpu.GPU)
    assert given


def test_a_gpu_is_found_and_keeps_the_checkpoints_type(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "a GPU")
    device = find_device("auto")
    assert (device.type, device_name(device)) == ("cuda", "a GPU")
    assert dtype_of(TorchOptions(), device, gguf=False) is None
    assert dtype_of(TorchOptions(), device, gguf=True) is torch.bfloat16


def test_more_gpus_than_there_are_is_refused_with_those_there_are(monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert find_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(UserError, match=r"found 2 GPU\(s\); valid: cuda:0 to cuda:1"):
        find_device("cuda:2")
