"""`--selector cascade` on a run directory: who is measured by which scorer, what is stated of it, and going on."""

import re

import pytest

import icon
from icon.errors import ConfigError, InterruptedRun, RunError, UnknownStrategyError
from icon.pipeline.measuring import Share
from icon.results import wording
from icon.testing import FakeBackend
from icon.types import RowStatus
from support.opened import Opened

SETTINGS = {"scorer": "icon", "selector": "cascade", "keep": "5", "baselines": ("random",), "template": "plain"}
"""Of the 36 candidates the 10 that are measured by `icon`: 5 have the longest responses, and 5 are drawn."""


def longest(rows, n):
    """Ids of the candidates with the longest responses, by the scorer length."""
    return {row.id for row in sorted(rows, key=lambda row: (-row.baselines["length"], row.id))[:n]}


@pytest.fixture(scope="module")
def made(tmp_path_factory, pool, few_tasks):
    """A run by the cascade that measures every pair."""
    out = tmp_path_factory.mktemp("made") / "run"
    given = {key: value for key, value in SETTINGS.items() if key != "keep"}
    return icon.run(pool, backend=FakeBackend(), assessment=few_tasks, out=out, keep=5, report=False, **given)


def test_the_cheap_scorer_is_measured_on_everybody_and_the_runs_own_on_the_best_of_them(made):
    rows = made.rows
    assert all("length" in row.baselines for row in rows)
    scored = {row.id for row in rows if row.status == RowStatus.SCORED}
    assert len(scored) == 10
    assert longest(rows, 5) <= scored
    assert {row.id for row in rows if "random" in row.baselines} == scored


def test_every_row_says_which_score_decided(made):
    rows = made.rows
    assert {row.decided_by for row in rows if row.score is not None} == {"icon"}
    assert {row.decided_by for row in rows if row.score is None} == {"length"}
    assert {row.rank for row in rows} == set(range(1, 37))
    best = sorted((row for row in rows if row.score is not None), key=lambda row: -row.score)
    assert {row.id for row in rows if row.selected} == {row.id for row in best[:5]}


def test_summary_and_page_say_how_many_were_decided_by_which_score(made):
    icon.write_report(made, made.path / "page.html")
    manifest = Opened.at(made.path).manifest
    facts = dict(wording.facts(manifest))
    assert re.match(r"10 by icon, 26 by length alone; 5 that length rejects were drawn at random", facts["decided by"])
    assert dict(wording.figures(manifest))["decided by"] == facts["decided by"]
    assert "Not every candidate was decided by the same score: 10 by icon, 26 by length" in (
        made.path / "page.html"
    ).read_text("utf-8")
    assert manifest.results.standing.grounds == "narrowed"
    assert manifest.results.standing.captured is None


def test_another_selector_without_several_scores_writes_no_such_column(made, tmp_path, pool, few_tasks):
    import pyarrow.parquet as pq

    assert "decided_by" in pq.read_schema(made.path / "scores.parquet").names
    other = icon.run(
        pool, backend=FakeBackend(), assessment=few_tasks, out=tmp_path / "top", selector="top", subset=9, report=False
    )
    assert "decided_by" not in pq.read_schema(other.path / "scores.parquet").names


def test_in_a_race_as_many_of_the_best_are_wanted_as_are_kept_of_the_pool(start, tmp_path, pool, tasks):
    opened = start(pool, tasks, tmp_path / "run", schedule="race", **SETTINGS)
    race = opened.manifest.results.race
    assert race.candidates == 10
    assert race.decided_in + race.open >= 5 > race.decided_in - 1
    assert sum(row.selected for row in icon.load_run(tmp_path / "run").rows) == 5


@pytest.mark.parametrize("after", [20, 40])
def test_a_stopped_run_goes_on_to_the_same_files(start, stop_after, contents, tmp_path, pool, tasks, after):
    start(pool, tasks, tmp_path / "whole", **SETTINGS, selector_options={"cheap": "ppl"})
    with pytest.raises(InterruptedRun):
        start(pool, tasks, tmp_path / "run", stop_after(after), **SETTINGS, selector_options={"cheap": "ppl"})
    start(pool, tasks, tmp_path / "run", **SETTINGS, selector_options={"cheap": "ppl"})
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


