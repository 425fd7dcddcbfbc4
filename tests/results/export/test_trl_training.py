"""TRL's own trainer takes a step on what is exported, with a tiny random model made here."""

import math

import pytest

import icon

pytestmark = pytest.mark.slow

TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|> ' + m['content'] + ' </s> ' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|> ' }}{% endif %}"
)


@pytest.fixture(scope="module")
def trl():
    pytest.importorskip("torch", reason="training needs torch")
    return pytest.importorskip("trl", reason="TRL is not installed; pip install 'trl>=0.20'")


@pytest.fixture(scope="module")
def tokenizer(trl):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = ["<unk>", "</s>", "<|system|>", "<|user|>", "<|assistant|>", "one", "two", "three", "bbbb", "dddd", "be"]
    model = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>"))
    model.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made = PreTrainedTokenizerFast(
        tokenizer_object=model, unk_token="<unk>", eos_token="</s>", pad_token="</s>", chat_template=TEMPLATE
    )
    return made


def trained(trl, tokenizer, path, folder):
    """The trainer behind one step on a file."""
    import torch
    from datasets import load_dataset
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    shape = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=128, **shape))
    data = load_dataset("json", data_files=path, split="train", cache_dir=str(folder / "cache"))
    settings = trl.SFTConfig(
        output_dir=str(folder / "out"),
        max_steps=1,
        per_device_train_batch_size=2,
        report_to="none",
        save_strategy="no",
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
    )
    trainer = trl.SFTTrainer(model=model, args=settings, train_dataset=data, processing_class=tokenizer)
    before = model.lm_head.weight.detach().clone()
    loss = trainer.train().training_loss
    assert math.isfinite(loss)
    assert loss > 0
    assert not torch.equal(before, model.lm_head.weight)
    return trainer


def learned(trainer, tokenizer):
    """The words of the first batch whose loss counts, by row."""
    batch = next(iter(trainer.get_train_dataloader()))
    rows = []
    for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True):
        rows.append([tokenizer.decode([token]) for token, label in zip(ids, labels, strict=True) if label != -100])
    return sorted(rows)


def test_messages_train(trl, tokenizer, make_run, alpaca, tmp_path):
    done = icon.export(make_run(alpaca), "trl")
    rows = learned(trained(trl, tokenizer, done["files"][0], tmp_path), tokenizer)
    assert ["<|user|>", "two"] in [row[:2] for row in rows]  # the whole conversation is learned


def test_of_prompt_and_completion_the_completion_alone_is_learned(trl, tokenizer, make_run, alpaca, tmp_path):
    done = icon.export(make_run(alpaca), "trl-prompt-completion")
    rows = learned(trained(trl, tokenizer, done["files"][0], tmp_path), tokenizer)
    assert [[word for word in row if word != "</s>"] for row in rows] == [["bbbb"] * 2, ["dddd"] * 3]


def test_of_texts_the_completion_alone_is_learned(trl, tokenizer, make_run, alpaca, tmp_path):
    done = icon.export(make_run(alpaca), "trl-text")
    trainer = trained(trl, tokenizer, done["files"][0], tmp_path)
    for row in learned(trainer, tokenizer):
        assert row[-1] == "</s>"
        assert "one" not in row
