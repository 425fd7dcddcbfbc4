"""The vocabulary projection's log-probabilities are those of float64, and it is trained through."""

import types

import numpy as np
import pytest
import torch
from torch.nn.functional import log_softmax

from icon_torch.head import Head


def numbers(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape).astype(np.float32))


def head(projection):
    text = types.SimpleNamespace(final_logit_softcapping=None, logit_scale=None, logits_scaling=None)
    config = types.SimpleNamespace(get_text_config=lambda decoder: text)
    return Head(types.SimpleNamespace(get_output_embeddings=lambda: projection, config=config))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_vocabulary_projection_is_that_of_float64_from_the_same_weights(dtype):
    weight = numbers(5000, 24, seed=1).to(dtype)
    projection = torch.nn.Linear(24, 5000, bias=False, dtype=dtype)
    projection.weight = torch.nn.Parameter(weight, requires_grad=False)
    states, tokens = numbers(9, 24).to(dtype), torch.arange(9) * 500
    logits = states.double().numpy() @ weight.double().numpy().T
    expected = logits[np.arange(9), tokens] - np.log(np.exp(logits).sum(1))
    assert head(projection).logprobs(states, tokens).numpy() == pytest.approx(expected, abs=1e-4)


def test_what_is_trained_through_it_has_the_gradients_of_a_plain_log_softmax():
    projection, found = torch.nn.Linear(24, 50, bias=False), []
    projection.weight = torch.nn.Parameter(numbers(50, 24, seed=1))
    tokens = torch.arange(9)
    for score in (
        head(projection).logprobs,
        lambda rows, at: log_softmax(projection(rows), 1).gather(1, at[:, None])[:, 0].double(),
    ):
        states = numbers(9, 24).requires_grad_()
        projection.weight.grad = None
        score(states, tokens).sum().backward()
        found.append((states.grad, projection.weight.grad))
    for one, other in zip(*found, strict=True):
        assert one.abs().sum() > 1
        assert one.numpy() == pytest.approx(other.numpy(), abs=1e-5)
