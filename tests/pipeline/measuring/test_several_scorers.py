"""Several scorers on one run directory: none changes what another measured, and what is known is not measured again."""

import shutil

import pytest

import icon
from icon.cli.score import score
from icon.errors import AbilityError, ConfigError, PluginError, UnknownStrategyError
from icon.pipeline._stored import known_to
from icon.pipeline.planned import scorers_of
from icon.runs.parts import PartStore
from icon.scorers import contributions
from icon.testing import FakeBackend
from icon.types import Measurement, Status
from support.opened import Opened


@pytest.fixture(scope="module")
def made(tmp_path_factory, pool, few_tasks):
    """The folder of a run that measured every pair, compared with random and ppl."""
    return icon.run(
        pool,
        backend=FakeBackend(),
        assessment=few_tasks,
        out=tmp_path_factory.mktemp("made") / "run",
        scorer="icon",
        baselines=("random", "ppl"),
        keep=0.2,
        report=False,
    ).path


@pytest.fixture
def finished(made, tmp_path):
    """A copy of that run."""
    return icon.load_run(shutil.copytree(made, tmp_path / "run"))


def test_another_scorer_joins_a_finished_run_and_nothing_that_was_measured_is_touched(finished):
    parts = {path: path.read_bytes() for path in finished.path.glob("contributions/**/*.parquet")}
    before = {row.id: (row.score, row.baselines) for row in finished.rows}
    opened = Opened.at(finished.path, FakeBackend())
    opened.score("icon", "length")
    opened.select()
    assert {path: path.read_bytes() for path in parts} == parts
    after = {row.id: (row.score, row.baselines) for row in icon.load_run(finished.path).rows}
    assert {id_: score for id_, (score, _) in after.items()} == {id_: score for id_, (score, _) in before.items()}
    assert all(after[id_][1].keys() == {"random", "ppl", "length"} for id_ in before)
    assert {id_: {k: v for k, v in base.items() if k != "length"} for id_, (_, base) in after.items()} == {
        id_: base for id_, (_, base) in before.items()
    }


def test_the_scorers_of_one_run_are_compared(finished):
    found = icon.compare(finished)
    assert found["names"] == ["icon", "random", "ppl"]
    assert found["candidates"] == 36
    assert len(found["pairs"]) == 3


def test_the_same_run_goes_on_with_other_baselines(finished, tmp_path, pool, few_tasks):
    again = icon.run(
        pool,
        backend=FakeBackend(),
        assessment=few_tasks,
        out=tmp_path / "run",
        scorer="icon",
        baselines=("length",),
        keep=0.2,
        report=False,
    )
    assert {row.id: row.score for row in again.rows} == {row.id: row.score for row in finished.rows}
    assert all(row.baselines.keys() == {"length"} for row in again.rows)


def test_what_other_scorers_measured_is_known_by_what_it_stands_for(finished):
    opened = Opened.at(finished.path)
    works = [opened.work(name) for name in scorers_of(opened.run)[0]]
    known = known_to(opened.work("length"), works)
    pairs = PartStore(finished.path / "contributions", opened.work("icon").store().fingerprint)
    rows = [each for part in pairs.read().values() for each in part]
    # 36 candidates on 31 tasks, a baseline for each of these, and PPL(y given x) of each candidate
    assert len(known) == 36 * 31 + 31 + 36 == len(rows) + 36
    assert all(known[each.candidate, each.assessment].nll == each.nll for each in rows)
    assert sum(candidate == "" for candidate, _ in known) == 31
    assert sum(sample is None for _, sample in known) == 36


def test_a_scorer_knows_nothing_of_itself(finished):
    opened = Opened.at(finished.path)
    known = known_to(opened.work("icon"), [opened.work(name) for name in scorers_of(opened.run)[0]])
    assert {sample for _, sample in known} == {None}


def test_an_unknown_scorer_is_refused_before_anything_is_done(finished):
    before = (finished.path / "run.json").read_bytes()
    with pytest.raises(UnknownStrategyError, match=r"no scorer named 'lenght'.*length"):
        score(finished.path, scorer=["lenght"])
    assert (finished.path / "run.json").read_bytes() == before


def test_a_scorer_that_needs_an_assessment_set_is_refused_where_the_run_has_none(tmp_path, pool):
    run = icon.run(pool, scorer="length", out=tmp_path / "run", baselines=("random",), keep=0.2, report=False)
    opened = Opened.at(run.path, FakeBackend())
    with pytest.raises(ConfigError, match="scorer icon: it needs an assessment set"):
        opened.score("icon")
    again = Opened.at(run.path)
    assert scorers_of(again.run) == (["length", "random"], [])
    again.select()


