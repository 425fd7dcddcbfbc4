"""The paper's experiment, at toy size and for real: icon, TRL, lm-evaluation-harness, a local judge, the tables."""

import importlib.util
import json
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from paper.command import main
from support import smollm2, tiny_model
from support.paper_toy import write_chain
from support.tiers import of_tier

for module in ("trl", "lm_eval", "psutil", "icon_torch", "icon_validate"):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed", allow_module_level=True)

RANDOM = ("25-random-1", "25-random-2")
CELLS = ("full", "25-selection", *RANDOM)


def model_folder():
    return of_tier(tiny_model.transformers_folder, smollm2.folder)()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The whole chain, uninterrupted; the folder of its settings, and what it printed is not looked at."""
    folder = tmp_path_factory.mktemp("paper")
    config = write_chain(folder, model_folder(), learning_rate=of_tier(1e-3, 2e-5), save_every=of_tier(2, 4))
    assert main([str(config), "--work", str(folder / "work"), "--one-process"]) == 0
    return folder


@pytest.fixture
def copied(finished, tmp_path):
    """A copy of the finished results to change, and the words of the command that goes on with them."""
    shutil.copytree(finished / "work", tmp_path / "work", copy_function=os.link)  # every file is replaced whole
    return [str(finished / "chain.toml"), "--work", str(tmp_path / "work")], tmp_path / "work/toy"


def result(folder, *names):
    return json.loads(folder.joinpath(*names).with_suffix(".json").read_text())


def rows(work, title):
    """The rows of the table whose title begins so, by label, with the values by column."""
    table = next(table for table in result(work, "tables") if table["title"].startswith(title))
    return {label: dict(zip(table["columns"], numbers, strict=True)) for label, numbers in table["rows"]}


def test_every_cell_is_trained_on_as_many_records_as_its_share(finished):
    toy = finished / "work/toy"
    counts = {cell: result(toy, cell, "train")["records"] for cell in CELLS}
    assert counts == {"full": 24, "25-selection": 6, "25-random-1": 6, "25-random-2": 6}
    steps = {cell: result(toy, cell, "train")["steps"] for cell in CELLS}
    assert steps == {"full": 12, "25-selection": 4, "25-random-1": 4, "25-random-2": 4}  # 2 epochs, batches of 4


def test_the_selection_is_icons_and_random_draws_differ(finished):
    from icon import load_run

    toy = finished / "work/toy"
    ids = {cell: [json.loads(line)["id"] for line in (toy / cell / "records.jsonl").open()] for cell in CELLS}
    best = sorted(load_run(toy / "run").rows, key=lambda row: (-row.score, row.id))[:6]
    assert set(ids["25-selection"]) == {row.id for row in best}
    assert set(ids[RANDOM[0]]) != set(ids[RANDOM[1]])
    assert all(set(ids[cell]) < set(ids["full"]) and len(set(ids[cell])) == len(ids[cell]) for cell in CELLS[1:])


def test_records_are_in_the_form_of_the_run(finished):
    row = json.loads((finished / "work/toy/full/records.jsonl").read_text().splitlines()[1])
    record = json.loads((finished / "pool.jsonl").read_text().splitlines()[1])
    assert row["prompt"] == f"### Instruction:\n{record['instruction']}\n\n### Response:\n"
    assert row["completion"] == record["output"]


def test_a_chat_template_is_left_to_the_trainer_and_asked_for_answers():
    from transformers import AutoTokenizer

    from icon import Message, Sample
    from paper.texts import instruction_prompt, template_of, training_row

    row = training_row(Sample("a", 0, (Message("user", "Name it."),), "stone", passage="grey"), template_of("chat"))
    assert row["prompt"] == [{"role": "user", "content": "Name it.\n\ngrey"}]
    assert row["completion"] == [{"role": "assistant", "content": "stone"}]
    tokenizer = AutoTokenizer.from_pretrained(tiny_model.transformers_folder())
    asked = instruction_prompt("Name it.", "grey", None, tokenizer)
    assert asked == "<|im_start|>user\nName it.\n\ngrey<|im_end|>\n<|im_start|>assistant\n"


def test_training_changes_the_weights_and_lowers_the_loss(finished):
    from safetensors.numpy import load_file

    toy = finished / "work/toy"
    before, after = (load_file(Path(folder) / "model.safetensors") for folder in (model_folder(), toy / "full/model"))
    name = next(name for name in after if name.endswith("mlp.down_proj.weight"))
    assert abs(after[name] - before[name]).max() > 0
    losses = result(toy, "full", "train")["losses"]
    assert len(losses) == 12
    assert sum(losses[6:]) < sum(losses[:6])


def test_tables_have_what_the_results_have(finished):
    toy, table = finished / "work/toy", rows(finished / "work", "Table 1")
    drawn = [result(toy, cell, "tasks", "Which")["value"] for cell in RANDOM]
    chosen = result(toy, "25-selection", "tasks", "Which")["value"]
    assert table["25% selection"]["Which"]["value"] == chosen
    assert table["25% random, 2 draws"]["Which"]["value"] == pytest.approx(sum(drawn) / 2)
    assert table["25% selection - random"]["Which"]["value"] == pytest.approx(chosen - sum(drawn) / 2)
    judged = result(toy, "25-selection", "judged", "Say")
    assert judged["win"] + judged["tie"] + judged["lose"] == 3
    score = rows(finished / "work", "Table 3")["25% selection"]["Say"]["value"]
    assert score == pytest.approx(1 + (judged["win"] - judged["lose"]) / 3)


def test_a_benchmark_of_the_harness_is_its_own_accuracy(finished):
    """The share of documents whose right choice is likelier, by plain passes of transformers."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    weights = finished / "work/toy/full/model"
    model, tokenizer = AutoModelForCausalLM.from_pretrained(weights), AutoTokenizer.from_pretrained(weights)

    def log_probability(prompt, answer):
        first, second = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in (prompt, answer))
        with torch.no_grad():
            logits = model(torch.tensor([first + second])).logits[0].log_softmax(-1)
        return sum(logits[len(first) + n - 1, token].item() for n, token in enumerate(second))

    documents = [json.loads(line) for line in (finished / "tasks/documents.jsonl").open()]
    right = 0
    for document in documents:
        prompt = f"Question: {document['question']}\nAnswer:"
        true, false = (log_probability(prompt, f" {choice}") for choice in document["choices"])
        right += true > false
    assert result(finished / "work/toy", "full", "tasks", "Which")["value"] == pytest.approx(100 * right / 12)


