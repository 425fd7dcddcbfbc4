"""The parts of `lora`: order of the texts, batches, padding, the folder of checkpoints, target modules."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from transformers import BloomConfig, BloomModel, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from icon import trust
from icon.errors import ConfigError
from icon_torch.lora.batches import ByLength, Labelled, collate
from icon_torch.lora.checkpoints import data_digest, hold
from icon_torch.lora.network import adapted
from icon_torch.lora.options import LoraOptions
from icon_torch.lora.probe import STRENGTHS, fit_head
from icon_torch.lora.targets import target_modules
from icon_torch.lora.texts import packs, padded
from icon_torch.lora.training import Job

TINY = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.2,
}


def texts(*lengths):
    return [np.arange(1, length + 1, dtype=np.int32) for length in lengths]


def test_listing_the_selector_imports_no_torch():
    code = "import sys, icon_torch.lora as lora; lora.strategy(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_padding_stands_on_the_right_and_is_masked():
    batch = padded(texts(1, 3))
    assert batch["input_ids"].tolist() == [[1, 0, 0], [1, 2, 3]]
    assert batch["attention_mask"].tolist() == [[1, 0, 0], [1, 1, 1]]


def test_packs_hold_every_text_once_within_the_budget():
    # longest first; 7 is a pack of its own, 2 x 3 and 3 x 2 tokens are within 6
    assert list(packs(texts(2, 3, 7, 2, 3, 1), 6)) == [[2], [1, 4], [0, 3, 5]]


def test_an_epoch_holds_every_text_once_in_batches_of_like_length():
    lengths = np.random.default_rng(0).integers(1, 500, 1003)
    sampler = ByLength(lengths, 8, seed=4)
    order = list(sampler)
    assert sorted(order) == list(range(1003))
    batches = [lengths[order[start : start + 8]] for start in range(0, 1003, 8)]
    padding = sum(len(batch) * batch.max() - batch.sum() for batch in batches) / lengths.sum()
    drawn = [lengths[start : start + 8] for start in range(0, 1003, 8)]
    without = sum(len(batch) * batch.max() - batch.sum() for batch in drawn) / lengths.sum()
    assert padding < 0.1 < 0.5 < without
    # and the lengths do not fall from batch to batch
    means = np.array([batch.mean() for batch in batches])
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 0.3


def test_the_order_depends_on_seed_and_epoch():
    def order(seed, epoch):
        sampler = ByLength(range(100), 8, seed)
        sampler.set_epoch(epoch)
        return list(sampler)

    assert order(1, 2) == order(1, 2)
    assert len({tuple(order(1, 0)), tuple(order(1, 1)), tuple(order(2, 0))}) == 3


@pytest.mark.parametrize("n", [1, 7, 8, 9, 16])
def test_small_parts_come_whole(n):
    assert sorted(ByLength(range(n), 8, 0)) == list(range(n))


def test_steps_are_counted_as_the_trainer_takes_them():
    part = Labelled(texts(*[3] * 4500), np.zeros(4500, dtype=int))
    # the paper: 4,500 texts by 8 make 563 batches, by 16 make 36 steps an epoch
    assert Job(part, part, LoraOptions(), 0).steps == 180


def test_labels_travel_with_their_texts():
    part = Labelled(texts(1, 3, 2), np.array([0, 1, 0])).by_length()
    batch = collate([part[place] for place in range(3)])
    assert batch["labels"].tolist() == [1, 0, 0]
    assert batch["attention_mask"].sum(1).tolist() == [3, 2, 1]


def test_the_logits_of_a_text_do_not_hang_on_its_batch():
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4)
    ).eval()
    with adapted(model, LoraOptions(), torch.device("cpu")) as network, torch.no_grad():
        for module in network.adapters.modules():
            if isinstance(module, torch.nn.Linear):
                torch.nn.init.normal_(module.weight, std=0.3)
        network.eval()
        together = network(**padded(texts(5, 40, 17)))["logits"]
        alone = torch.cat([network(**padded([text]))["logits"] for text in texts(5, 40, 17)])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=1e-5)


def test_the_network_reads_the_last_token_through_adapters_and_head():
    """Against the same computed by hand: adapters merged into the weights, the head applied in NumPy."""
    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=1)
    config.num_attention_heads = config.num_key_value_heads = 4
    model = LlamaForCausalLM(config).eval()
    merged = LlamaForCausalLM(config).eval()
    merged.load_state_dict(model.state_dict())
    with adapted(model, LoraOptions(rank=2, alpha=6), torch.device("cpu")) as network, torch.no_grad():
        attention = model.model.layers[0].self_attn
        for name in ("q_proj", "v_proj"):
            layer = getattr(attention, name)
            layer.lora_B["icon"].weight.normal_()
            added = 6 / 2 * layer.lora_B["icon"].weight @ layer.lora_A["icon"].weight
            getattr(merged.model.layers[0].self_attn, name).weight += added
        head = network.head.weight.numpy()
        network.eval()
        found = network(**padded(texts(9, 4)))["logits"]
        for row, text in enumerate(texts(9, 4)):
            states = merged(torch.tensor(text)[None].long(), output_hidden_states=True).hidden_states[-1]
            np.testing.assert_allclose(found[row].numpy(), head @ states[0, -1].numpy(), atol=1e-5)


def test_a_checkpoint_without_a_readable_state_is_passed_over(tmp_path):
    assert hold(tmp_path, {"seed": 1}) is None
    for step, state in ((3, '{"global_step": 3}'), (12, '{"global_step": 12}'), (15, '{"global_st'), (18, None)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if state is not None:
            (folder / "trainer_state.json").write_text(state)
    assert hold(tmp_path, {"seed": 1}) == tmp_path / "checkpoint-12"


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "checkpoint-5").mkdir()
    with pytest.raises(ConfigError, match="checkpoints of something else"):
        hold(tmp_path, {"seed": 1})
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(ConfigError, match="is a file; valid: a folder"):
        hold(file, {"seed": 1})
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "lora.json").write_text("[1")
    with pytest.raises(ConfigError, match=r"lora\.json is not a JSON object"):
        hold(broken, {"seed": 1})


def test_a_new_folder_that_a_run_folder_names_is_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv("ICON_TRUST_STORE", str(tmp_path / "trusted"))
    folder = tmp_path / "named"
    with trust.calling(), pytest.raises(ConfigError, match=f"add --trust {folder}"):
        hold(folder, {"rank": 8})
    assert not folder.exists()
    with trust.calling(trusted=[str(folder)]):
        hold(folder, {"rank": 8})
    with trust.calling():
        hold(folder, {"rank": 8})


def test_the_folder_is_claimed_in_plain_json(tmp_path):
    hold(tmp_path / "new" / "folder", {"seed": 1, "data": "x"})
    assert json.loads((tmp_path / "new/folder/lora.json").read_text()) == {"seed": 1, "data": "x"}


def test_the_digest_covers_tokens_labels_and_split():
    base = (texts(2, 3), np.array([0, 1]), np.array([0]))
    others = [
        (texts(3, 2), base[1], base[2]),
        (base[0], np.array([1, 0]), base[2]),
        (base[0], base[1], np.array([1])),
        ([np.concatenate(texts(2, 3)), np.array([], dtype=np.int32)], base[1], base[2]),
    ]
    assert data_digest(*base) == data_digest(texts(2, 3), np.array([0, 1]), np.array([0]))
    assert len({data_digest(*each) for each in [base, *others]}) == 5


def test_architectures_without_these_projections_get_what_peft_names():
    gpt2 = GPT2LMHeadModel(GPT2Config(vocab_size=64, n_embd=32, n_layer=1, n_head=2, n_positions=32)).eval()
    assert target_modules(gpt2.base_model, None) == ["c_attn"]
    with adapted(gpt2, LoraOptions(), torch.device("cpu")) as network:
        assert network(**padded(texts(3, 5)))["logits"].shape == (2, 2)
        assert len(network.adapters) == 1


def test_an_unknown_architecture_asks_for_names():
    body = BloomModel(BloomConfig(vocab_size=64, hidden_size=32, n_layer=1, n_head=2))
    body.config.model_type = "unheard-of"
    with pytest.raises(ConfigError, match=r"'unheard-of'.*target_modules.*query_key_value"):
        target_modules(body, None)
    assert target_modules(body, ["query_key_value"]) == ["query_key_value"]


def test_the_head_begins_as_the_regression_on_the_states():
    """Against scikit-learn on the body's own states: the log-odds of one of the penalties to choose from."""
    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(**TINY)).eval().requires_grad_(False)
    generator = np.random.default_rng(0)
    given = [generator.integers(1, 60, 12).astype(np.int32) for _ in range(60)]
    labels = np.array([int(text[-1] < 30) for text in given])
    with adapted(model, LoraOptions(), torch.device("cpu")) as network:
        before = network.head.weight.clone()
        fit_head(network, Labelled(given, labels), 100, seed=0)
        assert not torch.equal(network.head.weight, before)
        logits = network(**padded(given))["logits"]
        states = np.stack([network.states(**padded([text])).detach().numpy()[0] for text in given])
    scaled = StandardScaler().fit_transform(states)
    gaps = []
    for strength in STRENGTHS:
        own = LogisticRegression(C=strength, max_iter=1000).fit(scaled, labels).decision_function(scaled)
        gaps.append(np.abs((logits[:, 1] - logits[:, 0]).detach().numpy() - own).max())
    assert min(gaps) < 1e-3
    assert max(gaps) > 0.1


def test_too_few_of_a_label_leave_the_head_as_it_was_drawn():
    model = LlamaForCausalLM(LlamaConfig(**TINY)).eval().requires_grad_(False)
    with adapted(model, LoraOptions(), torch.device("cpu")) as network:
        before = network.head.weight.clone()
        fit_head(network, Labelled(texts(3, 4, 5, 6), np.array([0, 0, 1, 1])), 100, seed=0)
        assert torch.equal(network.head.weight, before)