def test_a_finished_run_measures_nothing_again(made, tmp_path, pool, few_tasks):
    class Refusing(FakeBackend):
        def score(self, context, targets):
            raise AssertionError("measured again")

    opened = Opened.at(made.path, Refusing())
    opened.all_stages()
    assert opened.manifest.results.selected == 5


def test_another_selector_may_choose_from_it_afterwards(made, tmp_path):
    import shutil

    opened = Opened.at(shutil.copytree(made.path, tmp_path / "run"))
    opened.select(selector="top", keep="3")
    assert opened.manifest.results.selected == 3
    assert opened.manifest.results.standing.grounds == "like_draw"  # 0 of 5 checked, 3 of 10: 0.083 by chance
    opened.select(selector="top", keep="5")
    assert opened.manifest.results.standing.grounds == "narrowed"  # 0.004, whichever selector chooses
    opened.select(keep="12")  # more than are scored
    assert sum(row.selected and row.decided_by == "length" for row in icon.load_run(tmp_path / "run").rows) == 2
    (warning,) = opened.manifest.warnings["select"]
    assert warning.startswith("12 are to be kept and 10 are scored")


def test_a_run_that_was_not_narrowed_cannot_be_chosen_from_by_it(start, tmp_path, pool, few_tasks):
    opened = start(pool, few_tasks, tmp_path / "run", scorer="length", baselines=(), selector="top")
    said = r"selector cascade with cheap = length decides who is measured, and this run was begun with selector top;"
    with pytest.raises(ConfigError, match=said):
        opened.select(selector="cascade")


def test_without_the_cheap_scores_nothing_is_chosen(made, tmp_path):
    import shutil

    path = shutil.copytree(made.path, tmp_path / "run")
    for part in (path / "contributions" / "length").glob("part-*"):
        part.unlink()
    with pytest.raises(RunError, match=r"found measurements of 0 candidates, expected 36.*icon score"):
        Opened.at(path).select()


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"selector_options": {"cheap": "icon"}}, ConfigError, "cheap = icon is the run's own scorer"),
        ({"selector_options": {"cheap": "reverse"}}, ConfigError, "cheap = reverse measures every candidate on every"),
        ({"selector_options": {"cheap": "lenght"}}, UnknownStrategyError, "Did you mean length"),
        ({"selector_options": {"chaep": "ppl"}}, ConfigError, "cheap"),
        ({"selector_options": {"check": 0.9}}, ConfigError, "check"),
        ({"selector_options": {"share": 0.5}, "subset": 20}, ConfigError, "subset 20 and the option share 0.5 both"),
        ({"subset": 4}, ConfigError, "4 candidates would be measured, and 5 are to be kept"),
        ({"subset_draw": "pandas"}, ConfigError, "subset_draw pandas and selector cascade"),
    ],
)
def test_settings_that_do_not_fit_are_refused_and_leave_nothing(start, tmp_path, pool, few_tasks, given, error, said):
    with pytest.raises(error, match=re.escape(said)):
        start(pool, few_tasks, tmp_path / "run", **{**SETTINGS, **given})
    assert not (tmp_path / "run").exists()


def test_within_a_budget_the_cheap_scorer_is_measured_all_the_same(start, tmp_path, pool, tasks):
    settings = {**SETTINGS, "selector_options": {"cheap": "ppl"}, "budget": "2000 passes"}
    start(pool, tasks, tmp_path / "run", **settings)
    assert all("ppl" in row.baselines for row in icon.load_run(tmp_path / "run").rows)


def test_a_plan_counts_the_cheap_scorer_on_every_candidate(prepare, tmp_path, pool, few_tasks):
    from icon.pipeline.plan import plan

    def passes(**settings):
        opened = prepare(pool, few_tasks, tmp_path / "run", **{**SETTINGS, **settings})
        found = plan(opened.run, opened.model, seconds=0.1)
        assert found.candidates_to_score == 10
        return found.passes

    assert passes(selector_options={"cheap": "ppl"}) - passes(selector_options={"cheap": "length"}) == 36


def test_shares_come_to_the_files_of_one_process(start, prepare, contents, tmp_path, pool, few_tasks):
    settings = {**SETTINGS, "selector_options": {"cheap": "ppl"}}
    start(pool, few_tasks, tmp_path / "whole", **settings)
    for number in range(2):
        opened = prepare(pool, few_tasks, tmp_path / "run", **settings)
        opened.assess()
        opened.share(Share(number, 2))
    start(pool, few_tasks, tmp_path / "run", **settings)
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")
