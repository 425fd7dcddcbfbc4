"""Tiny GGUF models with experts, whose tensors are those that llama.cpp's converter writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from support import tiny_model

WIDTH, EXPERTS = 32, 4
INNER = {"qwen2moe": 1408, "qwen3moe": 768, "minimax-m2": 1536}
"""Width of an expert by architecture: of the published models, since transformers takes no other from the file."""
SHARED = 5632
"""Width of the expert that all tokens go through, in Qwen2-MoE."""
HEAD = {"qwen2moe": 16, "qwen3moe": 128, "minimax-m2": 128}
HEADS = 2


def write(path, architecture, *, seed=0):
    """Write a model of one layer as a GGUF file."""
    import gguf

    writer = gguf.GGUFWriter(path, architecture)
    _write_shape(writer, architecture)
    tiny_model.byte_level(writer)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    for name, tensor in _tensors(architecture, np.random.default_rng(seed)).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Path(path)


def _write_shape(writer, architecture):
    import gguf

    writer.add_name("tiny")
    writer.add_context_length(512)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER[architecture])
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_key_length(HEAD[architecture])
    writer.add_value_length(HEAD[architecture])
    writer.add_rope_dimension_count(HEAD[architecture])
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(tiny_model.VOCABULARY)
    writer.add_expert_count(EXPERTS)
    writer.add_expert_used_count(2)
    writer.add_expert_feed_forward_length(INNER[architecture])
    if architecture == "minimax-m2":
        writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID)
    if architecture == "qwen2moe":
        writer.add_expert_shared_feed_forward_length(SHARED)


def _tensors(architecture, draw):
    inner, head = INNER[architecture], HEADS * HEAD[architecture]

    def matrix(*shape):
        return draw.normal(0.0, 0.2, shape).astype(np.float32)

    tensors = {name: matrix(tiny_model.VOCABULARY, WIDTH) for name in ("token_embd.weight", "output.weight")}
    norms = ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm")
    tensors |= {f"{name}.weight": np.ones(WIDTH, np.float32) for name in norms}
    tensors |= {f"blk.0.attn_{name}.weight": matrix(head, WIDTH) for name in "qkv"}
    tensors["blk.0.attn_output.weight"] = matrix(WIDTH, head)
    tensors["blk.0.ffn_gate_inp.weight"] = matrix(EXPERTS, WIDTH)
    tensors |= {f"blk.0.ffn_{name}_exps.weight": matrix(EXPERTS, inner, WIDTH) for name in ("gate", "up")}
    tensors["blk.0.ffn_down_exps.weight"] = matrix(EXPERTS, WIDTH, inner)
    return tensors | _own(architecture, matrix)


def _own(architecture, matrix):
    """The tensors that this architecture alone has."""
    if architecture == "qwen2moe":
        width = HEADS * HEAD[architecture]
        return {
            **{f"blk.0.attn_{name}.bias": matrix(width) for name in "qkv"},
            "blk.0.ffn_gate_inp_shexp.weight": matrix(WIDTH),
            "blk.0.ffn_gate_shexp.weight": matrix(SHARED, WIDTH),
            "blk.0.ffn_up_shexp.weight": matrix(SHARED, WIDTH),
            "blk.0.ffn_down_shexp.weight": matrix(WIDTH, SHARED),
        }
    width = HEAD[architecture] * (HEADS if architecture == "minimax-m2" else 1)
    norms = {f"blk.0.attn_{name}_norm.weight": np.ones(width, np.float32) for name in "qk"}
    return norms | ({"blk.0.exp_probs_b.bias": matrix(EXPERTS)} if architecture == "minimax-m2" else {})
