"""Finds the row of a run that a user means, and the kept samples most like it."""

from __future__ import annotations

from collections.abc import Sequence

from icon._near import near
from icon.errors import InputError
from icon.results.explain._records import Neighbour
from icon.samples.text import words
from icon.types import Sample, ScoreRow

LONGEST_NUMBER = 18
"""Digits of the longest number of a row that is looked for."""

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
        name: A full id, the beginning of one, or a number (with `row:` before it or without), or number/turn where a
            row has several.
        where: The run, for messages.

    Raises:
        InputError: No row is meant, or several.
    """
    if name.startswith(BY_ROW):
        return _by_number(rows, name, where)
    first = {row.id: row for row in reversed(rows) if row.id and row.status == "duplicate"}
    first |= {row.id: row for row in reversed(rows) if row.id and row.status != "duplicate"}
    if name in first:
        return first[name]
    last = max((row.row for row in rows), default=0)
    is_row = _number(name.partition("/")[0]) in range(last + 1)
    found = sorted(id_ for id_ in first if name and (len(name) >= SHORTEST or not is_row) and id_.startswith(name))
    if is_row and not found:
        return _by_number(rows, BY_ROW + name, where)
    if len(found) == 1 and not is_row:
        return first[found[0]]
    valid = (
        f"valid: an id of scores.parquet, a beginning of one that no other id has, or the number of a row, 0 to {last}"
    )
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        many = f"{len(found)} ids begin" if len(found) > 1 else "1 id begins"
        row = f"; for the row of that number: {BY_ROW}{name}" if is_row else ""
        listed = ", ".join(found[:SHOWN])
        raise InputError(f"{where}: {many} with {name!r}: {listed}{more}{row}; {valid}")
    alike = _near(sorted(first), name)
    hint = f"; near it: {', '.join(alike)}" if alike else ""
    raise InputError(f"{where}: no row has the id {name!r}{hint}; {valid}")


def _number(text: str) -> int | None:
    """The number that a text writes; None where it is none, or longer than that of any row."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def _by_number(rows: Sequence[ScoreRow], name: str, where: str) -> ScoreRow:
    number, slash, turn = name.removeprefix(BY_ROW).partition("/")
    found = [row for row in rows if row.row == _number(number)]
    if slash and found:
        turns = ", ".join(f"{BY_ROW}{number}/{row.turn}" for row in found)
        found = [row for row in found if row.turn == _number(turn)]
        if not found:
            raise InputError(f"{where}: row {number} has no candidate of turn {turn!r}; valid: {turns}")
    if len(found) == 1:
        return found[0]
    if found:
        turns = ", ".join(f"{BY_ROW}{number}/{row.turn}" for row in found)
        raise InputError(f"{where}: row {number} has {len(found)} candidates, one per turn; valid: {turns}")
    last = max((row.row for row in rows), default=0)
    raise InputError(f"{where}: no row {number!r}; valid: {BY_ROW}0 to {BY_ROW}{last}")


def _near(ids: Sequence[str], name: str) -> list[str]:
    """Ids that are most like the name, else those that begin like it, as far as any does."""
    if found := near(name, ids, SHOWN):
        return found
    for length in range(len(name) - 1, 0, -1):
        if found := [id_ for id_ in ids if id_.startswith(name[:length])]:
            return found[:SHOWN]
    return []


def nearest_kept(samples: Sequence[Sample], rows: Sequence[ScoreRow], id_: str, top: int) -> list[Neighbour]:
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

    kept = {row.id: row for row in rows if row.selected}
    places = [place for place, sample in enumerate(samples) if sample.id in kept and sample.id != id_]
    own = next((place for place, sample in enumerate(samples) if sample.id == id_), None)
    if own is None or not places:
        return []
    try:
        vectors = TfidfVectorizer(analyzer=terms, dtype=np.float32).fit_transform(sample.text for sample in samples)
    except ValueError:  # no text of the pool has a word
        return []
    similarity = (vectors[places] @ vectors[own].T).toarray().ravel()
    order = sorted(range(len(places)), key=lambda at: (-similarity[at], samples[places[at]].id))
    return [
        _neighbour(samples[places[at]], kept[samples[places[at]].id], float(similarity[at]))
        for at in [at for at in order if similarity[at] > 0][:top]
    ]


def _neighbour(sample: Sample, row: ScoreRow, similarity: float) -> Neighbour:
    return Neighbour(
        id=sample.id,
        row=row.row,
        similarity=similarity,
        score=row.score,
        rank=row.rank,
        prompt=sample.prompt_text,
        response=sample.response,
    )
