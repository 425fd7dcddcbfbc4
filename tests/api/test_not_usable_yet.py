"""A run without a choice, and one that was stopped, say so from Python too, and give what they have."""

import json

import pytest

import icon
from icon.testing import FakeBackend

ROWS = [{"instruction": f"question {n}", "output": "word " * (n % 7 + 1) + str(n)} for n in range(60)]


@pytest.fixture
def tasks(tmp_path):
    path = tmp_path / "tasks.jsonl"
    lines = [{"instruction": f"task {n} of mine", "output": f"done {n}"} for n in range(40)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


class Stopping(FakeBackend):
    """Ctrl-C while the model reads for the n-th time."""

    def __init__(self, n):
        super().__init__()
        self.left = n

    def score(self, context, targets):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return super().score(context, targets)


def test_where_nothing_is_selected_the_scores_are_there_and_the_rest_says_what_to_do(tmp_path, tasks):
    given = {"schedule": "race", "budget": "2000 tokens", "keep": 10, "report": False, "progress": False}
    found = icon.run(ROWS, backend=FakeBackend(), assessment=tasks, out=tmp_path / "run", **given)
    assert found.advice.kind == "not_yet"
    assert repr(found).endswith(found.advice.sentence)
    assert 0 < found.scores()["score"].notna().sum() < 60
    explained = icon.explain(found.path, "row:1", tokens=False)
    assert (explained["of_run"], explained["neighbours"]) == ("nothing selected", None)  # nothing is kept to be near to
    for ask in (found.selected, found.as_dataset, lambda: found.export("trl"), found.dropped):
        with pytest.raises(icon.RunError, match=r"nothing is selected\. .* Next: icon run --config"):
            ask()


def test_the_data_of_a_run_that_was_stopped_comes_with_a_warning_that_it_is_partial(tmp_path, tasks):
    given = {"schedule": "race", "capture": 1.0, "keep": 10, "selector": "top", "report": False, "progress": False}
    with pytest.raises(icon.InterruptedRun):
        icon.run(ROWS, backend=Stopping(250), assessment=tasks, out=tmp_path / "run", **given)
    found = icon.load_run(tmp_path / "run")
    with pytest.warns(UserWarning, match="partial: the run was stopped"):
        assert len(found.as_dataset()) == 10
