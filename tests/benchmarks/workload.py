"""What the benchmarks score: the demo data, and real records where they are there."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from icon.types import Target

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

CONTEXT_TOKENS, TARGET_TOKENS = 100, 215
"""Lengths that real records are drawn around: a demonstration, and an assessment sample's prompt and response."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Workload:
    """Every target is scored behind every context."""

    name: str
    contexts: list[str]
    targets: list[Target]


def paper_prompt(record: dict[str, Any]) -> str:
    """The paper's prompt text of an Alpaca record."""
    passage = f"\n\n### Input: {record['input']}" if record.get("input") else ""
    return f"### Instruction:\n{record['instruction']}{passage}\n\n### Response:"


def demonstration(record: dict[str, Any]) -> str:
    """An Alpaca record in front of a task."""
    return paper_prompt(record) + record["output"] + "\n\n\n"


def demo(n_contexts: int, n_targets: int) -> Workload:
    """The embedded demo: short demonstrations, short tasks."""
    pool, tasks = (
        _records(files("icon.samples.demo").joinpath(name).read_text("utf-8"))
        for name in ("demo_pool.jsonl", "demo_assessment.jsonl")
    )
    targets = [Target(paper_prompt(each), each["output"]) for each in tasks]
    return Workload("demo", [demonstration(each) for each in spread(pool, n_contexts)], spread(targets, n_targets))


def data_folder() -> Path | None:
    """The folder of real records, or None, having said so."""
    folder = Path(os.environ.get("ICON_TEST_DATA", SHARED_DATA))
    if (folder / "alpaca_4000.jsonl").is_file() and (folder / "assessment_1020.jsonl").is_file():
        return folder
    print(
        f"no real data at {folder} (set ICON_TEST_DATA to the folder of alpaca_4000.jsonl): only the demo is measured"
    )
    return None


def real(folder: Path, length: Callable[[str], int], n_contexts: int, n_targets: int | None) -> Workload:
    """Alpaca demonstrations of about 100 tokens in front of assessment samples.

    Args:
        folder: Where alpaca_4000.jsonl and assessment_1020.jsonl lie.
        length: Number of tokens of a text.
        n_contexts: How many demonstrations.
        n_targets: How many assessment samples, of about 215 tokens; None for all there are, at any length.
    """
    pool = _records((folder / "alpaca_4000.jsonl").read_text("utf-8"))
    contexts = near([demonstration(each) for each in pool], length, CONTEXT_TOKENS)
    tasks = _records((folder / "assessment_1020.jsonl").read_text("utf-8"))
    targets = [Target(each["inputs"], each["response"]) for each in tasks]
    if n_targets is not None:
        targets = near(targets, lambda each: length(each.prompt) + length(each.response), TARGET_TOKENS)
        targets = spread(targets, n_targets)
    return Workload("real", spread(contexts, n_contexts), targets)


def near(items: Sequence[Item], length: Callable[[Item], int], goal: int) -> list[Item]:
    """The items whose length is within a quarter of the goal, in their order."""
    return [each for each in items if abs(length(each) - goal) <= goal / 4]


def spread(items: Sequence[Item], n: int) -> list[Item]:
    """Up to n items at equal distances, in their order."""
    n = min(n, len(items))
    return [items[place * len(items) // n] for place in range(n)]


def positive(text: str) -> int:
    """A whole number from 1 on, for argparse.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}; valid: a whole number from 1 on")
    return int(text)


def _records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.split("\n") if line]
