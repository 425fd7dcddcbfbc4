"""Diversity and difficulty of what each cell is trained on, and what the models' selections have in common."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from icon.types import Sample
from paper import results
from paper.cells import Cell, Places, cells
from paper.intervals import Number, mean_of_draws
from paper.selecting import ids
from paper.settings import Chain
from paper.tables import Table
from paper.texts import cell_ids, samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLUSTERS = 100
"""Most clusters of the pool's prompts."""

PER_CLUSTER = 8
"""Fewest records per cluster, on average."""

Measures = dict[str, float | None]


def analyse(chain: Chain) -> str:
    """Write analysis.md and analysis.json; returns the Markdown.

    Raises:
        RunError: The selections are not there yet.
    """
    made = [_of_model(chain, model) for model in chain.models]
    if len(chain.models) > 1:
        made.append(_overlaps(chain))
    note = (
        "Words of response and prompt are means. Clusters are k-means over TF-IDF of the pool's prompts: the share of "
        "them that has a record here, and how many clusters of equal size would be as mixed (the exponential of the "
        "entropy). Bigrams are the share of distinct pairs of words among those of the responses. A scorer's column is "
        "its mean over the records that it has scored; `missing` where it scored none."
    )
    text = "\n\n".join(["## Diversity and difficulty", note, *(table.markdown(3) for table in made)]) + "\n"
    results.write_text(chain.work / "analysis.md", text)
    values = [{"title": table.title, "columns": table.columns, "rows": _plain(table)} for table in made]
    results.write_text(chain.work / "analysis.json", json.dumps(values, indent=1) + "\n")
    return text


def _plain(table: Table) -> dict[str, dict[str, float | None]]:
    return {
        label: {name: one.value for name, one in zip(table.columns, numbers, strict=True)}
        for label, numbers in table.rows
    }


def _of_model(chain: Chain, model: str) -> Table:
    """A row per cell; the random draws of a share as one row."""
    pool = samples(chain, model)
    eligible = ids(Places(chain.work).eligible(model))
    labels = dict(zip(eligible, clusters([pool[id_].prompt_text for id_ in eligible], chain.seed), strict=True))
    scores = _scores(chain, model)
    rows: list[tuple[str, list[Measures]]] = []
    for cell in cells(chain, model):
        if cell.arm != "base":
            label = f"{cell.share} {cell.arm}".strip()
            found = measures(cell_ids(chain, cell), pool, labels, scores)
            if rows and rows[-1][0] == label:
                rows[-1][1].append(found)
            else:
                rows.append((label, [found]))
    columns = list(rows[0][1][0])
    return Table(f"Records of {model}", columns, [(label, _numbers(found, columns)) for label, found in rows])


def _numbers(found: Sequence[Measures], columns: Sequence[str]) -> list[Number]:
    if len(found) == 1:
        return [Number(found[0][name]) for name in columns]
    return [mean_of_draws([one[name] for one in found]) for name in columns]


def measures(
    chosen: Sequence[str],
    pool: Mapping[str, Sample],
    labels: Mapping[str, int],
    scores: Mapping[str, Mapping[str, float]],
) -> Measures:
    """The columns of a row of the analysis.

    Args:
        chosen: Ids of the records.
        pool: The samples by id.
        labels: Cluster of each candidate.
        scores: By scorer, the scores by id.
    """
    responses = [pool[id_].response.split() for id_ in chosen]
    prompts = [len(pool[id_].prompt_text.split()) for id_ in chosen]
    counts = np.bincount([labels[id_] for id_ in chosen], minlength=max(labels.values()) + 1)
    found: Measures = {
        "records": float(len(chosen)),
        "response words": statistics.fmean(len(words) for words in responses),
        "prompt words": statistics.fmean(prompts),
        "clusters hit": float((counts > 0).mean()),
        "effective clusters": effective_number(counts),
        "distinct bigrams": distinct_bigrams(responses),
    }
    for scorer, by_id in scores.items():
        known = [by_id[id_] for id_ in chosen if id_ in by_id]
        found[scorer] = statistics.fmean(known) if known else None
    return found


def effective_number(counts: NDArray[np.int_]) -> float:
    """The exponential of the entropy of these counts: k for k clusters of equal size."""
    shares = counts[counts > 0] / counts.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def distinct_bigrams(texts: Sequence[Sequence[str]]) -> float | None:
    """The share of distinct pairs of neighbouring words among all; None without any."""
    pairs = [pair for words in texts for pair in pairwise(words)]
    return len(set(pairs)) / len(pairs) if pairs else None


def clusters(texts: Sequence[str], seed: int) -> list[int]:
    """K-means clusters of texts by TF-IDF; one cluster where no two texts share a word."""
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    n = min(CLUSTERS, max(1, len(texts) // PER_CLUSTER))
    try:
        vectors = TfidfVectorizer(min_df=2, sublinear_tf=True, max_features=20_000).fit_transform(texts)
    except ValueError:  # what scikit-learn raises where no word is left
        return [0] * len(texts)
    return [int(label) for label in MiniBatchKMeans(n, n_init=3, random_state=seed).fit(vectors).labels_]


def _scores(chain: Chain, model: str) -> dict[str, dict[str, float]]:
    """The run's own score and those of its baseline scorers, by id."""
    from icon import load_run

    found: dict[str, dict[str, float]] = {}
    for row in load_run(Places(chain.work).run(model)).rows:
        own = {} if row.score is None else {"score": row.score}
        for scorer, value in {**own, **row.baselines}.items():
            found.setdefault(scorer, {})[row.id] = value
    return found


def _overlaps(chain: Chain) -> Table:
    """The share that two models' selections have in common, of the smaller one, and what chance gives."""
    rows = []
    for first, second in combinations(chain.models, 2):
        shared: list[Number] = []
        for share in chain.shares:
            kept = [set(cell_ids(chain, Cell(model, "selection", share))) for model in (first, second)]
            pools = [set(ids(Places(chain.work).eligible(model))) for model in (first, second)]
            smaller, n = min(map(len, kept)), len(pools[0] | pools[1])
            shared += [Number(len(kept[0] & kept[1]) / smaller), Number(max(map(len, kept)) / n)]
        rows.append((f"{first} and {second}", shared))
    columns = [name for share in chain.shares for name in (share, f"{share} by chance")]
    return Table("Overlap of the selections", columns, rows)
