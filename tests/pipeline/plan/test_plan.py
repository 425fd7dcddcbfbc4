"""What a plan says of a run, held against what the run then reads."""

import pytest


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
        {"scorer": "nuggets", "schedule": "exact"},
        {"scorer": "ppl", "schedule": "exact"},
        {"scorer": "ppl", "baselines": ("icon",)},
        {"scorer": "length", "baselines": ("ppl",)},
        {"scorer": "reverse"},
        {"scorer": "reverse", "scorer_options": {"contexts": 6, "shots": 1}, "schedule": "exact"},
        {**using("none"), "baselines": ("reverse",)},
    ],
    ids=lambda settings: "-".join(str(each) for each in settings.values()),
)
def test_an_exact_run_reads_what_was_planned(planned, really, settings):
    found, backend = planned(**settings), really(**settings)
    assert (found["passes"], found["tokens"]) == (backend.passes, backend.read)
    assert found["seconds"] is not None
    assert found["tokens_per_second"] > 0


def test_a_scorer_that_reads_each_text_by_itself_is_planned_as_such(planned):
    hooks = pytest.importorskip("icon_rds.hooks", reason="the scorer rds is not installed")
    found, of_candidates = planned(hooks, scorer="rds", schedule="exact"), planned(scorer="ppl", schedule="exact")
    assert found["passes"] == 24 + 34
    assert of_candidates["tokens"] < found["tokens"] < 24 / 34 * 4 * of_candidates["tokens"]


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
