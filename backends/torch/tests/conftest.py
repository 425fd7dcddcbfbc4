"""Models that the tests share: the embedded one in float32, and tiny random ones of several architectures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    AutoModelForCausalLM,
    BloomConfig,
    Gemma2Config,
    GemmaConfig,
    GPT2Config,
    GptOssConfig,
    LlamaConfig,
    MistralConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
)

from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions
from support import architectures
from support.fixtures import command_line, tiny_gguf  # noqa: F401
from support.smollm2 import folder as smollm2_folder

SMALL = {**architectures.SMALL, "max_position_embeddings": 4096}

CONFIGS = {
    "llama": LlamaConfig(**SMALL),
    "llama-with-bos": LlamaConfig(**SMALL),
    "llama-without-groups": LlamaConfig(**SMALL | {"num_key_value_heads": 4}),
    "qwen2": Qwen2Config(**SMALL),
    "gemma": GemmaConfig(**SMALL),
    "gemma2": Gemma2Config(**SMALL, sliding_window=12, query_pre_attn_scalar=8),
    "mistral-window": MistralConfig(**SMALL, sliding_window=12),
    "gpt2": GPT2Config(
        vocab_size=320,
        n_embd=32,
        n_layer=2,
        n_head=4,
        n_positions=1024,
        initializer_range=0.4,
        bos_token_id=256,
        eos_token_id=257,
    ),
    "gpt-oss": GptOssConfig(**SMALL, sliding_window=12, num_local_experts=4, num_experts_per_tok=2),
    "bloom": BloomConfig(vocab_size=320, hidden_size=32, n_layer=2, n_head=4, initializer_range=0.4),
}


def byte_tokenizer(*, adds_bos: bool = False) -> PreTrainedTokenizerFast:
    """A tokenizer with one token a byte and three special ones, BOS in front of every text or not."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={each: n for n, each in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<bos>", "<eos>", "<pad>"])
    if adds_bos:
        tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 256)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>")


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """Converted files of this session, away from the user's; of several test processes all have one."""
    with pytest.MonkeyPatch.context() as patch:
        folder = Path(os.environ.get("ICON_TEST_CACHE") or tmp_path_factory.mktemp("cache"))
        for name in ("ICON_CACHE", "ICON_TEST_CACHE"):
            patch.setenv(name, str(folder))
        yield folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """The folder of a tiny random model, by the name of its architecture."""
    made = {}

    def get(name):
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            torch.manual_seed(0)
            AutoModelForCausalLM.from_config(CONFIGS[name]).save_pretrained(folder)
            byte_tokenizer(adds_bos=name.endswith("with-bos")).save_pretrained(folder)
            made[name] = folder
        return made[name]

    return get


@pytest.fixture(scope="session")
def smollm2(cache):
    """The embedded model in float32, loaded once."""
    smollm2_folder()
    with TorchBackend(TorchOptions()) as backend:
        yield backend
