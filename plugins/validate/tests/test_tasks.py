"""Benchmark tasks: a harness task made of a local file, on every arm, with the values of the harness itself."""

import json

import pytest

from icon_validate import tasks
from support.validating import write_lines

pytest.importorskip("lm_eval", reason="lm-evaluation-harness is not installed")


@pytest.fixture
def task_folder(tmp_path):
    """A folder with the task `sums`: which of two answers is more likely."""
    folder = tmp_path / "tasks"
    folder.mkdir()
    rows = [{"question": f"{n} plus {n}?", "choices": [str(2 * n), str(2 * n + 7)], "gold": 0} for n in range(6)]
    write_lines(folder / "sums.jsonl", rows)
    (folder / "sums.yaml").write_text(
        f"""task: sums
dataset_path: json
dataset_kwargs:
  data_files: {{test: {folder / "sums.jsonl"}}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{{{question}}}}"
doc_to_choice: choices
doc_to_target: gold
metric_list:
  - metric: acc
"""
    )
    return folder


def test_a_task_of_ones_own_is_measured_on_every_arm_as_the_harness_measures_it(
    validate, run, task_folder, tiny_folder
):
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    outcome = json.loads(validate("--draws", "2", "--tasks", "sums", "--task-folder", task_folder, "--json").stdout)
    arms = [json.loads(path.read_text())["arm"] for path in (run / "validation" / "arms").glob("*.json")]
    assert all(arm["tasks"].keys() == {"sums"} and 0 <= arm["tasks"]["sums"] <= 1 for arm in arms)
    assert outcome["tasks"]["selection"]["n_samples"] == 1
    bare = next(arm for arm in arms if arm["name"] == "bare")
    found = simple_evaluate(
        HFLM(pretrained=str(tiny_folder), device="cpu", dtype="float32"),
        tasks=["sums"],
        task_manager=TaskManager(include_path=str(task_folder), include_defaults=False),
        bootstrap_iters=0,
    )
    assert bare["tasks"]["sums"] == found["results"]["sums"]["acc,none"]


def test_an_arm_that_lacks_an_asked_task_is_trained_again_with_the_same_losses(validate, run, task_folder):
    validate("--draws", "2")
    arms = run / "validation" / "arms"
    before = json.loads(next(arms.glob("steps-selection-*")).read_text())["arm"]
    validate("--draws", "2", "--tasks", "sums", "--task-folder", task_folder, "--task-limit", "4")
    after = json.loads(next(arms.glob("steps-selection-*")).read_text())["arm"]
    assert after["judged"] == before["judged"]
    assert (before["tasks"].keys(), after["tasks"].keys()) == (set(), {"sums (4 documents)"})


def test_a_task_that_does_not_exist_is_refused_before_anything_is_trained(validate, run, task_folder, monkeypatch):
    from lm_eval.tasks import TaskManager

    known = TaskManager(include_path=str(task_folder), include_defaults=False)
    monkeypatch.setattr(tasks, "_manager", lambda names, folder: known)  # its own thousands take long to index
    told = validate("--tasks", "sums,products", code=2).stderr
    assert "--tasks products: lm-evaluation-harness has no such task" in " ".join(told.split())
    assert not (run / "validation").exists()


def test_a_folder_without_tasks_is_refused(validate):
    assert "found no task (.yaml) in it" in validate("--tasks", "sums", "--task-folder", "run", code=2).stderr
