"""Near duplicates: texts normalised, candidate pairs by MinHash, and the Jaccard similarity that decides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from icon.types import Sample

if TYPE_CHECKING:
    from datasketch import MinHash, MinHashLSH

_APOSTROPHES = re.compile("['’‘`´]")

# Signs of arithmetic and code carry meaning (8*2 is not 8/2) and stay; a hyphen between letters does not.
_HYPHENS = re.compile(r"(?<=[^\W\d])-(?=[^\W\d])")

_SEPARATORS = re.compile(r"[^\w+*/%=<>^&|~$#@\\-]+")

_ASCII = [chr(code) for code in range(128)]
_WITHOUT_APOSTROPHES = {ord(character): None for character in _ASCII if _APOSTROPHES.match(character)}
_WITH_BLANKS = {ord(character): " " for character in _ASCII if _SEPARATORS.match(character)}

_HEADING = re.compile(r"^### ([A-Z][A-Za-z ]*):", re.MULTILINE)

_FINISHED = re.compile(r"^### Response:\s*\Z", re.MULTILINE)

_NOT_THE_QUESTION = {"System Prompt", "Response"}

SHORT = 20
"""Texts of fewer words are compared by character 5-grams, longer ones by word 3-shingles."""

SHINGLE = {True: 5, False: 3}
"""Characters of a shingle of a short text, and words of one of any other."""

PERMUTATIONS = 128

MARGIN = 0.25
"""How far below the threshold MinHash searches: it then misses one in 600 of the pairs at 0.8, fewer of those above."""

Shingle = str | tuple[str, str, str]


def normalise(text: str) -> str:
    """The text in NFKC, casefolded, without apostrophes, each run of whitespace and punctuation one space.

    A text of punctuation alone keeps it: "?" and "!" stay two questions.
    """
    if text.isascii():
        return _normalised_ascii(text)
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = _HYPHENS.sub(" ", _APOSTROPHES.sub("", folded))
    return _SEPARATORS.sub(" ", bare).strip() or " ".join(folded.split())


def _normalised_ascii(text: str) -> str:
    """The same of an ASCII text, as nearly all are, by tables in the place of patterns: six times as fast."""
    folded = text.lower()
    bare = folded.translate(_WITHOUT_APOSTROPHES)
    if "-" in bare:
        bare = _HYPHENS.sub(" ", bare)
    return " ".join(bare.translate(_WITH_BLANKS).split()) or " ".join(folded.split())


def question(sample: Sample) -> str:
    """All that a sample asks, passage and earlier turns included, without system prompts and template headings.

    Samples that ask the same under different system prompts, or as a finished prompt, have the same question.
    """
    turns = [message.content for message in sample.messages if message.role != "system"]
    # Recognised by its ending: pools of prompt and completion hold finished prompts too.
    if _FINISHED.search(turns[-1]):
        turns[-1] = _without_headings(turns[-1])
    return "\n".join([*turns, sample.passage] if sample.passage else turns)


def _without_headings(prompt: str) -> str:
    """The sections of a finished prompt (`### Question:`) that hold the question; all of it where there are none."""
    _, *sections = _HEADING.split(prompt)
    named = zip(sections[::2], sections[1::2], strict=True)
    kept = [text.strip() for heading, text in named if heading not in _NOT_THE_QUESTION]
    return "\n".join(kept) if kept else prompt


def is_short(text: str) -> bool:
    """Whether a normalised text is compared by characters."""
    return text.count(" ") + 1 < SHORT


def shingles(text: str, short: bool) -> set[Shingle]:
    """Character 5-grams of a short text, word 3-shingles of any other; a text shorter than that is one shingle."""
    if short:
        return {text[i : i + SHINGLE[True]] for i in range(max(1, len(text) - SHINGLE[True] + 1))}
    words = text.split()
    return set(zip(words, words[1:], words[2:], strict=False)) or {text}


def jaccard(one: str, other: str) -> float:
    """Jaccard similarity of two normalised texts, by characters where either is short."""
    short = is_short(one) or is_short(other)
    a, b = shingles(one, short), shingles(other, short)
    return len(a & b) / len(a | b)


class ShingleIndex:
    """Index of texts that others are compared with, by one kind of shingle.

    Args:
        texts: Normalised texts by key.
        short: Whether to compare by characters.
        threshold: Smallest Jaccard similarity that counts.
    """

    def __init__(self, texts: Mapping[int, str], short: bool, threshold: float) -> None:
        self.short = short
        self.threshold = threshold
        self._shingles = {key: shingles(text, short) for key, text in texts.items()}
        self._known: set[Shingle] = set().union(*self._shingles.values())

    def similar(self, text: str) -> dict[int, float]:
        """The keys whose text is at least as similar as the threshold, with their Jaccard similarity."""
        own = shingles(text, self.short)
        # A similarity is at most the share of this text's shingles that are known at all: most rows end here.
        if len(own & self._known) / len(own) < self.threshold:
            return {}
        near = {key: self._shingles[key] for key in self._hashed.query(_sketch(own))}
        scored = {key: len(own & other) / len(own | other) for key, other in near.items()}
        return {key: value for key, value in scored.items() if value >= self.threshold}

    @cached_property
    def _hashed(self) -> MinHashLSH:
        """The texts by their MinHash, made when a row first comes near one: datasketch takes half a second to load."""
        from datasketch import MinHashLSH

        lsh = MinHashLSH(threshold=max(0.05, self.threshold - MARGIN), num_perm=PERMUTATIONS)
        for key, own in self._shingles.items():
            lsh.insert(key, _sketch(own))
        return lsh


def _sketch(own: set[Shingle]) -> MinHash:
    from datasketch import MinHash

    sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
    sketch.update_batch([" ".join(one).encode() if isinstance(one, tuple) else one.encode() for one in own])
    return sketch
