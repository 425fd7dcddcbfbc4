"""The warm-up against torch's own optimiser and a plain loop; it decides the same numbers at every start."""

import json
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="the torch backend is not installed")

from icon.errors import BackendError, ConfigError, InputError, RunError  # noqa: E402
from icon_less.gradients import adapted  # noqa: E402
from icon_less.options import LessOptions  # noqa: E402
from icon_less.scorer import LessScorer  # noqa: E402
from icon_less.texts import encode  # noqa: E402
from icon_less.warmup import Warm, drawn, warm_up  # noqa: E402

RECORDS = [{"instruction": f"question {i}", "output": f"answer {i} of {i * i}"} for i in range(10)]
SMALL = {"rank": 4, "projection": 256, "warmup_share": 0.4, "warmup_batch": 2, "warmup_learning_rate": 0.01}


@pytest.fixture
def options(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return LessOptions(**SMALL, warmup=str(path))


def test_a_step_is_the_one_that_adam_takes_next():
    generator = torch.Generator().manual_seed(3)
    parameter = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.AdamW([parameter], lr=1.0, weight_decay=0.0)
    for _ in range(4):
        parameter.grad = torch.randn(5, generator=generator, dtype=torch.float64)
        optimizer.step()
    state, gradient = optimizer.state[parameter], torch.randn(5, generator=generator, dtype=torch.float64)
    warm = Warm((parameter,), (state["exp_avg"].clone(),), (state["exp_avg_sq"].clone(),), 4)
    (step,) = warm.step([gradient])
    before = parameter.detach().clone()
    parameter.grad = gradient
    optimizer.step()
    assert torch.allclose(step, before - parameter.detach(), rtol=1e-9)


def test_the_records_are_a_share_drawn_by_the_seed(options, make_task):
    task = make_task([])
    texts = drawn(options, task)
    assert len(texts) == len(set(texts)) == 4
    assert drawn(options, task) == texts
    assert drawn(options, replace(task, seed=2)) != texts
    assert len(drawn(options.model_copy(update={"warmup_share": 0.01}), task)) == 1


def test_the_training_is_that_of_a_plain_loop(options, tiny, make_task):
    """Full batches, so that the order does not matter; 4 epochs are 4 steps, of which the first has the full rate."""
    whole = options.model_copy(update={"warmup_batch": 4})
    texts = drawn(whole, make_task([]))
    with adapted(tiny.model, tiny.device, whole, 1) as found:
        warm = warm_up(found, texts, whole, 1)
    with adapted(tiny.model, tiny.device, whole, 1) as found:
        optimizer = torch.optim.AdamW(found.parameters, lr=0.0, weight_decay=0.0)
        for rate in (0.01, 0.01, 0.01 * 2 / 3, 0.01 / 3):
            optimizer.param_groups[0]["lr"] = rate
            torch.stack([found.loss(text) for text in texts]).mean().backward()
            optimizer.step()
            optimizer.zero_grad()
        expected = [parameter.detach().clone() for parameter in found.parameters]
    assert warm.steps == 4
    for value, other in zip(warm.values, expected, strict=True):
        assert torch.allclose(value, other, atol=1e-5)


def test_it_lowers_the_loss_and_both_matrices_have_a_gradient(options, tiny, make_task, sample):
    task = make_task([])
    texts, other = drawn(options, task), encode(sample("Name a river.", "The Ebro."), task)
    with adapted(tiny.model, tiny.device, options, 1) as found:
        before = sum(found.loss(text).item() for text in texts)
        warm = warm_up(found, texts, options, 1)
    with adapted(tiny.model, tiny.device, options, 1, warm.values) as found:
        assert sum(found.loss(text).item() for text in texts) < before - 0.1
        assert all(part.norm() > 0 for part in found.gradient(other))
        assert len(found.parameters) == 2 * len([p for p in found.parameters if p.shape[0] == 4])


def test_a_candidates_step_is_compared_with_a_tasks_gradient(options, tiny, make_task, sample):
    whole = options.model_copy(update={"projection": 0})
    task = make_task([sample("Name a river.", "The Ebro.")])
    candidate = sample("Name a lake.", "Garda.")
    scorer = LessScorer(whole)
    scorer.prepare(task, [])
    ((row,),) = scorer.measure([candidate])
    with adapted(tiny.model, tiny.device, whole, 1) as found:
        warm = warm_up(found, drawn(whole, task), whole, 1)
    with adapted(tiny.model, tiny.device, whole, 1, warm.values) as found:
        step = warm.step(found.gradient(encode(candidate, task)))
        target = found.gradient(encode(task.assessment[0], task))
    one, other = (torch.cat([part.flatten() for part in parts]).double() for parts in (step, target))
    assert row.value == pytest.approx(float(one @ other / one.norm() / other.norm()), abs=1e-5)


def test_a_later_start_gives_the_same_numbers_and_one_that_does_not_is_refused(options, make_task, sample):
    task, candidate = make_task([sample("Name a river.", "The Ebro.")]), sample("Name a lake.", "Garda.")
    first, second = LessScorer(options), LessScorer(options)
    shared = first.prepare(task, [])
    assert second.prepare(task, shared) == shared
    assert list(second.measure([candidate])) == list(first.measure([candidate]))
    other = [replace(row, value=row.value * 1.02) for row in shared]
    with pytest.raises(RunError, match=r"its gradient has the length .* at an earlier start .*--out"):
        LessScorer(options).prepare(task, other)


def test_what_cannot_be_warmed_up_on_is_refused(options, make_task, sample):
    def prepare(task, **changes):
        LessScorer(options.model_copy(update=changes)).prepare(task, [])

    task = make_task([sample("Name a river.", "The Ebro.")])
    with pytest.raises(ConfigError, match=r"warmup: no file nowhere\.jsonl; valid"):
        prepare(task, warmup="nowhere.jsonl")
    with pytest.raises(InputError, match=r"(?s)warmup: .*cannot be trained on:\n  row \d+: response of \d+ tokens"):
        prepare(replace(task, max_response_tokens=12, truncate=False))
    with pytest.raises(BackendError, match=r"lower -o scorer\.warmup_learning_rate"):
        prepare(task, warmup_learning_rate=1e30)
