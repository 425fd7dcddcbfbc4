"""`--hold-out`: judge samples that no score sees, with every builder, kept when a run goes on, and guarded."""

import json

import pytest

from icon.errors import RunError
from icon.runs.directory import RunDirectory
from icon.runs.files import held_out_of
from icon.runs.manifest import load_manifest
from icon.runs.scores import read_scores


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def record(text, i):
    return {"instruction": f"{text} {i}: what is {i} times {i + 7}?", "output": f"{i * (i + 7)}", "group": "ab"[i % 2]}


@pytest.fixture
def pool(tmp_path):
    return write(tmp_path / "pool.jsonl", [record("sum", i) for i in range(40)])


@pytest.fixture
def tasks(tmp_path):
    return write(tmp_path / "tasks.jsonl", [record("riddle about numbers", i) for i in range(20)])


def manifest(run):
    return load_manifest(RunDirectory(run).manifest_path)


def ids(path):
    return [json.loads(line)["id"] for line in path.read_text().splitlines()]


@pytest.mark.parametrize("builder", ["stratified", "clustered", "FILE"])
def test_with_every_builder_judge_samples_are_apart_from_scores_and_pool(command_line, tmp_path, pool, tasks, builder):
    words = ["--assessment", tasks if builder == "FILE" else builder, "--assessment-size", 20, "--hold-out", "40%"]
    command_line("run", pool, *words, "--scorer", "length", "--baseline", "random", "--out", "r", code=0)
    run = tmp_path / "r"
    assessed, judged = ids(run / "assessment.jsonl"), ids(run / "held_out.jsonl")
    assert (len(assessed), len(judged)) == (12, 8)
    assert not set(assessed) & set(judged)
    assert [sample.id for sample in held_out_of(RunDirectory(run), manifest(run))] == judged
    statuses = {row.id: row.status for row in read_scores(run / "scores.parquet")}
    if builder != "FILE":
        assert all(statuses[id_] == "held_out" for id_ in (*assessed, *judged))


def test_a_pool_row_that_overlaps_a_judge_sample_is_left_out(command_line, tmp_path, tasks):
    own = [record("sum", i) for i in range(20)] + [record("riddle about numbers", i) for i in range(20)]
    pool = write(tmp_path / "pool.jsonl", own)
    words = ["--assessment", tasks, "--hold-out", 8, "--scorer", "length", "--out", "r"]
    command_line("run", pool, *words, code=0)
    rows = read_scores(tmp_path / "r/scores.parquet")
    reasons = [row.reason for row in rows if row.status == "leak"]
    assert len(reasons) == 20
    assert sum("asks the same as judge sample" in reason for reason in reasons) == 8
    assert sum("asks the same as assessment sample" in reason for reason in reasons) == 12


def test_assess_shows_them_and_a_run_that_goes_on_keeps_them(command_line, tmp_path, pool):
    words = ["--assessment-size", 20, "--scorer", "length", "--out", "r"]
    done = command_line("assess", pool, *words, "--hold-out", 8, code=0)
    assert "judge samples 8" in done.stdout
    before = (tmp_path / "r/held_out.jsonl").read_bytes()
    command_line("run", pool, *words, "--hold-out", 8, code=0)
    assert (tmp_path / "r/held_out.jsonl").read_bytes() == before
    changed = command_line("run", pool, *words, "--hold-out", 9, code=2)
    assert 'hold_out: "8" -> "9"' in changed.stderr


def test_too_few_are_refused_in_a_sentence_and_nothing_is_left(command_line, tmp_path, pool):
    words = ["--assessment-size", 20, "--scorer", "length", "--out", "r"]
    done = command_line("run", pool, *words, "--hold-out", 20, code=2)
    assert "20 judge samples of an assessment set of 20 leave 0 to score on" in done.stderr
    assert not (tmp_path / "r").exists()
    assert "a share such as 15%" in command_line("run", pool, *words, "--hold-out", "many", code=2).stderr


def test_a_run_without_them_has_none_and_a_changed_file_is_refused(command_line, tmp_path, pool):
    command_line("assess", pool, "--scorer", "length", "--out", "without", code=0)
    assert held_out_of(RunDirectory(tmp_path / "without"), manifest(tmp_path / "without")) == []
    assert not (tmp_path / "without/held_out.jsonl").exists()
    command_line("assess", pool, "--scorer", "length", "--assessment-size", 20, "--hold-out", 8, "--out", "r", code=0)
    path = tmp_path / "r/held_out.jsonl"
    path.write_text(path.read_text().replace("what is", "what was", 1))
    with pytest.raises(RunError, match="changed since the run wrote it"):
        held_out_of(RunDirectory(tmp_path / "r"), manifest(tmp_path / "r"))


def test_judge_samples_that_are_nearly_assessment_samples_are_warned_of(command_line, tmp_path, pool):
    twice = [record("riddle about numbers", i) for i in range(10)]
    twice += [{**one, "output": f"{one['output']}, of course"} for one in twice]
    tasks = write(tmp_path / "tasks.jsonl", twice)
    words = ["--assessment", tasks, "--hold-out", 10, "--scorer", "length", "--out", "r"]
    assert "judge samples overlap with assessment samples" in command_line("assess", pool, *words, code=0).stdout


def test_a_plan_counts_only_what_is_scored_on(command_line, tmp_path, pool, tasks):
    words = ["--assessment", tasks, "--hold-out", 8, "--scorer", "length", "--out", "r"]
    done = command_line("plan", pool, *words, "--json", code=0)
    assert json.loads(done.stdout)["assessment_samples"] == 12