def test_of_scorers_that_join_the_one_that_is_refused_takes_nothing_from_the_run(finished):
    pytest.importorskip("icon_rds", reason="the scorer rds is not installed")

    class Blind(FakeBackend):
        embed = None

    opened = Opened.at(finished.path, Blind())
    with pytest.raises(AbilityError, match="rds"):
        opened.score("length", "rds")
    opened = Opened.at(finished.path, FakeBackend())
    assert "rds" not in scorers_of(opened.run)[0]
    opened.score()  # what the errors of a half-scored run advise
    opened.select()
    assert icon.load_run(finished.path).rows[0].baselines.keys() >= {"random", "ppl"}


class Places:
    """Ranks by all values at once: the highest value has as many points as there are candidates."""

    needs_backend = needs_assessment = False
    column = "value"

    def __init__(self, forget=()):
        self.forget = forget

    def score(self, c, log_gain, value):
        return float(value[0])

    def together(self, measured):
        order = sorted(measured, key=lambda id_: measured[id_][0].value)
        return {id_: place for place, id_ in enumerate(order, start=1) if id_ not in self.forget}


def alone(**values):
    return {id_: [Measurement(id_, value=value)] for id_, value in values.items()}


def test_a_scorer_may_score_all_candidates_together_and_failures_take_no_part():
    rows = alone(a=0.5, b=-3.0, d=0.7) | {"c": [Measurement("c", status=Status.FAILED, reason="no")]}
    found = contributions(rows, {}, Places())
    assert {id_: each.score for id_, each in found.items()} == {"a": 2.0, "b": 1.0, "d": 3.0, "c": None}
    assert found["c"].reason == "no"


def test_a_candidate_that_is_left_out_is_the_plugins_fault():
    with pytest.raises(PluginError, match="scorer Places: its method together gave no finite score for candidate b"):
        contributions(alone(a=0.5, b=0.7), {}, Places(forget=("b",)))


class Mean:
    """The mean of a value a pair."""

    needs_backend, needs_assessment, column = False, True, "value"

    def score(self, c, log_gain, value):
        return float(value.mean())


def test_pairs_that_carry_a_value_have_its_mean_and_error_and_no_statistics_of_c():
    rows = {
        "a": [Measurement("a", sample, value=value) for sample, value in zip("stuv", (1.0, 0.0, 0.0, 1.0), strict=True)]
    }
    found = contributions(rows, {"s": "x", "t": "x", "u": "y", "v": None}, Mean())["a"]
    assert found.score == 0.5
    # Variance with n - 1: 4 * 0.25 / 3; over 4 samples: sqrt(1 / 3) / 2
    assert found.standard_error == pytest.approx((1 / 3) ** 0.5 / 2)
    assert found.groups == {"x": 0.5, "y": 0.0}
    assert (found.consistency, found.coverage, found.stability, found.log_gain) == (None, None, None, None)


class Largest(Mean):
    """The largest mean of a task group."""

    def of_groups(self, means):
        return max(means.values())


@pytest.mark.parametrize(("groups", "score"), [({"s": "x", "t": "x", "u": "y"}, 0.75), ({}, 0.5)])
def test_a_scorer_may_score_by_task_groups_and_samples_without_one_are_a_group(groups, score):
    values = zip("stuv", (1.0, 0.5, 0.0, 0.5), strict=True)  # x: 0.75, y: 0, v alone: 0.5
    rows = {"a": [Measurement("a", sample, value=value) for sample, value in values]}
    found = contributions(rows, groups, Largest())["a"]
    assert (found.score, found.standard_error) == (score, None)
    assert found.groups == ({"x": 0.75, "y": 0.0} if groups else {})


def test_of_several_runs_those_on_other_tasks_are_told(finished, tmp_path, pool, tasks, few_tasks):
    given = {"backend": FakeBackend(), "baselines": (), "keep": 0.2, "report": False, "schedule": "exact"}
    other = icon.run(pool, assessment=tasks, out=tmp_path / "other", **given)
    same = icon.run(pool, scorer="ppl", assessment=few_tasks, out=tmp_path / "same", **given)
    (told,) = icon.compare(finished, other, same)["warnings"]
    assert str(other.path) in told
    assert "the assessment sets differ (31 and 34 samples)" in told
