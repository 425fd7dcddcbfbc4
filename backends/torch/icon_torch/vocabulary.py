"""The vocabulary of a model: text to tokens and back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

from icon.errors import InputError
from icon.inference.following import Following

ANCHOR = "a"
"""A text before a token, so that decoding does not take the token for the start of a text."""


class Vocabulary:
    """Tokenises with the model's own tokenizer.

    Args:
        tokenizer: A tokenizer of transformers.
        special_tokens: Whether special tokens spelled out in a text are read as special tokens; "auto": where the
            model has a chat template.

    Attributes:
        special_tokens: The same, decided.
        chat_template: Jinja source of the model's chat template; None where it has none.
    """

    def __init__(self, tokenizer: Any, *, special_tokens: bool | Literal["auto"]) -> None:
        self.tokenizer = tokenizer
        template = getattr(tokenizer, "chat_template", None)
        self.chat_template: str | None = (template.get("default") if isinstance(template, dict) else template) or None
        self.special_tokens = self.chat_template is not None if special_tokens == "auto" else special_tokens
        bos = tokenizer.bos_token_id
        self.adds_bos = bos is not None and list(tokenizer(ANCHOR).input_ids[:1]) == [bos]
        self.bos = -1 if bos is None else int(bos)
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
        if not text:
            return []
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            found = f"{text[error.start]!a} at character {error.start}"
            raise InputError(f"a text cannot be read: found {found}; valid: Unicode without lone surrogates") from error
        ids = self.tokenizer(
            text,
            add_special_tokens=False,
            split_special_tokens=not self.special_tokens,
            return_attention_mask=False,
            verbose=False,
        ).input_ids
        return [int(id_) for id_ in ids]

    def pieces(self, token_ids: Sequence[int]) -> list[str]:
        """The text of each token; bytes that are not UTF-8 by themselves become the replacement character."""
        anchor = self.tokenize(ANCHOR)
        start = len(self._decoded(anchor))
        return [self._decoded([*anchor, token])[start:] for token in token_ids]

    def _decoded(self, token_ids: Sequence[int]) -> str:
        text: str = self.tokenizer.decode(list(token_ids), clean_up_tokenization_spaces=False)
        return text

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that decides how texts are read."""
        backend = getattr(self.tokenizer, "backend_tokenizer", None)
        rules = backend.to_str() if backend is not None else repr(sorted(self.tokenizer.get_vocab().items()))
        return hashlib.sha256((repr((self.adds_bos, self.bos, rules)) + self._following.mark).encode()).hexdigest()
