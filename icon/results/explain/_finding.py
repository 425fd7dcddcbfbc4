"""Finds the row of a run that a user means, and the kept samples most like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from icon.errors import InputError
from icon.samples.text import words
from icon.types import Sample, ScoreRow

BY_ROW = "row:"

SHORTEST = 4
"""Digits below which the beginning of an id is more likely meant for the number of a row."""

SHOWN = 5
"""How many ids an error lists."""

METHOD = "cosine of TF-IDF over the words of prompt and response, weighted over the pool"


def find(rows: Sequence[ScoreRow], name: str, where: str) -> ScoreRow:
    """The row with that id, with a unique beginning of it, or with that number.

    An id that duplicates have as well is the candidate's; a duplicate is found by its number.

    Args:
        rows: scores.parquet.
        name: A full id, the beginning of one, `row:` and a number, or `row:` with number/turn where a row has several.
        where: The run, for messages.

    Raises:
        InputError: No row is meant, or several.
    """
    if name.startswith(BY_ROW):
        return _by_number(rows, name, where)
    first = {each.id: each for each in reversed(rows) if each.id and each.status == "duplicate"}
    first |= {each.id: each for each in reversed(rows) if each.id and each.status != "duplicate"}
    if name in first:
        return first[name]
    is_number = name.isdecimal() and len(name) < SHORTEST
    found = sorted(id_ for id_ in first if name and not is_number and id_.startswith(name))
    if len(found) == 1:
        return first[found[0]]
    last = max((each.row for each in rows), default=0)
    valid = (
        f"valid: an id of scores.parquet, a beginning of one that no other id shares (not of digits alone), or "
        f"{BY_ROW}0 to {BY_ROW}{last}"
    )
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise InputError(f"{where}: {len(found)} ids begin with {name!r}: {', '.join(found[:SHOWN])}{more}; {valid}")
    near = _near(sorted(first), name)
    told = f"; near it: {', '.join(near)}" if near else ""
    if name.isdecimal() and int(name) <= last:
        told += f"; for the row of that number: {BY_ROW}{name}"
    raise InputError(f"{where}: no row has the id {name!r}{told}; {valid}")


def _by_number(rows: Sequence[ScoreRow], name: str, where: str) -> ScoreRow:
    number, slash, turn = name.removeprefix(BY_ROW).partition("/")
    found = [each for each in rows if number.isdecimal() and each.row == int(number)]
    if slash and found:
        turns = ", ".join(f"{BY_ROW}{number}/{each.turn}" for each in found)
        found = [each for each in found if turn.isdecimal() and each.turn == int(turn)]
        if not found:
            raise InputError(f"{where}: row {number} has no candidate of turn {turn!r}; valid: {turns}")
    if len(found) == 1:
        return found[0]
    if found:
        told = ", ".join(f"{BY_ROW}{number}/{each.turn}" for each in found)
        raise InputError(f"{where}: row {number} has {len(found)} candidates, one a turn; valid: {told}")
    last = max((each.row for each in rows), default=0)
    raise InputError(f"{where}: no row {number!r}; valid: {BY_ROW}0 to {BY_ROW}{last}")


def _near(ids: Sequence[str], name: str) -> list[str]:
    """Ids that begin like the name, as far as any does."""
    for length in range(len(name) - 1, 0, -1):
        if found := [id_ for id_ in ids if id_.startswith(name[:length])]:
            return found[:SHOWN]
    return []


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
