"""A verdict from end to end: on real trainings of the tiny model, and the same numbers by a plain transformers loop."""

import json
import math

import numpy as np
import pytest
import torch

from icon.validation.losses import ArmLosses, JudgeLoss
from icon_validate.concluding import by_length
from icon_validate.schedule import steps_order
from support.validating import KEPT, N_JUDGE, write_lines


@pytest.fixture
def arms(run):
    """The finished arms by file name."""

    def read():
        found = {}
        for path in sorted((run / "validation" / "arms").glob("*.json")):
            found[path.name.rpartition("-")[0]] = json.loads(path.read_text())["arm"]
        return found

    return read


def rest(arm):
    """Loss per token behind the second, by judge sample, in nats."""
    return np.array([loss["rest"] / (loss["n_tokens"] - 2) for loss in arm["judged"]])


def test_the_verdict_is_that_of_the_arms_losses(validate, arms, run):
    outcome = json.loads(validate("--json").stdout)
    found = arms()
    assert outcome == {**outcome, **json.loads((run / "validation" / "verdict.json").read_text())}
    draws = np.array([rest(found[f"steps-random-0{k}"]) for k in (1, 2, 3)])
    verdict = outcome["tables"]["steps"]
    assert (verdict["n_draws"], verdict["n_samples"]) == (3, N_JUDGE)
    assert verdict["difference"] == pytest.approx(draws.mean() - rest(found["steps-selection"]).mean(), abs=1e-12)
    assert verdict["low"] < verdict["difference"] < verdict["high"]
    assert verdict["beaten"] == sum(draw.mean() > rest(found["steps-selection"]).mean() for draw in draws)
    assert set(verdict["groups"]) == {"a", "b"}
    assert {"longest", "shortest", "low-ppl", "pool"} <= set(verdict["arms"]) | set(" ".join(outcome["notes"]).split())
    bare = rest(found["steps-bare"])
    assert verdict["gain"]["gain"] == pytest.approx(bare.mean() - draws.mean(), abs=1e-12)
    assert "validated" in outcome["facts"]


@pytest.mark.parametrize(
    ("tokens", "said"),
    [(110, ""), (112, "reads 12% more tokens than the mean draw"), (89, "reads 11% fewer tokens"), (90, "")],
)
def test_a_selection_that_reads_other_amounts_than_the_draws_has_a_note(tokens, said):
    """The draws read 80 and 120 tokens, so 100 in the mean; an arm that failed does not count."""
    judged = (JudgeLoss.of("j", [1.0, 1.0, 1.0]),)
    read = [("selection", tokens, judged), ("random", 80, judged), ("random", 120, judged), ("random", 5000, ())]
    arms = [
        ArmLosses(name=kind, kind=kind, tokens=n, judged=own, reason="" if own else "out of memory")
        for kind, n, own in read
    ]
    found = by_length(arms)
    assert (said in found) if said else not found
    assert not by_length(arms[1:])


def test_an_arm_has_the_losses_of_a_plain_transformers_loop(validate, arms, run, tiny_folder):
    from transformers import AutoModelForCausalLM

    validate("--train", "top-blocks", "--blocks", "1", "--learning-rate", "1e-3", "--seed", "3")
    found = arms()["steps-selection"]
    selected = sorted(_ids(run).items(), key=lambda item: item[0])
    texts = [_bytes(json.loads(line)) for _, line in selected]
    judge = [json.loads(line) for line in (run / "held_out.jsonl").read_text().splitlines()]
    model = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32).requires_grad_(False)
    parameters = list(model.model.layers[-1].requires_grad_(True).parameters())
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0)
    order = steps_order(KEPT, steps=math.ceil(2 * KEPT / 4), batch=4, seed=3)
    training = []
    for step, places in enumerate(order):
        optimiser.param_groups[0]["lr"] = 1e-3 * 0.5 * (1 + math.cos(math.pi * step / len(order)))
        loss = sum(_losses(model, texts[place]).mean() for place in places) / len(places)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        training.append(loss.item())
    assert found["training"] == pytest.approx(training, abs=1e-4)
    model.requires_grad_(False)
    for record, stored in zip(judge, found["judged"], strict=True):
        losses = _losses(model, _bytes({"instruction": record["messages"][0]["content"], "output": record["response"]}))
        assert stored["n_tokens"] == len(losses)
        assert [stored["first"], stored["second"]] == pytest.approx(losses[:2].tolist(), abs=1e-4)
        assert stored["rest"] / (len(losses) - 2) == pytest.approx(losses[2:].mean().item(), abs=1e-4)


