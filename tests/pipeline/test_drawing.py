"""`subset_draw=pandas` draws the rows that the authors' pandas draws."""

from __future__ import annotations

import json

import pytest

import icon
from icon.config import resolve
from icon.pipeline.drawing import pandas_draw, subset_of
from icon.pipeline.measuring import draw_subset
from icon.runs.manifest import load_manifest
from icon.samples.load import load_samples
from icon.testing import FakeBackend


@pytest.fixture
def load(tmp_path):
    def write(records):
        path = tmp_path / "pool.jsonl"
        path.write_text("".join(json.dumps({"instruction": x, "output": y}) + "\n" for x, y in records))
        return load_samples(str(path), on_bad_row="skip")

    return write


def config(**changes):
    return resolve({"pool": "p", "subset": 3, "subset_draw": "pandas", **changes})


def rows(drawn):
    return [sample.row for sample in drawn]


def test_it_is_the_beginning_of_numpys_permutation():
    # numpy.random.RandomState(42).permutation(10) is [8, 1, 5, 0, 7, 2, 9, 4, 3, 6]
    assert pandas_draw(10, 4, 42) == [8, 1, 5, 0]


def test_it_is_what_pandas_draws():
    pandas = pytest.importorskip("pandas")
    for n, size, seed in ((52_002, 5_000, 42), (10, 10, 0), (7, 1, 3)):
        table = pandas.DataFrame({"row": range(n)})
        assert pandas_draw(n, size, seed) == table.sample(n=size, random_state=seed)["row"].tolist()


def test_the_draw_is_over_the_pools_rows_in_their_order(load):
    pool = load([(f"q{i}", "a") for i in range(10)])
    assert rows(subset_of(config(), pool, pool.samples)) == [8, 1, 5]


def test_bad_rows_are_drawn_in_vain_a_duplicate_stands_for_its_first_and_what_is_held_out_is_missing(load):
    records = [(f"q{i}", "a") for i in range(10)]
    records[1] = ("q1", "")  # no sample
    records[8] = records[2]
    pool = load(records)
    assert rows(subset_of(config(), pool, pool.samples)) == [2, 5]
    without = [sample for sample in pool.samples if sample.row != 5]
    assert rows(subset_of(config(), pool, without)) == [2]


def test_prompts_with_the_authors_two_kinds_of_url_are_not_in_the_table(load):
    records = [(f"q{i}", "a") for i in range(12)]
    records[0], records[3] = ("see http://a.b", "a"), ("see https://a.b", "a")
    records[4] = ("see www.a.b", "a")  # the authors keep it
    pool = load(records)
    left = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]  # places 8, 1 and 5 of these
    assert rows(subset_of(config(skip_urls=True), pool, pool.samples)) == [left[8], left[1], left[5]]


def test_a_pool_no_larger_than_the_subset_is_taken_in_its_order(load):
    pool = load([(f"q{i}", "a") for i in range(3)])
    assert rows(subset_of(config(), pool, pool.samples)) == [0, 1, 2]


def test_by_default_the_draw_is_by_seed_and_id(load):
    pool = load([(f"q{i}", "a") for i in range(10)])
    drawn = subset_of(config(subset_draw="icon"), pool, pool.samples)
    assert drawn == draw_subset(pool.samples, subset=3, seed=42, skip_urls=False)


def test_a_run_with_the_preset_released_scores_that_draw(tmp_path):
    pool, tasks = tmp_path / "pool.jsonl", tmp_path / "tasks.jsonl"
    pool.write_text("".join(json.dumps({"instruction": f"q{i}", "output": f"a{i} b c"}) + "\n" for i in range(10)))
    tasks.write_text("".join(json.dumps({"instruction": f"t{i}", "output": f"u{i} v w x"}) + "\n" for i in range(2)))
    found = icon.run(
        pool,
        assessment=tasks,
        out=tmp_path / "run",
        preset="released",
        subset=3,
        selector="top",
        backend=FakeBackend(),
        report=False,
    )
    assert {row.row for row in found.rows if row.status == "scored"} == {8, 1, 5}
    assert load_manifest(found.path / "run.json").inputs.template.name == "paper"
