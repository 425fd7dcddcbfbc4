"""Every trainer trains like a plain transformers loop, and brings the original weights back."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from icon_validate.full import FullSettings, FullTrainer, last_checkpoint
from icon_validate.lora import LoraSettings, LoraTrainer
from icon_validate.schedule import steps_order
from icon_validate.top_blocks import Settings, TopBlocks

RATE = 1e-3
ORDER = steps_order(7, steps=6, batch=3, seed=1)


def plain_losses(model, records):
    """-log p of the response tokens by transformers' own forward, one record at a time."""
    found = []
    for one in records:
        logits = model(input_ids=torch.tensor([one.ids])).logits[0, one.n_prompt - 1 : -1]
        found.append(torch.nn.functional.cross_entropy(logits, torch.tensor(one.ids[one.n_prompt :]), reduction="none"))
    return found


def plain_loop(model, parameters, records):
    """Batches one record at a time, torch's AdamW, torch's cosine schedule; gives the loss of every step."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for parameter in parameters:
        parameter.requires_grad_(True)
    optimiser = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda k: 0.5 * (1 + math.cos(math.pi * k / len(ORDER))))
    losses = []
    for places in ORDER:
        loss = sum(nll.mean() for nll in plain_losses(model, [records[place] for place in places])) / len(places)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    return losses


def full_trainer(backend, folder=None):
    pytest.importorskip("trl", reason="TRL is not installed")
    trainer = FullTrainer(backend.model, backend.tokenizer, FullSettings(learning_rate=RATE))
    trainer.folder = folder
    return trainer


def compare(trainer, plain, parameters, records, within):
    """Losses of every step and of the judge are those of the plain loop, and the weights come back bit for bit."""
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    wanted = plain_loop(plain, parameters, records)
    with trainer.train(records, ORDER) as trained:
        assert trained.losses == pytest.approx(wanted, abs=within)
        assert trained.losses[0] - trained.losses[-1] > 10 * within, "nothing was learnt, so nothing was compared"
        for found, plainly in zip(trained.token_losses(records), plain_losses(plain, records), strict=True):
            assert found == pytest.approx(plainly.detach().numpy(), abs=within)
    after = trainer.model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_top_blocks_trains_like_a_plain_loop_over_the_last_block(backend, records):
    plain = copy.deepcopy(backend.model)
    trainer = TopBlocks(backend.model, Settings(blocks=1, learning_rate=RATE))
    compare(trainer, plain, list(plain.base_model.layers[-1].parameters()), records, 1e-4)


def test_full_trains_like_a_plain_loop_over_all_weights(backend, records):
    plain = copy.deepcopy(backend.model)
    compare(full_trainer(backend), plain, list(plain.parameters()), records, 1e-4)


def test_top_blocks_attend_to_the_window_of_their_own_place_in_the_model(records):
    """Transformers looks some models' kinds of attention up by place: the window of 4 is the first block's alone."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2, "head_dim": 16}
    kinds = {"layer_types": ["sliding_attention", "full_attention"], "sliding_window": 4, "use_sliding_window": True}
    config = Qwen3Config(vocab_size=1000, num_hidden_layers=2, num_key_value_heads=1, **sizes, **kinds)
    model = Qwen3ForCausalLM(config).eval().requires_grad_(False)
    records = [replace(one, ids=tuple(token % 1000 for token in one.ids)) for one in records]
    found = TopBlocks(model, Settings(blocks=1)).token_losses(records)
    for own, plain in zip(found, plain_losses(model, records), strict=True):
        assert own == pytest.approx(plain.numpy(), abs=1e-5)
    assert config.layer_types == kinds["layer_types"]


def test_lora_trains_like_a_plain_loop_over_the_same_adapters(backend, records):
    from peft.tuners.lora import LoraLayer

    trainer = LoraTrainer(backend.model, LoraSettings(learning_rate=RATE, seed=5))
    adapted = trainer._wrapped()
    plain = copy.deepcopy(backend.model)
    adapted.unload()
    layers = [module for module in plain.modules() if isinstance(module, LoraLayer)]
    parameters = [p for layer in layers for part in (layer.lora_A, layer.lora_B) for p in part.parameters()]
    assert len(parameters) == 2 * 2 * 7  # 2 blocks of 7 linear layers
    compare(trainer, plain, parameters, records, 1e-4)


def test_arms_do_not_depend_on_those_before_them(backend, records):
    trainer = TopBlocks(backend.model, Settings(blocks=1, learning_rate=RATE))
    with trainer.train(records, ORDER) as first:
        judged = first.token_losses(records)
    with trainer.train(records[:3], [[0, 1], [2, 0]]):
        pass
    with trainer.train(records, ORDER) as again:
        assert again.losses == first.losses
        assert all((a == b).all() for a, b in zip(again.token_losses(records), judged, strict=True))


def test_an_arm_of_full_goes_on_from_its_checkpoint_to_the_same_losses(backend, records, tmp_path):
    whole = full_trainer(backend).train(records, ORDER)
    judged = whole.token_losses(records)
    whole.close()

    def stop(step, steps, loss):
        if step == 5:
            raise KeyboardInterrupt

    trainer = full_trainer(backend, tmp_path / "checkpoints")
    with pytest.raises(KeyboardInterrupt):
        trainer.train(records, ORDER, progress=stop)
    assert last_checkpoint(trainer.folder).name == "checkpoint-4"
    seen = []
    with trainer.train(records, ORDER, progress=lambda step, *_: seen.append(step)) as resumed:
        assert seen == [5, 6]
        assert resumed.losses == pytest.approx(whole.losses, abs=1e-6)
        for found, wanted in zip(resumed.token_losses(records), judged, strict=True):
            assert found == pytest.approx(wanted, abs=1e-5)
