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


def read(path, folder):
    """A file of rows, as users of TRL read it."""
    from datasets import load_dataset

    return load_dataset("json", data_files=path, split="train", cache_dir=str(folder / "cache"))


def trained(trl, tokenizer, data, folder):
    """The trainer behind one step on a data set."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    shape = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=128, **shape))
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
    rows = learned(trained(trl, tokenizer, read(done["files"][0], tmp_path), tmp_path), tokenizer)
    assert ["<|user|>", "two"] in [row[:2] for row in rows]  # the whole conversation is learned


def test_of_prompt_and_completion_the_completion_alone_is_learned(trl, tokenizer, make_run, alpaca, tmp_path):
    done = icon.export(make_run(alpaca), "trl-prompt-completion")
    rows = learned(trained(trl, tokenizer, read(done["files"][0], tmp_path), tmp_path), tokenizer)
    assert [[word for word in row if word != "</s>"] for row in rows] == [["bbbb"] * 2, ["dddd"] * 3]


def test_of_texts_the_completion_alone_is_learned(trl, tokenizer, make_run, alpaca, tmp_path):
    done = icon.export(make_run(alpaca), "trl-text")
    trainer = trained(trl, tokenizer, read(done["files"][0], tmp_path), tmp_path)
    for row in learned(trainer, tokenizer):
        assert row[-1] == "</s>"
        assert "one" not in row


def test_a_trainer_takes_the_run_itself_in_one_line(trl, tokenizer, make_run, alpaca, tmp_path):
    trainer = trained(trl, tokenizer, icon.as_dataset(make_run(alpaca), "trl-prompt-completion"), tmp_path)
    rows = learned(trainer, tokenizer)
    assert [[word for word in row if word != "</s>"] for row in rows] == [["bbbb"] * 2, ["dddd"] * 3]


def test_one_line_of_trl_s_configuration_takes_the_export(trl, make_run, alpaca, tmp_path):
    from trl import DatasetMixtureConfig, ModelConfig, ScriptArguments, TrlParser, get_dataset

    done = icon.export(make_run(alpaca), "trl", tmp_path / "train.jsonl")
    line = next(text for text in done["next"] if "trl sft" in text).partition(": ")[2]
    (tmp_path / "sft.yaml").write_text(f"model_name_or_path: Qwen/Qwen2.5-0.5B\n{line}\n")
    parser = TrlParser((ScriptArguments, trl.SFTConfig, ModelConfig, DatasetMixtureConfig))
    given = ["--config", str(tmp_path / "sft.yaml"), "--output_dir", str(tmp_path / "out"), "--use_cpu", "--bf16", "no"]
    *_, mixture = parser.parse_args_and_config(given)
    rows = get_dataset(mixture)["train"]
    assert [row["messages"][-1]["content"] for row in rows] == ["bbbb bbbb", "dddd dddd dddd"]
