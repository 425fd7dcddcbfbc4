"""On every architecture a pack longer than windows and rope limits has the numbers of plain passes."""

import random

import numpy as np
import pytest
import torch
from transformers.masking_utils import causal_mask_function

from icon.inference import Branch, pack
from icon_torch import attention, trial
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
    monkeypatch.setattr(trial, "LEAST_REACH", 4)
    monkeypatch.setitem(trial.tries.WORK, "cpu", 1.0)
    chosen = check(opened, "mistral", range(2))
    assert chosen.engine.reach == 11
    assert "packs beyond sliding_window=12 are too long to be tried here" in chosen.note


def test_an_engine_that_is_wrong_beyond_a_window_alone_is_found(opened, monkeypatch):
    """Attention that forgets the window is right on the small trie, whose sequences are shorter than 20 tokens."""
    model, _ = opened("mistral")
    model.config.sliding_window = 20
    forget = attention.Prepared.function
    monkeypatch.setattr(
        attention.Prepared, "function", lambda self, marker: (forget(self, marker)[0], causal_mask_function)
    )
    chosen = choose(Loaded(model, decoder(model), CONTEXT, 1024), "auto")
    assert chosen.engine.label == "padded"
    assert "not branches: beyond sliding_window=20 its log-probabilities differ" in chosen.note


@pytest.mark.parametrize("name", of_tier(["bloom", "llama4-chunks"], list(ARCHITECTURES)))
def test_a_model_of_faint_weights_is_not_taken_for_one_that_packs_fit(opened, name, monkeypatch):
    """With untrained weights (0.02) a bias by position that a pack ignores changes a token by 0.0002 nats only."""
    for settings in (SMALL, GPT):
        monkeypatch.setitem(settings, "initializer_range", 0.02)
    check(opened, name, range(of_tier(2, 6)))
