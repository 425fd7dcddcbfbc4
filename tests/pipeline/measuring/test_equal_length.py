"""Scores at equal length in a run: exact, raced, selected anew, without a directory, and what the summary says."""

import numpy as np
import pytest
from scipy.stats import linregress, rankdata, spearmanr

import icon
from icon.errors import ConfigError
from icon.results import wording
from icon.scorers.lengths import strata_of
from icon.testing import FakeBackend
from support.opened import Opened

REVERSE = {"scorer": "reverse", "baselines": ("length",)}
ON_A_LINE = {**REVERSE, "equal_length": "regress"}
TO_THE_END = {"baselines": (), "capture": 1, "confidence": 0.999999, "equal_length": "regress"}


def residuals_of(scores, lengths):
    """By scipy, of scores by id on the logarithm of the lengths."""
    x, y = np.log([lengths[id_] for id_ in scores]), np.array(list(scores.values()))
    line = linregress(x, y)
    return dict(zip(scores, y - line.intercept - line.slope * x, strict=True))


def test_reverse_by_least_squares_is_what_the_number_of_response_tokens_does_not_explain(start, pool, tasks, tmp_path):
    opened = start(pool, tasks, tmp_path / "run", **ON_A_LINE)
    rows, backend = icon.load_run(tmp_path / "run").rows, FakeBackend()
    tokens = {sample.id: len(backend.tokenize(sample.response)) for sample in icon.load_samples(pool)}
    raw = {row.id: row.raw_score for row in rows}
    assert {row.id: row.score for row in rows} == pytest.approx(residuals_of(raw, tokens), abs=1e-12)
    plain = start(pool, tasks, tmp_path / "plain", **REVERSE, equal_length="none")
    assert raw == {row.id: row.score for row in icon.load_run(tmp_path / "plain").rows}
    assert all(row.raw_score is None for row in icon.load_run(tmp_path / "plain").rows)
    kept = [sorted(row.id for row in icon.load_run(tmp_path / name).rows if row.selected) for name in ("run", "plain")]
    assert kept[0] == sorted(sorted(raw, key=lambda id_: -residuals_of(raw, tokens)[id_])[: len(kept[0])])
    assert plain.manifest.results.equal_length is None
    found = opened.manifest.results.equal_length
    ids = list(raw)
    assert (found.how, found.unit) == ("regress", "tokens")
    assert found.before == pytest.approx(spearmanr([raw[i] for i in ids], [tokens[i] for i in ids]).statistic)
    assert abs(found.after) < abs(found.before)


def test_reverse_prefers_strata_and_in_a_race_which_needs_means_least_squares(start, pool, tasks, tmp_path):
    ways = {"exact": {}, "budget": {"budget": "1000k tokens"}, "raced": {"schedule": "uniform"}}
    found = {name: start(pool, tasks, tmp_path / name, **REVERSE, **given) for name, given in ways.items()}
    hows = {name: opened.manifest.results.equal_length.how for name, opened in found.items()}
    assert hows == {"exact": "strata", "budget": "regress", "raced": "regress"}
    rows, samples = icon.load_run(tmp_path / "exact").rows, icon.load_samples(pool)
    strata = strata_of(np.array([len(FakeBackend().tokenize(samples[row.row].response)) for row in rows]))
    assert len(set(strata)) == 3  # 36 candidates, at least ten each
    for stratum in set(strata):
        inside = [row for row, own in zip(rows, strata, strict=True) if own == stratum]
        ranks = (rankdata([row.raw_score for row in inside]) - 0.5) / len(inside)
        assert [row.score for row in inside] == pytest.approx(list(ranks))


def test_the_summary_says_so(start, pool, tasks, tmp_path):
    opened = start(pool, tasks, tmp_path / "run", **ON_A_LINE)
    found = opened.manifest.results.equal_length
    sentence = dict(wording.facts(opened.manifest))["equal length"]
    assert dict(wording.figures(opened.manifest))["equal length"] == sentence  # what the terminal shows
    assert sentence == (
        "scores are what the logarithm of the length does not explain (responses in tokens); rank correlation with the "
        f"length {found.before:+.2f} before, {found.after:+.2f} after"
    )


def test_a_baseline_s_scores_are_as_it_prefers(start, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "run", scorer="length", baselines=("reverse",), equal_length="strata")
    start(pool, tasks, tmp_path / "main", **REVERSE)
    rows = {row.id: row for row in icon.load_run(tmp_path / "main").rows}
    for row in icon.load_run(tmp_path / "run").rows:
        assert row.baselines["reverse"] == pytest.approx(rows[row.id].score, abs=1e-12)
        assert 0 < row.score < 1


