"""A tiny random model with a tokenizer of bytes, so that the benchmarks themselves can be tried in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

from icon_torch.quiet import quiet

CONFIG = LlamaConfig(
    vocab_size=320,
    hidden_size=32,
    intermediate_size=48,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=8,
    max_position_embeddings=4096,
    # Large weights, so that every token depends visibly on what stands before it.
    initializer_range=0.4,
    bos_token_id=256,
    eos_token_id=257,
    pad_token_id=258,
)


def tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte, and three special ones."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={each: n for n, each in enumerate(alphabet)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", add_bos_token=False
    )


def model() -> Any:
    """A random Llama of two layers, in float32."""
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(CONFIG, dtype=torch.float32).eval()


def save(folder: Path) -> Path:
    """Both, as a folder that transformers loads."""
    with quiet():
        model().save_pretrained(folder)
        tokenizer().save_pretrained(folder)
    return folder
