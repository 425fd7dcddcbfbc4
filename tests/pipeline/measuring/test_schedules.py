"""Which schedule a run has, and what is refused before anything is measured."""

import pytest

from icon.errors import ConfigError

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
    run = copied(capture=0.9)
    start(pool, tasks, run, capture=1)
    assert contents(run) == contents(whole(capture=1))


def test_an_earlier_end_reads_no_more_than_it_would_have_measured(start, whole, copied, pool, tasks):
    """The later slices of the first start stay where they lie and count for nothing."""
    run = copied(capture=1)
    start(pool, tasks, run, capture=0.9)
    assert (run / "scores.parquet").read_bytes() == (whole(capture=0.9) / "scores.parquet").read_bytes()
