"""Python values to Arrow's arrays, and numbers back, by numpy.

Where pyarrow is given a list or a numpy array, or is to give one, it imports pandas, which takes longer than most
commands do; of buffers it makes an array without (https://arrow.apache.org/docs/format/Columnar.html has their layout).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

OF_TYPE = {pa.int32(): np.int32, pa.int64(): np.int64, pa.float64(): np.float64}

MOST_BYTES = 2**31 - 1
"""Bytes of text that an array of strings holds, whose offsets have 32 bits."""


def column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """The values as an array: numbers, flags and texts, None for none; or for a map a mapping each.

    Args:
        values: Each of the kind, or None where that is no map.
        kind: An integer of 32 or 64 bits, float64, bool, string, or a map of strings to numbers.

    Returns:
        The array; a chunked one for more text than an array holds.
    """
    if pa.types.is_map(kind):
        return _maps(values, kind)
    there = np.fromiter((value is not None for value in values), dtype=np.bool_, count=len(values))
    valid = None if there.all() else _bits(there)
    if pa.types.is_string(kind):
        written = [b"" if value is None else value.encode() for value in values]
        if sum(map(len, written)) > MOST_BYTES:
            return pa.array(values, kind)
        buffers = [pa.py_buffer(_offsets(map(len, written))), pa.py_buffer(b"".join(written))]
    elif pa.types.is_boolean(kind):
        buffers = [_bits(np.array([bool(value) for value in values], dtype=np.bool_))]
    else:
        numbers = [0 if value is None else value for value in values]
        buffers = [pa.py_buffer(np.array(numbers, dtype=OF_TYPE[kind]))]
    return pa.Array.from_buffers(kind, len(values), [valid, *buffers])


def numbers(values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    """The numbers as an array of this kind, an integer of 32 or 64 bits or float64."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values, OF_TYPE[kind]))])


def numpy_of(array: pa.Array) -> NDArray[Any]:
    """The numbers of an array that lacks none.

    Raises:
        ValueError: One is missing.
        KeyError: It is of another kind than an integer of 32 or 64 bits or float64.
    """
    if array.null_count:
        raise ValueError(f"{array.null_count} numbers are missing")
    values = np.frombuffer(array.buffers()[1] or b"", OF_TYPE[array.type])
    return values[array.offset : array.offset + len(array)]


def lists(offsets: NDArray[np.int32], values: pa.Array) -> pa.Array:
    """An array of lists: the i-th has the values from offsets[i] to offsets[i + 1].

    Args:
        offsets: Shape (lists + 1,).
        values: Of all lists.
    """
    buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets, dtype=np.int32))]
    return pa.Array.from_buffers(pa.list_(values.type), len(offsets) - 1, buffers, children=[values])


def _maps(values: Sequence[Mapping[str, float]], kind: pa.MapType) -> pa.Array:
    keys = column([key for value in values for key in value], kind.key_type)
    items = column([item for value in values for item in value.values()], kind.item_type)
    entries = pa.Array.from_buffers(
        pa.struct([kind.key_field, kind.item_field]), len(keys), [None], children=[keys, items]
    )
    ends = _offsets(len(value) for value in values)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(ends)], children=[entries])


def _offsets(lengths: Iterable[int]) -> NDArray[np.int32]:
    return np.fromiter(accumulate(lengths, initial=0), dtype=np.int32)


def _bits(flags: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))
