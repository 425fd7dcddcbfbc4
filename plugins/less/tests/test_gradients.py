"""Gradients of adapters against torch.autograd on the full weights of a plain model, in a plain loop."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the torch backend is not installed")

from icon_less.gradients import Adapted, adapted  # noqa: E402
from icon_less.options import LessOptions  # noqa: E402
from icon_less.scorer import LessScorer  # noqa: E402
from icon_less.texts import encode  # noqa: E402
from icon_torch.backend import TorchBackend  # noqa: E402
from icon_torch.options import TorchOptions  # noqa: E402
from support import tiny_model  # noqa: E402

OPTIONS = LessOptions(rank=4, alpha=12, projection=0)
LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj")


@pytest.fixture(scope="module")
def plain():
    """The tiny model by transformers alone, with its byte tokenizer."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tiny_model.transformers_folder()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    return model, AutoTokenizer.from_pretrained(folder)


@pytest.fixture
def drawn(tiny):
    """A of each layer, by the layer's name."""
    with adapted(tiny.model, tiny.device, OPTIONS, 1):
        named = dict(tiny.model.named_parameters())
        return {
            name.split(".lora_A")[0]: parameter.detach().clone()
            for name, parameter in named.items()
            if "lora_A" in name
        }


def full_gradient(plain, drawn, before, response, skip=0):
    """The gradient with respect to B of every layer, alpha / rank dL/dW A^T, from those of the full weights."""
    model, tokenizer = plain
    head, tail = (tokenizer(text, add_special_tokens=False).input_ids for text in (before, response))
    model.zero_grad(set_to_none=True)
    logits = model(torch.tensor([head + tail])).logits[0].double()
    lines = logits.log_softmax(1)
    losses = [-lines[len(head) + k - 1, token] for k, token in enumerate(tail)]
    torch.stack(losses[skip:]).mean().backward()
    weights = {name.removesuffix(".weight"): weight for name, weight in model.named_parameters()}
    return {name: 12 / 4 * (weights[name].grad @ a.T) for name, a in drawn.items()}


def ours(tiny, task, sample):
    with adapted(tiny.model, tiny.device, OPTIONS, task.seed) as found:
        named = {id(parameter): name for name, parameter in tiny.model.named_parameters()}
        gradient = found.gradient(encode(sample, task))
        names = [named[id(parameter)].split(".lora_B")[0] for parameter in found.parameters]
    return dict(zip(names, gradient, strict=True))


PRIMER = "### Instruction:\nSay yes.\n\n### Response:Yes.\n\n\n"


@pytest.mark.parametrize(("skip", "primer"), [(0, ""), (2, ""), (1, PRIMER)])
def test_the_gradient_is_that_of_the_full_weights_times_the_adapters_own(
    skip, primer, tiny, plain, drawn, make_task, sample
):
    given = sample("Name a river in Spain.", "The Ebro.")
    found = ours(tiny, make_task([], skip_tokens=skip, primer=primer), given)
    before = primer + "### Instruction:\nName a river in Spain.\n\n### Response:"
    expected = full_gradient(plain, drawn, before, "The Ebro.", skip)
    assert found.keys() == expected.keys()
    assert {name.rsplit(".", 1)[1] for name in found} == set(LAYERS)
    for name, gradient in found.items():
        assert gradient.norm() > 0
        assert torch.allclose(gradient, expected[name], rtol=1e-3, atol=1e-5 * float(expected[name].abs().max())), name


def test_a_pair_has_the_cosine_of_the_full_gradients(tiny, plain, drawn, make_task, sample):
    candidate, target = sample("Add 17 and 25.", "42"), sample("Multiply 6 by 7.", "6 x 7 = 42")
    scorer = LessScorer(OPTIONS)
    scorer.prepare(make_task([target]), [])
    ((row,),) = scorer.measure([candidate])
    vectors = []
    for each in (candidate, target):
        before = f"### Instruction:\n{each.instruction}\n\n### Response:"
        gradient = full_gradient(plain, drawn, before, each.response)
        vectors.append(torch.cat([gradient[name].flatten() for name in sorted(gradient)]).double().numpy())
    one, other = vectors
    assert row.value == pytest.approx(one @ other / np.linalg.norm(one) / np.linalg.norm(other), abs=1e-5)


def test_the_loss_is_the_backends_nll_of_the_response(tiny, make_task, sample):
    given = sample("Name a river in Spain.", "The Ebro.")
    task = make_task([])
    with adapted(tiny.model, tiny.device, OPTIONS, 1) as found:
        loss = found.loss(encode(given, task)).item()
    (scored,) = tiny.score("", [task.template.target(given)])
    assert loss == pytest.approx(scored.nll, abs=1e-4)


def test_the_model_is_afterwards_what_it_was(tiny, make_task, sample):
    weights = {name: parameter.detach().clone() for name, parameter in tiny.model.named_parameters()}
    needed = {name: parameter.requires_grad for name, parameter in tiny.model.named_parameters()}
    target = make_task([]).template.target(sample("Count.", "1, 2, 3"))
    before = tiny.score("", [target])
    scorer = LessScorer(OPTIONS)
    scorer.prepare(make_task([sample("a", "b")]), [])
    list(scorer.measure([sample("Name a river in Spain.", "The Ebro.")]))
    named = dict(tiny.model.named_parameters())
    assert named.keys() == weights.keys()
    assert all(torch.equal(named[name], weight) for name, weight in weights.items())
    assert {name: parameter.requires_grad for name, parameter in named.items()} == needed
    assert tiny.score("", [target]) == before


def test_a_model_in_half_precision_has_nearly_the_same_gradient(tiny, make_task, sample, monkeypatch):
    """With a loss so small that gradients in float16 would be 0 without a factor on it."""
    given = sample("Name a river in Spain.", "The Ebro.")
    healthy = Adapted.loss
    monkeypatch.setattr(Adapted, "loss", lambda self, text: healthy(self, text) * 1e-6)
    options = TorchOptions(model=str(tiny_model.transformers_folder()), dtype="float16", device="cpu")
    gradients = []
    with TorchBackend(options) as half:
        for backend in (tiny, half):
            task = make_task([], backend=backend)
            with adapted(backend.model, backend.device, OPTIONS, 1) as found:
                gradients.append(torch.cat([part.flatten() for part in found.gradient(encode(given, task))]).double())
    exact, rounded = gradients
    assert float(exact @ rounded / exact.norm() / rounded.norm()) > 0.99
    assert float(rounded.norm() / exact.norm()) == pytest.approx(1, abs=0.05)
