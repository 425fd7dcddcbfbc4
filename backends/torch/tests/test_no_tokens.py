"""A response that the tokenizer reads as nothing has no number: a candidate fails, a task is named at the start."""

import json
import shutil

import pytest

from icon.runs.directory import RunDirectory
from icon.runs.scores import read_scores
from icon.types import Status, Target
from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions

NOTHING = "\u200b"
"""A zero-width space, which many tokenizers normalise away."""


@pytest.fixture(scope="module")
def model(tiny, tmp_path_factory):
    """The tiny Llama with a tokenizer that takes the zero-width space out of every text."""
    folder = tmp_path_factory.mktemp("model") / "model"
    shutil.copytree(tiny("llama"), folder)
    tokenizer = folder / "tokenizer.json"
    known = json.loads(tokenizer.read_text())
    known["normalizer"] = {"type": "Replace", "pattern": {"String": NOTHING}, "content": ""}
    tokenizer.write_text(json.dumps(known))
    return folder


def test_a_target_without_tokens_has_a_reason_and_harms_nobody(model):
    with TorchBackend(TorchOptions(model=str(model), device="cpu")) as backend:
        assert backend.tokenize(NOTHING) == []
        usual = Target("a", "b c")
        first, refused, last = backend.score("c", [usual, Target("a", NOTHING), usual])
        assert (refused.status, refused.logprobs) == (Status.FAILED, ())
        assert refused.reason == r"its response has no token under the model's tokenizer: '\u200b'"
        expected = pytest.approx(backend.score("c", [usual])[0].logprobs, abs=1e-5)
        assert first.logprobs == last.logprobs == expected
        assert backend.score_alone("c", Target("a", NOTHING)).status is Status.FAILED
        with pytest.raises(ValueError, match="empty response"):
            backend.score("c", [Target("a", "")])


def write(path, records):
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


@pytest.fixture
def icon_run(model, command_line, tmp_path):
    """Runs `icon run` with a pool and tasks."""

    def run(pool, tasks, *more, code):
        files = write(tmp_path / "pool.jsonl", pool), write(tmp_path / "tasks.jsonl", tasks)
        settings = ("--assessment", files[1], "--backend", "torch", "--model", model, "--device", "cpu", "--out", "run")
        return command_line("run", files[0], *settings, "--keep", "2", *more, code=code)

    return run


POOL = [{"instruction": f"question {n}", "output": f"answer {n}"} for n in range(5)]
TASKS = [{"instruction": "Name a river.", "output": "The Ebro."}]


@pytest.mark.parametrize("scorer", ["icon", "ppl", "reverse"])
def test_a_candidate_without_tokens_fails_and_the_run_goes_on(icon_run, tmp_path, scorer):
    icon_run([*POOL, {"instruction": "question 5", "output": NOTHING}], TASKS, "--scorer", scorer, code=0)
    rows = {row.row: row for row in read_scores(RunDirectory(tmp_path / "run").scores)}
    assert rows[5].score is None
    assert "no token under the model's tokenizer" in rows[5].reason
    assert all(rows[n].score is not None for n in range(5))


@pytest.mark.parametrize("scorer", ["icon", "reverse"])
def test_a_task_without_tokens_is_named_before_the_first_pass(icon_run, tmp_path, scorer):
    done = icon_run(POOL, [*TASKS, {"instruction": "Say nothing.", "output": NOTHING}], "--scorer", scorer, code=2)
    assert "assessment samples that cannot be used as they are" in done.stderr
    assert "no token under the model's tokenizer" in done.stderr
    assert not list((tmp_path / "run" / "contributions").glob("**/part-*"))
