"""States of a run that cases begin with, and the small data that they are made from."""

from __future__ import annotations

import json
from dataclasses import dataclass

WORDS = [
    "river",
    "stone",
    "lamp",
    "cloud",
    "bread",
    "winter",
    "garden",
    "needle",
    "copper",
    "violin",
    "harbour",
    "salt",
]
N_POOL, N_TASKS, N_RACE_TASKS = 24, 6, 40
HOW = ("--backend", "faulty", "--template", "plain", "--keep", "5", "--scorer", "icon")
WITH_PAGE: tuple[str, ...] = ("pool.jsonl", "--assessment", "tasks.jsonl", *HOW, "--out", "run")
RUN = (*WITH_PAGE, "--no-report")
RACE: tuple[str, ...] = (
    "pool.jsonl",
    "--assessment",
    "many.jsonl",
    *HOW,
    "--schedule",
    "race",
    "--capture",
    "1",
    "--out",
    "run",
)
RACE += ("--no-report",)
MODEL: tuple[str, ...] = (
    "pool.jsonl",
    "--assessment",
    "tasks.jsonl",
    "--template",
    "plain",
    "--keep",
    "5",
    "--out",
    "run",
)
MODEL += ("--baseline", "length", "--selector", "top", "--no-report")
TORCH: tuple[str, ...] = (
    "pool.jsonl",
    "--assessment",
    "many.jsonl",
    "--template",
    "plain",
    "--keep",
    "5",
    "--out",
    "run",
)
TORCH += ("--backend", "torch", "--model", "../package/tiny.gguf", "--device", "cpu")
TORCH += ("--selector", "top", "--hold-out", "24", "--no-report")
HELD_OUT = ("pool.jsonl", "--assessment", "many.jsonl", *HOW, "--hold-out", "8", "--no-report", "--out", "run")


@dataclass(frozen=True)
class Base:
    """Commands that make a state, the state that they begin with, and files that are removed at the end.

    `model` says that they run a real model.
    """

    on: str
    commands: tuple[tuple[str, ...], ...]
    removed: tuple[str, ...] = ()
    model: bool = False


BASES = {
    "assessed": Base("inputs", (("assess", *RUN),)),
    "scored": Base("assessed", (("score", "run"),)),
    "unmarked": Base("scored", (("select", "run"),)),
    "finished": Base("inputs", (("run", *RUN),)),
    "judged": Base("inputs", (("run", *TORCH),), model=True),
    "others": Base("finished", (("score", "run", "--scorer", "ppl"), ("select", "run"), ("report", "run"))),
    "robbed": Base("finished", (), removed=("run/selected.jsonl", "run/dropped.jsonl", "run/assessment.jsonl")),
}
"""States by name, beside `inputs`, which is the data alone."""


def record(number):
    """A short record of its own."""
    total = number + number * 7 % 13
    first, second = WORDS[number % 12], WORDS[number * 5 % 12]
    return {
        "instruction": f"Add {number} and {number * 7 % 13} and say it with the word {first}.",
        "output": f"The sum is {total}, and the word is {first}" + f" {second}" * (1 + number % 3) + ".",
    }


def write_inputs(folder):
    """A pool, tasks, more tasks for a race, and the folders for cache and temporary files."""
    for name in ("tmp", "cache"):
        (folder / name).mkdir(parents=True)
    ranges = {"pool": range(N_POOL), "tasks": range(100, 100 + N_TASKS), "many": range(200, 200 + N_RACE_TASKS)}
    for name, numbers in ranges.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(record(number)) + "\n" for number in numbers))