def _ids(run):
    """Lines of selected.jsonl by the id of their candidate."""
    from icon.runs.scores import read_scores

    lines = {json.loads(line)["instruction"]: line for line in (run / "selected.jsonl").read_text().splitlines()}
    pool = [json.loads(line) for line in (run.parent / "pool.jsonl").read_text().splitlines()]
    return {row.id: lines[pool[row.row]["instruction"]] for row in read_scores(run / "scores.parquet") if row.selected}


def _bytes(record):
    """Tokens of prompt and response in the paper's form, a byte each by the order of the tiny model's vocabulary."""
    return f"### Instruction:\n{record['instruction']}\n\n### Response:".encode(), record["output"].encode()


def _losses(model, text):
    prompt, response = text
    ids = torch.tensor([[*prompt, *response]])
    logits = model(input_ids=ids).logits[0, len(prompt) - 1 : -1]
    return torch.nn.functional.cross_entropy(logits, ids[0, len(prompt) :], reduction="none")


def test_arms_of_the_second_table_read_as_many_tokens_as_the_selection(validate, arms):
    outcome = json.loads(validate("--tokens", "--json").stdout)
    found = arms()
    wanted = found["steps-selection"]["tokens"]
    assert set(outcome["tables"]) == {"steps", "tokens"}
    for name, arm in found.items():
        if name.startswith("tokens-") and name != "tokens-bare":
            assert abs(arm["tokens"] - wanted) <= 40, name  # half of the longest record
    assert found["steps-longest"]["tokens"] - wanted > 40
    assert {found[name]["steps"] for name in found if name.startswith("steps-") and name != "steps-bare"} == {3}


def test_a_second_call_trains_nothing_and_gives_the_same_verdict(validate, run):
    first = validate("--json").stdout
    times = {path: path.stat().st_mtime_ns for path in (run / "validation" / "arms").iterdir()}
    assert validate("--json").stdout == first
    assert {path: path.stat().st_mtime_ns for path in (run / "validation" / "arms").iterdir()} == times


def test_a_second_table_stays_in_the_verdict_of_a_call_that_does_not_ask_for_it(validate):
    both = json.loads(validate("--draws", "2", "--tokens", "--json").stdout)
    assert json.loads(validate("--draws", "2", "--json").stdout)["tables"] == both["tables"]


def test_a_dry_run_trains_nothing_and_says_what_it_would(validate, run):
    planned = json.loads(validate("--dry-run", "--json").stdout)
    assert [arm["name"] for arm in planned["arms"][:5]] == ["bare", "selection", "random-01", "random-02", "random-03"]
    assert planned["seconds"] > 0
    assert planned["tokens"] == sum(arm["tokens"] for arm in planned["arms"])
    assert not (run / "validation" / "arms").exists()
    assert "time here: about" in validate("--dry-run").stdout


def test_a_judge_of_ones_own_is_guarded_against_what_was_seen(validate, run, tmp_path):
    seen = [json.loads(line) for name in ("pool", "tasks") for line in (tmp_path / f"{name}.jsonl").open()]
    new = [{"instruction": f"what comes after {n}?", "output": f"that is {n + 1}"} for n in range(70, 79)]
    judge = write_lines(tmp_path / "judge.jsonl", [*new, seen[0]])
    outcome = json.loads(validate("--judge", judge, "--json").stdout)
    assert outcome["judge"]["samples"] == 9
    assert "1 of 10 judge samples overlap" in " ".join(outcome["notes"])
    refused = validate("--judge", write_lines(tmp_path / "seen.jsonl", seen[:12]), code=2)
    assert "12 of 12 judge samples overlap with the pool or the assessment set" in refused.stderr
