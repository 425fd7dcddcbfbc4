"""Tokens of a text where it follows another one.

A SentencePiece tokenizer reads a text as if a blank were in front of it. That is right once, at the beginning of a
sequence; a prompt or response in the middle would get a blank that is in none of the texts, and one that begins with a
blank would have two. What precedes a text is therefore tokenised with it, and its own tokens are kept.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from icon.inference.scoring import Vocabulary

ANCHORS = ("\n", ":\n", "a\n", "|")
"""Texts whose tokens stay as they are whatever follows; the first that does so for a tokenizer is used."""
PROBES = ("x", "The")
MOST_CHARACTERS = 4_000_000
"""Characters of the texts whose tokens are remembered, in about 15 MB: a thousand assessment samples and more."""
TAIL = 48
"""Characters of the text in front that are tokenised again."""


class Remembered:
    """A tokenizer's readings of the latest texts: a run reads its assessment set anew for every candidate.

    Args:
        read: The tokenizer's own reading of a text.
    """

    def __init__(self, read: Callable[[str], Sequence[int]]) -> None:
        self.read = read
        self._ids: dict[str, array[int]] = {}
        self._characters = 0

    def __call__(self, text: str) -> Sequence[int]:
        """Token ids of the text."""
        ids = self._ids.get(text)
        if ids is None:
            ids = array("q", self.read(text))
            self._characters += len(text)
            if self._characters > MOST_CHARACTERS:
                self._ids, self._characters = {}, len(text)
            self._ids[text] = ids
        return ids


class Following:
    """Tokenises texts at the beginning of a sequence, and after other texts.

    Args:
        raw: The tokenizer's own reading of a text, without BOS.

    Attributes:
        adds_blank: Whether the tokenizer puts a blank in front of a text; if not, every text is read by itself.
    """

    def __init__(self, raw: Callable[[str], Sequence[int]]) -> None:
        self._raw = raw = Remembered(raw)
        self._anchor = next((anchor for anchor in ANCHORS if all(self._kept(anchor, text) for text in PROBES)), "")
        self.adds_blank = bool(self._anchor) and any(
            self._kept(self._anchor, text) != list(raw(text)) for text in PROBES
        )

    @property
    def mark(self) -> str:
        """What it adds to the digest of a vocabulary: nothing where texts are read as the tokenizer itself does."""
        return "texts follow without the tokenizer's blank" if self.adds_blank else ""

    def after(self, before: str, text: str) -> list[int]:
        """Token ids of a text after another one; those of the text by itself where the two share a token.

        Args:
            before: What precedes it; "" where the text begins a sequence, and the tokenizer's blank is right.
            text: The text.
        """
        if not self.adds_blank or not (before and text):
            return list(self._raw(text))
        return self._kept(before[-TAIL:], text) or self.inside(text)

    def inside(self, text: str) -> list[int]:
        """Token ids of a text in the middle of a sequence, whatever precedes it."""
        if not self.adds_blank or not text:
            return list(self._raw(text))
        return self._kept(self._anchor, text) or list(self._raw(text))

    def _kept(self, before: str, text: str) -> list[int]:
        """The tokens of the text, without those of what precedes it; empty where the two share one."""
        head, whole = list(self._raw(before)), list(self._raw(before + text))
        return whole[len(head) :] if head and whole[: len(head)] == head else []


class Tokenizing(Protocol):
    """A vocabulary, or a backend."""

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text in the middle of a sequence."""
        ...


def tokens_after(vocabulary: Tokenizing, before: str, text: str) -> list[int]:
    """Token ids of a text after another one, or with "" at the beginning of a sequence.

    A vocabulary whose tokens of a text depend on what precedes it has `tokenize_after`; see `icon.inference.following`.
    """
    reader = getattr(vocabulary, "tokenize_after", None)
    ids: list[int] = vocabulary.tokenize(text) if reader is None else reader(before, text)
    return ids


def with_bos(vocabulary: Vocabulary, ids: Sequence[int]) -> list[int]:
    """The tokens that begin a sequence: one BOS where the vocabulary adds one, also where the text has one itself."""
    has_one = not vocabulary.adds_bos or list(ids[:1]) == [vocabulary.bos]
    return list(ids) if has_one else [vocabulary.bos, *ids]
