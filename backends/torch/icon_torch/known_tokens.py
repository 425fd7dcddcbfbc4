"""Tokens that a tokenizer makes and the model does not have: beyond the rows of its embedding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from icon.errors import InputError, ModelNameError
from icon_torch.vocabulary import Vocabulary

SHOWN = 3


class UnknownTokenError(InputError):
    """A text with a token that the model does not have."""


def known_tokens(model: Any) -> int:
    """How many tokens the model can read and predict: ids below that have a row in each of its embeddings."""
    embeddings = (model.get_input_embeddings(), model.get_output_embeddings())
    weights = [getattr(each, "weight", None) for each in embeddings]
    return min(int(each.shape[0]) for each in weights if each is not None)


def check_fit(model: str, vocabulary: Vocabulary, n_known: int) -> None:
    """Refuse a tokenizer of another model: ordinary tokens, or the BOS in front of every text, are beyond the model.

    Tokens that were added to a tokenizer without the model learning them are no reason: few texts use them.

    Raises:
        ModelNameError: It is one.
    """
    tokenizer = vocabulary.tokenizer
    every, added = tokenizer.get_vocab(), set(tokenizer.get_added_vocab())
    beyond = {token: number for token, number in every.items() if number >= n_known}
    has_bos = vocabulary.adds_bos and vocabulary.bos >= n_known
    if has_bos or beyond.keys() - added:
        first = sorted(beyond.items(), key=lambda each: each[1])[:SHOWN]
        named = ", ".join(f"{token!r} ({number})" for token, number in first)
        more = f" and {len(beyond) - SHOWN:,} more" if len(beyond) > SHOWN else ""
        raise ModelNameError(
            f"model {model!r}: its tokenizer has {max(every.values()) + 1:,} tokens and the model {n_known:,}; beyond "
            f"it are {named}{more}. It is the tokenizer of another model; valid: the one this model was trained with"
        )


def refuse_unknown(vocabulary: Vocabulary, ids: Sequence[int], n_known: int) -> None:
    """Refuse the tokens of a text of which the model does not have one.

    Raises:
        UnknownTokenError: It has not.
    """
    number = next((each for each in ids if each >= n_known), None)
    if number is not None:
        token = vocabulary.tokenizer.convert_ids_to_tokens(number)
        raise UnknownTokenError(
            f"token {token!r} ({number}) is none of the model's {n_known:,}: it was added to the tokenizer alone"
        )


class KnownVocabulary:
    """A vocabulary for scoring: a text with a token that the model does not have is refused.

    Args:
        vocabulary: The model's own.
        n_known: How many tokens the model has.
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
        found = self._vocabulary.tokenize(text)
        refuse_unknown(self._vocabulary, found, self._n_known)
        return found
