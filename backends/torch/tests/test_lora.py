"""`lora` finds a rule that is there, leaves the model as it was, and depends on the seed alone."""

from __future__ import annotations

import copy
import importlib.util
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from icon.errors import AbilityError, BackendError, ConfigError, IconError
from icon.plugins import SelectionTask
from icon.samples import content_id
from icon.testing import FakeBackend
from icon.types import BackendInfo, Keep, Message, Sample
from icon_torch.lora import strategy
from icon_torch.lora.lesson import draw_lesson
from icon_torch.lora.network import adapted
from icon_torch.lora.options import LoraOptions
from icon_torch.lora.selector import LoraSelector
from icon_torch.lora.texts import Reader
from icon_torch.lora.training import train
from support.tiers import of_tier

FAST = {"learning_rate": 1e-2, "accumulation": 1, "epochs": 6, "batch_size": 8, "max_tokens": 64}
WORDS = ["river", "table", "engine", "garden", "letter", "window", "market", "winter", "teacher", "bridge"]


class Tiny:
    """A backend of two random layers that reads bytes: what the selector may rely on, and no more."""

    adds_bos = True
    bos = 1

    def __init__(self, context_length=256, dtype=torch.float32, device="cpu"):
        torch.manual_seed(0)
        config = LlamaConfig(
            vocab_size=256,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=context_length,
            initializer_range=0.2,
            attn_implementation="sdpa",
        )
        self.model = LlamaForCausalLM(config).to(device, dtype).eval()
        self.device = torch.device(device)
        self.context_length = context_length
        self.read = []

    def tokenize(self, text):
        self.read.append(text)
        return list(text.encode())

    def describe(self):
        return BackendInfo("tiny", "tiny", "digest-1", "f32", "bytes", self.context_length, True, "cpu")

    def logits(self):
        with torch.inference_mode():
            return self.model(torch.arange(40, device=self.device)[None] + 60).logits


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """For a model this small threads cost more than they bring, and most where others use the cores as well."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def make(row, good, generator):
    words = " ".join(generator.choices(WORDS, k=generator.randint(1, 6)))
    messages = (Message("user", f"Say {row}"),)
    response = words + ("?" if good else ".")
    return Sample(content_id(messages, "", response), row, messages, response)


@pytest.fixture(scope="module")
def pool():
    """300 samples, a quarter of them good: they end with a question mark."""
    generator = random.Random(5)
    return [make(row, row % 4 == 0, generator) for row in range(300)]


def is_good(sample):
    return sample.response.endswith("?")


@pytest.fixture(scope="module")
def scores(pool):
    """Scores of two candidates in three; good ones stand above all others."""
    generator = random.Random(6)
    return {sample.id: generator.random() + is_good(sample) for sample in pool if sample.row % 3}


def select(pool, scores, backend=None, *, seed=42, share=0.25, on_progress=None, **options):
    selector = LoraSelector(LoraOptions(**{**FAST, **options}), on_progress)
    return selector.select(SelectionTask(pool, scores, Keep(share), seed, backend or Tiny()))


@pytest.fixture(scope="module")
def selection(pool, scores):
    return select(pool, scores)


@pytest.fixture(scope="module")
def few(pool, scores):
    """The first 60 samples and the 40 scores of them, where the rule is not the point."""
    return pool[:60], {sample.id: scores[sample.id] for sample in pool[:60] if sample.id in scores}


@pytest.fixture(scope="module")
def brief(pool, scores, tmp_path_factory):
    """A training of one epoch, and the folder of its checkpoints."""
    folder = tmp_path_factory.mktemp("checkpoints")
    return select(pool, scores, epochs=1, checkpoints=str(folder)), folder


@pytest.fixture
def finished(brief, tmp_path):
    """A copy of that training's checkpoints."""
    return Path(shutil.copytree(brief[1], tmp_path / "checkpoints"))


def probabilities(selection):
    return {decision.id: decision.probability for decision in selection.decisions}


def test_a_rule_is_found_and_carries_over_to_the_unscored(selection, pool):
    assert selection.quality["auc"] >= 0.95
    assert selection.quality["auc_by_epoch"][-1] == pytest.approx(selection.quality["auc"], abs=1e-6)
    chosen = {decision.id for decision in selection.decisions if decision.selected}
    good = {sample.id for sample in pool if is_good(sample)}
    assert len(chosen) == 75
    assert len(chosen & good) >= 72
    assert selection.quality["chance"] is False


