"""Stage 3 on a run directory: what is chosen where not all is measured, and what becomes of an earlier choice."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from icon.errors import ConfigError, NoChoiceError
from icon.pipeline._measured import seconds_of
from icon.pipeline.doctor import examine
from icon.results.advice import advice
from icon.results.loaded import finished
from icon.testing import FakeBackend

WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty"]


@pytest.fixture
def files(tmp_path):
    """A pool of 60 whose candidates show none to nine of ten words, and eight tasks that ask for five of them."""
    draw = random.Random(5)
    shown = [draw.sample(WORDS, i % 10) for i in range(60)]
    pool = [{"instruction": f"number {i}", "output": " ".join([f"it is {i}", *words])} for i, words in enumerate(shown)]
    tasks = [{"instruction": f"task {i}", "output": " ".join(draw.sample(WORDS, 5))} for i in range(8)]
    for name, records in (("pool", pool), ("tasks", tasks)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(tmp_path / "pool.jsonl"), str(tmp_path / "tasks.jsonl"), tmp_path / "run"


AUTO = {"selector": "auto", "template": "plain", "baselines": ()}


def test_the_time_of_a_scorer_is_not_that_of_one_whose_name_begins_like_it():
    spent = {"reading": 9.0, "scoring: icon, samples 1 to 4 of 8": 2.0, "scoring: icon, samples 5 to 8 of 8": 3.0}
    spent |= {"scoring: iconic": 50.0, "scoring: less": 7.0}
    assert seconds_of("icon", spent) == 5
    assert (seconds_of("less", spent), seconds_of("rds", spent)) == (7, None)


def test_where_enough_of_the_pool_are_scored_the_best_of_them_are_chosen(start, files):
    opened = start(*files, subset=16, keep="10%", **AUTO)  # 6 of 60: too few for the classifier, twice as many for top
    assert opened.manifest.stages.select.selector == "top"
    assert (opened.manifest.results.selected, opened.manifest.results.standing.grounds) == (6, "best_of_scored")


def test_the_best_of_the_scored_come_before_a_classifier_that_could_learn_from_them(start, files):
    opened = start(*files, subset=50, keep="10%", **AUTO)
    assert opened.manifest.stages.select.selector == "top"


def test_a_subset_of_noise_is_called_that_and_no_more_of_it_is_asked_for(start, files):
    opened = start(*files, make=Noise, subset=40, keep="30%", schedule="exact", **AUTO)
    standing = opened.manifest.results.standing
    assert (standing.grounds, standing.needed) == ("like_chance", None)
    assert not opened.manifest.has_selection
    assert advice(opened.manifest, None, "run").kind == "use_baseline"


def test_a_subset_that_can_carry_no_choice_is_refused_before_anything_is_measured(start, files):
    with pytest.raises(ConfigError, match="16 of 60 candidates would be scored, too few to choose 15 by; valid: at"):
        start(*files, subset=16, keep="25%", **AUTO)
    assert not files[2].exists()


@pytest.fixture
def carrying_none(start, files):
    """A run in which 25 of 60 candidates are scored by chance alone, and 18 are to be kept."""
    return start(*files, subset=25, keep="30%", scorer="random", **AUTO)


def test_where_too_few_are_scored_nothing_is_written_but_the_scores(carrying_none, files):
    opened = carrying_none
    standing = opened.manifest.results.standing
    assert (standing.carries, standing.grounds, standing.wanted, standing.scored) == (False, "not_predicted", 18, 25)
    names = {path.name for path in files[2].iterdir()}
    assert "scores.parquet" in names
    assert not names & {"selected.jsonl", "dropped.jsonl"}
    assert standing.needed.new_run
    assert 25 < standing.needed.candidates <= 36  # at most twice as many as are kept


def test_a_run_without_a_selection_has_nothing_wrong_with_it(carrying_none, files):
    found = examine(files[2])
    assert {finding.state for finding in found.findings} == {"ok"}


def test_a_selector_that_is_named_is_obeyed(start, files):
    opened = start(*files, subset=16, keep="25%", **{**AUTO, "selector": "top"})
    assert opened.manifest.results.selected == 15
    assert (opened.manifest.results.standing.carries, opened.manifest.results.standing.named) == (False, True)


def test_an_earlier_selection_from_the_same_measurements_stays_where_another_is_not_carried(start, files):
    opened = start(*files, subset=16, keep="10%", **AUTO)
    before = (files[2] / "selected.jsonl").read_bytes()
    with pytest.raises(NoChoiceError, match=r"keep 25%.*16 of 60 candidates are scored.*The selection of 10% stays"):
        opened.select(keep="25%")
    assert (files[2] / "selected.jsonl").read_bytes() == before
    _, manifest = finished(files[2])
    assert manifest.results.selected == 6


def test_a_selection_from_fewer_measurements_goes_where_more_carry_none(start, files, monkeypatch):
    opened = start(*files, subset=16, keep="10%", **AUTO)
    results = opened.manifest.results
    older = results.standing.model_copy(update={"scored": 15})
    opened.run.note(results=results.model_copy(update={"standing": older}))
    opened.select(keep="25%")
    assert not (files[2] / "selected.jsonl").exists()
    assert not (files[2] / "dropped.jsonl").exists()
    assert not opened.manifest.has_selection


class Noise(FakeBackend):
    """A backend whose numbers depend on the pair of texts and on nothing in them."""

    def score(self, context, targets):
        found = []
        for one, target in zip(super().score(context, targets), targets, strict=True):
            drawn = random.Random(repr((context, target.prompt, target.response)))
            found.append(replace(one, logprobs=tuple(-drawn.uniform(0.5, 3.0) for _ in one.logprobs)))
        return found


@pytest.mark.parametrize("schedule", ["race", "exact"])
def test_pure_noise_is_never_called_usable_however_much_of_it_is_measured(start, files, schedule):
    opened = start(*files, make=Noise, schedule=schedule, **AUTO)
    said = advice(opened.manifest, None, "run")
    assert (said.kind, said.sentence[:34]) == ("use_baseline", "No better than a random draw here:")
