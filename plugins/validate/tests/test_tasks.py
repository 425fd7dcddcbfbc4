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


def test_a_task_is_measured_on_every_arm_as_the_harness_does_also_on_finished_ones(
    validate, run, task_folder, tiny_folder
):
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    def arms():
        return {path.name: json.loads(path.read_text())["arm"] for path in (run / "validation" / "arms").iterdir()}

    validate("--draws", "2")
    before = arms()
    given = ("--draws", "2", "--tasks", "sums", "--task-folder", task_folder, "--task-limit", "5")
    outcome = json.loads(validate(*given, "--json").stdout)
    assert outcome["tasks"]["selection"]["n_samples"] == 1
    for name, arm in arms().items():
        assert arm["judged"] == before[name]["judged"]  # trained again for the task, with the same losses
        assert arm["tasks"].keys() == {"sums (5 documents)"}
        assert 0 <= arm["tasks"]["sums (5 documents)"] <= 1
    found = simple_evaluate(
        HFLM(pretrained=str(tiny_folder), device="cpu", dtype="float32"),
        tasks=["sums"],
        task_manager=TaskManager(include_path=str(task_folder), include_defaults=False),
        limit=5,
        bootstrap_iters=0,
    )
    (bare,) = [arm for arm in arms().values() if arm["name"] == "bare"]
    assert bare["tasks"]["sums (5 documents)"] == found["results"]["sums"]["acc,none"]
    repeated = json.loads(validate("--draws", "2", "--json").stdout)  # without --tasks: what was measured stays
    assert repeated["tasks"] == outcome["tasks"]


def test_a_task_that_does_not_exist_is_refused_before_anything_is_trained(validate, run, task_folder, monkeypatch):
    from lm_eval.tasks import TaskManager

    known = TaskManager(include_path=str(task_folder), include_defaults=False)
    monkeypatch.setattr(tasks, "_manager", lambda names, folder: known)  # its own thousands take long to index
    message = validate("--tasks", "sums,products", code=2).stderr
    assert "--tasks products: lm-evaluation-harness has no such task" in " ".join(message.split())
    assert not (run / "validation").exists()


def test_a_folder_without_tasks_is_refused(validate):
    assert "found no task (.yaml) in it" in validate("--tasks", "sums", "--task-folder", "run", code=2).stderr