def test_every_candidate_has_a_rank_and_a_probability_in_the_order_given(selection, pool):
    assert [decision.id for decision in selection.decisions] == [sample.id for sample in pool]
    ranked = sorted(selection.decisions, key=lambda decision: (-decision.probability, decision.id))
    assert [decision.rank for decision in ranked] == list(range(1, 301))
    assert [decision.selected for decision in ranked] == [True] * 75 + [False] * 225


def test_quality_has_the_counts_and_the_keys_of_the_classifier(selection, pool, scores):
    from icon.selection import ClassifierOptions, ClassifierSelector

    other = ClassifierSelector(ClassifierOptions()).select(SelectionTask(pool, scores, Keep(0.25), 42, None))
    assert {key for key in other.quality if not key.startswith("auc_cv")} <= selection.quality.keys()
    # 200 scored, 50 of them labelled 1; a tenth of each label held out; 180 texts by 8 make 23 steps an epoch
    expected = {"n_train": 180, "n_test": 20, "positives_train": 45, "positives_test": 5, "steps": 6 * 23}
    assert {key: selection.quality[key] for key in expected} == expected
    assert selection.quality["label_cut"] == other.quality["label_cut"]
    assert selection.quality["auc_length"] == other.quality["auc_length"]
    assert list(selection.warnings) == []


def test_the_model_is_the_same_to_the_last_bit_afterwards(few):
    backend = Tiny()
    state, logits = copy.deepcopy(backend.model.state_dict()), backend.logits()
    modules = [(name, type(module)) for name, module in backend.model.named_modules()]
    flags = [parameter.requires_grad for parameter in backend.model.parameters()]
    select(*few, backend, epochs=1)
    after = backend.model.state_dict()
    assert list(after) == list(state)
    assert all(torch.equal(after[name], state[name]) for name in state)
    assert torch.equal(backend.logits(), logits)
    assert [(name, type(module)) for name, module in backend.model.named_modules()] == modules
    assert [parameter.requires_grad for parameter in backend.model.parameters()] == flags
    assert not backend.model.training
    assert not any(module.training for module in backend.model.modules())
    assert all(parameter.grad is None for parameter in backend.model.parameters())


def test_the_model_is_the_same_after_an_interruption(pool, scores):
    backend = Tiny()
    logits = backend.logits()

    def interrupt(epoch, step, total, loss):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        select(pool, scores, backend, on_progress=interrupt)
    assert torch.equal(backend.logits(), logits)
    assert not any("lora" in name for name, _ in backend.model.named_modules())


def test_head_and_adapters_are_trained_in_float32_and_nothing_else(pool, scores):
    backend = Tiny(dtype=torch.bfloat16)
    options = LoraOptions(**{**FAST, "epochs": 1})
    selector = LoraSelector(options)
    scored = [sample for sample in pool if sample.id in scores]
    lesson = draw_lesson(scored, [scores[sample.id] for sample in scored], 0.25, 0.1, 42)
    with adapted(backend.model, options, backend.device) as network:
        before = copy.deepcopy(network.state_dict())
        # two layers with two projections each, A and B, and the head's weight and bias
        assert len(before) == 2 * 2 * 2 + 2
        assert {value.dtype for value in before.values()} == {torch.float32}
        # rank 8: q_proj is 32 x 32, v_proj 16 x 32; the head 2 x 32 and 2
        assert sum(value.numel() for value in before.values()) == 2 * (8 * 64 + 8 * 48) + 66
        train(network, selector._job(lesson, Reader(backend, 64), 42))
        changed = {name: not torch.equal(value, before[name]) for name, value in network.state_dict().items()}
        assert all(changed.values()), changed


def test_the_order_of_the_pool_and_of_the_scores_plays_no_part(brief, pool, scores):
    selection, _ = brief
    shuffled = random.Random(1).sample(pool, len(pool))
    again = select(shuffled, dict(random.Random(2).sample(list(scores.items()), len(scores))), epochs=1)
    assert probabilities(again) == probabilities(selection)
    assert again.quality == selection.quality


def test_the_same_seed_gives_the_same_and_another_seed_another(brief, pool, scores):
    selection, _ = brief
    torch.manual_seed(987)
    assert probabilities(select(pool, scores, epochs=1)) == probabilities(selection)
    assert probabilities(select(pool, scores, epochs=1, seed=43)) != probabilities(selection)


def test_the_random_numbers_of_the_process_go_on_as_if_nothing_had_been(few):
    backend = Tiny()

    def draw():
        return random.random(), np.random.random(), torch.rand(1).item()

    for generator in (random.seed, np.random.seed, torch.manual_seed):
        generator(3)
    expected = draw()
    for generator in (random.seed, np.random.seed, torch.manual_seed):
        generator(3)
    select(*few, backend, epochs=1)
    assert draw() == expected


