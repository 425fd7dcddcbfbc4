"""Every weight that is evaluated is in the model's own files; what they lack, or have too much, is refused by name."""

import re
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, GPTNeoConfig, MixtralConfig

from icon.errors import ModelNameError
from icon.types import Target
from icon_torch.backend import TorchBackend
from icon_torch.old_buffers import without_buffers
from icon_torch.options import TorchOptions
from support import gguf_files

TARGET = Target("a: b", " c and c")


def load(model, **options):
    return TorchBackend(TorchOptions(model=str(model), device="cpu", **options))


def plain(folder):
    """Log-probabilities of the target's response by transformers alone, one pass over the whole text."""
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    prompt, response = (tokenizer(text).input_ids for text in (TARGET.prompt, TARGET.response))
    with torch.no_grad():
        logprobs = model(torch.tensor([prompt + response])).logits[0].log_softmax(-1)
    return [logprobs[len(prompt) + n - 1, token].item() for n, token in enumerate(response)]


def copy_tokenizer(source, target):
    for path in source.glob("tokenizer*"):
        shutil.copy(path, target)


@pytest.fixture
def edited(tiny, tmp_path):
    """A copy of a tiny model whose tensors are changed by a function."""

    def edit(change, name="llama"):
        shutil.copytree(tiny(name), tmp_path / "edited", dirs_exist_ok=True)
        weights = tmp_path / "edited" / "model.safetensors"
        save_file(change(load_file(weights)), weights, metadata={"format": "pt"})
        return tmp_path / "edited"

    return edit


def refused(model, *named, **options):
    """The message with which the model is refused; it has all these words."""
    with pytest.raises(ModelNameError) as raised:
        load(model, **options)
    said = str(raised.value)
    assert not [word for word in named if word not in said], said
    return said


def test_a_whole_model_scores_as_transformers_alone(tiny):
    with load(tiny("llama")) as backend:
        assert backend.score("", [TARGET])[0].logprobs == pytest.approx(plain(tiny("llama")), abs=1e-5)


def test_each_tensor_that_is_dropped_is_named(edited, tiny):
    for dropped in load_file(tiny("llama") / "model.safetensors"):
        folder = edited(lambda tensors, dropped=dropped: {k: v for k, v in tensors.items() if k != dropped})
        refused(folder, "missing, and would be random numbers", dropped)


def test_a_head_that_shares_the_embedding_is_not_missing(tiny):
    assert "lm_head.weight" not in load_file(tiny("gemma") / "model.safetensors")
    with load(tiny("gemma")) as backend:
        assert backend.score("", [TARGET])[0].logprobs == pytest.approx(plain(tiny("gemma")), abs=1e-5)


def test_names_below_a_wrapper_are_refused_with_the_front_to_take_away(edited):
    folder = edited(lambda tensors: {f"module.{name}": tensor for name, tensor in tensors.items()})
    said = refused(folder, "21 tensors missing", "21 tensors unknown to the model", "('module.')", "rename the tensors")
    assert "module.lm_head.weight" in said


def test_a_tensor_of_another_shape_is_named_with_both_shapes(edited):
    folder = edited(lambda tensors: tensors | {"model.norm.weight": torch.ones(7)})
    refused(folder, "1 tensor of another shape: model.norm.weight 7, not 32")


def test_tensors_that_the_model_has_no_place_for_are_accepted_only_when_asked(edited, tiny):
    more = {"model.layers.2.mlp.up_proj.weight": torch.ones(48, 32)}
    folder = edited(lambda tensors: tensors | more)
    refused(folder, "model.layers.2.mlp.up_proj.weight", "-o backend.allow_unused=true")
    with load(folder, allow_unused=True) as backend:
        assert backend.score("", [TARGET])[0].logprobs == pytest.approx(plain(tiny("llama")), abs=1e-5)


def old_masks(tensors, owner):
    """The tensors with those that older versions of transformers saved for the mask of causal attention."""
    masks = {"bias": torch.ones(1, 1, 64, 64).tril(), "masked_bias": torch.tensor(-1e9)}
    return tensors | {f"transformer.h.{n}.{owner}.{name}": mask.clone() for n in (0, 1) for name, mask in masks.items()}


def test_saved_masks_of_older_versions_are_no_weights(edited, tiny):
    folder = edited(lambda tensors: old_masks(tensors, "attn"), "gpt2")
    with load(folder) as backend:
        assert backend.score("", [TARGET])[0].logprobs == pytest.approx(plain(tiny("gpt2")), abs=1e-5)


