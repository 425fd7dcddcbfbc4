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


def or_none(values: NDArray[Any], there: NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    """The numbers as an array of this kind, none where they are not there."""
    valid = None if there.all() else _bits(there)
    data = np.ascontiguousarray(values, OF_TYPE[kind])
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(data)])


def truths(values: NDArray[np.bool_]) -> pa.Array:
    """The flags as an array."""
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, _bits(values)])


def maps_of(names: Sequence[str], values: NDArray[np.float64], kind: pa.MapType) -> pa.Array:
    """An array of maps of these names to numbers.

    Args:
        names: The keys, in the order of each map.
        values: Shape (maps, names); a map is without the names whose value is NaN.
        kind: A map of strings to float64.
    """
    there = ~np.isnan(values)
    keys = id_column(np.array([name.encode() for name in names], dtype=np.bytes_)[np.nonzero(there)[1]])
    items = numbers(values[there], pa.float64())
    return _map(np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32), keys, items, kind)


def _maps(values: Sequence[Mapping[str, float]], kind: pa.MapType) -> pa.Array:
    keys = column([key for value in values for key in value], kind.key_type)
    items = column([item for value in values for item in value.values()], kind.item_type)
    return _map(_offsets(len(value) for value in values), keys, items, kind)


def _map(offsets: NDArray[np.int32], keys: pa.Array, items: pa.Array, kind: pa.MapType) -> pa.Array:
    entries = pa.Array.from_buffers(
        pa.struct([kind.key_field, kind.item_field]), len(keys), [None], children=[keys, items]
    )
    return pa.Array.from_buffers(kind, len(offsets) - 1, [None, pa.py_buffer(offsets)], children=[entries])


def _offsets(lengths: Iterable[int]) -> NDArray[np.int32]:
    return np.fromiter(accumulate(lengths, initial=0), dtype=np.int32)


def _bits(flags: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def filled(array: pa.Array | pa.ChunkedArray, missing: float) -> NDArray[Any]:
    """The numbers of an array, with another one in the place of each that is missing."""
    if isinstance(array, pa.ChunkedArray):
        parts = [filled(chunk, missing) for chunk in array.chunks]
        return np.concatenate(parts) if parts else np.empty(0, OF_TYPE[array.type])
    values = np.frombuffer(array.buffers()[1] or b"", OF_TYPE[array.type])
    values = values[array.offset : array.offset + len(array)]
    if array.null_count:
        values = values.copy()
        values[~_there(array)] = missing
    return values


def flags(array: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    """The flags of an array; a missing one is False."""
    if isinstance(array, pa.ChunkedArray):
        parts = [flags(chunk) for chunk in array.chunks]
        return np.concatenate(parts) if parts else np.empty(0, np.bool_)
    values = _unpacked(array.buffers()[1], array)
    return values & _there(array) if array.null_count else values


def id_column(ids: NDArray[np.bytes_]) -> pa.Array:
    """Ids as an array of strings."""
    if not len(ids):
        return column([], pa.string())
    letters = ids.view(np.uint8).reshape(len(ids), ids.dtype.itemsize)
    lengths = np.char.str_len(ids)
    if (lengths == ids.dtype.itemsize).all():
        text = np.ascontiguousarray(letters)
    else:
        text = letters[np.arange(ids.dtype.itemsize) < lengths[:, None]]
    if text.nbytes > MOST_BYTES:
        raise ValueError(f"{text.nbytes} bytes of text are too many for an array of strings")
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.Array.from_buffers(pa.string(), len(ids), [None, pa.py_buffer(offsets), pa.py_buffer(text)])


def ids_in(array: pa.Array | pa.ChunkedArray) -> NDArray[np.bytes_]:
    """The texts of an array of strings that lacks none, as bytes of one width."""
    if isinstance(array, pa.ChunkedArray):
        parts = [ids_in(chunk) for chunk in array.chunks]
        return np.concatenate(parts) if parts else np.empty(0, "S1")
    if not len(array):
        return np.empty(0, "S1")
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    lengths = np.diff(offsets)
    text = np.frombuffer(array.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
    width = max(1, int(lengths.max()))
    if (lengths == width).all():
        return np.ascontiguousarray(text).view(f"S{width}")
    letters = np.zeros((len(array), width), dtype=np.uint8)
    letters[np.arange(width) < lengths[:, None]] = text
    return letters.view(f"S{width}").ravel()


def _there(array: pa.Array) -> NDArray[np.bool_]:
    return _unpacked(array.buffers()[0], array)


def _unpacked(bits: pa.Buffer, array: pa.Array) -> NDArray[np.bool_]:
    values = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")
    return values[array.offset : array.offset + len(array)].astype(np.bool_)
