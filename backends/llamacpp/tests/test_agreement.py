"""Token log-probabilities agree with a plain evaluation of one sequence at a time; see `support.plain_passes`.

The tiny model shows it on 100 pairs: contexts of 111 to 1,489 tokens, each with five targets in one pack or in up to
five, so that targets lie at every place of packs and batches. Of the embedded model nine pairs of the demo and two of
real texts are enough: what its weights, its vocabulary or its size could bring wrong is in each of their 59 and more
response tokens, not in a rare one. The long tier has 50 of both.
"""

import numpy as np
import pytest

from icon.types import Status
from support import smollm2, tiny_model
from support.plain_passes import PlainPasses
from support.tiers import of_tier

pytestmark = pytest.mark.model

N_CONTEXTS, N_TARGETS = of_tier((3, 3), (10, 5))


def thinned(pairs, n_contexts, n_targets):
    """So many contexts, spread over all of them, each with its first targets."""
    return [(context, targets[:n_targets]) for context, targets in pairs[:: len(pairs) // n_contexts][:n_contexts]]


@pytest.fixture(scope="module")
def pairs(demo_pairs):
    return thinned(demo_pairs, N_CONTEXTS, N_TARGETS)


@pytest.fixture(scope="module")
def plain(cache):
    """The embedded model, one sequence at a time, with F32 weights, F32 cache and no flash attention."""
    model = PlainPasses(smollm2.gguf("f32"))
    yield model
    model.close()


@pytest.fixture(scope="module")
def tiny_plain():
    """The tiny model in the same way."""
    model = PlainPasses(tiny_model.gguf_file(), 4096)
    yield model
    model.close()


def reference(plain, pairs):
    return [[plain.logprobs(context, each.prompt, each.response) for each in targets] for context, targets in pairs]


@pytest.fixture(scope="module")
def expected(plain, pairs):
    return reference(plain, pairs)


def differences(backend, pairs, expected):
    """Per token and per target mean, over all pairs."""
    tokens, means = [], []
    for (context, targets), rows in zip(pairs, expected, strict=True):
        for result, row in zip(backend.score(context, targets), rows, strict=True):
            assert result.status is Status.OK, result.reason
            tokens.extend(np.abs(np.asarray(result.logprobs) - row))
            means.append(abs(result.nll + row.mean()))
    return np.asarray(tokens), np.asarray(means)


def test_f32_agrees_to_rounding(load_smollm2, pairs, expected):
    tokens, means = differences(load_smollm2("f32"), pairs, expected)
    assert len(means) == N_CONTEXTS * N_TARGETS
    assert tokens.max() < 1e-3
    assert means.max() < 1e-4


# F16 rounds activations to 11 bits, 8-bit arithmetic on Q4_1 to 8: the bounds are twice what was measured.
def test_f16_agrees_to_half_precision(load_smollm2, pairs, expected):
    tokens, means = differences(load_smollm2("f16"), pairs[:4], expected[:4])
    assert tokens.max() < 0.04
    assert tokens.mean() < 0.005
    assert means.max() < 0.01


def test_q4_1_as_it_is_agrees_only_roughly(load_smollm2, pairs, expected):
    tokens, means = differences(load_smollm2("as-is"), pairs[:4], expected[:4])
    assert tokens.max() < 1.5
    assert tokens.mean() < 0.15
    assert means.max() < 0.3


def test_f32_agrees_to_rounding_on_real_texts(load_smollm2, plain, real_pairs):
    """Two pairs, or 50: longer ones than the demo's, with the records' own punctuation and line breaks."""
    some = thinned(real_pairs, *of_tier((1, 2), (10, 5)))
    tokens, means = differences(load_smollm2("f32"), some, reference(plain, some))
    assert len(means) == of_tier(2, 50)
    assert tokens.max() < 1e-3


@pytest.mark.parametrize("texts", ["demo_pairs", "real_pairs"])
def test_f32_agrees_to_rounding_on_50_pairs_of_a_token_per_byte(load_tiny_f32, tiny_plain, texts, request):
    pairs = request.getfixturevalue(texts)
    tokens, means = differences(load_tiny_f32, pairs, reference(tiny_plain, pairs))
    assert len(means) == 50
    assert tokens.max() < 1e-3
    assert means.max() < 1e-4
