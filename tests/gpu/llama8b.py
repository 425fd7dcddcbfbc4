"""A random model of LLaMA-3.1-8B's shape, made on the device: speed does not depend on what the weights are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig

from icon.errors import UserError
from icon.inference import embedded
from icon_torch.quiet import quiet

CONFIG = LlamaConfig(
    vocab_size=128256,
    hidden_size=4096,
    intermediate_size=14336,
    num_hidden_layers=32,
    num_attention_heads=32,
    num_key_value_heads=8,
    head_dim=128,
    max_position_embeddings=131072,
    rms_norm_eps=1e-5,
    rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
    tie_word_embeddings=False,
    bos_token_id=128000,
    eos_token_id=128001,
)


def model(device: torch.device) -> Any:
    """The model in bfloat16 on the device, in evaluation mode."""
    torch.manual_seed(0)
    with device:
        made: Any = AutoModelForCausalLM.from_config(CONFIG, dtype=torch.bfloat16)
    return made.eval().requires_grad_(False)


def tokenizer(folder: Path | None) -> Any:
    """The tokenizer in the folder, or the embedded model's; its token ids are all below LLaMA's 128,256.

    Raises:
        UserError: The folder holds no tokenizer, or the embedded model is not installed.
    """
    if folder is not None and not (folder / "tokenizer.json").is_file():
        raise UserError(f"--tokenizer {folder}: found no tokenizer.json there; valid: what save_pretrained writes")
    with quiet():
        if folder is not None:
            return AutoTokenizer.from_pretrained(folder)
        file = embedded("icon-torch", "backends/torch")
        return AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
