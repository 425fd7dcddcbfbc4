"""What cannot be validated ends with a sentence that says why and what to do; nothing that was finished is lost."""

import json

import pytest
import torch

from icon.errors import LeakError
from icon.runs.lock import RunLock
from icon_validate.judge import judge_of
from icon_validate.opening import open_model
from icon_validate.options import Asked
from icon_validate.top_blocks import TopBlocks
from support.opened import Opened
from support.validating import N_JUDGE, without_seconds, write_lines


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--train", "all"], "--train all: valid: top-blocks, lora, full"),
        (["--draws", "1"], "--draws 1: valid: at least 2"),
        (["--epochs", "0"], "--epochs 0: valid: a number above 0"),
        (["--learning-rate", "0"], "--learning-rate 0: valid: a number above 0"),
        (["--budget", "200k tokens"], "valid: a time such as 90s"),
        (["--budget", "5m", "--devices", "cpu,cpu"], "budget: found 2 devices"),
        (["--device", "cpu", "--devices", "cpu,cpu"], "valid: one of the two"),
        (["--task-limit", "3"], "--task-limit: found without --tasks"),
        (["--pairwise", "requests.jsonl"], "--pairwise and --pairwise-judge: found one of the two"),
        (["--judge", "nowhere.jsonl"], "nowhere.jsonl"),
        (["--draws", "20000"], "too few for 20000 random draws"),
        (["--epochs", "inf"], "--epochs inf: valid: a number above 0"),
        (["--dtype", "int3"], "--dtype int3: valid with --train top-blocks: float32"),
        (["--dtype", "bfloat16"], "small steps are lost in half precision"),
        (["--train", "lora", "--dtype", "float16"], "valid with --train lora: float32 or bfloat16"),
        (["--train", "full", "--devices", "0,1"], "chosen by the environment variable CUDA_VISIBLE_DEVICES"),
        (["--blocks", "2"], "blocks: found 2; valid: 1 to 1"),
        (["--max-tokens", "20"], "samples whose prompt and response do not fit 20 tokens; raise --max-tokens"),
        (["--model", "nowhere/at/all"], "no model 'nowhere/at/all'"),
    ],
)
def test_wrong_use_ends_with_a_sentence_and_code_2(validate, run, options, said):
    assert said in " ".join(validate(*options, code=2).stderr.split())
    assert not (run / "validation" / "arms").exists()


def test_a_run_that_held_nothing_out_says_what_to_do(command_line, finished, tmp_path):
    given = [finished / "pool.jsonl", "--assessment", finished / "tasks.jsonl", "--scorer", "length", "--keep", "4"]
    command_line("run", *given, "--no-report", "--out", "own", code=0)
    message = command_line("validate", "own", code=2).stderr
    assert "--judge FILE" in message
    assert "--hold-out 64" in message


def test_a_run_without_a_selection_is_refused(validate, run):
    (run / "scores.parquet").unlink()
    assert "icon doctor" in validate(code=1).stderr


def test_too_few_judge_samples_are_refused(validate, tmp_path):
    rows = [{"instruction": f"what comes after {n}?", "output": f"that is {n + 1}"} for n in range(70, 75)]
    message = validate("--judge", write_lines(tmp_path / "few.jsonl", rows), code=2).stderr
    assert "found 5 judge samples; valid: at least 8, better 64" in message


def test_judge_samples_with_answers_of_a_token_or_two_are_refused_before_anything_is_trained(validate, run, tmp_path):
    rows = [{"instruction": f"which letter is {n} of them?", "output": "ab"[n % 2]} for n in range(70, 82)]
    message = " ".join(validate("--judge", write_lines(tmp_path / "short.jsonl", rows), code=2).stderr.split())
    assert "0 of 12 judge samples have a third response token" in message
    assert not (run / "validation" / "arms").exists()


def test_judge_samples_that_arms_may_train_on_are_left_out_even_if_the_run_held_them_out(run):
    opened = Opened.at(run, recording=False).run
    held_out = judge_of(opened, None, [])
    assert len(held_out.samples) == N_JUDGE
    with pytest.raises(LeakError, match=f"1 of {N_JUDGE} judge samples overlap"):
        judge_of(opened, None, [held_out.samples[0]])  # as with --on-leak ignore


