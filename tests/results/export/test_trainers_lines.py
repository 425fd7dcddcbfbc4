"""Each trainer's configuration takes an export by the line that `next` gives, which is the one the how-to shows."""

import json
import re
from pathlib import Path

import yaml

import icon

PAGE = Path(__file__).resolve().parents[3] / "docs/how-to/train-on-the-selection.md"


def shown(heading):
    """The settings in the first YAML block below a heading of the how-to."""
    return yaml.safe_load(re.search(rf"(?s)\n## {heading}\n.*?```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"))[1])


def lines(run, to, out):
    """What `next` says of the configuration, as YAML reads it."""
    said = [
        text.partition(": ")[2]
        for text in icon.export(run, to, out)["next"]
        if "configuration" in text or "own" in text
    ]
    return yaml.safe_load("\n".join(said))


def test_trl(make_run, alpaca, tmp_path):
    found = lines(make_run(alpaca), "trl-prompt-completion", tmp_path / "train.jsonl")
    assert found == {"datasets": [{"path": "json", "data_files": str(tmp_path / "train.jsonl")}]}
    assert shown("TRL")["datasets"] == [{"path": "json", "data_files": "train.jsonl"}]


def test_axolotl(make_run, alpaca, tmp_path):
    (found,) = lines(make_run(alpaca, name="mine"), "axolotl", tmp_path / "for axolotl")["datasets"]
    assert found == {"path": str(tmp_path / "for axolotl/mine.jsonl"), "ds_type": "json", "type": "chat_template"}
    assert shown("Axolotl")["datasets"] == [{**found, "path": "for-axolotl/mine.jsonl"}]
    whole = yaml.safe_load((tmp_path / "for axolotl/datasets.yml").read_text())["datasets"][0]
    assert found.items() <= whole.items()


def test_axolotl_with_marked_turns(make_run, conversations, tmp_path):
    run = make_run(conversations, turns="every", keep=3)
    (found,) = lines(run, "axolotl", tmp_path / "marked")["datasets"]
    assert (found["roles_to_train"], found["message_field_training"]) == ([], "train")
    turns = [turn for row in Path(found["path"]).read_text().splitlines() for turn in json.loads(row)["messages"]]
    assert sum(turn["train"] for turn in turns) == 3


def test_llamafactory(make_run, alpaca, tmp_path):
    found = lines(make_run(alpaca, name="mine"), "llamafactory", tmp_path / "data")
    assert found == {"dataset": "mine", "dataset_dir": str(tmp_path / "data")}
    assert shown("LLaMA-Factory") == {"dataset": "mine", "dataset_dir": "LLaMA-Factory/data"}
    assert found["dataset"] in json.loads((tmp_path / "data/dataset_info.json").read_text())
