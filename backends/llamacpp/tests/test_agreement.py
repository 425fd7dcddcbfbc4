"""Token log-probabilities agree with a plain evaluation of one sequence at a time.

The reference is llama-cpp-python's own high-level class: it reads the whole sequence from an empty cache and keeps the
logits of every token; the softmax is taken here in float64.
"""

import numpy as np
import pytest
from scipy.special import log_softmax

from icon.inference.processor import usable_cores
from icon.types import Status
from icon_llamacpp.convert import converted

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def plain(source):
    """One sequence at a time, with F32 weights, F32 cache and no flash attention."""
    path = converted(source, "f32", usable_cores())
    from llama_cpp import Llama  # only now, so that it is loaded as the backend loads it: with threads that sleep

    model = Llama(
        str(path),
        n_ctx=1024,
        n_batch=1024,
        logits_all=True,
        flash_attn=False,
        type_k=0,
        type_v=0,
        n_threads=usable_cores(),
        n_threads_batch=usable_cores(),
        verbose=False,
    )
    yield model
    model.close()


def reference(plain, context, target):
    parts = [
        plain.tokenize(text.encode(), add_bos=False, special=False)
        for text in (context, target.prompt, target.response)
    ]
    tokens = [token for part in parts for token in part]
    plain.reset()
    plain.eval(tokens)
    n = len(parts[2])
    logits = np.asarray(plain.scores[len(tokens) - n - 1 : len(tokens) - 1], dtype=np.float64)
    return log_softmax(logits, axis=1)[np.arange(n), parts[2]]


@pytest.fixture(scope="module")
def expected(plain, demo_pairs):
    return [[reference(plain, context, target) for target in targets] for context, targets in demo_pairs]


def differences(backend, pairs, expected):
    """Per token and per target mean, over all pairs."""
    tokens, means = [], []
    for (context, targets), rows in zip(pairs, expected, strict=True):
        for result, row in zip(backend.score(context, targets), rows, strict=True):
            assert result.status is Status.OK, result.reason
            tokens.extend(np.abs(np.asarray(result.logprobs) - row))
            means.append(abs(result.nll + row.mean()))
    return np.asarray(tokens), np.asarray(means)


def test_f32_agrees_to_rounding_on_50_pairs(load, demo_pairs, expected):
    tokens, means = differences(load("f32"), demo_pairs, expected)
    assert len(means) == 50
    assert tokens.max() < 1e-3
    assert means.max() < 1e-4


# F16 rounds activations to 11 bits, 8-bit arithmetic on Q4_1 to 8: the bounds are twice what was measured.
def test_f16_agrees_to_half_precision(load, demo_pairs, expected):
    tokens, means = differences(load("f16"), demo_pairs[:4], expected[:4])
    assert tokens.max() < 0.04
    assert tokens.mean() < 0.005
    assert means.max() < 0.01


def test_q4_1_as_it_is_agrees_only_roughly(load, demo_pairs, expected):
    tokens, means = differences(load("as-is"), demo_pairs[:4], expected[:4])
    assert tokens.max() < 1.5
    assert tokens.mean() < 0.15
    assert means.max() < 0.3


def test_f32_agrees_to_rounding_on_50_pairs_of_real_texts(load, plain, real_pairs):
    rows = [[reference(plain, context, target) for target in targets] for context, targets in real_pairs]
    tokens, means = differences(load("f32"), real_pairs, rows)
    assert len(means) == 50
    assert tokens.max() < 1e-3