def test_a_run_in_half_precision_is_trained_in_float32(run):
    opened = Opened.at(run, recording=False).run
    half = {**opened.config.backend_options, "dtype": "float16"}
    opened.manifest = opened.manifest.model_copy(
        update={"config": opened.config.model_copy(update={"backend_options": half})}
    )
    with open_model(opened, Asked(), None) as backend:
        assert backend.model.dtype == torch.float32


def test_a_damaged_file_of_perplexities_is_measured_anew(validate, run):
    whole = json.loads(validate("--json").stdout)
    path = run / "validation" / "perplexity.json"
    for damage in ("[]", '{"of": 1', '{"of": {}, "ppl": [1]}'):
        path.write_text(damage)
        assert without_seconds(json.loads(validate("--json").stdout)) == without_seconds(json.loads(json.dumps(whole)))


def test_other_settings_than_those_of_an_earlier_start_are_refused(validate, run):
    validate()
    before = {path.name: path.read_bytes() for path in (run / "validation" / "arms").iterdir()}
    message = validate("--learning-rate", "1e-3", code=2).stderr
    assert "learning_rate: 0.0001 -> 0.001" in message
    assert {path.name: path.read_bytes() for path in (run / "validation" / "arms").iterdir()} == before


def test_a_lack_of_memory_is_a_sentence_and_finished_arms_are_kept(validate, run, monkeypatch):
    train, left = TopBlocks.train, [2]

    def scarce(self, *arguments, **given):
        left[0] -= 1
        if left[0] < 0:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has more")
        return train(self, *arguments, **given)

    monkeypatch.setattr(TopBlocks, "train", scarce)
    message = " ".join(validate(code=1).stderr.split())
    assert "no memory on cpu to train with --train top-blocks: CUDA out of memory" in message
    assert "Arms that are done are kept; less is needed by fewer --blocks" in message
    assert len(list((run / "validation" / "arms").glob("*.json"))) == 3  # the bare model, the selection, one draw


def test_an_arm_whose_loss_is_not_finite_has_a_reason_and_no_number(validate, run):
    message = " ".join(validate("--learning-rate", "1e30", code=2).stderr.split())
    assert "no verdict: 0 random draws were trained" in message
    arms = [json.loads(path.read_text())["arm"] for path in (run / "validation" / "arms").glob("steps-random-*.json")]
    assert len(arms) == 3
    assert all(arm["judged"] == [] and "lower --learning-rate" in arm["reason"] for arm in arms)


def test_a_second_validation_of_a_run_is_refused_while_the_first_lives(validate, run):
    with RunLock.taken(run, ".lock-validate"):
        assert "in use by process" in validate(code=2).stderr
        validate("--dry-run")
    assert not (run / "validation/arms").exists()


def test_a_budget_that_no_verdict_fits_into_says_so_and_keeps_what_is_done(validate, run):
    message = " ".join(validate("--budget", "0.1s", code=2).stderr.split())
    assert "no verdict: 0 random draws were trained, and not the selection" in message
    assert "a larger --budget goes on" in message


def test_within_a_budget_the_verdict_says_how_many_draws_it_had(validate, monkeypatch):
    from icon.types import Meter

    left = iter([True] * 4)  # the bare model, the selection, two draws
    monkeypatch.setattr(Meter, "fits", lambda self, tokens, passes: next(left, False))
    outcome = json.loads(validate("--budget", "1h", "--json").stdout)
    assert outcome["tables"]["steps"]["n_draws"] == 2
    assert "not within the budget: 1 of 3 random draws, longest" in " ".join(outcome["notes"])
    assert "2 random draws are few" in " ".join(outcome["notes"])


def test_ctrl_c_keeps_finished_arms_and_the_same_command_goes_on(validate, run, monkeypatch):
    whole = json.loads(validate("--json").stdout)
    arms = run / "validation" / "arms"
    for path in arms.glob("*random-0[23]*"):
        path.unlink()
    kept = {path.name: path.read_bytes() for path in arms.iterdir()}

    def stop(self, *arguments, **given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TopBlocks, "train", stop)
        message = validate("--json", code=130).stderr
    assert "interrupted; finished arms are kept. To go on: icon validate" in " ".join(message.split())
    assert {path.name: path.read_bytes() for path in arms.iterdir()} == kept
    again = json.loads(validate("--json").stdout)
    assert without_seconds(again) == without_seconds(whole)
