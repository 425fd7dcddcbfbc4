"""No memory halves the packs and goes on; only where the smallest pack does not fit is it told."""

import pytest
import torch
from transformers import LlamaForCausalLM

from icon.errors import BackendError
from icon.types import Status, Target
from icon_torch import memory
from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions

TARGETS = [Target(f"Question {n}:", f" the answer {n} and a few words more") for n in range(20)]


@pytest.fixture
def backend(tiny):
    with TorchBackend(TorchOptions(model=str(tiny("llama")), pack_tokens=512)) as backend:
        yield backend


def out_of_memory_above(backend, limit, monkeypatch, error):
    """Let every forward pass of more tokens fail as torch does."""
    forward, seen = backend.model.base_model.forward, []

    def limited(*args, input_ids, **others):
        seen.append(input_ids.shape[1])
        if input_ids.shape[1] > limit:
            raise error
        return forward(*args, input_ids=input_ids, **others)

    monkeypatch.setattr(backend.model.base_model, "forward", limited)
    return seen


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried 1 byte"),
    ],
)
def test_packs_are_halved_until_they_fit(backend, monkeypatch, error):
    expected = backend.score("A context.", TARGETS)
    seen = out_of_memory_above(backend, 150, monkeypatch, error)
    found = backend.score("A context.", TARGETS)
    assert seen[0] > 256
    assert backend._chosen.engine.pack_tokens == 128
    for one, other in zip(found, expected, strict=True):
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)


def test_what_fits_in_no_pack_has_a_status_and_harms_nobody(backend, monkeypatch):
    out_of_memory_above(backend, 100, monkeypatch, torch.OutOfMemoryError("CUDA out of memory. Tried to"))
    first, last = Target("!word " * 50, "sorted in front of the others"), Target("~word " * 50, "and behind them")
    found = backend.score("A context.", [last, TARGETS[0], first])
    assert [each.status for each in found] == [Status.OUT_OF_MEMORY, Status.OK, Status.OUT_OF_MEMORY]
    assert "CUDA out of memory" in found[0].reason


def test_no_memory_for_the_first_few_tokens_is_told_with_what_helps(tiny, monkeypatch):
    def exhausted(*args, **others):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(LlamaForCausalLM, "forward", exhausted)
    with pytest.raises(BackendError, match=r"even a few tokens.*--dtype bfloat16.*backend\.spread=true"):
        TorchBackend(TorchOptions(model=str(tiny("llama"))))


def test_another_error_is_not_taken_for_one_of_memory(backend, monkeypatch):
    out_of_memory_above(backend, 1, monkeypatch, RuntimeError("shape mismatch"))
    with pytest.raises(RuntimeError, match="shape mismatch"):
        backend.score("A context.", TARGETS)


def test_memory_of_a_token_is_that_of_its_keys_values_and_one_layer():
    """LLaMA-3.1-8B: keys and values of 32 layers x 8 heads x 128 twice, four times 14,336 and eight times 4,096."""
    from transformers import LlamaConfig

    class Model:
        config = LlamaConfig(
            hidden_size=4096,
            intermediate_size=14336,
            num_hidden_layers=32,
            num_attention_heads=32,
            num_key_value_heads=8,
        )
        dtype = torch.bfloat16

    assert memory.bytes_per_token(Model()) == 2 * (2 * 65_536 + 57_344 + 32_768)
