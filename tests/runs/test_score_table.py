"""scores.parquet as columns and as a stream: the same rows and bytes as from records, whatever is in memory."""

import io
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from icon.errors import RowFault, RunError
from icon.runs import pool_scores, score_table, scores, tables
from icon.runs.pool_scores import PoolScores
from icon.runs.records import AssessStage
from icon.runs.scores import as_table, read_scores, scores_bytes, write_scores, write_tables
from icon.samples.ids import id_array
from icon.samples.load import Duplicate, LoadedSamples
from icon.scorers.contributed import AloneContributions, share_ids
from icon.selection.decided import Decided
from icon.types import Contribution, Decision, Message, Sample, ScoreRow, Selection, Status

ROWS = [
    ScoreRow("a1", 0, 0, "scored", "", "selected", True, 1.5, rank=1, n_assessed=3, groups={"x": 0.5}),
    ScoreRow("b", 0, 1, "failed", "it broke", "failed: it broke"),
    ScoreRow("", 1, 0, "bad_row", "nothing to read", "dropped"),
    ScoreRow("naïve", 2, 0, "scored", "", "below", False, -0.25, probability=0.5, rank=2, baselines={"length": 3.0}),
    ScoreRow("d", 5, 0, "not_scored", "outside", "not scored", margin=0.1),
]


@pytest.fixture(params=["kept", "made anew"])
def table(request, monkeypatch):
    """The rows in row groups of two, whose records are kept, or made anew by each pass."""
    monkeypatch.setattr(scores, "GROUP", 2)
    monkeypatch.setattr(score_table, "BATCH", 1)
    monkeypatch.setattr(score_table, "MOST_KEPT", 100 if request.param == "kept" else 0)
    return as_table(ROWS)


def test_records_are_those_that_were_written_in_any_way_of_asking(table):
    assert len(table) == 5
    assert list(table) == list(table.passing()) == ROWS
    assert table == ROWS
    assert table != ROWS[:4]
    assert [table[place] for place in (3, 0, -1)] == [ROWS[3], ROWS[0], ROWS[4]]
    assert (table[1:4], table[::2]) == (ROWS[1:4], ROWS[::2])
    assert list(table.at([4, 0, 1, 3, 3])) == [ROWS[4], ROWS[0], ROWS[1], ROWS[3], ROWS[3]]
    with pytest.raises(IndexError):
        table[5]


def test_columns_are_those_of_the_records(table):
    assert table.ids.tolist() == [row.id.encode() for row in ROWS]
    assert table.selected.tolist() == [row.selected for row in ROWS]
    assert table.whole("rank").tolist() == [1, 0, 0, 2, 0]
    assert table.whole("n_assessed").tolist() == [3, 0, 0, 0, 0]
    np.testing.assert_array_equal(table.numbers("score"), [1.5, np.nan, np.nan, -0.25, np.nan])
    np.testing.assert_array_equal(table.numbers("no such column"), [np.nan] * 5)
    assert [score_table.STATUSES[code] for code in table.statuses] == [row.status for row in ROWS]
    assert table.are_candidates.tolist() == [True, True, False, True, True]
    assert (table.names_in("groups"), table.names_in("baselines")) == (["x"], ["length"])
    assert table.selected_ids == ["a1"]
    assert list(table.of_records(table.selected)) == ROWS[:2]  # the record of row 0 has two turns


def test_columns_that_are_not_asked_for_are_not_read(table):
    (first, *_) = table.passing(["score"])
    assert (first.id, first.row, first.turn, first.score) == ("a1", 0, 0, 1.5)
    assert (first.decision, first.rank, first.groups) == ("", None, {})


def test_a_large_file_is_read_in_place_and_one_that_was_replaced_from_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(score_table, "MOST_KEPT", 0)
    path = tmp_path / "scores.parquet"
    write_scores(path, ROWS, "f")
    opened = read_scores(path)
    with path.open("rb") as file:
        path.unlink()
        write_scores(path, ROWS[:1], "f")
        assert list(scores.scores_in(file, path)) == ROWS
    assert list(opened) == ROWS
    path.write_bytes(scores_bytes(ROWS, "f")[:-9])
    with pytest.raises(RunError, match=r"scores.parquet: cannot be read"):
        read_scores(path)


def test_rows_that_are_damaged_are_an_error_that_names_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(score_table, "MOST_KEPT", 0)
    path, data = tmp_path / "scores.parquet", bytearray(scores_bytes(ROWS * 50, "f"))
    data[200:240] = bytes(40)
    path.write_bytes(data)
    with pytest.raises(RunError, match=r"scores.parquet: cannot be read .* icon select"):
        read_scores(path)


def sample(id_, row, turn=0):
    return Sample(id_, row, (Message("user", "q"),), "answer", turn=turn)


