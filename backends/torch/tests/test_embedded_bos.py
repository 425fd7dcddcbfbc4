"""A BOS that opens a text is read and not averaged, whether the tokenizer adds it or the text brings it.

The reference is the last hidden states of transformers' own model.
"""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModelForCausalLM

from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions

BOS = 256
TEXT = "[user]\nA river?\n[assistant]\nThe Ebro."
TURNS = "<bos>A river?<eos><bos>The Ebro.<eos>"


def opened(folder):
    return TorchBackend(TorchOptions(model=str(folder), device="cpu", special_tokens=True))


def mean(states, pooling):
    ranks = torch.arange(1, len(states) + 1).double() if pooling == "position-weighted" else torch.ones(len(states))
    return ((ranks.double() / ranks.sum()) @ states.double()).numpy()


def hidden(folder, ids):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.inference_mode():
        return model.base_model(torch.tensor([ids])).last_hidden_state[0]


@pytest.mark.parametrize("pooling", ["mean", "position-weighted"])
@pytest.mark.parametrize("name", ["llama", "llama-with-bos"])
def test_a_bos_that_opens_a_text_is_read_and_not_averaged(tiny, name, pooling):
    with opened(tiny(name)) as backend:
        ids = backend.tokenize(TEXT)
        states = hidden(tiny(name), [BOS, *ids])
        found, other = backend.embed(["<bos>" + TEXT, "another"], pooling=pooling)
        assert found == pytest.approx(mean(states[1:], pooling), abs=1e-4)
        assert abs(found - mean(states, pooling)).max() > 1e-3
        rest = hidden(tiny(name), [BOS, *backend.tokenize("another")])[1:]
        alone = hidden(tiny(name), backend.tokenize("another"))
        assert other == pytest.approx(mean(rest if name == "llama-with-bos" else alone, pooling), abs=1e-4)


def test_a_bos_that_marks_every_turn_is_averaged_as_the_other_marks_are(tiny):
    with opened(tiny("llama")) as backend:
        states = hidden(tiny("llama"), backend.tokenize(TURNS))
        assert backend.embed([TURNS])[0] == pytest.approx(mean(states, "mean"), abs=1e-4)


def test_a_bos_alone_is_its_own_mean(tiny):
    with opened(tiny("llama")) as backend:
        assert backend.embed(["<bos>"])[0] == pytest.approx(hidden(tiny("llama"), [BOS])[0].numpy(), abs=1e-4)