def test_saved_masks_of_gpt_neo_are_no_weights(tiny, tmp_path):
    sizes = {"vocab_size": 320, "hidden_size": 32, "num_layers": 2, "num_heads": 2, "max_position_embeddings": 64}
    model = AutoModelForCausalLM.from_config(GPTNeoConfig(**sizes, attention_types=[[["global", "local"], 1]]))
    model.save_pretrained(tmp_path)
    copy_tokenizer(tiny("llama"), tmp_path)
    expected = plain(tmp_path)
    weights = tmp_path / "model.safetensors"
    save_file(old_masks(load_file(weights), "attn.attention"), weights, metadata={"format": "pt"})
    with load(tmp_path) as backend:
        assert backend.score("", [TARGET])[0].logprobs == pytest.approx(expected, abs=1e-5)


def test_a_bias_of_a_layer_is_no_mask_whatever_its_name():
    model = torch.nn.ModuleDict({"attention": torch.nn.Linear(2, 2, bias=False)})
    model["h"] = torch.nn.ModuleList([torch.nn.ModuleDict({"self_attn": torch.nn.Linear(2, 2, bias=False)})])
    biases = {"attention.bias", "h.0.self_attn.bias", "model.h.0.self_attn.bias", "h.1.attn.c_attn.bias"}
    info = {"unexpected_keys": {*biases, "h.1.attn.bias", "h.1.attn.masked_bias", "h.1.position_ids"}}
    assert without_buffers(model, info)["unexpected_keys"] == biases


def test_an_option_for_unused_tensors_does_not_accept_missing_ones(edited):
    folder = edited(lambda tensors: {k: v for k, v in tensors.items() if k != "lm_head.weight"})
    refused(folder, "lm_head.weight", allow_unused=True)


def test_an_adapter_is_refused_since_its_weights_are_those_of_another_model(tiny, tmp_path):
    folder = shutil.copytree(tiny("llama"), tmp_path / "adapter")
    (folder / "adapter_config.json").write_text('{"peft_type": "LORA", "base_model_name_or_path": "elsewhere"}')
    refused(folder, "adapter_config.json", "merge_and_unload")


@pytest.fixture(scope="module")
def sharded(tiny, tmp_path_factory):
    """The tiny Llama in several files of weights."""
    folder = tmp_path_factory.mktemp("sharded")
    AutoModelForCausalLM.from_pretrained(tiny("llama")).save_pretrained(folder, max_shard_size="50KB")
    copy_tokenizer(tiny("llama"), folder)
    return folder


def test_each_shard_that_is_dropped_is_named(sharded, tiny, tmp_path):
    shards = sorted(sharded.glob("*.safetensors"))
    assert len(shards) > 2
    with load(sharded) as backend:
        assert backend.score("", [TARGET])[0].logprobs == pytest.approx(plain(tiny("llama")), abs=1e-5)
    for number, dropped in enumerate(shards):
        folder = shutil.copytree(sharded, tmp_path / str(number))
        (folder / dropped.name).unlink()
        refused(folder, dropped.name)
    folder = shutil.copytree(sharded, tmp_path / "without index")
    (folder / "model.safetensors.index.json").unlink()
    refused(folder, "lacks the list of them, model.safetensors.index.json")


