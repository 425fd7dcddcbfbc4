"""Plans of runs that have no model, an end, or nothing to do."""

import importlib
import json
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

import icon
from icon.errors import BackendError, ConfigError, IconError, LeakError, UnknownStrategyError, UserError
from icon.pipeline._speed import measure_speed
from icon.pipeline.plan import plan


def write(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return str(path)


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


def test_a_plan_says_what_the_backend_says_of_how_it_runs_the_model(planned, counting):
    class Slower(counting):
        def describe(self):
            return replace(super().describe(), settings={"note": "another backend is faster"})

    assert planned(make=Slower)["note"] == "another backend is faster"
    assert "note" not in planned(make=counting)


def test_a_run_without_a_model_says_so(planned):
    found = planned(scorer="length", baselines=("random",))
    assert (found["passes"], found["tokens"], found["seconds"]) == (0, 0, None)
    assert (found["pairs"], found["pairs_exact"]) == (0, 0)
    assert found["note"] == "no scorer of this run needs a model"


@pytest.fixture
def slow(monkeypatch, counting):
    """A model that takes an hour a call, on a clock that only it moves."""
    clock = SimpleNamespace(now=0.0)
    module = importlib.import_module("icon.pipeline._effort")
    monkeypatch.setattr(module, "measure_speed", partial(measure_speed, clock=lambda: clock.now))

    class Slow(counting):
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
    rows = [{"instruction": f"p{i}", "output": f"{i * 7919} of {i}"} for i in range(9)]
    source = write(tmp_path / "leaky.jsonl", [*rows, {"instruction": "T3!", "output": "another answer"}])
    assert planned(source=source, schedule="exact")["candidates"] == 9
    with pytest.raises(LeakError, match="row 9"):
        planned(source=source, on_leak="refuse")


def test_where_no_candidate_is_left_it_is_refused(planned, tmp_path):
    source = write(tmp_path / "urls.jsonl", [{"instruction": f"see http://{i}", "output": "a"} for i in range(3)])
    with pytest.raises(IconError, match="no candidate is left to score"):
        planned(source=source, skip_urls=True, scorer="ppl")


def test_from_python_with_a_backend_that_is_open_already(pool, tasks, tmp_path, monkeypatch, counting):
    monkeypatch.setattr("icon.pipeline.plan.plan", partial(plan, seconds=0.05))
    monkeypatch.chdir(tmp_path)
    backend = counting()
    found = icon.plan(pool, assessment=tasks, backend=backend, template="plain", schedule="exact", baselines=())
    assert found["pairs"] == 24 * 34
    assert found["seconds"] is not None
    assert backend.tokenize("still open")
    assert not (tmp_path / "icon-runs").exists()
