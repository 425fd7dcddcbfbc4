"""Everything that the page says from comparing the candidates' texts: what helps what, diversity, the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from threadpoolctl import threadpool_limits

from icon.report.page.clusters import cluster
from icon.report.page.diversity import diversity
from icon.report.page.drawing import draw
from icon.report.page.features import TextVectors, text_vectors
from icon.report.page.helps import heat_map
from icon.report.page.inputs import PageInput
from icon.report.page.similarity_map import MOST_POINTS, plane
from icon.runs.scores import ScoreRow

MOST_POOL = 6000
MOST_SELECTED = 2000
MOST_SCORED = 4000
"""Texts of each kind that are compared; of more, a random draw."""


def texts_compared(page: PageInput) -> dict[str, Any]:
    """The three charts as plain data, each None where there is too little.

    Returns:
        heat (`helps.heat_map`), diversity (`diversity.diversity`), map (`similarity_map.plane`, with row,
        turn and selected of each point), and of how many candidates each was drawn.
    """
    known = [each for each in page.candidates if each.id in page.samples]
    pool = draw(known, MOST_POOL, page.seed)
    selected = draw([each for each in known if each.selected], MOST_SELECTED, page.seed)
    scored = draw([each for each in known if each.score is not None], MOST_SCORED, page.seed)
    rows = list({each.id: each for each in (*pool, *selected, *scored)}.values())
    places = {each.id: place for place, each in enumerate(rows)}
    vectors = text_vectors([page.samples[each.id].text for each in rows])
    spread = diversity(vectors.tfidf, _at(pool, places), _at(selected, places), page.seed) if vectors else None
    # Several threads add up in another order each time: the page would not come out the same.
    with threadpool_limits(limits=1):
        heat, plane_map = _heat(scored, vectors, places, page.seed), _map(pool, vectors, places, page.seed)
    return {
        "candidates": len(known),
        "heat": heat,
        "scored_shown": len(scored),
        "scored": sum(each.score is not None for each in known),
        "diversity": spread,
        "map": plane_map,
    }


def _heat(
    scored: Sequence[ScoreRow], vectors: TextVectors | None, places: dict[str, int], seed: int
) -> dict[str, Any] | None:
    if not scored:
        return None
    of_scored = vectors.some(_at(scored, places)) if vectors else None
    return heat_map(scored, cluster(of_scored, len(scored), seed))


def _map(
    pool: Sequence[ScoreRow], vectors: TextVectors | None, places: dict[str, int], seed: int
) -> dict[str, Any] | None:
    shown = draw(pool, MOST_POINTS, seed)
    found = plane(vectors.some(_at(shown, places)), seed) if vectors else None
    if found is None:
        return None
    return found | {
        "row": [each.row for each in shown],
        "turn": [each.turn for each in shown],
        "selected": [int(each.selected) for each in shown],
    }


def _at(rows: Sequence[ScoreRow], places: dict[str, int]) -> list[int]:
    return [places[each.id] for each in rows]
