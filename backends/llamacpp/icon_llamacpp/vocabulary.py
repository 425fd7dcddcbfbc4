"""The vocabulary of a model: text to tokens and back."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

from icon.errors import InputError
from icon.inference.following import Following
from icon_llamacpp.model import Model

CONTROL = 1 << 3
"""llama.cpp's attribute of tokens that are no text (LLAMA_TOKEN_ATTR_CONTROL)."""


class Vocabulary:
    """Tokenises with the model's own vocabulary.

    Args:
        model: The model whose vocabulary it is; must stay open.
        special_tokens: Whether special tokens spelled out in a text are read as special tokens; "auto": where the
            model has a chat template.

    Attributes:
        special_tokens: The same, decided.
        chat_template: Jinja source of the model's chat template; None where it has none.
    """

    def __init__(self, model: Model, *, special_tokens: bool | Literal["auto"]) -> None:
        self._api: Any = model.api
        self._vocab = model.vocab
        self._n_tokens = model.n_vocab
        self.chat_template = model.metadata("tokenizer.chat_template") or None
        self._named = {name: model.metadata(f"tokenizer.ggml.{name}_token_id") is not None for name in ("bos", "eos")}
        self.special_tokens = self.chat_template is not None if special_tokens == "auto" else special_tokens
        self._first = int(self._api.llama_vocab_bos(self._vocab))
        self.eos = int(self._api.llama_vocab_eos(self._vocab))
        self.bos = self._first if self.special("bos") else -1
        self.adds_bos = self.bos >= 0 and bool(self._api.llama_vocab_get_add_bos(self._vocab))
        self._following = Following(self._raw)

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text in the middle of a sequence, without BOS.

        Raises:
            InputError: The text has half a surrogate pair, which no encoding of Unicode allows.
        """
        return self._following.inside(text)

    def tokenize_after(self, before: str, text: str) -> list[int]:
        """Token ids of the text after another one; with "" at the beginning of a sequence.

        Raises:
            InputError: As `tokenize`.
        """
        return self._following.after(before, text)

    def _raw(self, text: str) -> list[int]:
        try:
            data = text.encode("utf-8")
        except UnicodeEncodeError as error:
            found = f"{text[error.start]!a} at character {error.start}"
            raise InputError(f"a text cannot be read: found {found}; valid: Unicode without lone surrogates") from error
        size = len(data) + 8
        while True:
            buffer = (ctypes.c_int32 * size)()
            count = self._api.llama_tokenize(self._vocab, data, len(data), buffer, size, False, self.special_tokens)
            if count >= 0:
                return list(buffer[:count])
            size = -count

    def piece(self, token: int) -> bytes:
        """The bytes of one token; special tokens as they are spelled."""
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            count = self._api.llama_token_to_piece(self._vocab, token, buffer, size, 0, True)
            if count >= 0:
                return buffer.raw[:count]
            size = -count

    def pieces(self, token_ids: Sequence[int]) -> list[str]:
        """The text of each token; bytes that are not UTF-8 by themselves become the replacement character."""
        return [self.piece(token).decode("utf-8", "replace") for token in token_ids]

    def special(self, name: Literal["bos", "eos"]) -> str:
        """BOS or EOS as the vocabulary spells it; empty where the model has none.

        llama.cpp takes a number of its own where a file names none, and in another vocabulary that is a word.
        """
        token = self._first if name == "bos" else self.eos
        if token < 0 or not (self._named[name] or self._api.llama_vocab_get_attr(self._vocab, token) & CONTROL):
            return ""
        raw = self._api.llama_vocab_get_text(self._vocab, token)
        return raw.decode("utf-8", "replace") if raw else ""

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every token's text and attributes and over the settings that change how texts are read."""
        digest = hashlib.sha256(
            repr((self.adds_bos, self._first, self.eos, self._api.llama_vocab_type(self._vocab))).encode()
        )
        for token in range(self._n_tokens):
            digest.update(self._api.llama_vocab_get_text(self._vocab, token) or b"")
            digest.update(b"\0%d\0" % self._api.llama_vocab_get_attr(self._vocab, token))
        digest.update(self._following.mark.encode())
        return digest.hexdigest()
