"""Texts are read as they stand: any Unicode, special tokens only where asked for, BOS only where the model has one.

A real model's vocabulary and chat template are the embedded one's, whose file is read as it is; the rest is shown on
the tiny one.
"""

import struct

import pytest

from icon.types import Status, Target
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions
from support import tiny_model
from support.tiers import of_tier

pytestmark = pytest.mark.model


def test_special_tokens_in_a_text_are_plain_text_unless_asked_for(load_smollm2):
    text = "<|im_start|>user"
    assert len(load_smollm2("as-is").tokenize(text)) > 2
    with LlamaCppBackend(LlamaCppOptions(precision="as-is", special_tokens=True)) as backend:
        assert backend.tokenize(text)[0] == 1
        assert backend.token_pieces(backend.tokenize(text)) == ["<|im_start|>", "user"]


TEXTS = ["naïve", "你好，世界", "😀😀", "﷽", "\x00null\x00", "\r\n\t", "é" * 50, "a" * 1000]
CASES = [("load", text) for text in TEXTS] + [("load_smollm2", text) for text in of_tier(TEXTS[:6], TEXTS)]


@pytest.mark.parametrize(("model", "text"), CASES)
def test_any_text_is_scored(model, text, request):
    backend = request.getfixturevalue(model)("as-is")
    (result,) = backend.score("A context.", [Target("", text)])
    assert result.status is Status.OK, result.reason
    assert result.token_ids == tuple(backend.tokenize(text))


@pytest.mark.parametrize("text", ["naïve café", "你好，世界", "\x00null\x00", "  two  spaces\n\n\n"])
@pytest.mark.parametrize("model", ["load", "load_smollm2"])
def test_the_bytes_of_the_tokens_are_the_bytes_of_the_text(model, text, request):
    vocabulary = request.getfixturevalue(model)("as-is")._vocabulary
    assert b"".join(vocabulary.piece(token) for token in vocabulary.tokenize(text)).decode() == text


def test_a_model_with_bos_reads_one_in_front_of_everything(patched, load, source):
    path = patched("tokenizer.ggml.add_bos_token", 7, struct.pack("?", True))
    with LlamaCppBackend(LlamaCppOptions(model=str(path), precision="as-is")) as backend:
        assert backend.describe().bos
        alone = backend.score("", [Target("", "Hello there.")])[0]
        assert backend.tokenize("Hello there.") == load("as-is").tokenize("Hello there.")
        assert backend.describe().tokenizer_digest != load("as-is").describe().tokenizer_digest
    assert alone.status is Status.OK
    # <|endoftext|> is this model's BOS, so spelling it out as the context must come to the same.
    options = LlamaCppOptions(model=str(source), precision="as-is", special_tokens=True)
    with LlamaCppBackend(options) as backend:
        assert backend.score("<|endoftext|>", [Target("", "Hello there.")])[0] == alone


def test_the_chat_template_is_the_files(load_smollm2):
    template = load_smollm2("as-is").chat_template()
    assert "add_generation_prompt" in template.source
    assert template.bos_token == "<|im_start|>"
    assert template.eos_token == "<|im_end|>"


def test_a_file_without_a_chat_template_gives_none(tmp_path):
    path = tiny_model.write_gguf(tmp_path / "bare.gguf", chat_template=None)
    with LlamaCppBackend(LlamaCppOptions(model=str(path), precision="as-is")) as backend:
        assert backend.chat_template() is None


def test_what_is_too_long_says_the_numbers(load):
    backend, texts = load("f16"), ("word " * 800, "word " * 840, "end")
    (result,) = backend.score(texts[0], [Target(*texts[1:])])
    assert result.status is Status.TOO_LONG
    assert str(sum(len(backend.tokenize(text)) for text in texts)) in result.reason
    assert "8192" in result.reason


def test_a_shorter_context_length_holds_exactly(source):
    with LlamaCppBackend(LlamaCppOptions(model=str(source), precision="f16", context_length=16)) as backend:
        assert backend.describe().context_length == 16
        ids = backend.tokenize("a b c d e f g h i j k l m n o p q r s t")
        fits, breaks = ("".join(backend.token_pieces(ids[2:end])) for end in (16, 17))
        start = "".join(backend.token_pieces(ids[:2]))
        assert [each.status for each in backend.score(start, [Target("", fits), Target("", breaks)])] == [
            Status.OK,
            Status.TOO_LONG,
        ]


@pytest.mark.parametrize("place", range(3))
def test_half_a_surrogate_pair_is_a_status_and_harms_nobody(load, place):
    texts = ["A context.", "Say", " hello"]
    well = Target(*texts[1:])
    texts[place] += "\ud83d"
    broken, other = load("f16").score(texts[0], [Target(*texts[1:]), well])
    assert broken.status is Status.FAILED
    assert "surrogate" in broken.reason
    assert other.status is (Status.FAILED if place == 0 else Status.OK)