@pytest.mark.parametrize("last_epoch", of_tier([2], [1, 2]))
def test_a_resumed_training_equals_an_uninterrupted_one(pool, scores, tmp_path, last_epoch):
    settings = {"epochs": 3, "dropout": 0.2, "accumulation": 2}
    whole = select(pool, scores, **settings)
    seen = []

    def stop(epoch, step, total, loss):
        if epoch > last_epoch:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        select(pool, scores, on_progress=stop, checkpoints=str(tmp_path), **settings)
    resumed = select(pool, scores, on_progress=lambda *each: seen.append(each), checkpoints=str(tmp_path), **settings)
    # 23 batches of 8, two a step: 12 steps an epoch
    assert [step for _, step, _, _ in seen] == list(range(12 * last_epoch + 1, 37))
    assert {(epoch, total) for epoch, _, total, _ in seen} == {(epoch, 36) for epoch in range(last_epoch + 1, 4)}
    assert probabilities(resumed) == probabilities(whole)
    assert resumed.quality == whole.quality


def test_a_finished_training_is_not_repeated(brief, pool, scores, finished):
    first, _ = brief
    seen = []
    again = select(pool, scores, epochs=1, checkpoints=str(finished), on_progress=lambda *each: seen.append(each))
    assert seen == []
    assert probabilities(again) == probabilities(first)
    assert again.quality == first.quality


def test_a_checkpoint_holds_what_is_trained_and_not_the_model(finished):
    from safetensors.torch import load_file

    (checkpoint,) = finished.glob("checkpoint-*")
    assert all(name.startswith(("adapters.", "head.")) for name in load_file(checkpoint / "model.safetensors"))


