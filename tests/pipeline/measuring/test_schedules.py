"""Which schedule a run has, and what is refused before anything is measured."""

from functools import partial

import pytest

from icon.errors import ConfigError
from icon.pipeline import _raced

TRIMMED = {"rank_by": "trimmed-mean"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"schedule": "race", "scorer_options": TRIMMED}, "schedule race.*not a mean.*valid: --schedule exact"),
        ({"schedule": "uniform", "scorer_options": TRIMMED}, "schedule uniform.*valid: --schedule exact"),
        ({"schedule": "race", "scorer": "length"}, "schedule race.*the scorer length.*valid: --schedule exact"),
        ({"schedule": "exact", "budget": "5m"}, "budget: schedule exact.*valid: --schedule race or uniform, or no"),
        ({"scorer": "length", "budget": "5m"}, "budget: schedule exact.*valid: no --budget with the scorer length"),
        ({"scorer_options": TRIMMED, "budget": "5m"}, "budget.*valid: no --budget with the scorer icon"),
    ],
)
def test_what_cannot_be_raced_is_refused_before_anything_is_written(start, pool, tasks, tmp_path, settings, told):
    with pytest.raises(ConfigError, match=told):
        start(pool, tasks, tmp_path / "run", **settings)
    assert not (tmp_path / "run").exists()


def test_a_score_that_is_no_mean_is_exact_unless_asked_otherwise(start, pool, tasks, tmp_path, pairs_in):
    session = start(pool, tasks, tmp_path / "run", scorer_options=TRIMMED)
    assert session.manifest.results.race is None
    assert len(pairs_in(tmp_path / "run")) == 36 * 34


@pytest.mark.parametrize("settings", [{"schedule": "race"}, {"budget": "1M tokens"}])
def test_a_small_assessment_set_is_raced_where_that_is_asked_for(start, pool, few_tasks, tmp_path, settings):
    session = start(pool, few_tasks, tmp_path / "run", **settings)
    assert session.manifest.results.race.samples == 31


@pytest.mark.parametrize("changed", [{"keep": "30%"}, {"seed": 7}, {"confidence": 0.9}, {"schedule": "uniform"}])
def test_a_setting_that_decides_who_is_measured_may_not_change(start, copied, pool, tasks, changed):
    run = copied()
    with pytest.raises(ConfigError, match=f"{next(iter(changed))}: .* -> "):
        start(pool, tasks, run, **changed)


def test_how_far_a_race_goes_may_change(start, whole, copied, pool, tasks, contents):
    run = copied(capture=0.5)
    start(pool, tasks, run, capture=0.95)
    assert contents(run) == contents(whole(capture=0.95))


def test_an_earlier_end_reads_no_more_than_it_would_have_measured(start, whole, copied, pool, tasks):
    """The later slices of the first start stay where they lie and count for nothing."""
    run = copied(capture=0.95)
    start(pool, tasks, run, capture=0.5)
    assert (run / "scores.parquet").read_bytes() == (whole(capture=0.5) / "scores.parquet").read_bytes()


@pytest.mark.parametrize(("first", "then"), [(0.5, 1), (1, 0.5)])
def test_a_race_goes_on_by_the_rule_of_leaving_that_it_began_with(
    start, whole, copied, pool, tasks, pairs_in, first, then
):
    """With a capture above 0.95 candidates leave when they are decided, else when likely to be on their side."""
    run = copied(capture=first)
    before = pairs_in(run)
    session = start(pool, tasks, run, capture=then)
    assert before.keys() <= pairs_in(run).keys()
    assert session.manifest.results.race.ended == ("samples" if then == 1 else "capture")
    assert pairs_in(whole(capture=then)).keys() != pairs_in(run).keys()


@pytest.mark.parametrize("then", [0.99, 1])
def test_another_capture_on_a_race_with_candidates_at_rest_says_what_it_cannot_do_and_what_can(
    start, copied, pool, tasks, tmp_path, then
):
    run = copied(capture=0.5)
    warnings = start(pool, tasks, run, capture=then).manifest.warnings["score"]
    (said,) = (one for one in warnings if one.startswith(f"capture {then}: this race was begun with a capture of at"))
    assert said.endswith(f" all are decided: icon run --config {run}/run.json --capture 1 --out {run}-decided")
    anew = start(pool, tasks, tmp_path / "run-decided", capture=1).manifest  # as that command does
    assert anew.results.race.ended in ("decided", "measured")
    assert "score" not in anew.warnings


def test_a_race_goes_on_without_a_warning_where_its_rule_is_the_one_asked_for(start, copied, pool, tasks):
    assert not start(pool, tasks, copied(capture=0.5), capture=0.9).manifest.warnings.get("score")


def test_a_finished_race_of_a_version_that_knew_one_rule_of_leaving_is_read_by_it(
    start, pool, tasks, tmp_path, monkeypatch, command_line, contents
):
    monkeypatch.setattr(_raced, "rules_of", partial(_raced.rules_of, leaving="certain"))
    monkeypatch.setattr(_raced, "rules_of_parts", lambda make, fits: make())
    start(pool, tasks, tmp_path / "run", capture=0.9)
    monkeypatch.undo()
    before = contents(tmp_path / "run")
    start(pool, tasks, tmp_path / "run", capture=0.9)
    assert contents(tmp_path / "run") == before
    scores = (tmp_path / "run" / "scores.parquet").read_bytes()
    command_line("select", tmp_path / "run", "--keep", "15%", code=0)
    assert (tmp_path / "run" / "scores.parquet").read_bytes() == scores
