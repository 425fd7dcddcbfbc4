"""Finds the row of a run that a user means, and the kept samples most like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from icon._near import near
from icon.errors import InputError
from icon.results.compared import Compared
from icon.results.explain._records import Neighbour
from icon.results.text_vectors import text_vectors
from icon.runs.row_view import RowView
from icon.runs.score_table import MOST_KEPT, STATUSES, ScoreTable
from icon.runs.scores import as_table
from icon.samples.ids import texts_of
from icon.samples.places import Places
from icon.samples.pool_samples import PoolSamples
from icon.types import RowStatus, Sample, ScoreRow

LONGEST_NUMBER = 18
"""Digits of the longest number of a row that is looked for."""

BY_ROW = "row:"

SHORTEST = 4
"""Digits below which the beginning of an id is more likely meant for the number of a row."""

SHOWN = 5
"""How many ids an error lists."""

MOST_NEAR = 1_000
"""Ids on either side of a name that are looked at for one like it, where there are very many."""

MOST_COMPARED = 100_000
"""Candidates whose texts are compared; of more, those of `MOST_DRAWN` kept ones, drawn at random."""

MOST_DRAWN = 10_000

METHOD = (
    "cosine of TF-IDF over the words of prompt and response that another candidate has as well, without English stop "
    "words, weighted over the candidates"
)


def method(n: int) -> str:
    """How neighbours are found among so many candidates."""
    if n <= MOST_COMPARED:
        return METHOD
    return f"{METHOD}; of {n:,} candidates, at most {MOST_DRAWN:,} kept ones are compared, drawn at random"


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
    table = as_table(rows)
    if name and (whole := _with_id(table, name)) is not None:
        return whole
    last = int(table.whole("row").max(initial=0))
    is_row = _number(name.partition("/")[0]) in range(last + 1)
    found = _beginning(table, name) if name and (len(name) >= SHORTEST or not is_row) else []
    if is_row and not found:
        return _by_number(rows, BY_ROW + name, where)
    if len(found) == 1 and not is_row:
        only = _with_id(table, found[0])
        assert only is not None
        return only
    valid = (
        f"valid: an id of scores.parquet, a beginning of one that no other id has, or the number of a row, 0 to {last}"
    )
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        many = f"{len(found)} ids begin" if len(found) > 1 else "1 id begins"
        row = f"; for the row of that number: {BY_ROW}{name}" if is_row else ""
        listed = ", ".join(found[:SHOWN])
        raise InputError(f"{where}: {many} with {name!r}: {listed}{more}{row}; {valid}")
    alike = _near(_ids_around(table, name), name)
    hint = f"; near it: {', '.join(alike)}" if alike else ""
    raise InputError(f"{where}: no row has the id {name!r}{hint}; {valid}")


def _with_id(table: ScoreTable, id_: str) -> ScoreRow | None:
    """The first row with that id which is no duplicate, else the first duplicate; None where there is none."""
    places = np.flatnonzero(table.ids == id_.encode())
    own = places[table.statuses[places] != STATUSES.index(RowStatus.DUPLICATE)]
    return table[int((own if len(own) else places)[0])] if len(places) else None


def _beginning(table: ScoreTable, name: str) -> list[str]:
    """The ids that begin so, sorted."""
    return texts_of(np.unique(table.ids[np.char.startswith(table.ids, name.encode())]))


def _ids_around(table: ScoreTable, name: str) -> list[str]:
    """All ids, sorted; of very many those next to where the name would be."""
    ids = np.unique(table.ids[table.ids != b""])
    at = int(np.searchsorted(ids, name.encode()))
    return texts_of(ids if len(ids) <= MOST_KEPT else ids[max(0, at - MOST_NEAR) : at + MOST_NEAR])


def _number(text: str) -> int | None:
    """The number that a text writes; None where it is none, or longer than that of any row."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def _by_number(rows: Sequence[ScoreRow], name: str, where: str) -> ScoreRow:
    number, slash, turn = name.removeprefix(BY_ROW).partition("/")
    table = as_table(rows)
    wanted = _number(number)
    found = [] if wanted is None else list(table.at(np.flatnonzero(table.whole("row") == wanted)))
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
    last = int(table.whole("row").max(initial=0))
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
    view = RowView.of(rows)
    pool = PoolSamples.of(samples)
    known = view.where(view.table.are_candidates[view.places] & (Places(pool.ids).of(view.ids) >= 0))
    if len(known) > MOST_COMPARED:
        known = _drawn(known, id_)
    ids = known.ids
    own = np.flatnonzero(ids == id_.encode())
    kept = np.flatnonzero(known.selected & (ids != id_.encode()))
    if not len(own) or not len(kept):
        return []
    texts = pool.by_id(texts_of(ids)) if len(known) < len(pool) or not pool.is_held else pool.by_ids
    vectors = _vectors([texts[other] for other in texts_of(ids)], compared)
    if vectors is None:
        return []
    similarity = (vectors[kept] @ vectors[own].T).toarray().ravel()
    order = [place for place in np.lexsort((ids[kept], -similarity)).tolist() if similarity[place] > 0][:top]
    return [
        _neighbour(texts[row.id], row, float(similarity[place]))
        for place, row in zip(order, (known[int(kept[place])] for place in order), strict=True)
    ]


def _drawn(rows: RowView, id_: str) -> RowView:
    """The row with that id, and kept ones drawn at random, the same each time: the page compares as many."""
    own = rows.ids == id_.encode()
    kept = np.flatnonzero(rows.selected & ~own)
    drawn = np.random.default_rng(0).permutation(len(kept))[:MOST_DRAWN]
    chosen = own.copy()
    chosen[kept[drawn]] = True
    return rows.where(chosen)


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