def made(contributions, sources=None, decided_by=""):
    """What is made of a pool with every kind of row."""
    pool = LoadedSamples(
        "pool.jsonl",
        "alpaca",
        "digest",
        9,
        [sample("s0", 0), sample("held", 1), sample("s2", 3), sample("s3", 3, 1), sample("leak", 4), sample("near", 5)],
        [Duplicate("s0", 2, 0, 0)],
        [RowFault(6, "line 7", "output", "null", "text")],
        sources=sources or {},
    )
    stage = AssessStage(
        samples=1, held_out=("held",), leaks={"leak": "overlaps"}, near_duplicates={"near": "near row 3"}, digest="d"
    )
    candidates = [one for one in pool.samples if one.id in ("s0", "s2", "s3")]
    baselines = {
        "length": {"s2": Contribution("s2", 3.0), "s0": Contribution("s0", None, status=Status.FAILED, reason="x")},
        "random": AloneContributions(id_array(["s3", "s2"]), np.array([0.25, 0.75]), {}, {}),
    }
    decisions = [
        Decision("s0", False, None, "not ranked"),
        Decision("s2", True, 1, "selected: rank 1", 0.5, decided_by),
        Decision("s3", False, None, "not scored"),
    ]
    return PoolScores(pool, stage, candidates, contributions, baselines, Selection(decisions))


DEFAULT = "outside the scored subset, or scoring was stopped before its turn"
EXPECTED = [
    ScoreRow("s0", 0, 0, "failed", "it broke", "failed: it broke"),
    ScoreRow("held", 1, 0, "held_out", pool_scores.HELD_OUT, f"dropped: {pool_scores.HELD_OUT}"),
    ScoreRow("s0", 2, 0, "duplicate", "exact duplicate of row 0", "dropped: exact duplicate of row 0"),
    ScoreRow(
        *("s2", 3, 0, "scored", "cut", "selected: rank 1", True, 2.0),
        baselines={"length": 3.0, "random": 0.75},
        probability=0.5,
        rank=1,
    ),
    ScoreRow("s3", 3, 1, "not_scored", DEFAULT, "not scored", baselines={"random": 0.25}),
    ScoreRow("leak", 4, 0, "leak", "overlaps", "dropped: overlaps"),
    ScoreRow("near", 5, 0, "near_duplicate", "near row 3", "dropped: near row 3"),
]
FAULT = str(RowFault(6, "line 7", "output", "null", "text"))
EXPECTED.append(ScoreRow("", 6, 0, "bad_row", FAULT, f"dropped: {FAULT}"))

AS_RECORDS = {
    "s2": Contribution("s2", 2.0, reason="cut"),
    "s0": Contribution("s0", None, status=Status.FAILED, reason="it broke"),
}
AS_COLUMNS = AloneContributions(
    id_array(["s2", "s0"]), np.array([2.0, np.nan]), {1: Status.FAILED}, {0: "cut", 1: "it broke"}
)


def written(tables, fingerprint="print"):
    sink = io.BytesIO()
    write_tables(sink, tables, fingerprint)
    return sink.getvalue()


@pytest.mark.parametrize("contributions", [AS_RECORDS, AS_COLUMNS])
@pytest.mark.parametrize(("sources", "decided_by"), [({}, ""), ({0: "x", 3: "y"}, "length")])
def test_what_is_streamed_from_columns_has_the_bytes_of_the_table_of_records(contributions, sources, decided_by):
    assert dict(contributions) == AS_RECORDS
    rows = [
        replace(row, source=sources.get(row.row, ""), decided_by=decided_by if row.id == "s2" else "")
        for row in EXPECTED
    ]
    data = written(made(contributions, sources, decided_by).tables())
    assert pq.read_table(pa.BufferReader(data)).equals(pq.read_table(pa.BufferReader(scores_bytes(rows, "print"))))
    assert data == scores_bytes(rows, "print")


def test_row_groups_have_the_same_rows_however_many_are_made_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(pool_scores, "GROUP", 3)
    data = written(made(AS_COLUMNS).tables())
    assert pq.ParquetFile(io.BytesIO(data)).metadata.num_row_groups == 3
    (tmp_path / "scores.parquet").write_bytes(data)
    assert read_scores(tmp_path / "scores.parquet") == EXPECTED


def test_a_pool_without_a_row_is_a_table_without_one(tmp_path):
    empty = LoadedSamples("p", "alpaca", "d", 0, [], [], [])
    stage = AssessStage(samples=0, held_out=(), leaks={}, near_duplicates={}, digest="d")
    data = written(PoolScores(empty, stage, [], {}, {}, Selection([])).tables())
    assert data == scores_bytes([], "print")


def test_decisions_as_columns_are_the_decisions():
    decisions = [Decision("b", True, 1, "why", 0.25, "ppl"), Decision("a", False, None, "why not")]
    columns = Decided.of(decisions)
    assert columns == decisions
    assert list(columns) == decisions
    assert (columns[1], columns[-2:]) == (decisions[1], decisions)
    assert columns != decisions[::-1]


def test_scorers_of_the_same_candidates_share_their_ids():
    columns = [AloneContributions(id_array(ids), np.zeros(2), {}, {}) for ids in (["a", "b"], ["a", "b"], ["b", "a"])]
    share_ids(columns[0], [*columns[1:], AS_RECORDS])
    assert [one.ids is columns[0].ids for one in columns] == [True, True, False]