@pytest.mark.parametrize("part", ["w1", "w2"])
def test_an_expert_that_is_dropped_is_named_by_its_layer(tiny, tmp_path, part):
    sizes = {"vocab_size": 320, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
    config = MixtralConfig(**sizes, num_attention_heads=4, num_key_value_heads=2, num_local_experts=4)
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    copy_tokenizer(tiny("llama"), tmp_path)
    weights = tmp_path / "model.safetensors"
    dropped = f"model.layers.0.block_sparse_moe.experts.2.{part}.weight"
    save_file({k: v for k, v in load_file(weights).items() if k != dropped}, weights, metadata={"format": "pt"})
    said = refused(tmp_path)
    assert re.search(r"model\.layers\.0\.mlp\.experts\.(gate_up|down)_proj", said)


def test_each_tensor_that_a_gguf_file_lacks_is_named(tiny_gguf, tmp_path, cache):
    for dropped in ("token_embd", "blk.0.attn_k", "blk.1.ffn_down", "blk.1.ffn_norm", "output_norm"):
        file = gguf_files.without(tiny_gguf, tmp_path / f"lacking-{dropped}.gguf", f"{dropped}.weight")
        refused(file, f"{dropped}.weight")
    assert not list((cache / "models").glob("*lacking*"))


@pytest.mark.parametrize("name", ["rope_freqs.weight", "rope_factors_long.weight"])
def test_a_tensor_that_transformers_skips_in_a_gguf_file_is_named(tiny_gguf, tmp_path, name):
    """transformers reads the file as if its rotary frequencies were not scaled, and says nothing."""
    file = gguf_files.without(tiny_gguf, tmp_path / "scaled.gguf", None, more={name: np.ones(8, "f4") * 3})
    said = refused(file, name, "would be unused", "use the backend llamacpp")
    assert "allow_unused" not in said
    with load(file, allow_unused=True) as backend, load(tiny_gguf) as usual:
        assert backend.score("", [TARGET]) == usual.score("", [TARGET])


# Head of 16, base 10,000: wavelengths 2 pi 10,000^(n/8): 6.3 to 1,987 (below 8,192 / 4: as they are), 6,283 (between)
# and 19,869 (beyond 8,192: by 8). Between, smooth = (8,192 / 6,283.2 - 1) / 3 = 0.10127, and the factor is
# 1 / (0.89873 / 8 + 0.10127) = 4.6815.
OF_LLAMA_3 = np.array([1, 1, 1, 1, 1, 1, 4.6815, 8], "f4")


def test_scaled_rotary_frequencies_of_a_gguf_file_are_those_of_llama_cpp(tiny_gguf, tmp_path):
    llamacpp = pytest.importorskip("icon_llamacpp.backend", reason="the llama.cpp backend is not installed")
    options = pytest.importorskip("icon_llamacpp.options").LlamaCppOptions
    file = gguf_files.without(tiny_gguf, tmp_path / "scaled.gguf", None, more={"rope_freqs.weight": OF_LLAMA_3})
    context = "A context of some length. " * 20
    with (
        load(file) as backend,
        load(tiny_gguf) as unscaled,
        llamacpp.LlamaCppBackend(options(model=str(file))) as other,
    ):
        found, expected = (one.score(context, [TARGET])[0].logprobs for one in (backend, other))
        assert found == pytest.approx(expected, abs=1e-3)
        assert found != pytest.approx(unscaled.score(context, [TARGET])[0].logprobs, abs=0.01)


def test_a_gguf_model_in_parts_scores_as_the_whole_file(tiny_gguf, tmp_path):
    first, *others = gguf_files.split(tiny_gguf, tmp_path, per_part=5)
    assert len(others) == 3
    with load(first) as backend, load(tiny_gguf) as whole:
        assert backend.score("A context.", [TARGET]) == whole.score("A context.", [TARGET])
        assert backend.describe().settings["weights_digest"] == whole.describe().settings["weights_digest"]
        assert backend.describe().settings["source_digest"] != whole.describe().settings["source_digest"]


def test_each_part_of_a_gguf_model_that_is_dropped_is_named(tiny_gguf, tmp_path):
    parts = gguf_files.split(tiny_gguf, tmp_path, per_part=5)
    for dropped in parts[1:]:
        moved = dropped.rename(tmp_path / "away")
        refused(parts[0], f"these are missing in {tmp_path}: {dropped.name}")
        moved.rename(dropped)
    refused(parts[1], f"part 2 of 4; name the first part, and the others are found beside it: {parts[0]}")
    for part in parts[1:]:
        part.unlink()
    alone = parts[0].rename(tmp_path / "alone.gguf")
    refused(alone, "alone.gguf is part 1 of 4", "must end in -00001-of-00004.gguf")


def test_a_part_of_a_gguf_model_that_is_cut_off_is_named(tiny_gguf, tmp_path):
    parts = gguf_files.split(tiny_gguf, tmp_path, per_part=5)
    parts[1].write_bytes(parts[1].read_bytes()[:-400])
    refused(parts[0], parts[1].name, "is cut off")


def test_the_digest_of_the_weights_in_memory_follows_every_weight(tiny, edited):
    with load(tiny("llama")) as one, load(tiny("llama")) as other:
        proof = one.describe().settings["weights_digest"]
        assert other.describe().settings["weights_digest"] == proof

    def nudged(tensors):
        tensors["model.layers.1.mlp.up_proj.weight"][3, 4] += 1e-3
        return tensors

    with load(edited(nudged)) as changed:
        assert changed.describe().settings["weights_digest"] != proof


def test_the_command_line_says_which_tensor_is_missing_and_ends_with_code_2(edited, command_line, tmp_path):
    pool = tmp_path / "pool.jsonl"
    pool.write_text("".join(f'{{"instruction": "question {n}", "output": "answer {n}"}}\n' for n in range(8)))
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text('{"instruction": "Name a river.", "output": "The Ebro."}\n')
    folder = edited(lambda tensors: {k: v for k, v in tensors.items() if not k.startswith("model.layers.1.mlp")})
    given = ("--assessment", tasks, "--backend", "torch", "--model", folder, "--device", "cpu", "--keep", "2")
    done = command_line("run", pool, *given, "--out", "run", code=2)
    assert "3 tensors missing" in done.stderr
    assert "model.layers.1.mlp.down_proj.weight" in done.stderr
