"""A race that was stopped, or lost a part, goes on to the same files; what was measured until then gives a choice."""

import json
from itertools import product

import pytest

from icon.errors import InterruptedRun
from icon.results import verify
from icon.runs.scores import read_scores
from support.tiers import of_tier

pytestmark = pytest.mark.usefixtures("small_parts")
TO_THE_END = {"capture": 1, "baselines": ()}
STOPS = [(0, 5), (0, 20), (1, 0), (1, 1), (2, 3), (3, 2)]
"""Whole slices before the stop, and candidates into the next one; 0 is at a slice's last candidate."""
ORDERS = ("informative", "stratified")


def raced(folder):
    return json.loads((folder / "run.json").read_text())["stages"]["score"]["race"]


@pytest.mark.parametrize(
    ("order", "stop"), of_tier(list(zip(ORDERS * 3, STOPS, strict=True)), list(product(ORDERS, STOPS))), ids=str
)
def test_an_interrupted_race_ends_with_a_choice_and_goes_on(
    start, stop_after, contents, pairs_in, whole, pool, tasks, tmp_path, order, stop
):
    settings, (slices, more) = TO_THE_END | {"order": order}, stop
    path = [each["candidates"] for each in raced(whole(**settings))["path"]]
    assert len(path) > slices
    candidates = sum(path[:slices]) + more
    session = start(pool, tasks, tmp_path / "stopped", stop_after(candidates), **settings)
    assert raced(tmp_path / "stopped")["ended"] == session.manifest.results.race.ended == "interrupted"
    stored = {candidate for candidate, _ in pairs_in(tmp_path / "stopped")}
    found = read_scores(tmp_path / "stopped/scores.parquet")
    assert {each.id for each in found if each.status == "scored"} == stored
    assert {each.status for each in found if each.id not in stored} <= {"not_scored"}
    chosen = sum(each.selected for each in found)
    assert chosen == min(len(stored), 5)  # 15% of the 36 candidates, as far as they are scored
    assert len((tmp_path / "stopped/selected.jsonl").read_text().splitlines()) == chosen
    start(pool, tasks, tmp_path / "stopped", **settings)
    assert contents(tmp_path / "stopped") == contents(whole(**settings))


def test_interrupted_before_the_first_part_is_whole_there_is_no_choice(
    start, stop_after, contents, whole, pool, tasks, tmp_path
):
    with pytest.raises(InterruptedRun):
        start(pool, tasks, tmp_path / "stopped", stop_after(1), **TO_THE_END)
    assert json.loads((tmp_path / "stopped/run.json").read_text())["status"] == "interrupted"
    assert not (tmp_path / "stopped/selected.jsonl").exists()
    start(pool, tasks, tmp_path / "stopped", **TO_THE_END)
    assert contents(tmp_path / "stopped") == contents(whole(**TO_THE_END))


@pytest.mark.parametrize("lost", ["slice-00/part-000002-*", "slice-02/part-000000-*", "slice-01/part-*"])
def test_a_lost_part_is_measured_again_and_comes_out_the_same(start, contents, whole, copied, pool, tasks, lost):
    run = copied(**TO_THE_END)
    paths = list((run / "contributions").glob(lost))
    assert paths
    for path in paths:
        path.unlink()
    start(pool, tasks, run, **TO_THE_END)
    assert contents(run) == contents(whole(**TO_THE_END))


@pytest.mark.parametrize("part", ["slice-00/part-000002-*", "slice-02/part-000000-*"])
def test_a_damaged_part_is_measured_again_and_said(start, whole, copied, pool, tasks, part):
    run = copied(**TO_THE_END)
    path = next((run / "contributions").glob(part))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    session = start(pool, tasks, run, **TO_THE_END)
    assert "checksum" in session.manifest.warnings["score"][0]
    one, two = ((folder / "scores.parquet").read_bytes() for folder in (whole(**TO_THE_END), run))
    assert one == two


def test_another_share_can_be_selected_from_the_same_race(start, contents, copied, command_line, pool, tasks):
    run = copied(**TO_THE_END)
    before, race = contents(run), raced(run)
    scores = {each.id: each.score for each in read_scores(run / "scores.parquet")}
    command_line("select", run, "--keep", "12", code=0)
    found = read_scores(run / "scores.parquet")
    assert {each.id: each.score for each in found} == scores
    assert {each.id for each in found if each.selected} == set(sorted(scores, key=lambda id_: -scores[id_])[:12])
    assert raced(run) == race
    start(pool, tasks, run, **TO_THE_END)
    after = contents(run)
    del before["run.json"]["versions"], after["run.json"]["versions"]  # the command has plugins that the test has not
    assert after == before


def test_nothing_is_selected_from_a_race_that_lost_a_part(copied, command_line):
    run = copied(**TO_THE_END)
    next((run / "contributions").glob("slice-01/part-000000-*")).unlink()
    done = command_line("select", run, code=1)
    assert f"expected {raced(run)['path'][-1]['pairs']}; parts are missing" in done.stderr
    assert "icon score" in done.stderr


def test_every_pair_of_every_slice_can_be_verified(prepare, pairs_in, copied, pool, tasks):
    run = copied(**TO_THE_END)
    opened = prepare(pool, tasks, run, **TO_THE_END)
    found = verify.verify(opened.run, opened.model, pairs=10_000)
    assert found.finished == found.drawn == len(pairs_in(run))
    assert found.errors["c"].largest < 1e-12
    assert found.damaged_parts == found.failed == ()


def test_stopped_before_there_is_enough_to_choose_by_nothing_is_selected_unless_a_selector_is_named(
    start, stop_after, contents, whole, pool, tasks, tmp_path
):
    """Eight of 36 candidates are scored: too few for the classifier, which needs twenty, and to take the best of."""
    settings = TO_THE_END | {"selector": "auto"}
    session = start(pool, tasks, tmp_path / "run", stop_after(10), **settings)
    assert session.manifest.stages.select.selector == "none"
    assert not session.manifest.results.standing.carries
    found = read_scores(tmp_path / "run/scores.parquet")
    assert sum(each.status == "scored" for each in found) == 8
    assert not any(each.selected for each in found)
    assert not (tmp_path / "run/selected.jsonl").exists()
    start(pool, tasks, tmp_path / "run", **settings)
    assert contents(tmp_path / "run") == contents(whole(**settings))


def test_stopped_before_a_named_classifier_can_learn_the_best_scored_are_selected(
    start, stop_after, pool, tasks, tmp_path
):
    settings = TO_THE_END | {"selector": "classifier"}
    session = start(pool, tasks, tmp_path / "run", stop_after(10), **settings)
    assert session.manifest.stages.select.selector == "top"
    assert "8 candidates are scored, too few for classifier" in session.manifest.warnings["select"][0]
    found = [each for each in read_scores(tmp_path / "run/scores.parquet") if each.status == "scored"]
    best = sorted(found, key=lambda each: -each.score)[:5]  # 15% of the 36 candidates
    assert {each.id for each in found if each.selected} == {each.id for each in best}
