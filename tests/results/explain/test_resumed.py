"""A run that is stopped and taken up has the token examples, and the page with them, of one that was not."""

from __future__ import annotations

import pytest

from icon.errors import BackendError
from icon.results import explain
from icon.results.explain import _examples
from icon.testing import FakeBackend

SETTINGS = {"on_bad_row": "skip", "keep": 4, "report": True}


@pytest.fixture
def whole(start, pool, tasks, tmp_path):
    """explained.jsonl of a run that nothing stopped."""
    made = start(pool, tasks, tmp_path / "whole", **SETTINGS)
    return made.directory.explained.read_bytes()


def test_a_run_stopped_after_scoring_has_no_other_examples_where_the_allowance_is_short(
    prepare, start, pool, tasks, tmp_path, monkeypatch
):
    monkeypatch.setattr(_examples, "FEWEST_TOKENS", 1)
    monkeypatch.setattr(_examples, "SHARE", 0)
    whole = start(pool, tasks, tmp_path / "whole", **SETTINGS).directory.explained.read_bytes()
    first = prepare(pool, tasks, tmp_path / "run", **SETTINGS)
    first.assess()
    first.score()
    second = start(pool, tasks, tmp_path / "run", **SETTINGS)
    assert second.directory.explained.read_bytes() == whole
    assert len(whole.splitlines()) > 2  # of more candidates than the first


@pytest.mark.parametrize("stopped_after", ["score", "select"])
def test_a_run_stopped_after_scoring_has_its_examples_when_it_goes_on(
    prepare, start, pool, tasks, tmp_path, whole, stopped_after
):
    first = prepare(pool, tasks, tmp_path / "run", **SETTINGS)
    first.assess()
    first.score()
    if stopped_after == "select":
        first.select()
    first.model.close()
    second = start(pool, tasks, tmp_path / "run", **SETTINGS)
    assert second.directory.explained.read_bytes() == whole
    assert "measuring the tokens of examples" in second.manifest.times.seconds


def test_a_finished_run_opens_no_model_when_it_is_started_again(start, pool, tasks, tmp_path, whole):
    again = start(pool, tasks, tmp_path / "whole", **SETTINGS)
    assert not again.model.is_open
    assert again.directory.explained.read_bytes() == whole


def test_icon_select_alone_opens_no_model_for_examples(prepare, pool, tasks, tmp_path):
    made = prepare(pool, tasks, tmp_path / "run", **SETTINGS)
    made.assess()
    made.score()
    made.model.close()
    made.select()
    made.report()
    assert not made.model.is_open
    assert made.directory.report.exists()


def test_a_model_that_cannot_be_opened_again_is_a_warning_on_the_page_and_in_run_json(
    prepare, start, pool, tasks, tmp_path
):
    first = prepare(pool, tasks, tmp_path / "run", **SETTINGS)
    first.assess()
    first.score()

    def broken() -> FakeBackend:
        raise BackendError("no memory left")

    second = start(pool, tasks, tmp_path / "run", make=broken, **SETTINGS)
    said = " ".join(second.manifest.warnings["report"])
    assert "the tokens of examples are left out of the report: no memory left" in said
    assert second.manifest.status == "done"


def test_examples_open_the_model_only_where_that_is_asked_for(start, pool, tasks, tmp_path):
    made = start(pool, tasks, tmp_path / "run", **{**SETTINGS, "report": False})
    made.model.close()
    assert explain.examples(made.run, made.model, made.pool) == []
    assert explain.examples(made.run, made.model, made.pool, opening=True)


def test_a_race_that_is_stopped_and_goes_on_has_the_examples_of_one_that_was_not(
    start, prepare, pool, many_tasks, tmp_path, stop_after
):
    settings = {**SETTINGS, "schedule": "uniform", "baselines": (), "capture": 1.0}  # a race would be one slice
    whole = start(pool, many_tasks, tmp_path / "whole", **settings)
    stopped = start(pool, many_tasks, tmp_path / "run", stop_after(20), **settings)
    assert stopped.manifest.status == "interrupted"
    assert not stopped.directory.explained.exists()
    stopped.model.close()
    again = start(pool, many_tasks, tmp_path / "run", **settings)
    assert again.manifest.status == "done"
    assert again.directory.explained.read_bytes() == whole.directory.explained.read_bytes()
