"""Scorers without a model measure very many candidates as columns, and the parts have the same measurements."""

from __future__ import annotations

from types import SimpleNamespace

import pyarrow as pa
import pytest

import icon
from icon.pipeline import _exact
from icon.pipeline._values import has_values
from icon.runs.parts import part_bytes
from icon.runs.value_parts import values_bytes
from icon.samples import bounds
from icon.samples.ids import id_array
from icon.samples.pool_samples import PoolSamples
from icon.scorers.baselines import LengthScorer, RandomScorer
from icon.scorers.options import LengthOptions
from icon.types import Measurement, Message, Sample


@pytest.mark.parametrize("ids", [["0" * 16, "f" * 16, "a" * 16], ["a", "", "äö"]])
def test_a_part_of_columns_has_the_bytes_of_one_of_records(ids):
    values = [1.5, -2.0, 0.25]
    rows = [Measurement(id_, value=value) for id_, value in zip(ids, values, strict=True)]
    made = values_bytes("000003", "print", id_array(ids), pa.array(values).to_numpy())
    assert made == part_bytes("000003", rows, "print")


def scorers():
    drawn = RandomScorer(SimpleNamespace())
    drawn.prepare(SimpleNamespace(seed=7), ())
    return [drawn, LengthScorer(LengthOptions()), LengthScorer(LengthOptions(unit="words"))]


@pytest.mark.parametrize("scorer", scorers())
def test_values_of_many_are_those_of_each(scorer):
    samples = [Sample(f"{n:016x}", n, (Message("user", "q"),), "wörd " * n) for n in range(1, 9)]
    assert has_values(scorer)
    assert scorer.values_of(PoolSamples.of(samples)).tolist() == [scorer.value_of(sample) for sample in samples]


def test_a_scorer_that_changes_the_value_of_one_measures_each():
    class Doubled(LengthScorer):
        def value_of(self, candidate):
            return 2 * super().value_of(candidate)

    assert not has_values(Doubled(LengthOptions()))


@pytest.mark.parametrize("held", [bounds.HELD, 0])
def test_a_run_goes_on_with_parts_of_either_way(tmp_path, monkeypatch, held):
    pool = tmp_path / "pool.jsonl"
    pool.write_text("".join(f'{{"question": "q {n}", "answer": "{"a " * (n % 9 + 1)}"}}\n' for n in range(100)))
    monkeypatch.setattr(bounds, "HELD", held)
    runs = []
    for name, size in (("each", 10**6), ("columns", 40)):
        monkeypatch.setattr(_exact, "OF_TEXTS_ALONE", size)
        given = {"scorer": "length", "template": "alpaca", "report": False, "progress": False}
        icon.run(str(pool), out=tmp_path / name, **given)
        runs.append((tmp_path / name / "scores.parquet").read_bytes())
        parts = sorted((tmp_path / name / "contributions").glob("part-*"))
        assert len(parts) == {"each": 1, "columns": 3}[name]
    assert runs[0] == runs[1]
    parts[1].unlink()
    icon.run(str(pool), out=tmp_path / "columns", **given)
    assert sorted((tmp_path / "columns" / "contributions").glob("part-*")) == parts
    assert (tmp_path / "columns" / "scores.parquet").read_bytes() == runs[0]
