"""What a plan says of a run, held against what the run then reads."""

import importlib
import json
import random
from functools import partial
from types import SimpleNamespace

import pytest

import icon
from icon.errors import BackendError, ConfigError, IconError, LeakError, UnknownStrategyError, UserError
from icon.planning import plan
from icon.planning.speed import measure_speed
from icon.testing import FakeBackend

N_TASKS = 34


class Counting(FakeBackend):
    """Counts the targets that are scored; no two texts below begin alike, so nothing is read only once for several."""

    passes = 0

    def score(self, context, targets):
        self.passes += len(targets)
        return super().score(context, targets)

    @property
    def read(self):
        """Tokens without the last one of each response, from which nothing is predicted."""
        return self.tokens_evaluated - self.passes


def write(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return str(path)


def words(name):
    """Two to eight words that no other text has."""
    draw = random.Random(name)
    return " ".join(f"{name}{draw.randrange(10**6)}" for _ in range(draw.randint(2, 8)))


@pytest.fixture
def pool(tmp_path):
    return write(
        tmp_path / "pool.jsonl", [{"instruction": words(f"p{i}x"), "output": words(f"q{i}x")} for i in range(24)]
    )


@pytest.fixture
def tasks(tmp_path):
    return write(
        tmp_path / "tasks.jsonl", [{"instruction": f"t{i}", "output": words(f"u{i}x")} for i in range(N_TASKS)]
    )


@pytest.fixture
def planned(prepare, pool, tasks, tmp_path):
    """Plans a run with these settings; the plan, and the backend that it used."""

    def _planned(make=Counting, source=pool, **settings):
        given = {"template": "plain", "baselines": (), **settings}
        session = prepare(source, tasks, tmp_path / "run", make=make, **given)
        return plan(session, seconds=0.05)

    return _planned


@pytest.fixture
def really(start, pool, tasks, tmp_path):
    """Runs with these settings; the backend, which has counted."""

    def _really(**settings):
        backend = Counting()
        given = {"template": "plain", "baselines": (), **settings}
        start(pool, tasks, tmp_path / "real", make=lambda: backend, **given)
        return backend

    return _really


def using(control):
    return {"schedule": "exact", "scorer_options": {"control": control}}


@pytest.mark.parametrize(
    "settings",
    [
        using("random"),
        using("paired"),
        using("none"),
        {**using("random"), "subset": 7, "selector": "top"},
        {**using("random"), "baselines": ("length", "ppl")},
        {"scorer": "ppl", "schedule": "exact"},
        {"scorer": "ppl", "baselines": ("icon",)},
        {"scorer": "length", "baselines": ("ppl",)},
    ],
    ids=lambda settings: "-".join(str(each) for each in settings.values()),
)
def test_an_exact_run_reads_what_was_planned(planned, really, settings):
    found, backend = planned(**settings), really(**settings)
    assert (found["passes"], found["tokens"]) == (backend.passes, backend.read)
    assert found["seconds"] is not None
    assert found["tokens_per_second"] > 0


def test_an_exact_run_has_every_pair(planned):
    found = planned(schedule="exact", subset=7)
    assert (found["candidates"], found["candidates_to_score"], found["assessment_samples"]) == (24, 7, 34)
    assert found["pairs"] == found["pairs_exact"] == 7 * 34


@pytest.mark.parametrize("order", ["stratified", "informative"])
def test_a_race_to_the_end_reads_what_was_planned(planned, really, order):
    """With everybody on every slice, only the demonstrations read again with each slice are added to the exact run."""
    settings = {"schedule": "uniform", "order": order, "confidence": 0.999999, "capture": 1}
    found, backend = planned(**settings), really(**settings)
    assert found["pairs"] == found["pairs_exact"] == 24 * 34
    assert found["passes"] == pytest.approx(backend.passes, rel=0.05)
    assert found["tokens"] == pytest.approx(backend.read, rel=0.05)


def test_a_race_is_expected_to_need_no_more_than_every_pair(planned):
    found = planned()
    assert found["schedule"] == "race"
    assert 0 < found["pairs"] <= found["pairs_exact"] == 24 * 34


def test_nothing_is_written(planned, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    planned(baselines=("ppl",))
    assert sorted(tmp_path.rglob("*")) == before
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("error", [BackendError, UserError])
def test_without_a_model_it_says_why_and_names_no_time(planned, error):
    def fail():
        raise error("no weights at hand")

    found = planned(make=fail)
    assert found["seconds"] is None
    assert "no weights at hand" in found["note"]
    assert found["tokens"] > 0
    assert found["passes"] >= found["pairs"] > 0
    assert "tokens_per_second" not in found


def test_a_run_without_a_model_says_so(planned):
    found = planned(scorer="length", baselines=("random",))
    assert (found["passes"], found["tokens"], found["seconds"]) == (0, 0, None)
    assert (found["pairs"], found["pairs_exact"]) == (0, 0)
    assert found["note"] == "no scorer of this run needs a model"


@pytest.fixture
def slow(monkeypatch):
    """A model that takes an hour a call, on a clock that only it moves."""
    clock = SimpleNamespace(now=0.0)
    module = importlib.import_module("icon.planning.plan")  # the package's `plan` is the function
    monkeypatch.setattr(module, "measure_speed", partial(measure_speed, clock=lambda: clock.now))

    class Slow(Counting):
        def score(self, context, targets):
            clock.now += 3600.0
            return super().score(context, targets)

    return Slow


def test_a_time_budget_caps_the_time(planned, slow):
    assert planned(make=slow)["seconds"] > 24 * 3600
    found = planned(make=slow, budget="90s")
    assert (found["seconds"], found["budget"]) == (90.0, "90s")


@pytest.mark.parametrize("unit", ["tokens", "passes"])
def test_a_budget_of_work_caps_the_time_in_proportion(planned, slow, unit):
    whole = planned(make=slow, budget=f"100M {unit}")
    half = planned(make=slow, budget=f"{whole[unit] // 2} {unit}")
    assert half["seconds"] == pytest.approx(whole["seconds"] / 2, rel=0.01)


@pytest.mark.parametrize(
    ("settings", "error", "told"),
    [
        ({"scorer": "lenght"}, UnknownStrategyError, "length"),
        ({"baselines": ("pppl",)}, UnknownStrategyError, "ppl"),
        ({"scorer_options": {"control": "sometimes"}}, ConfigError, "control"),
        ({"schedule": "exact", "budget": "5m"}, ConfigError, "schedule exact"),
        ({"schedule": "race", "scorer": "length"}, ConfigError, "schedule race"),
        ({"template": "alpca"}, UserError, "alpaca"),
    ],
)
def test_what_a_run_refuses_a_plan_refuses(planned, settings, error, told):
    with pytest.raises(error, match=told):
        planned(**settings)


def test_rows_that_overlap_the_assessment_set_are_no_part_of_it(planned, tmp_path):
    rows = [{"instruction": f"p{i}", "output": words(f"q{i}x")} for i in range(9)]
    source = write(tmp_path / "leaky.jsonl", [*rows, {"instruction": "T3!", "output": "another answer"}])
    assert planned(source=source, schedule="exact")["candidates"] == 9
    with pytest.raises(LeakError, match="row 9"):
        planned(source=source, on_leak="refuse")


def test_where_no_candidate_is_left_it_is_refused(planned, tmp_path):
    source = write(tmp_path / "urls.jsonl", [{"instruction": f"see http://{i}", "output": "a"} for i in range(3)])
    with pytest.raises(IconError, match="no candidate is left to score"):
        planned(source=source, skip_urls=True, scorer="ppl")


def test_from_python_with_a_backend_that_is_open_already(pool, tasks, tmp_path, monkeypatch):
    monkeypatch.setattr("icon.planning.plan", partial(plan, seconds=0.05))
    monkeypatch.chdir(tmp_path)
    backend = Counting()
    found = icon.plan(pool, assessment=tasks, backend=backend, template="plain", schedule="exact", baselines=())
    assert found["pairs"] == 24 * 34
    assert found["seconds"] is not None
    assert backend.tokenize("still open")
    assert not (tmp_path / "icon-runs").exists()