class Payload:
    """A pickle that makes a file when it is opened as pickles are."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


def test_a_checkpoint_with_a_payload_runs_nothing(pool, scores, finished, tmp_path):
    """The folder may come from elsewhere; its numbers are read, and nothing else."""
    marker = tmp_path / "marker"
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin"):
        for path in finished.rglob(name):
            torch.save(Payload(marker), path)
    with pytest.raises(IconError, match="checkpoint"):
        select(pool, scores, epochs=1, checkpoints=str(finished))
    assert not marker.exists()


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"learning_rate": 2e-2}, "learning_rate: 0.01 -> 0.02"), ({"label_share": 0.1}, "data"), ({"seed": 1}, "seed")],
)
def test_checkpoints_of_another_training_are_refused(pool, scores, finished, changed, told):
    with pytest.raises(ConfigError, match=told) as caught:
        select(pool, scores, epochs=1, checkpoints=str(finished), **changed)
    assert str(finished) in str(caught.value)


def test_few_steps_are_warned_of_with_the_option_that_raises_them(pool, scores, brief):
    few = select(pool, scores, accumulation=16, epochs=5)
    assert few.quality["steps"] == 10
    warning = few.warnings[-1]
    assert "only 10 optimiser steps" in warning
    assert "selector.accumulation=1" in warning
    (warning,) = [each for each in brief[0].warnings if "steps" in each]
    assert "only 23 optimiser steps" in warning
    assert "accumulation=1 or" not in warning


def test_texts_are_cut_off_at_max_tokens_behind_one_bos_and_counted(pool, scores):
    twins = [
        Sample(end, 300, (Message("user", "Say the same for twenty-five letters"),), end)
        for end in ("one end", "and another")
    ]
    cut = select([*pool, *twins], scores, max_tokens=25, epochs=1)
    long = sum(len(sample.text.encode()) + 1 > 25 for sample in [*pool, *twins])
    assert 2 < long < 302
    assert cut.quality["n_truncated"] == long
    assert any(f"{long} of 302 texts only up to 25 tokens" in each for each in cut.warnings)
    # behind the cut they may say what they like
    first, second = cut.decisions[-2:]
    assert first.probability == pytest.approx(second.probability, abs=1e-6)
    (ids,), counted = Reader(Tiny(), 25).read(twins[:1])
    assert (ids.tolist(), counted) == ([1, *b"Say the same for twenty-"], 1)


def test_the_context_length_of_the_model_is_kept(few):
    assert select(*few, Tiny(context_length=16), epochs=1).quality["n_truncated"] > 0


def test_the_whole_text_of_each_sample_is_read(few):
    pool, scores = few
    backend = Tiny()
    select(pool, scores, backend, epochs=1)
    assert set(backend.read) == {sample.text for sample in pool}


def test_a_lone_surrogate_in_the_pool_stops_nothing(few):
    pool, scores = few
    odd = Sample("odd", 300, (Message("user", "a\ud800b"),), "c")
    (decision,) = [each for each in select([*pool, odd], scores, epochs=1).decisions if each.id == "odd"]
    assert 0 < decision.probability < 1


def test_a_loss_that_is_no_number_stops_the_training(pool, scores):
    backend = Tiny()
    backend.model.model.norm.weight.data[0] = torch.nan
    with pytest.raises(BackendError, match="learning_rate"):
        select(pool, scores, backend)


@pytest.mark.parametrize(("backend", "found"), [(FakeBackend(), "fake"), (None, "none")])
def test_a_backend_without_torch_is_refused_with_what_to_do(pool, scores, backend, found):
    task = SelectionTask(pool, scores, Keep(0.25), 42, backend)
    with pytest.raises(AbilityError, match=f"found the backend {found}") as caught:
        LoraSelector(LoraOptions()).select(task)
    assert "-o selector.model=smollm2" in str(caught.value)
    assert "--backend torch" in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_model_of_its_own_is_opened_trained_and_closed(pool, scores, monkeypatch):
    closed = []

    class Opened(Tiny):
        def __init__(self, options):
            super().__init__()
            self.name = options.model

        def __enter__(self):
            return self

        def __exit__(self, *_):
            closed.append(self.name)

    monkeypatch.setattr("icon_torch.backend.TorchBackend", Opened)
    task = SelectionTask(pool, scores, Keep(0.25), 42, FakeBackend())
    found = LoraSelector(LoraOptions(**FAST, model="some/folder")).select(task)
    assert found.quality["auc"] >= 0.95
    assert closed == ["some/folder"]


def test_no_memory_is_told_with_the_options_that_help(pool, scores, monkeypatch):
    def fail(*_):
        raise torch.OutOfMemoryError("no more")

    backend = Tiny()
    logits = backend.logits()
    monkeypatch.setattr("icon_torch.lora.selector.train", fail)
    with pytest.raises(BackendError, match=r"batch_size = 8 .* halve batch_size and double accumulation"):
        select(pool, scores, backend)
    assert torch.equal(backend.logits(), logits)


def test_a_missing_peft_is_named_before_anything_is_scored(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr("icon_torch.lora.selector.find_spec", lambda name: None if name == "peft" else real(name))
    with pytest.raises(ConfigError, match="pip install peft"):
        strategy().make({})


def test_too_few_scores_are_refused(pool, scores):
    with pytest.raises(ConfigError, match="19 scored candidates"):
        select(pool, dict(list(scores.items())[:19]))


def test_unknown_target_modules_are_refused_with_those_there_are(pool, scores):
    backend = Tiny()
    logits = backend.logits()
    with pytest.raises(ConfigError, match=r"'c_attn'.*down_proj, gate_proj, k_proj"):
        select(pool, scores, backend, target_modules=["q_proj", "c_attn"])
    assert torch.equal(backend.logits(), logits)


@pytest.mark.parametrize(
    "options", [{"rank": 0}, {"dropout": 1.0}, {"learning_rate": 0}, {"test_share": 0.9}, {"max_tokens": 0}, {"lr": 1}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        strategy().make(options)


def test_the_defaults_are_those_of_the_paper():
    options = LoraOptions()
    paper = {"rank": 8, "alpha": 8, "dropout": 0.05, "epochs": 5, "learning_rate": 5e-5, "warmup_share": 0.03}
    paper |= {"batch_size": 8, "accumulation": 16, "max_tokens": 1024, "test_share": 0.1}
    assert {name: getattr(options, name) for name in paper} == paper
    assert LoraSelector(options).needs_backend
    assert not LoraSelector(LoraOptions(model="smollm2")).needs_backend
    assert LoraSelector(options).fewest_scored == 20


def test_nothing_is_left_in_the_working_folder_or_on_the_terminal(few, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    select(*few, epochs=1)
    assert list(Path.cwd().iterdir()) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_gpu_learns_repeats_itself_and_keeps_the_model(pool, scores, tmp_path, dtype):
    backend = Tiny(dtype=dtype, device="cuda")
    logits = backend.logits()
    found = select(pool, scores, backend)
    assert found.quality["auc"] >= 0.95
    assert torch.equal(backend.logits(), logits)

    def stop(epoch, step, total, loss):
        if epoch > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        select(pool, scores, backend, checkpoints=str(tmp_path), on_progress=stop)
    assert probabilities(select(pool, scores, backend, checkpoints=str(tmp_path))) == probabilities(found)
