"""On every architecture a pack longer than windows and rope limits has the numbers of plain passes."""

import contextlib
import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers.masking_utils import causal_mask_function

from icon.inference import Branch, OutOfMemoryError, pack
from icon_torch import attention, beyond, trial, tries
from icon_torch.engine import decoder
from icon_torch.notes import notes
from icon_torch.options import TorchOptions
from icon_torch.trial import Loaded, choose
from support.architectures import ARCHITECTURES, GPT, SMALL, model_of
from support.tiers import of_tier

REPRESENTATIVE = ["qwen2_moe", "phi3-longrope", "phimoe", "llama4-chunks", "gemma3", "mistral", "gpt_neo", "mamba2"]
pytestmark = pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
CONTEXT = 256


@pytest.fixture
def opened():
    """A model as the backend opens it, and one of the same weights with transformers' plainest attention."""

    def get(name):
        attention.register()
        oracle = model_of(name, attention="eager")
        model = model_of(name)
        model.load_state_dict(oracle.state_dict())
        model.requires_grad_(False)
        model.set_attn_implementation(attention.NAME)
        return model, oracle

    return get


def drawn(seed):
    """A context, and branches behind it: short ones, longer ones than every limit, some with a common beginning."""
    draw = random.Random(seed)

    def ids(n):
        return tuple(draw.randrange(1, 250) for _ in range(n))

    shared, last = ids(draw.choice([0, 3, 9, 20])), ids(1)
    beginnings = [last, last + ids(5), last + ids(30)]
    branches = []
    for index in range(7):
        tokens = draw.choice(beginnings) + ids(draw.choice([1, 4, 10, 25, 60]))
        n = draw.randint(1, min(6, len(tokens) - 1))
        branches.append(Branch(index, tokens, (*tokens[len(tokens) - n + 1 :], *ids(1))))
    return shared, branches


def alone(oracle, shared, branch):
    """Log-probabilities of the response from one pass over the whole sequence, the softmax in float64."""
    with torch.inference_mode():
        logits = oracle(input_ids=torch.tensor([[*shared, *branch.tokens]]), use_cache=False).logits[0].double()
    n = len(branch.response)
    return logits[-n:].log_softmax(1)[range(n), list(branch.response)].numpy()


def assert_packs_are_plain_passes(engine, oracle, seed):
    shared, branches = drawn(seed)
    engine.start(shared)
    for max_tokens in (60, 1000):  # the second size finds the context in the cache
        for trie in pack(branches, max_tokens=max_tokens, max_branches=100):
            for branch, found in zip(trie.branches, engine.logprobs(trie), strict=True):
                np.testing.assert_allclose(found, alone(oracle, shared, branch), atol=1e-4, rtol=0)


def check(opened, name, seeds):
    model, oracle = opened(name)
    chosen = choose(Loaded(model, decoder(model), CONTEXT, 1024), "auto")
    for seed in seeds:
        assert_packs_are_plain_passes(chosen.engine, oracle, seed)
    return chosen


@pytest.mark.parametrize("name", of_tier(REPRESENTATIVE, list(ARCHITECTURES)))
def test_a_pack_longer_than_windows_and_rope_limits_has_the_numbers_of_plain_passes(opened, name):
    check(opened, name, range(of_tier(2, 8)))


def test_a_model_whose_masks_have_windows_is_packed(opened):
    model, _ = opened("qwen2_moe")
    chosen = choose(Loaded(model, decoder(model), CONTEXT, 1024), "auto")
    assert (chosen.engine.label, chosen.note) == ("branches", "")


def test_a_model_whose_rotations_depend_on_the_longest_sequence_is_evaluated_alone_and_says_why(opened):
    model, _ = opened("phi3-longrope")
    chosen = choose(Loaded(model, decoder(model), CONTEXT, 1024), "auto")
    assert chosen.engine.label == "plain"
    assert "beyond original_max_position_embeddings=24 its rotations depend" in chosen.note
    (warning,) = notes(TorchOptions(model="mine"), chosen)
    assert warning.startswith(f"torch evaluates mine one sequence at a time, which is slower: {chosen.note}")
    assert notes(TorchOptions(model="mine", attention="plain"), chosen) == []


def test_within_its_limit_such_a_model_is_packed_and_beyond_it_evaluated_alone(opened, monkeypatch):
    """With the limit at 24 tokens: 20 tokens and 60 tokens stand in one pack."""
    monkeypatch.setattr(trial, "LEAST_REACH", 20)
    model, oracle = opened("phi3-longrope")
    chosen = choose(Loaded(model, decoder(model), CONTEXT, 1024), "auto")
    assert (chosen.engine.label, chosen.engine.reach) == ("branches", 23)
    assert notes(TorchOptions(), chosen) == []
    assert "sequences of more than 23 tokens one at a time" in chosen.note
    for seed in range(4):
        assert_packs_are_plain_passes(chosen.engine, oracle, seed)
    assert chosen.engine.n_beyond
    (warning,) = notes(TorchOptions(), chosen)
    assert "sequences of more than 23 tokens one at a time, which is slower" in warning
    assert chosen.engine.fast.tokens_evaluated
    assert chosen.engine.tokens_evaluated == chosen.engine.fast.tokens_evaluated + chosen.engine.plain.tokens_evaluated