def test_a_race_of_icon_to_its_end_has_the_scores_of_the_exact_schedule(start, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "raced", schedule="uniform", **TO_THE_END)
    start(pool, tasks, tmp_path / "exact", schedule="exact", **TO_THE_END)
    raced, exact = ({row.id: row for row in icon.load_run(tmp_path / name).rows} for name in ("raced", "exact"))
    lengths = {sample.id: len(sample.response) for sample in icon.load_samples(pool)}
    expected = residuals_of({id_: row.raw_score for id_, row in exact.items()}, lengths)
    for id_, row in raced.items():
        assert row.score == pytest.approx(exact[id_].score, abs=1e-9)
        assert row.raw_score == pytest.approx(exact[id_].raw_score, abs=1e-9)
        assert row.score == pytest.approx(expected[id_], abs=1e-9)


@pytest.mark.parametrize("settings", [{}, {"scorer": "reverse", "scorer_options": {"contexts": 34}}], ids=str)
def test_a_race_at_equal_length_replays_from_its_parts_and_has_intervals_around_its_scores(
    start, pool, tasks, tmp_path, settings
):
    given = {"baselines": (), "equal_length": "regress", **settings}
    start(pool, tasks, tmp_path / "run", **given)
    before = {row.id: (row.score, row.raw_score) for row in icon.load_run(tmp_path / "run").rows}
    for row in icon.load_run(tmp_path / "run").rows:
        assert row.low is None or row.low <= row.score + 1e-9 <= row.high + 2e-9
    again = Opened.at(tmp_path / "run", FakeBackend())
    again.select()
    assert {row.id: (row.score, row.raw_score) for row in icon.load_run(tmp_path / "run").rows} == before


def test_an_exact_run_is_selected_anew_at_another_choice_and_a_race_is_not(start, pool, few_tasks, tasks, tmp_path):
    opened = start(pool, few_tasks, tmp_path / "exact", baselines=())
    before = {row.id: row.score for row in icon.load_run(tmp_path / "exact").rows}
    opened.select(equal_length="regress")
    lengths = {sample.id: len(sample.response) for sample in icon.load_samples(pool)}
    after = {row.id: row.score for row in icon.load_run(tmp_path / "exact").rows}
    assert after == pytest.approx(residuals_of(before, lengths), abs=1e-12)
    raced = start(pool, tasks, tmp_path / "raced", baselines=())
    with pytest.raises(ConfigError, match=r"equal_length regress: .* were decided with equal_length none"):
        raced.select(equal_length="regress")


def test_strata_are_measured_exactly_and_not_raced(start, pool, tasks, tmp_path):
    opened = start(pool, tasks, tmp_path / "run", baselines=(), equal_length="strata")
    assert opened.manifest.stages.score.race is None
    assert all(row.standard_error is None for row in icon.load_run(tmp_path / "run").rows)
    with pytest.raises(ConfigError, match=r"schedule race and equal_length strata: .*valid: --schedule exact, or"):
        start(pool, tasks, tmp_path / "raced", baselines=(), equal_length="strata", schedule="race")


def test_scores_without_a_directory_skip_and_are_primed_as_those_of_a_run(start, pool, tasks, tmp_path):
    ways = {"skip_tokens": 1, "primed": True}
    opened = start(pool, tasks, tmp_path / "run", **ON_A_LINE, **ways)
    settings = {"backend": FakeBackend(), "template": opened.run.config.template}
    settings |= {"scorer": "reverse", "equal_length": "regress"}
    samples, assessment = icon.load_samples(pool), icon.load_samples(tasks)
    found = icon.score(samples, assessment, **settings, **ways)
    rows = {row.id: row for row in icon.load_run(tmp_path / "run").rows}
    assert [one.score for one in found] == [rows[one.id].score for one in found]
    plain = icon.score(samples, assessment, **settings)
    assert [one.score for one in plain] != [one.score for one in found]
    with pytest.raises(ConfigError, match="skip_tokens"):
        icon.score(samples, assessment, **settings, skip_tokens=-1)


def test_a_reliability_of_four_contexts_is_not_said_of_the_whole_assessment_set(start, pool, tasks, tmp_path):
    summary = start(pool, tasks, tmp_path / "run", **REVERSE).manifest.results
    few = summary.assessment.samples
    assert (summary.reliability.samples, few > 4) == (4, True)
    assert "for the 4 samples looked at about" in wording.reliability(summary)
    whole = summary.model_copy(update={"assessment": summary.assessment.model_copy(update={"samples": 4})})
    assert "for the whole assessment set about" in wording.reliability(whole)


