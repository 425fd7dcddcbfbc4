"""The neighbouring scores on a run directory: each finishes and goes on, they share their passes, nuggets is raced."""

import pytest

from icon.errors import InterruptedRun
from icon.runs.scores import read_scores
from icon.testing import FakeBackend

NAMES = ("ifd", "superfiltering", "nuggets", "selectit", "rds")


class Counting(FakeBackend):
    """Counts what it scores."""

    scored = 0

    def score(self, context, targets):
        self.scored += len(targets)
        return super().score(context, targets)


@pytest.fixture
def neighbours():
    """The hooks of all five."""
    return [pytest.importorskip(f"icon_{name}.hooks", reason=f"icon-{name} is not installed") for name in NAMES]


def rows_of(session):
    return read_scores(session.directory.scores)


@pytest.mark.parametrize("name", NAMES)
def test_each_selects_from_a_pool(name, start, pool, few_tasks, tmp_path, neighbours):
    rows = rows_of(start(pool, few_tasks, tmp_path / "run", *neighbours, scorer=name, keep="20%"))
    assert [row.status for row in rows] == ["scored"] * 36
    selected = [row.score for row in rows if row.selected]
    assert len(selected) == 7
    assert min(selected) >= max(row.score for row in rows if not row.selected)
    # Ranks over all candidates have no error of their own, and c is measured by nuggets alone.
    assert {row.standard_error is None for row in rows} == {name != "nuggets"}
    assert {row.consistency is None for row in rows} == {name != "nuggets"}


@pytest.mark.parametrize("name", NAMES)
def test_an_interrupted_run_goes_on_to_the_same_files(
    name, start, pool, few_tasks, tmp_path, neighbours, stop_after, contents, small_parts
):
    settings = {"scorer": name, "baselines": ("length",)}
    start(pool, few_tasks, tmp_path / "whole", *neighbours, **settings)
    with pytest.raises((KeyboardInterrupt, InterruptedRun)):
        start(pool, few_tasks, tmp_path / "run", *neighbours, stop_after(20), **settings)
    start(pool, few_tasks, tmp_path / "run", *neighbours, **settings)
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


def test_scorers_of_one_run_make_no_pass_twice(start, pool, few_tasks, tmp_path, neighbours):
    others = ("nuggets", "ppl", "ifd", "superfiltering")
    alone, together = Counting(), Counting()
    start(pool, few_tasks, tmp_path / "alone", make=lambda: alone, baselines=())
    run = start(pool, few_tasks, tmp_path / "run", *neighbours, make=lambda: together, baselines=others)
    # Of 36 candidates NLL(y given x) for ppl, ifd and superfiltering, and NLL(y) for the last two; for nuggets nothing.
    assert together.scored - alone.scored == 36 + 36
    for name in others:
        single = start(pool, few_tasks, tmp_path / name, *neighbours, scorer=name, baselines=())
        expected = {row.id: row.score for row in rows_of(single)}
        assert {row.id: row.baselines[name] for row in rows_of(run)} == expected


def test_a_race_of_golden_scores_ends_within_the_whole(start, pool, tasks, tmp_path, neighbours):
    settings = {"scorer": "nuggets", "keep": "20%", "baselines": ()}
    exact = {
        row.id: row for row in rows_of(start(pool, tasks, tmp_path / "e", *neighbours, schedule="exact", **settings))
    }
    raced = start(pool, tasks, tmp_path / "r", *neighbours, schedule="race", capture=0.9, **settings)
    assert raced.manifest.results.race.pairs <= 36 * 34
    for row in rows_of(raced):
        assert row.low - 1e-9 <= exact[row.id].score <= row.high + 1e-9
