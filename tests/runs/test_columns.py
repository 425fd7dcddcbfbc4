"""Arrow's arrays made from buffers are those that pyarrow makes from the same lists."""

import math

import numpy as np
import pyarrow as pa
import pytest

from icon.runs.columns import column, lists, numbers, numpy_of
from icon.runs.scores import SCHEMA, scores_bytes
from icon.runs.tables import parquet_bytes
from icon.types import ScoreRow

MAP = pa.map_(pa.string(), pa.float64())


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, -(2**31), 2**31 - 1], pa.int32()),
        ([None, None, 2**62], pa.int64()),
        ([0.1, None, math.inf, -0.0], pa.float64()),
        ([True, False, None, True, True, True, False, False, True], pa.bool_()),
        (["", None, "naïve", "喜\n\x00", "a" * 300], pa.string()),
        ([], pa.string()),
        ([], pa.float64()),
        ([{"b": 1.0, "a": 2.0}, {}, {"é": None}, {}], MAP),
        ([], MAP),
    ],
)
def test_a_column_is_what_pyarrow_makes_of_the_list(values, kind):
    as_listed = [list(value.items()) for value in values] if kind == MAP else values
    made = column(values, kind)
    made.validate(full=True)
    assert made.equals(pa.array(as_listed, kind))


def test_a_number_that_is_none_is_not_the_number_nan():
    made = column([math.nan, None], pa.float64())
    assert (made.null_count, math.isnan(made[0].as_py()), made[1].as_py()) == (1, True, None)


def test_numbers_come_back_as_they_were_and_a_missing_one_is_an_error():
    made = numbers(np.array([0.5, -1.0, 2.0]), pa.float64())
    assert numpy_of(made).tolist() == [0.5, -1.0, 2.0]
    assert numpy_of(made[1:]).tolist() == [-1.0, 2.0]
    assert numpy_of(pa.array([], pa.int32())).tolist() == []
    with pytest.raises(ValueError, match="1 numbers are missing"):
        numpy_of(pa.array([1, None], pa.int64()))


def test_lists_are_cut_where_the_offsets_say():
    made = lists(np.array([0, 2, 2, 3]), numbers(np.array([4, 5, 6]), pa.int32()))
    made.validate(full=True)
    assert made.equals(pa.array([[4, 5], [], [6]], pa.list_(pa.int32())))


def test_the_table_of_scores_has_the_bytes_that_pyarrow_writes_of_lists():
    rows = [
        ScoreRow("a", 0, 0, "scored", "", "kept: rank 1", True, 1.5, 1.4, groups={"x": 0.5, "y": -1.0}, rank=1),
        ScoreRow("", 1, 0, "bad_row", "nichts zu lesen: ß", "dropped"),
        ScoreRow("b", 2, 1, "scored", "", "dropped", False, -0.25, baselines={"length": 3.0}, n_assessed=4, rank=2),
    ]
    values = {name: [getattr(row, name) for row in rows] for name in SCHEMA.names}
    values |= {name: [list(one.items()) for one in values[name]] for name in ("groups", "baselines")}
    table = pa.table(values, schema=SCHEMA).drop_columns(["source", "decided_by"])
    assert scores_bytes(rows, "print") == parquet_bytes(table.replace_schema_metadata({"icon.fingerprint": "print"}))
