"""The three stages on a run directory, with the fake backend: nothing lost, nothing mixed, nothing done twice."""

import json
from pathlib import Path

import pytest

from icon.errors import ConfigError, IconError, InterruptedRun, LeakError
from icon.runs.scores import read_scores
from support.sealed import seal


def write(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return str(path)


def record(i, **more):
    return {"instruction": f"question number {i}", "input": "", "output": f"answer {i} of {i * 7} words", **more}


@pytest.fixture
def pool(tmp_path):
    return write(tmp_path / "pool.jsonl", [record(i) for i in range(40)])


@pytest.fixture
def tasks(tmp_path):
    rows = [{"instruction": f"task {i} alpha", "output": f"done {i}", "group": "ab"[i % 2]} for i in range(6)]
    return write(tmp_path / "tasks.jsonl", rows)


def test_every_row_of_the_pool_gets_a_decision_and_a_reason(start, tmp_path, tasks):
    rows = [record(i) for i in range(20)] + [
        record(3),
        {"instruction": "x"},
        {"instruction": "task 2 alpha", "output": "y"},
    ]
    pool = write(tmp_path / "pool.jsonl", rows)
    start(pool, tasks, tmp_path / "run", on_bad_row="skip", subset=10, keep="2")
    found = read_scores(tmp_path / "run/scores.parquet")
    assert [each.row for each in found] == list(range(23))
    assert all(each.decision for each in found)
    statuses = {each.row: each.status for each in found}
    assert (statuses[20], statuses[21], statuses[22]) == ("duplicate", "bad_row", "leak")
    assert sorted(statuses.values()).count("scored") == 10
    assert sum(each.selected for each in found) == 2
    lines = [len((tmp_path / "run" / name).read_text().splitlines()) for name in ("selected.jsonl", "dropped.jsonl")]
    assert lines == [2, 21]


def test_the_best_scores_are_selected(start, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "run", keep="25%")
    found = read_scores(tmp_path / "run/scores.parquet")
    best = sorted(found, key=lambda each: -each.score)[:10]
    assert {each.id for each in found if each.selected} == {each.id for each in best}
    assert sorted(each.rank for each in found) == list(range(1, 41))


@pytest.mark.parametrize("stop", [1, 17, 39])
def test_an_interrupted_run_goes_on_to_the_same_files(start, stop_after, contents, pool, tasks, tmp_path, stop):
    start(pool, tasks, tmp_path / "whole")
    with pytest.raises(InterruptedRun):
        start(pool, tasks, tmp_path / "stopped", stop_after(stop))
    assert json.loads((tmp_path / "stopped/run.json").read_text())["status"] == "interrupted"
    start(pool, tasks, tmp_path / "stopped")
    assert contents(tmp_path / "stopped") == contents(tmp_path / "whole")


def test_a_finished_run_measures_nothing_again(start, stop_after, contents, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "run")
    before = contents(tmp_path / "run")
    assert start(pool, tasks, tmp_path / "run", stop_after(1)).model.tokens_evaluated == 0
    assert contents(tmp_path / "run") == before


def test_a_lost_part_is_measured_again_and_comes_out_the_same(start, contents, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "whole")
    start(pool, tasks, tmp_path / "run")
    manifest = json.loads((tmp_path / "run/run.json").read_text())
    del manifest["stages"]["score"]
    seal(tmp_path / "run", stages=manifest["stages"])
    next((tmp_path / "run/contributions").glob("part-000000-*")).unlink()
    start(pool, tasks, tmp_path / "run")
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


def test_the_result_does_not_depend_on_the_order_of_the_pool(start, tmp_path, tasks):
    rows = [record(i) for i in range(30)]
    one = start(write(tmp_path / "one.jsonl", rows), tasks, tmp_path / "a", subset=20)
    two = start(write(tmp_path / "two.jsonl", rows[::-1]), tasks, tmp_path / "b", subset=20)
    scores = [{each.id: (each.score, each.selected) for each in read_scores(s.directory.scores)} for s in (one, two)]
    assert scores[0] == scores[1]


def test_the_audit_field_is_shown_to_no_stage(start, tmp_path, tasks):
    marked = [record(i, planted="weak" if i % 3 == 0 else "") for i in range(30)]
    plain = [record(i) for i in range(30)]
    one = start(write(tmp_path / "one.jsonl", marked), tasks, tmp_path / "a", audit_field="planted")
    two = start(write(tmp_path / "two.jsonl", plain), tasks, tmp_path / "b")
    a, b = (read_scores(session.directory.scores) for session in (one, two))
    assert a == b
    audit = one.manifest.results.audit
    assert audit.kinds["weak"].n == 10
    assert 0 <= audit.kinds["weak"].auc["icon"] <= 1
    assert two.manifest.results.audit is None


def test_a_pool_that_changed_is_refused(start, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "run")
    write(Path(pool), [record(i) for i in range(39)])
    with pytest.raises(ConfigError, match="rows: 40 -> 39"):
        start(pool, tasks, tmp_path / "run")


def test_a_changed_setting_is_refused(start, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "run")
    with pytest.raises(ConfigError, match="seed: 42 -> 7"):
        start(pool, tasks, tmp_path / "run", seed=7)


def test_an_assessment_file_edited_by_hand_is_set_aside_with_a_warning(start, stop_after, pool, tasks, tmp_path):
    with pytest.raises(InterruptedRun):
        start(pool, tasks, tmp_path / "run", stop_after(3))
    path = tmp_path / "run/assessment.jsonl"
    written = path.read_text()
    edited = written.replace("done 1", "done 2")
    path.write_text(edited)
    session = start(pool, tasks, tmp_path / "run")
    assert path.read_text() == written
    assert path.with_name("assessment.jsonl.damaged").read_text() == edited
    assert "assessment.jsonl was missing, damaged or changed" in session.manifest.warning_lines[0]


def test_an_edited_assessment_file_whose_source_is_gone_is_refused(start, stop_after, pool, tasks, tmp_path):
    with pytest.raises(InterruptedRun):
        start(pool, tasks, tmp_path / "run", stop_after(3))
    path = tmp_path / "run/assessment.jsonl"
    edited = path.read_text().replace("done 1", "done 2")
    path.write_text(edited)
    Path(tasks).unlink()
    with pytest.raises(IconError):
        start(pool, tasks, tmp_path / "run")
    assert path.read_text() == edited


def test_overlap_with_the_assessment_set_can_be_refused(start, tmp_path, tasks):
    pool = write(tmp_path / "pool.jsonl", [record(1), {"instruction": "Task 2, ALPHA!", "output": "no"}])
    with pytest.raises(LeakError, match="row 1"):
        start(pool, tasks, tmp_path / "run", on_leak="refuse")


def test_a_held_out_assessment_set_leaves_the_pool(start, pool, tmp_path):
    session = start(pool, "", tmp_path / "run", assessment="stratified", assessment_options={}, assessment_size=8)
    found = read_scores(session.directory.scores)
    assert sum(each.status == "held_out" for each in found) == 8
    assert not any(each.selected for each in found if each.status == "held_out")


def test_every_turn_of_a_conversation_can_be_a_candidate(start, tmp_path, tasks):
    turns = [{"role": role, "content": f"{role} says {i}"} for i in range(2) for role in ("user", "assistant")]
    pool = write(tmp_path / "pool.jsonl", [{"messages": turns}])
    session = start(pool, tasks, tmp_path / "run", turns="every", keep="1")
    found = read_scores(session.directory.scores)
    assert [(each.row, each.turn) for each in found] == [(0, 0), (0, 1)]
    assert len(session.directory.selected.read_text().splitlines()) == 1


def test_one_sample_is_enough(start, tmp_path, tasks):
    session = start(write(tmp_path / "pool.jsonl", [record(1)]), tasks, tmp_path / "run")
    assert session.manifest.results.selected == 1


def test_an_assessment_file_that_changed_is_refused(start, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "run")
    Path(tasks).write_text(Path(tasks).read_text().replace("done 1", "done 9"))
    with pytest.raises(ConfigError, match="assessment"):
        start(pool, tasks, tmp_path / "run")


def test_a_damaged_part_of_a_scored_run_is_measured_again_and_said(start, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "whole")
    start(pool, tasks, tmp_path / "run")
    part = next((tmp_path / "run/contributions").glob("part-000000-*"))
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(bytes(data))
    session = start(pool, tasks, tmp_path / "run")
    assert "checksum" in session.manifest.warnings["score"][0]
    whole, again = (read_scores(tmp_path / name / "scores.parquet") for name in ("whole", "run"))
    assert whole == again


def test_a_kill_before_the_first_run_json_can_be_gone_on_from(start, pool, tasks, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/.run.json.elsewhere.1.tmp").write_bytes(b"{")
    assert start(pool, tasks, tmp_path / "run").manifest.status == "done"


def test_rows_with_surrogates_and_numbers_json_does_not_know_go_through(start, tmp_path, tasks):
    rows = [record(i, note="x\ud800" if i == 3 else "", weight=float("nan") if i == 4 else 1.5) for i in range(10)]
    path = tmp_path / "pool.json"
    path.write_text(json.dumps([*rows, {"instruction": "q", "output": "bad \ud800"}]))
    start(str(path), tasks, tmp_path / "run", on_bad_row="skip")
    lines = [json.loads(line) for line in (tmp_path / "run/dropped.jsonl").read_text().splitlines()]
    assert any(line.get("note") == "x\ud800" for line in lines)
    assert all(line.get("weight", 1.5) in (None, 1.5) for line in lines)


def test_a_subset_too_small_for_the_classifier_is_refused_before_scoring(start, stop_after, pool, tasks, tmp_path):
    with pytest.raises(ConfigError, match="at least 20"):
        start(pool, tasks, tmp_path / "run", stop_after(1), subset=10, selector="classifier")


def test_where_no_scorer_needs_an_assessment_set_nothing_is_held_out(start, pool, tmp_path):
    settings = {"assessment": "stratified", "assessment_options": {}, "scorer": "length"}
    session = start(pool, "", tmp_path / "run", **settings)
    assert {each.status for each in read_scores(session.directory.scores)} == {"scored"}
