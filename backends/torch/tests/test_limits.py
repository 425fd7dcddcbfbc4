"""Limits of a model are read from its configuration: windows, chunks and rope limits, wherever they stand."""

import pytest
from transformers import LlamaConfig, MistralConfig

from icon_torch.limits import limits_of, rope_limit, within
from support.architectures import LONG_ROPE, config_of

EXPECTED = {
    "llama": {},
    "llama-yarn": {24: "rope_parameters.original_max_position_embeddings"},
    "mistral": {12: "sliding_window"},
    "qwen2_moe": {12: "sliding_window"},
    "llama4-chunks": {12: "attention_chunk_size", 16: "floor_scale"},
    "gpt_neo": {12: "window_size"},
    "phi3-longrope": {24: "original_max_position_embeddings"},
    "doge": {12: "sliding_window", 16: "keep_window_size"},
    "mamba2": {16: "chunk_size"},
    "falcon_h1": {16: "mamba_chunk_size"},
    "bamba": {16: "mamba_chunk_size"},
    "granitemoehybrid": {16: "mamba_chunk_size"},
    "nemotron_h": {16: "chunk_size"},
    "lfm2": {},
}
NO_LENGTHS = {
    "block_multiple_of": 256,
    "block_dim": 1024,
    "block_ff_dim": 1024,
    "moe_topk": 12,
    "topk_group": 8,
    "prompt_length": 32,
    "mask_time_length": 10,
    "mask_feature_length": 10,
    "sliding_window_pattern": 8,
    "chunk_size_feed_forward": 64,
    "compress_rope_theta": 1000.0,
    "audio_config": {"left_chunk": 18, "max_position_embeddings": 1024},
    "vision_config": {"window_size": 16},
    "depth_decoder_config": {"sliding_window": 8},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_windows_chunks_and_rope_limits_are_found(name):
    assert limits_of(config_of(name), 256) == EXPECTED[name]


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 12.5, True])
def test_what_is_no_whole_number_is_no_limit(value):
    config = LlamaConfig()
    config.window_size = value
    assert limits_of(config, 2048) == {}


@pytest.mark.parametrize("name", NO_LENGTHS)
def test_sizes_of_layers_and_of_what_is_no_text_are_no_limits(name):
    config = LlamaConfig()
    setattr(config, name, NO_LENGTHS[name])
    assert limits_of(config, 2048) == {}


def test_blocks_that_are_chosen_are_a_limit_of_all_their_tokens():
    """16 blocks of 128 tokens are chosen: up to 2048 tokens that is all of them."""
    config = LlamaConfig(max_position_embeddings=8192)
    config.index_topk_blocks, config.index_block_size, config.index_local_blocks = 16, 128, 9
    assert limits_of(config, 8192) == {2048: "index_topk_blocks"}


def test_a_window_hides_nothing_of_as_many_tokens_and_a_scale_may_begin_there():
    assert within(256, "sliding_window") == 256
    assert within(256, "window_size") == within(256, "attention_chunk_size") == 256
    # Llama 4 scales by floor((position + 1) / floor_scale), so the token of that number is scaled already.
    assert within(256, "floor_scale") == within(256, "rope_parameters.original_max_position_embeddings") == 255


def test_what_is_beyond_the_context_length_is_no_limit():
    assert limits_of(MistralConfig(sliding_window=4096), 4096) == {}
    assert limits_of(MistralConfig(sliding_window=4096), 8192) == {4096: "sliding_window"}


def test_a_model_without_a_window_has_no_limit():
    assert limits_of(MistralConfig(sliding_window=None), 8192) == {}


def test_a_rope_that_changes_with_the_sequence_is_known_and_fixed_ones_are_not_taken_for_one():
    assert rope_limit(config_of("phi3-longrope"), 256) == 24
    assert rope_limit(config_of("phi3-longrope"), 24) is None  # no sequence is longer
    assert rope_limit(config_of("llama-yarn"), 256) is None
    assert rope_limit(config_of("llama3-rope"), 256) is None
    assert rope_limit(config_of("llama-dynamic"), 256) is None


def test_a_rope_of_an_unknown_kind_counts_as_one_that_changes():
    config = LlamaConfig()
    config.rope_parameters = LONG_ROPE | {"rope_type": "new-kind"}
    assert rope_limit(config, 256) == 24


def test_the_ropes_of_several_kinds_of_layers_are_read():
    config = LlamaConfig()
    config.rope_parameters = {"full_attention": LONG_ROPE, "sliding_attention": {"rope_type": "default"}}
    assert rope_limit(config, 256) == 24
