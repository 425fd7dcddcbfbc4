"""Parts of scorers that give one value per candidate, made of columns; the bytes are those of `part_bytes`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from icon.runs.columns import column, numbers
from icon.runs.parts import LABEL, SCHEMA
from icon.runs.tables import parquet_bytes
from icon.samples.id_columns import IdArray, texts_of
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
        "candidate": _texts(ids),
        "value": numbers(values, pa.float64()),
        "status": column([str(Status.OK)] * n, pa.string()),
        "reason": column([""] * n, pa.string()),
    }
    arrays = [known[field.name] if field.name in known else pa.nulls(n, field.type) for field in SCHEMA]
    schema = SCHEMA.with_metadata({"icon.fingerprint": fingerprint, LABEL.decode(): label})
    return parquet_bytes(pa.Table.from_arrays(arrays, schema=schema))


def _texts(ids: IdArray) -> pa.Array:
    """The ids as an array of texts; those of one length are taken as they lie in memory."""
    width = ids.dtype.itemsize
    packed = np.ascontiguousarray(ids)
    if not len(packed) or not packed.view(np.uint8).reshape(-1, width)[:, -1].all():
        return column(texts_of(ids), pa.string())
    ends = np.arange(len(packed) + 1, dtype=np.int32) * np.int32(width)
    return pa.Array.from_buffers(pa.string(), len(packed), [None, pa.py_buffer(ends), pa.py_buffer(packed)])
