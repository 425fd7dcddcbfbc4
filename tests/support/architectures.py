"""Configurations of tiny causal models of many architectures, with windows and rope limits of a few tokens.

Each is a class of transformers and what differs from `SMALL`. Windows, chunks and rope limits lie below the lengths of
the packs that the tests make, so that a pass that does not follow them has other numbers.
"""

from __future__ import annotations

SMALL = {
    "vocab_size": 320,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 512,
    # Large weights, so that every token depends visibly on what stands before it.
    "initializer_range": 0.4,
    "bos_token_id": 256,
    "eos_token_id": 257,
    "pad_token_id": 258,
}
WINDOW = 12
EXPERTS = {"num_local_experts": 4, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}
SLIDING_LAST = {"layer_types": ["full_attention", "sliding_attention"]}
LONG_ROPE = {
    "rope_type": "longrope",
    "rope_theta": 10000.0,
    "short_factor": [1.0, 1.1, 1.3, 1.6],
    "long_factor": [2.0, 4.0, 8.0, 16.0],
    "original_max_position_embeddings": 24,
    "factor": 8.0,
}
YARN = {
    "rope_type": "yarn",
    "rope_theta": 10000.0,
    "factor": 4.0,
    "original_max_position_embeddings": 24,
    "beta_fast": 32.0,
    "beta_slow": 1.0,
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 24,
}
GPT = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 512, "initializer_range": 0.4}
LATENT = {
    "kv_lora_rank": 16,
    "q_lora_rank": 16,
    "qk_rope_head_dim": 8,
    "qk_nope_head_dim": 8,
    "v_head_dim": 8,
    "n_routed_experts": 4,
    "n_shared_experts": 1,
    "n_group": 2,
    "topk_group": 1,
    "first_k_dense_replace": 1,
    "num_key_value_heads": 4,
    "head_dim": 8,
}
STATE = {
    "mamba_d_ssm": 64,
    "mamba_n_heads": 4,
    "mamba_d_head": 16,
    "mamba_n_groups": 1,
    "mamba_d_state": 8,
    "mamba_chunk_size": 16,
}
"""A layer with a state, read in chunks. Its configurations have a limit without an end, `time_step_limit=(0, inf)`."""

