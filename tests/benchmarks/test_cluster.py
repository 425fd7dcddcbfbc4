"""The simulated race over many workers: no part is lost, and slow and dead workers are worked around."""

import json

import pytest


@pytest.fixture(scope="module")
def rows(run_script, tmp_path_factory):
    out = tmp_path_factory.mktemp("cluster") / "found.json"
    done = run_script("benchmarks/bench_cluster.py", "--candidates", 400, "--workers", 100, "--out", out)
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text("utf-8"))["rows"]


def test_every_part_is_stored_once_whatever_goes_wrong(rows):
    assert len({row["parts"] for row in rows.values()}) == 1
    assert len({row["slices"] for row in rows.values()}) == 1


def test_where_nothing_goes_wrong_no_task_is_begun_twice(rows):
    row = rows["all alike, nothing goes wrong"]
    assert (row["begun"], row["lost"]) == (row["parts"], 0)
    assert row["seconds"] >= row["ideal"]


def test_a_slow_worker_holds_a_round_less_where_its_task_is_done_twice_and_most_where_it_owns_a_share(rows):
    twice, once, share = (
        rows[name]["seconds"]
        for name in (
            "1% of the workers ten times as slow",
            "the same, nothing done twice",
            "the same, every worker owns a share",
        )
    )
    assert twice <= once < share