def test_a_second_start_does_nothing(copied, capsys):
    command, _ = copied
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert "..." not in err
    assert "Table 3" in out


def test_a_stage_killed_in_the_middle_goes_on_to_the_same_tables(finished, copied, capfd):
    command, toy = copied
    whole = result(toy, "full", "train")
    shutil.rmtree(toy / "full")
    killer = threading.Thread(target=kill_a_child_when_it_has_a_checkpoint, args=[toy / "full/checkpoints"])
    killer.start()
    assert main(command) == 1
    killer.join()
    assert "train/toy/full failed: its process was ended by signal 9" in capfd.readouterr().err
    assert rows(toy.parent, "Table 1")["full"]["Which"] == {"value": None, "half": None, "n": 0}
    assert main([*command, "--one-process"]) == 0
    resumed = result(toy, "full", "train")
    assert resumed["resumed_from"].startswith("checkpoint-")
    assert resumed["losses"] == pytest.approx(whole["losses"], abs=1e-6)
    for name in ("tables.json", "tables.md", "analysis.json"):
        assert (toy.parent / name).read_bytes() == (finished / "work" / name).read_bytes()


def kill_a_child_when_it_has_a_checkpoint(checkpoints):
    import psutil

    until = time.monotonic() + 120
    while time.monotonic() < until:
        if list(checkpoints.glob("*/trainer_state.json")):
            for child in psutil.Process().children(recursive=True):
                child.kill()
            return
        time.sleep(0.005)


def test_what_is_missing_is_missing_and_no_number(copied, capsys):
    command, toy = copied
    (toy / "25-random-2/tasks/Which.json").unlink()
    assert main([*command, "--tables"]) == 0
    table = rows(toy.parent, "Table 1")
    for label in ("25% random, 2 draws", "25% selection - random"):
        assert table[label]["Which"]["value"] is None
        assert table[label]["average"]["value"] is None
    assert table["25% selection"]["Which"]["value"] is not None
    assert "| 25% random, 2 draws | missing |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [("epochs = 2", "epochs = 3", "epochs: 2"), ('keep = "25%"', 'keep = "20%"', "keep: '25%'")],
)
def test_results_of_other_settings_are_refused(finished, copied, tmp_path, capsys, before, after, said):
    command, _ = copied
    for name in ("tasks", "say.jsonl", "targets.jsonl"):
        (tmp_path / name).symlink_to(finished / name)
    other = tmp_path / "chain.toml"
    other.write_text((finished / "chain.toml").read_text().replace(before, after))
    assert main([str(other), *command[1:]]) == 2
    err = capsys.readouterr().err
    assert "was made with other settings" in err
    assert said in err


def test_checkpoints_of_other_settings_are_not_taken_up(copied, capsys):
    from paper.jobs import by_name
    from paper.settings import load
    from paper.training import training_settings

    command, toy = copied
    chain = load(Path(command[0]), Path(command[2]))
    cell = by_name(chain, "train/toy/full").cell
    (toy / "full/train.json").unlink()
    (toy / "full/checkpoints").mkdir()
    begun = {"settings": {**training_settings(chain, cell), "learning_rate": 1.0}}
    (toy / "full/checkpoints.settings.json").write_text(json.dumps(begun))
    assert main([*command, "--job", "train/toy/full"]) == 2
    assert "learning_rate: 1.0 there" in capsys.readouterr().err


def test_weights_that_nothing_needs_are_deleted_and_made_again_when_something_does(copied):
    from paper.jobs import of_cells, tidy, to_do
    from paper.settings import load

    command, toy = copied
    chain = load(Path(command[0]), Path(command[2])).model_copy(update={"keep_models": False})
    full = next(of_cells(chain))
    tidy(chain, full)
    assert not (toy / "full/model").exists()
    assert to_do(chain, full) == []
    (toy / "full/tasks/Which.json").unlink()
    assert [job.stage for job in to_do(chain, full)] == ["train", "tasks"]


def test_the_dry_run_says_what_is_left(finished, copied, capsys):
    command, toy = copied
    (toy / "25-random-2/tasks/Which.json").unlink()
    assert main([*command, "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "| tasks | 1 | 4 |" in out
    assert "| train | 0 | 4 |" in out
