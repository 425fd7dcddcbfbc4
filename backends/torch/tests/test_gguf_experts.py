"""A GGUF model with experts scores as under llama.cpp, and each half of an expert that the file lacks is named."""

import pytest

from icon.errors import ModelNameError
from icon.types import Target
from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions
from support import gguf_files, moe_gguf

TARGET = Target("a: b", " c and c")


def load(model, **options):
    return TorchBackend(TorchOptions(model=str(model), device="cpu", **options))


@pytest.mark.parametrize("architecture", moe_gguf.INNER)
def test_a_gguf_model_with_experts_scores_as_under_llama_cpp(architecture, tmp_path):
    llamacpp = pytest.importorskip("icon_llamacpp.backend", reason="the llama.cpp backend is not installed")
    options = pytest.importorskip("icon_llamacpp.options").LlamaCppOptions
    file = moe_gguf.write(tmp_path / f"{architecture}.gguf", architecture)
    with load(file) as backend, llamacpp.LlamaCppBackend(options(model=str(file))) as other:
        found, expected = (one.score("A context.", [TARGET])[0].logprobs for one in (backend, other))
    assert found == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("architecture", moe_gguf.INNER)
def test_each_half_of_an_expert_that_a_gguf_file_lacks_is_named(architecture, tmp_path):
    whole = moe_gguf.write(tmp_path / f"{architecture}.gguf", architecture)
    for part in ("gate", "up", "down"):
        dropped = f"blk.0.ffn_{part}_exps"
        file = gguf_files.without(whole, tmp_path / f"lacking-{part}.gguf", f"{dropped}.weight")
        with pytest.raises(ModelNameError, match=rf"1 tensor missing, and would be random numbers: {dropped}"):
            load(file)
