"""On every architecture a packed target scores as it does alone in a plain, independent pass."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from icon.types import Target
from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions

ARCHITECTURES = ["llama", "llama-without-groups", "qwen2", "gemma", "gemma2", "mistral-window", "gpt2"]
pytestmark = pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")

texts = st.text(alphabet="abc :\n", max_size=30)
targets = st.lists(st.builds(Target, prompt=texts, response=texts.filter(bool)), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def opened(tiny):
    """Backends and independent models by architecture and form of attention, each loaded once."""
    made = {}

    def get(architecture, attention="auto"):
        if (architecture, attention) not in made:
            options = TorchOptions(model=str(tiny(architecture)), attention=attention)
            oracle = AutoModelForCausalLM.from_pretrained(tiny(architecture), attn_implementation="eager").eval()
            made[architecture, attention] = TorchBackend(options), oracle
        return made[architecture, attention]

    yield get
    for backend, _ in made.values():
        backend.close()


def alone(oracle, tokenizer, context, target):
    """Log-probabilities of the response's tokens from one forward pass over the whole text, in float64."""
    texts = [text for text in (context, target.prompt, target.response) if text]
    parts = [tokenizer(text, add_special_tokens=False).input_ids for text in texts]
    ids = [token for part in parts for token in part]
    n = len(parts[-1])
    with torch.inference_mode():
        logits = oracle(input_ids=torch.tensor([ids])).logits[0, :-1].double()
    return logits.log_softmax(1)[range(len(ids) - 1), ids[1:]][-n:].tolist()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(context=texts.filter(bool), given_targets=targets, pack_tokens=st.sampled_from([16, 40, 1000]))
def test_packed_targets_score_as_alone(opened, tiny, architecture, context, given_targets, pack_tokens):
    backend, oracle = opened(architecture)
    tokenizer = AutoTokenizer.from_pretrained(tiny(architecture))
    backend._chosen.engine.pack_tokens = pack_tokens
    for target, result in zip(given_targets, backend.score(context, given_targets), strict=True):
        assert result.logprobs == pytest.approx(alone(oracle, tokenizer, context, target), abs=1e-4)


@pytest.mark.parametrize("attention", ["masked", "flex", "padded"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_form_of_attention_gives_the_same(opened, tiny, architecture, attention):
    backend, oracle = opened(architecture, attention)
    tokenizer = AutoTokenizer.from_pretrained(tiny(architecture))
    context = "a context longer than the window of those that have one"
    ends = [" c and c", " c and a long end of it"]
    given_targets = [*(Target("a: b", end) for end in ends), Target("", "b"), Target("c", "a")]
    assert backend.describe().settings["attention"] == attention
    for target, result in zip(given_targets, backend.score(context, given_targets), strict=True):
        assert result.logprobs == pytest.approx(alone(oracle, tokenizer, context, target), abs=1e-4)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_shared_form_is_chosen_where_it_is_right(opened, architecture):
    backend, _ = opened(architecture)
    assert backend.describe().settings["attention"] == "branches"
    assert "note" not in backend.describe().settings


@pytest.mark.parametrize("architecture", ["bloom", "gpt-oss"])
def test_a_model_that_packs_do_not_fit_is_evaluated_without_them_and_says_so(opened, tiny, architecture):
    """Bloom has a bias by position on its attention, gpt-oss has sinks in it: neither is in a pack's attention."""
    backend, oracle = opened(architecture)
    tokenizer = AutoTokenizer.from_pretrained(tiny(architecture))
    info = backend.describe()
    assert info.settings["attention"] in ("padded", "plain")
    assert "not branches: " in info.settings["note"]
    given_targets = [Target("a: b", " c and c"), Target("a", "b c")]
    for target, result in zip(given_targets, backend.score("A context.", given_targets), strict=True):
        assert result.logprobs == pytest.approx(alone(oracle, tokenizer, "A context.", target), abs=1e-4)
