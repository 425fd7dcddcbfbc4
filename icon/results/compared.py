"""texts.parquet: the candidates' texts as they were compared for the page, which depends on texts and seed alone.

So a page that is drawn again, `icon select` and `icon explain` need no scikit-learn, whose import takes longer than all
else that they do. Where the file is missing or damaged, or is of other texts, they compare them anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, Field

from icon.errors import RunError
from icon.results.text_vectors import MOST_TERMS
from icon.runs.checksums import Covered
from icon.runs.columns import column, lists, numbers, numpy_of
from icon.runs.directory import RunDirectory
from icon.runs.ledger import open_checked
from icon.runs.manifest import Manifest
from icon.runs.tables import buffer_of, parquet_bytes, table_of

TEXTS: Covered = "texts.parquet"

MOST_WEIGHTS = 2_000_000
"""Weights of all texts together that are kept: at most about 20 MB. Texts with more are compared anew each time."""

VERSION: Literal[1] = 1
"""Of the way in which texts are compared; what another version wrote is not used."""

KEY = "icon.compared"


class Facts(BaseModel, extra="forbid", strict=True):
    """What the file says of all texts together; see `Compared`."""

    version: Literal[1] = VERSION
    seed: int
    n_terms: int = Field(ge=1, le=MOST_TERMS)
    names: list[str]
    central: list[str]
    method: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Texts of candidates, compared.

    Attributes:
        seed: Seed of clusters and map.
        ids: Ids of the candidates.
        tfidf: Sparse, in rows, shape (texts, terms), in the order of the ids: see `text_vectors`.
        names: Of the clusters.
        cluster: Number of the cluster of each candidate that has a score, by id.
        central: Of each cluster, the id of the text nearest to its middle; empty where there is one cluster.
        method: How the map was made, in words; None where there is none.
        places: Of each candidate on the map, by id: x and y, between -1 and 1.
    """

    seed: int
    ids: Sequence[str]
    tfidf: Any
    names: Sequence[str]
    cluster: Mapping[str, int]
    central: Sequence[str]
    method: str | None
    places: Mapping[str, tuple[float, float]]

    def is_of(self, seed: int, ids: Sequence[str], scored: Sequence[str], shown: Sequence[str]) -> bool:
        """Whether it is of these texts, clusters of the scored ones and the map of those shown, with this seed."""
        mapped = set(shown) if self.method else set()
        same = self.seed == seed and list(self.ids) == list(ids)
        return same and self.cluster.keys() == set(scored) and self.places.keys() == mapped


def compared_bytes(compared: Compared) -> bytes | None:
    """The file; None where it would be too large."""
    tfidf = compared.tfidf
    if tfidf.nnz > MOST_WEIGHTS:
        return None
    offsets = np.asarray(tfidf.indptr, dtype=np.int32)
    at = [compared.places.get(id_, (None, None)) for id_ in compared.ids]
    columns = {
        "id": column(compared.ids, pa.string()),
        "terms": lists(offsets, numbers(tfidf.indices, pa.int32())),
        "weights": lists(offsets, numbers(tfidf.data, pa.float64())),
        "cluster": column([compared.cluster.get(id_) for id_ in compared.ids], pa.int32()),
        "x": column([x for x, _ in at], pa.float64()),
        "y": column([y for _, y in at], pa.float64()),
    }
    names, central = list(compared.names), list(compared.central)
    facts = Facts(seed=compared.seed, n_terms=tfidf.shape[1], names=names, central=central, method=compared.method)
    table = pa.Table.from_arrays(list(columns.values()), names=list(columns))
    return parquet_bytes(table.replace_schema_metadata({KEY: facts.model_dump_json()}))


def compared_of(directory: RunDirectory, manifest: Manifest) -> Compared | None:
    """What a run has kept; None where it has no such file, or one that is damaged or of another version."""
    if TEXTS not in manifest.files:
        return None
    try:
        with open_checked(directory, manifest, TEXTS) as file:
            return _compared(table_of(buffer_of(file)))
    except (RunError, OSError, pa.ArrowException, ValueError, LookupError, TypeError):
        return None  # `icon doctor` names a damaged one, and the texts are there to compare anew


def _compared(table: pa.Table) -> Compared:
    """The table's content.

    A folder from elsewhere may hold any numbers under its digest, so nothing is taken that scipy would read beyond.

    Raises:
        ValueError: It is not what this version writes.
        LookupError: A column is missing, or a cluster has no name.
    """
    from scipy.sparse import csr_matrix

    facts = Facts.model_validate_json(table.schema.metadata[KEY.encode()])
    columns = {name: table.column(name).to_pylist() for name in ("id", "cluster", "x", "y")}
    ids = columns["id"]
    terms, weights = (table.column(name).combine_chunks() for name in ("terms", "weights"))
    parts = tuple(numpy_of(array) for array in (weights.values, terms.values, weights.offsets))
    tfidf = csr_matrix(parts, shape=(len(ids), facts.n_terms))
    tfidf.check_format(full_check=True)
    cluster = {id_: number for id_, number in zip(ids, columns["cluster"], strict=True) if number is not None}
    places = {id_: (x, y) for id_, x, y in zip(ids, columns["x"], columns["y"], strict=True) if x is not None}
    if not (set(cluster.values()) <= set(range(len(facts.names))) and cluster.keys() >= set(facts.central)):
        raise ValueError("a cluster has no name, or its middle is in none")
    if len(facts.central) not in (0, len(facts.names)) or not np.isfinite(tfidf.data).all():
        raise ValueError("a cluster has no middle, or a weight is no number")
    if not all(-1 <= at <= 1 for both in places.values() for at in both):
        raise ValueError("a place is beyond the map")
    return Compared(facts.seed, ids, tfidf, facts.names, cluster, facts.central, facts.method, places)