def test_where_the_limits_are_too_far_to_be_tried_packs_end_at_the_first(opened, monkeypatch):
    monkeypatch.setitem(tries.WORK, "cpu", 1.0)
    chosen = check(opened, "mistral", range(2))
    assert (chosen.engine.label, chosen.engine.reach) == ("branches", 12)
    assert "packs beyond sliding_window=12 are too long to be tried here" in chosen.note


def limited(opened, *limits):
    """A Mistral model with a window of 12 tokens and further settings that are limits by their names."""
    model, _ = opened("mistral")
    for n, limit in enumerate(limits):
        setattr(model.config, f"chunk_{n}", limit)
    return Loaded(model, decoder(model), 512, 1024)


def test_limits_that_can_be_afforded_are_tried_and_packs_end_at_the_first_that_cannot(opened, monkeypatch):
    loaded = limited(opened, 100, 400)
    two = tries.work(tries.beyond([12, 100], 512, 320), loaded.model, 3)  # plain, then the engine twice
    for budget, reach in ((two, 400), (0.99 * two, 100), (1.0, 12)):
        monkeypatch.setitem(tries.WORK, "cpu", budget)
        assert choose(loaded, "auto").engine.reach == reach


def test_a_trial_evaluates_no_more_tokens_than_it_is_charged_for(opened, monkeypatch):
    """Where the first engine is wrong beyond a window, so that a second one is tried there."""
    model, _ = opened("mistral")
    model.config.sliding_window = 20
    forget_windows(monkeypatch)
    read, charged, work, real = [], [], tries.work, tries.evaluate

    def counted(tried, model, evaluations):
        charged.append(tried.n_tokens * evaluations)
        return work(tried, model, evaluations)

    def evaluate(engine, tried):
        hook = engine.body.register_forward_pre_hook(
            lambda _, args, given: read.append((tried.n_tokens, given["input_ids"].numel())), with_kwargs=True
        )
        with contextlib.closing(SimpleNamespace(close=hook.remove)):
            return real(engine, tried)

    monkeypatch.setattr(tries, "work", counted)
    for module in (trial, beyond):
        monkeypatch.setattr(module, "evaluate", evaluate)
    assert choose(Loaded(model, decoder(model), CONTEXT, 1024), "auto").engine.label == "padded"
    near = tries.small(1).n_tokens
    assert len(charged) == 2
    assert near < sum(n for tokens, n in read if tokens > near) <= sum(charged)


@pytest.mark.parametrize("device", ["cpu", "xpu", "mps"])
def test_a_device_that_is_not_known_is_taken_for_a_slow_one(device):
    assert tries.most_work(device) == tries.WORK["cpu"] == 5e10


def test_work_counts_weights_and_attention(opened):
    """Sequences of 10 and 20 tokens, evaluated twice: 2 per weight and token, 4 * layers * width * n^2 of attention."""
    model, _ = opened("mistral")
    layer = 2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48 + 2 * 32  # q, o; k, v; the MLP; two norms
    weights = 2 * layer + 32
    expected = 2 * (2 * weights * (10 + 20) + 4 * 2 * 32 * (10**2 + 20**2))
    (trie,) = pack([Branch(0, (1,) * 8, (1,)), Branch(1, (2,) * 18, (1,))], max_tokens=99, max_branches=9)
    assert tries.work(tries.Try((3, 4), trie), model, 2) == expected


def test_the_engine_does_not_depend_on_the_memory_that_is_free_at_the_start(opened, monkeypatch):
    """So that a run goes on under it: the far trial fits, or only its first limit, or nothing of it."""
    loaded, real = limited(opened, 100), tries.evaluate
    assert choose(loaded, "auto").engine.label == "branches"
    for most, reach, name in ((60, 100, "plain"), (60, 100, "shared"), (33, 12, "plain"), (33, 12, "shared")):

        def evaluate(engine, tried, most=most, name=name):
            if tried.n_tokens > most and engine.name == name:
                raise OutOfMemoryError("no memory")
            return real(engine, tried)

        for module in (trial, beyond):
            monkeypatch.setattr(module, "evaluate", evaluate)
        engine = choose(loaded, "auto").engine
        assert (engine.label, engine.reach) == ("branches", reach)


def forget_windows(monkeypatch):
    function = attention.Prepared.function
    monkeypatch.setattr(
        attention.Prepared, "function", lambda self, marker: (function(self, marker)[0], causal_mask_function)
    )


def test_an_engine_that_is_wrong_beyond_a_window_alone_is_found(opened, monkeypatch):
    """Attention that forgets the window is right on the small trie, whose sequences are shorter than 20 tokens."""
    model, _ = opened("mistral")
    model.config.sliding_window = 20
    forget_windows(monkeypatch)
    chosen = choose(Loaded(model, decoder(model), CONTEXT, 1024), "auto")
    assert chosen.engine.label == "padded"
    assert "not branches: beyond sliding_window=20 its log-probabilities differ" in chosen.note


@pytest.mark.parametrize("name", of_tier(["bloom", "llama4-chunks"], list(ARCHITECTURES)))
def test_a_model_of_faint_weights_is_not_taken_for_one_that_packs_fit(opened, name, monkeypatch):
    """With untrained weights (0.02) a bias by position that a pack ignores changes a token by 0.0002 nats only."""
    for settings in (SMALL, GPT):
        monkeypatch.setitem(settings, "initializer_range", 0.02)
    check(opened, name, range(of_tier(2, 6)))
