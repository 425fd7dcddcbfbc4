"""Near duplicates by shingles: exact Jaccard similarity through an inverted index.

An assessment set is small beside the pool, so its shingles fit a dictionary and every pool row is looked up once.
That finds every pair at or above the threshold, where a MinHash sketch would miss some and cost five times as much.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

SHORT = 20
"""Texts of fewer words are compared by character 5-grams, longer ones by word 3-shingles."""

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
        self._sizes: dict[int, int] = {}
        self._postings: dict[Shingle, list[int]] = defaultdict(list)
        for key, text in texts.items():
            found = shingles(text, short)
            self._sizes[key] = len(found)
            for shingle in found:
                self._postings[shingle].append(key)
        self._known = set(self._postings)

    def similar(self, text: str) -> dict[int, float]:
        """The keys whose text is as similar as the threshold asks, with their Jaccard similarity."""
        found = shingles(text, self.short)
        common = found & self._known
        # A pair's similarity is at most the share of this text's shingles that are known at all.
        if len(common) / len(found) < self.threshold:
            return {}
        shared = Counter(key for shingle in common for key in self._postings[shingle])
        scored = {key: n / (len(found) + self._sizes[key] - n) for key, n in shared.items()}
        return {key: value for key, value in scored.items() if value >= self.threshold}
