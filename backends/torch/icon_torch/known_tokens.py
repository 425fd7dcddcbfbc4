"""Refuses tokens that a tokenizer produces but the model does not have: beyond the rows of its embedding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from icon.errors import InputError, ModelNameError
from icon_torch.vocabulary import Vocabulary

SHOWN = 3


class UnknownTokenError(InputError):
    """A text with a token that the model does not have."""


def known_tokens(model: Any) -> int:
    """Number of tokens that the model can read and predict: smaller ids have a row in each of its embeddings."""
    embeddings = (model.get_input_embeddings(), model.get_output_embeddings())
    weights = [getattr(embedding, "weight", None) for embedding in embeddings]
    return min(int(weight.shape[0]) for weight in weights if weight is not None)


def check_fit(model: str, vocabulary: Vocabulary, n_known: int) -> None:
    """Refuse a tokenizer of another model: one with ordinary tokens, or a BOS of every text, beyond the model's.

    Tokens that were only added to the tokenizer are accepted: few texts use them.

    Raises:
        ModelNameError: It is the tokenizer of another model.
    """
    tokenizer = vocabulary.tokenizer
    every, added = tokenizer.get_vocab(), set(tokenizer.get_added_vocab())
    beyond = {token: number for token, number in every.items() if number >= n_known}
    has_bos = vocabulary.adds_bos and vocabulary.bos >= n_known
    if has_bos or beyond.keys() - added:
        first = sorted(beyond.items(), key=lambda item: item[1])[:SHOWN]
        named = ", ".join(f"{token!r} ({number})" for token, number in first)
        more = f" and {len(beyond) - SHOWN:,} more" if len(beyond) > SHOWN else ""
        raise ModelNameError(
            f"model {model!r}: its tokenizer has {max(every.values()) + 1:,} tokens and the model {n_known:,}; beyond "
            f"it are {named}{more}. It is the tokenizer of another model; valid: the one this model was trained with"
        )


def refuse_unknown(vocabulary: Vocabulary, ids: Sequence[int], n_known: int) -> None:
    """Refuse a text if the model does not have one of its tokens.

    Raises:
        UnknownTokenError: The model does not have a token.
    """
    number = next((id_ for id_ in ids if id_ >= n_known), None)
    if number is not None:
        token = vocabulary.tokenizer.convert_ids_to_tokens(number)
        raise UnknownTokenError(
            f"token {token!r} ({number}) is none of the model's {n_known:,}: it was added to the tokenizer alone"
        )


class KnownVocabulary:
    """A vocabulary for scoring: a text with a token that the model does not have is refused.

    Args:
        vocabulary: The model's own.
        n_known: Number of tokens of the model.
    """

    def __init__(self, vocabulary: Vocabulary, n_known: int) -> None:
        self._vocabulary = vocabulary
        self._n_known = n_known
        self.bos = vocabulary.bos
        self.adds_bos = vocabulary.adds_bos

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text, without BOS.

        Raises:
            InputError: The text is not Unicode, or the model does not have one of its tokens.
        """
        ids = self._vocabulary.tokenize(text)
        refuse_unknown(self._vocabulary, ids, self._n_known)
        return ids

    def tokenize_after(self, before: str, text: str) -> list[int]:
        """Token ids of the text after another one; with "" at the beginning of a sequence.

        Raises:
            InputError: As `tokenize`.
        """
        ids = self._vocabulary.tokenize_after(before, text)
        refuse_unknown(self._vocabulary, ids, self._n_known)
        return ids
