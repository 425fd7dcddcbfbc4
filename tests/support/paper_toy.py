"""The paper's experiment at toy size: a pool, target tasks, harness tasks and pairwise sets from made-up files."""

from __future__ import annotations

import json
import random
from pathlib import Path

WORDS = ["apple", "river", "stone", "cloud", "seven", "green", "quick", "table", "music", "paper", "light", "north"]

SETTINGS = """
shares = ["25%"]
draws = 2
arms = ["full", "selection", "random"]
include = "tasks"
own_tasks = true
answer_tokens = 6
task_batch = 8
[models.toy]
parameters = 30000
[models.toy.run]
pool = {pool}
assessment = "file"
assessment_options = {{path = {targets}}}
backend = "torch"
backend_options = {{model = {model}}}
template = "alpaca"
selector = "top"
keep = "25%"
report = false
[training]
epochs = 2
batch = 4
per_device = 4
max_tokens = 128
precision = "float32"
checkpoint_activations = false
learning_rate = {learning_rate}
save_every = {save_every}
[benchmarks.Which]
task = "toy_which"
[benchmarks.Named]
pairwise = "Named"
[pairwise.Say]
file = "say.jsonl"
n = 3
[pairwise.Named]
file = "targets.jsonl"
against = "reference"
[judge]
kind = "local"
backend = "torch"
backend_options = {{model = {model}}}
"""

TASK = """
task: toy_which
dataset_path: json
dataset_kwargs:
  data_files:
    test: {documents}
output_type: multiple_choice
test_split: test
doc_to_text: "Question: {{{{question}}}}\\nAnswer:"
doc_to_choice: choices
doc_to_target: gold
metric_list:
  - metric: acc
metadata:
  version: 1.0
"""


def write_chain(folder, model, *, learning_rate=1e-3, save_every=2):
    """Write all files of a chain with one model into the folder; returns its settings file."""
    draw, folder = random.Random(0), Path(folder)
    (folder / "tasks").mkdir(parents=True)
    pool = [
        {
            "instruction": f"Write about {draw.choice(WORDS)} and {draw.choice(WORDS)}, number {number}",
            "input": draw.choice(WORDS) if number % 3 == 0 else "",
            "output": " ".join(draw.choice(WORDS) for _ in range(draw.randint(2, 9))),
        }
        for number in range(24)
    ]
    targets = [{"instruction": f"Name a {word}", "output": draw.choice(WORDS)} for word in WORDS[:3]]
    documents = [
        {"question": f"Which is {word}?", "choices": [word, WORDS[place - 1]], "gold": 0}
        for place, word in enumerate(WORDS)
    ]
    lines(folder / "pool.jsonl", pool)
    lines(folder / "targets.jsonl", targets)
    lines(folder / "say.jsonl", [{"instruction": f"Say {word}"} for word in WORDS[:3]])
    lines(folder / "tasks/documents.jsonl", documents)
    (folder / "tasks/which.yaml").write_text(TASK.format(documents=folder / "tasks/documents.jsonl"))
    text = SETTINGS.format(
        pool=json.dumps(str(folder / "pool.jsonl")),
        targets=json.dumps(str(folder / "targets.jsonl")),
        model=json.dumps(str(model)),
        learning_rate=learning_rate,
        save_every=save_every,
    )
    (folder / "chain.toml").write_text(text)
    return folder / "chain.toml"


def lines(path, records):
    """Write records as JSON lines."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
