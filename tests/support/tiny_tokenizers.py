"""Tokenizers of a few tokens, of the kinds that published models have, for transformers."""

from __future__ import annotations

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from support.tiny_model import byte_letters

PIECES = ["▁P", "▁Pa", "ri", "is", "▁i", "▁is", "▁t", "▁th", "▁the"]
"""Pieces of the SentencePiece kinds, each made by a merge or, in unigram, likelier the longer."""
MERGES = [
    ("▁", "P"),
    ("▁P", "a"),
    ("r", "i"),
    ("i", "s"),
    ("▁", "i"),
    ("▁i", "s"),
    ("▁", "t"),
    ("▁t", "h"),
    ("▁th", "e"),
]
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:[]/<>|_▁\n"


def byte_level(*, bos="<|begin_of_text|>", adds=True, special=()):
    """Byte-level BPE, as Llama 3, Qwen and GPT-2 have it; a blank belongs to the word after it."""
    letters = byte_letters()
    blank, vocabulary = letters[32], {letter: n for n, letter in enumerate(letters)}
    merges = [(blank, "P"), (blank + "P", "a"), (blank, "i")]
    for left, right in merges:
        vocabulary[left + right] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return _finished(tokenizer, bos, adds, special)


def sentencepiece(*, blank="every", bos="<s>", adds=True, special=(), kind="bpe"):
    """A SentencePiece model as transformers reads it.

    Args:
        blank: Where a blank is put in front: "every" text between special tokens (Llama 2, TinyLlama), only the
            "first" one (Mistral 0.3), or "none" (Gemma).
        bos: The BOS.
        adds: Whether it is put in front of every text.
        special: Other special tokens.
        kind: "bpe", or "unigram".
    """
    tokens = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), *LETTERS, *PIECES]
    vocabulary = {token: n for n, token in enumerate(dict.fromkeys(tokens))}
    if kind == "unigram":
        scored = [(token, float(len(token)) - 10.0) for token in vocabulary]
        tokenizer = Tokenizer(models.Unigram(scored, unk_id=0, byte_fallback=True))
    else:
        tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=MERGES, unk_token="<unk>", byte_fallback=True))
    if blank == "every":
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    elif blank == "first":
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return _finished(tokenizer, bos, adds, special)


def _finished(tokenizer, bos, adds, special):
    names = [name for name in (bos, "</s>", *special) if name]
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names])
    if bos and adds:
        pair = (bos, tokenizer.token_to_id(bos))
        tokenizer.post_processor = processors.TemplateProcessing(single=f"{bos} $A", special_tokens=[pair])
    given = {"bos_token": bos} if bos else {}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", **given)
