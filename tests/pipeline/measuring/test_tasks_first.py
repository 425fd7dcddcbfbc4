"""Every task is rendered and tokenised before the first pass: one that cannot be used costs no measurement."""

import pytest

from icon.errors import InputError
from icon.testing import FakeBackend

BAD = ("task 3 alpha", "task 12 alpha", "task 21 alpha", "task 33 alpha")


def one_refused(folder, instruction):
    """A template that renders every sample but one."""
    path = folder / "one.jinja"
    path.write_text("{% if instruction == '" + instruction + "' %}{{ nothing }}{% endif %}{{ instruction }}\n")
    return str(path)


@pytest.mark.parametrize("bad", BAD)
def test_a_race_refuses_a_task_of_its_last_slice_before_its_first_pass(start, pool, tasks, tmp_path, bad):
    run = tmp_path / "run"
    with pytest.raises(InputError, match=r"cannot be used as they are:\n  \w+ \(row \d+\): .*nothing.* is undefined"):
        start(pool, tasks, run, schedule="race", template=one_refused(tmp_path, bad))
    assert list(run.rglob("part-*")) == []


def test_a_baseline_that_needs_no_task_does_not_go_first(start, pool, tasks, tmp_path):
    run = tmp_path / "run"
    with pytest.raises(InputError, match="cannot be used as they are"):
        start(pool, tasks, run, schedule="race", baselines=["ppl"], template=one_refused(tmp_path, BAD[-1]))
    assert list(run.rglob("part-*")) == []


def test_a_task_whose_response_has_no_token_is_named_at_the_start(start, pool, tmp_path, monkeypatch):
    plain = FakeBackend.tokenize
    monkeypatch.setattr(FakeBackend, "tokenize", lambda self, text: [] if text == "amber" else plain(self, text))
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text('{"instruction": "one", "output": "birch"}\n{"instruction": "two", "output": "amber"}\n')
    with pytest.raises(InputError, match=r"\(row 1\): its response has no token under the model's tokenizer"):
        start(pool, str(tasks), tmp_path / "run")
