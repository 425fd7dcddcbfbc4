"""Parts of scorers that give one value per candidate, made of columns; the bytes are those of `part_bytes`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from icon.runs.columns import column, id_column, numbers
from icon.runs.parts import LABEL, SCHEMA
from icon.runs.tables import parquet_bytes
from icon.samples.ids import IdArray
from icon.types import Status


def values_bytes(label: str, fingerprint: str, ids: IdArray, values: NDArray[np.float64]) -> bytes:
    """A part of candidates that all have a value.

    Args:
        label: The part's label.
        fingerprint: Digest of every setting that decides a measurement.
        ids: Ids of the candidates, shape (n,).
        values: Their values, finite, shape (n,).
    """
    n = len(ids)
    known = {
        "candidate": id_column(ids),
        "value": numbers(values, pa.float64()),
        "status": column([str(Status.OK)] * n, pa.string()),
        "reason": column([""] * n, pa.string()),
    }
    arrays = [known[field.name] if field.name in known else pa.nulls(n, field.type) for field in SCHEMA]
    schema = SCHEMA.with_metadata({"icon.fingerprint": fingerprint, LABEL.decode(): label})
    return parquet_bytes(pa.Table.from_arrays(arrays, schema=schema))
