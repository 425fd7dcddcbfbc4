"""Products by oneDNN are those of float64 up to rounding, and only packs are evaluated with them."""

import types

import numpy as np
import pytest
import torch
from torch.nn.functional import linear

from icon_torch import products
from icon_torch.head import Head
from icon_torch.products import fast_products, product

HAS_IT = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


@pytest.fixture
def on_amd(monkeypatch):
    """As on a processor that oneDNN is faster on."""
    if not HAS_IT:
        pytest.skip("this torch is built without oneDNN")
    monkeypatch.setattr(products, "available", lambda: True)


@pytest.fixture(autouse=True)
def _no_gradients(request):
    """As where packs are evaluated."""
    with torch.set_grad_enabled("gradients" in request.node.name):
        yield


@pytest.fixture
def taken(monkeypatch):
    """The shapes that were multiplied by `product`."""
    found, real = [], products.product
    monkeypatch.setattr(
        products, "product", lambda rows, *others: found.append(tuple(rows.shape)) or real(rows, *others)
    )
    return found


def numbers(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape).astype(np.float32))


@pytest.mark.parametrize("shape", [(1, 7, 24), (5, 24), (2, 3, 24)])
@pytest.mark.parametrize("with_bias", [False, True])
def test_a_product_is_that_of_float64_up_to_rounding(on_amd, shape, with_bias):
    rows, weight = numbers(*shape), numbers(40, 24, seed=1)
    bias = numbers(40, seed=2) if with_bias else None
    expected = rows.double().numpy() @ weight.double().numpy().T
    if bias is not None:
        expected = expected + bias.double().numpy()
    assert product(rows, weight, bias).numpy() == pytest.approx(expected, abs=2e-5)


def test_rows_that_are_no_block_of_memory_are_multiplied_as_well(on_amd):
    rows, weight = numbers(24, 7).T, numbers(40, 24, seed=1)
    assert product(rows, weight).numpy() == pytest.approx(rows.numpy() @ weight.numpy().T, abs=2e-5)


def test_a_product_that_is_trained_through_has_the_gradients_of_torch_s_own(on_amd):
    found = []
    for multiply in (product, linear):
        rows, weight = numbers(5, 24).requires_grad_(), numbers(40, 24, seed=1).requires_grad_()
        (multiply(rows, weight) ** 2).sum().backward()
        found.append((rows.grad, weight.grad))
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_types_are_torch_s_own_product(on_amd, dtype):
    rows, weight = numbers(5, 24).to(dtype), numbers(40, 24, seed=1).to(dtype)
    assert torch.equal(product(rows, weight), linear(rows, weight))


def test_no_rows_give_no_rows(on_amd):
    assert product(numbers(0, 24), numbers(40, 24)).shape == (0, 40)


def test_layers_within_the_context_multiply_by_it_and_none_outside(on_amd, taken):
    layer, rows = torch.nn.Linear(24, 40), numbers(5, 24)
    with torch.inference_mode():
        layer(rows)
        assert taken == []
        with fast_products(torch.device("cpu"), compiled=False):
            layer(rows)
        assert taken == [(5, 24)]
        with fast_products(torch.device("cpu"), compiled=True):
            layer(rows)
    assert taken == [(5, 24)]


def test_on_other_processors_every_product_is_torch_s_own(monkeypatch, taken):
    monkeypatch.setattr(products, "available", lambda: False)
    layer, rows = torch.nn.Linear(24, 40), numbers(5, 24)
    with torch.inference_mode(), fast_products(torch.device("cpu"), compiled=False):
        assert torch.equal(layer(rows), linear(rows, layer.weight, layer.bias))
        assert torch.equal(product(rows, layer.weight, layer.bias), linear(rows, layer.weight, layer.bias))
    assert taken == []


@pytest.mark.parametrize(("name", "expected"), [("AMD EPYC 9354", True), ("Intel(R) Xeon(R) 8481C", False)])
def test_the_maker_of_the_processor_decides(monkeypatch, name, expected):
    if not HAS_IT or torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
        pytest.skip("this torch or processor has no such product")
    monkeypatch.setattr(products.processor, "name", lambda: name)
    assert products.available.__wrapped__() is expected


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_vocabulary_projection_is_that_of_float64_from_the_same_weights(on_amd, dtype):
    weight = numbers(5000, 24, seed=1).to(dtype)
    projection = torch.nn.Linear(24, 5000, bias=False, dtype=dtype)
    projection.weight = torch.nn.Parameter(weight, requires_grad=False)
    text = types.SimpleNamespace(final_logit_softcapping=None, logit_scale=None, logits_scaling=None)
    config = types.SimpleNamespace(get_text_config=lambda decoder: text)
    model = types.SimpleNamespace(get_output_embeddings=lambda: projection, config=config)
    states, tokens = numbers(9, 24).to(dtype), torch.arange(9) * 500
    logits = states.double().numpy() @ weight.double().numpy().T
    expected = logits[np.arange(9), tokens] - np.log(np.exp(logits).sum(1))
    assert Head(model).logprobs(states, tokens).numpy() == pytest.approx(expected, abs=1e-4)