ARCHITECTURES: dict[str, tuple[str, dict[str, object]]] = {
    "llama": ("LlamaConfig", {}),
    "llama3-rope": ("LlamaConfig", {"rope_parameters": LLAMA3}),
    "llama-yarn": ("LlamaConfig", {"rope_parameters": YARN}),
    "llama-dynamic": ("LlamaConfig", {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}}),
    "llama4-chunks": (
        "Llama4TextConfig",
        EXPERTS
        | {
            "attention_chunk_size": WINDOW,
            "intermediate_size_mlp": 48,
            "floor_scale": 16,
            "attn_temperature_tuning": True,
            "no_rope_layers": [1, 0],
            "layer_types": ["chunked_attention", "full_attention"],
        },
    ),
    "mistral": ("MistralConfig", {"sliding_window": WINDOW}),
    "mixtral": ("MixtralConfig", EXPERTS | {"sliding_window": WINDOW}),
    "ministral": ("MinistralConfig", {"sliding_window": WINDOW, **SLIDING_LAST}),
    "ministral3": (
        "Ministral3Config",
        {"rope_parameters": YARN | {"llama_4_scaling_beta": 0.5, "mscale": 1.0, "mscale_all_dim": 1.0}},
    ),
    "qwen2": ("Qwen2Config", {"use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 1}),
    "qwen2_moe": (
        "Qwen2MoeConfig",
        EXPERTS
        | {
            "use_sliding_window": True,
            "sliding_window": WINDOW,
            "max_window_layers": 1,
            "shared_expert_intermediate_size": 32,
        },
    ),
    "qwen3": ("Qwen3Config", {"use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 1}),
    "qwen3_moe": ("Qwen3MoeConfig", EXPERTS | {"use_sliding_window": True, "sliding_window": WINDOW}),
    "gemma": ("GemmaConfig", {}),
    "gemma2": ("Gemma2Config", {"sliding_window": WINDOW, "query_pre_attn_scalar": 8}),
    "gemma3": ("Gemma3TextConfig", {"sliding_window": WINDOW, "query_pre_attn_scalar": 8, **SLIDING_LAST}),
    "phi": ("PhiConfig", {"partial_rotary_factor": 0.5}),
    "phi3-longrope": (
        "Phi3Config",
        {"original_max_position_embeddings": 24, "rope_parameters": LONG_ROPE, "pad_token_id": 0},
    ),
    "phi3-window": ("Phi3Config", {"sliding_window": WINDOW}),
    "phimoe": ("PhimoeConfig", EXPERTS | {"sliding_window": WINDOW}),
    "doge": ("DogeConfig", {"sliding_window": WINDOW, "keep_window_size": 16}),
    "starcoder2": ("Starcoder2Config", {"sliding_window": WINDOW}),
    "cohere": ("CohereConfig", {"logit_scale": 0.25}),
    "cohere2": ("Cohere2Config", {"sliding_window": WINDOW, "layer_types": ["sliding_attention", "full_attention"]}),
    "olmo2": ("Olmo2Config", {}),
    "olmo3": ("Olmo3Config", {"sliding_window": WINDOW, **SLIDING_LAST}),
    "granite": ("GraniteConfig", {"logits_scaling": 4.0, "attention_multiplier": 0.25}),
    "smollm3": ("SmolLM3Config", {"use_sliding_window": True, "sliding_window": WINDOW, "no_rope_layers": [1, 0]}),
    "exaone4": ("Exaone4Config", {"sliding_window": WINDOW, "sliding_window_pattern": 2}),
    "gpt-oss": ("GptOssConfig", EXPERTS | {"sliding_window": WINDOW}),
    "deepseek_v3": ("DeepseekV3Config", LATENT | EXPERTS | {"rope_parameters": YARN | {"mscale_all_dim": 1.0}}),
    "glm4": ("Glm4Config", {"partial_rotary_factor": 0.5}),
    "stablelm": ("StableLmConfig", {"partial_rotary_factor": 0.5}),
    "gpt2": ("GPT2Config", GPT),
    "gpt_neox": ("GPTNeoXConfig", {}),
    "gpt_neo": (
        "GPTNeoConfig",
        {
            "num_layers": 2,
            "num_heads": 4,
            "attention_types": [[["global", "local"], 1]],
            "window_size": WINDOW,
            "num_hidden_layers": None,
        },
    ),
    "gptj": ("GPTJConfig", GPT | {"rotary_dim": 4}),
    "opt": ("OPTConfig", {"ffn_dim": 48, "word_embed_proj_dim": 32, "init_std": 0.4}),
    "bloom": ("BloomConfig", {"n_layer": 2, "n_head": 4}),
    "falcon": ("FalconConfig", {"num_kv_heads": 2, "new_decoder_architecture": True, "head_dim": None}),
    "mamba": ("MambaConfig", {"state_size": 4, "expand": 2}),
    "mamba2": (
        "Mamba2Config",
        {"num_heads": 4, "head_dim": 16, "state_size": 8, "n_groups": 1, "chunk_size": 16},
    ),
    "falcon_h1": ("FalconH1Config", STATE),
    "bamba": ("BambaConfig", STATE | {"attn_layer_indices": [1]}),
    "granitemoehybrid": (
        "GraniteMoeHybridConfig",
        EXPERTS | STATE | {"shared_intermediate_size": 32, "layer_types": ["mamba", "attention"]},
    ),
    "nemotron_h": (
        "NemotronHConfig",
        {
            "num_hidden_layers": None,
            "layers_block_type": ["mamba", "attention"],
            "mamba_num_heads": 4,
            "mamba_head_dim": 16,
            "n_groups": 1,
            "ssm_state_size": 8,
            "chunk_size": 16,
        },
    ),
    "lfm2": ("Lfm2Config", {"layer_types": ["conv", "full_attention"], "block_multiple_of": 16}),
}
"""Class of transformers, and what differs from `SMALL` (None: leave it out), by a name for the test."""


def config_of(name: str):
    """The configuration of that name; its keys that the class does not know are left to transformers."""
    import transformers

    kind, own = ARCHITECTURES[name]
    base = {} if own.get("n_embd") else SMALL
    settings = {"vocab_size": 320, **base, **own}
    return getattr(transformers, kind)(**{key: value for key, value in settings.items() if value is not None})


def model_of(name: str, *, attention: str | None = None, seed: int = 0):
    """A model with random weights, which depend on the seed alone."""
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    chosen = {} if attention is None else {"attn_implementation": attention}
    return AutoModelForCausalLM.from_config(config_of(name), **chosen).eval().float()