def test_the_worst_of_a_race_are_warned_of(start, pool, tasks, tmp_path):
    settings = {"selector": "drop-worst", "baselines": ()}
    raced = start(pool, tasks, tmp_path / "raced", schedule="race", **settings)
    exact = start(pool, tasks, tmp_path / "exact", schedule="exact", **settings)
    warned = [any("of a race" in line for line in each.manifest.warning_lines) for each in (raced, exact)]
    assert warned == [True, False]


@pytest.mark.parametrize("equal_length", ["auto", "regress"])
def test_scores_without_a_directory_are_those_of_a_run(start, pool, tasks, tmp_path, equal_length):
    opened = start(pool, tasks, tmp_path / "run", **{**REVERSE, "equal_length": equal_length})
    samples, assessment = icon.load_samples(pool), icon.load_samples(tasks)
    settings = {"backend": FakeBackend(), "scorer": "reverse", "template": opened.run.config.template}
    found = icon.score(samples, assessment, **settings, equal_length=equal_length)
    rows = {row.id: row for row in icon.load_run(tmp_path / "run").rows}
    assert [one.score for one in found] == [rows[one.id].score for one in found]
    assert [one.standard_error for one in found] == [rows[one.id].standard_error for one in found]
    assert all((one.standard_error is None) == (equal_length == "auto") for one in found)
    with pytest.raises(ConfigError, match="found 2 scored candidates; valid: at least 3"):
        icon.score(samples[:2], assessment, **settings)
    assert len(icon.score(samples[:2], assessment, **settings, equal_length="none")) == 2


@pytest.mark.parametrize(
    ("given", "how"),
    [
        ({"subset": 19}, "regress"),  # one stratum, whose ranks would be those of the measured scores
        ({"subset": 20}, "strata"),
        ({"subset": 19, "equal_length": "strata"}, "strata"),  # as asked for, with a warning
        ({"selector": "cascade", "keep": "10"}, "regress"),  # the few checked are no sample of their lengths
    ],
    ids=str,
)
def test_least_squares_stand_in_where_ranks_within_strata_say_nothing(start, pool, few_tasks, tmp_path, given, how):
    opened = start(pool, few_tasks, tmp_path / "run", **{**REVERSE, "baselines": (), **given})
    assert opened.manifest.results.equal_length.how == how
    one_stratum = [line for line in opened.manifest.warning_lines if "are one stratum" in line]
    assert len(one_stratum) == ("equal_length" in given)


def test_many_contexts_are_all_measured_where_strata_are_preferred_and_a_setting_of_races_is_idle(
    start, pool, tasks, tmp_path
):
    many = {**REVERSE, "scorer_options": {"contexts": 34}, "capture": 0.9}
    opened = start(pool, tasks, tmp_path / "run", **many)
    assert opened.manifest.stages.score.race is None
    said = "capture 0.9: without effect, since every pair is measured: ranks within strata of length are not raced"
    assert any(said in line for line in opened.manifest.warning_lines)
    assert start(pool, tasks, tmp_path / "raced", **many, equal_length="regress").manifest.stages.score.race


def test_runs_at_equal_length_in_different_ways_are_compared_by_ranks(start, pool, tasks, tmp_path):
    """Both have the setting `auto`, and one a budget."""
    for name, given in {"exact": {}, "again": {}, "budget": {"budget": "1000k tokens"}}.items():
        start(pool, tasks, tmp_path / name, **REVERSE, **given)
    found = icon.compare(tmp_path / "exact", tmp_path / "budget")
    assert any("in different ways (strata and regress): compare ranks" in line for line in found["warnings"])
    assert {"name": "scores.equal_length", "a": "strata", "b": "regress"} in found["settings"]
    alike = icon.compare(tmp_path / "exact", tmp_path / "again")
    assert not any("equal length" in line for line in alike["warnings"])


def test_reliability_is_that_of_the_scores_at_equal_length(start, pool, few_tasks, tmp_path):
    """A score that is length and noise is reliable as measured, and not at equal length."""
    plain = start(pool, few_tasks, tmp_path / "plain", baselines=(), equal_length="none").manifest.results
    level = start(pool, few_tasks, tmp_path / "level", baselines=(), equal_length="regress").manifest.results
    assert plain.reliability.half != level.reliability.half
