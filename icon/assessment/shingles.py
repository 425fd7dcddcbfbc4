"""Near duplicates by shingles: MinHash finds who may be similar, the exact Jaccard similarity decides.

MinHash with locality-sensitive hashing is from `datasketch`. It is asked for pairs well below the threshold, so that it
misses next to none at the threshold, and every pair it names is then compared exactly.
"""

from __future__ import annotations

from collections.abc import Mapping

from datasketch import MinHash, MinHashLSH

SHORT = 20
"""Texts of fewer words are compared by character 5-grams, longer ones by word 3-shingles."""

PERMUTATIONS = 128
MARGIN = 0.25
"""How far below the threshold MinHash is asked: of pairs just at 0.8 it then misses one in 600, above it fewer."""

Shingle = str | tuple[str, str, str]


def is_short(text: str) -> bool:
    """Whether a normalised text is compared by characters."""
    return text.count(" ") + 1 < SHORT


def shingles(text: str, short: bool) -> set[Shingle]:
    """The character 5-grams of a short text, the word 3-shingles of any other; a text below that length as a whole."""
    if short:
        return {text[i : i + 5] for i in range(max(1, len(text) - 4))}
    words = text.split()
    return set(zip(words, words[1:], words[2:], strict=False)) or {text}


def jaccard(one: str, other: str) -> float:
    """Jaccard similarity of two normalised texts, by characters where either is short."""
    short = is_short(one) or is_short(other)
    a, b = shingles(one, short), shingles(other, short)
    return len(a & b) / len(a | b)


class ShingleIndex:
    """Texts that others can be compared with, by one kind of shingle.

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
        self._lsh = MinHashLSH(threshold=max(0.05, threshold - MARGIN), num_perm=PERMUTATIONS)
        for key, found in self._shingles.items():
            self._lsh.insert(key, _sketch(found))

    def similar(self, text: str) -> dict[int, float]:
        """The keys whose text is as similar as the threshold asks, with their Jaccard similarity."""
        found = shingles(text, self.short)
        # A similarity is at most the share of this text's shingles that are known at all: most rows end here.
        if len(found & self._known) / len(found) < self.threshold:
            return {}
        near = {key: self._shingles[key] for key in self._lsh.query(_sketch(found))}
        scored = {key: len(found & other) / len(found | other) for key, other in near.items()}
        return {key: value for key, value in scored.items() if value >= self.threshold}


def _sketch(found: set[Shingle]) -> MinHash:
    sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
    sketch.update_batch([" ".join(each).encode() if isinstance(each, tuple) else each.encode() for each in found])
    return sketch
