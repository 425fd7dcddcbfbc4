"""The kept samples that are most like a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from icon.runs.scores import ScoreRow
from icon.samples.words import words
from icon.types import Sample

METHOD = "cosine of TF-IDF over the words of prompt and response, weighted over the pool"


def nearest_kept(samples: Sequence[Sample], rows: Sequence[ScoreRow], id_: str, top: int) -> list[dict[str, Any]]:
    """The kept samples that share most of their rare words with a sample, nearest first; never the sample itself.

    Similarity is the cosine of the TF-IDF vectors of prompt and response (words of two letters and more, lower case; of
    scripts written without blanks, characters), inverse document frequencies taken over the whole pool. Samples that
    share no word are left out.

    Args:
        samples: The pool's distinct samples.
        rows: scores.parquet.
        id_: The sample.
        top: How many at most.
    """
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    def terms(text: str) -> list[str]:
        return words(text, shortest=2)

    kept = {each.id: each for each in rows if each.selected}
    places = [place for place, each in enumerate(samples) if each.id in kept and each.id != id_]
    own = next((place for place, each in enumerate(samples) if each.id == id_), None)
    if own is None or not places:
        return []
    try:
        vectors = TfidfVectorizer(analyzer=terms, dtype=np.float32).fit_transform(each.text for each in samples)
    except ValueError:  # no text of the pool has a word
        return []
    similarity = (vectors[places] @ vectors[own].T).toarray().ravel()
    order = sorted(range(len(places)), key=lambda at: (-similarity[at], samples[places[at]].id))
    found = []
    for at in [each for each in order if similarity[each] > 0][:top]:
        sample = samples[places[at]]
        row = kept[sample.id]
        found.append(
            {
                "id": sample.id,
                "row": row.row,
                "similarity": float(similarity[at]),
                "score": row.score,
                "rank": row.rank,
                "prompt": sample.prompt_text,
                "response": sample.response,
            }
        )
    return found
