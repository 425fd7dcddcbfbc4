"""Finds the row of a run that a user means, and the kept samples most like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from icon._near import near
from icon.errors import InputError
from icon.results.compared import Compared
from icon.results.explain._records import Neighbour
from icon.results.text_vectors import text_vectors
from icon.types import Sample, ScoreRow

LONGEST_NUMBER = 18
"""Digits of the longest number of a row that is looked for."""

BY_ROW = "row:"

SHORTEST = 4
"""Digits below which the beginning of an id is more likely meant for the number of a row."""

SHOWN = 5
"""How many ids an error lists."""

METHOD = (
    "cosine of TF-IDF over the words of prompt and response that another candidate has as well, without English stop "
    "words, weighted over the candidates"
)


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


def nearest_kept(
    samples: Sequence[Sample], rows: Sequence[ScoreRow], id_: str, top: int, compared: Compared | None = None
) -> list[Neighbour]:
    """The kept samples that share most of their rare words with a sample, nearest first; never the sample itself.

    Similarity is the cosine of their TF-IDF vectors, which are those of the page: see `text_vectors`. Samples that
    share no word are left out.

    Args:
        samples: The pool's distinct samples.
        rows: scores.parquet.
        id_: The sample, a candidate.
        top: How many at most.
        compared: The texts as the run has them compared, which is used if it is of all candidates; None to compare
            them.
    """
    known = {sample.id: sample for sample in samples}
    row_of = {row.id: row for row in rows if row.status.is_candidate and row.id in known}
    places = {place: row for place, row in enumerate(row_of.values()) if row.selected and row.id != id_}
    if id_ not in row_of or not places:
        return []
    vectors = _vectors([known[other] for other in row_of], compared)
    if vectors is None:
        return []
    own = list(row_of).index(id_)
    similarity = dict(zip(places, (vectors[list(places)] @ vectors[[own]].T).toarray().ravel().tolist(), strict=True))
    order = sorted(places, key=lambda place: (-similarity[place], places[place].id))
    return [
        _neighbour(known[places[place].id], places[place], similarity[place])
        for place in [place for place in order if similarity[place] > 0][:top]
    ]


def _vectors(candidates: Sequence[Sample], compared: Compared | None) -> Any:
    """TF-IDF of the candidates, sparse, shape (candidates, terms); None where no two share a term."""
    if compared is not None and list(compared.ids) == [sample.id for sample in candidates]:
        return compared.tfidf
    vectors = text_vectors([sample.text for sample in candidates])
    return None if vectors is None else vectors.tfidf


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
