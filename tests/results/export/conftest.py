"""Finished runs whose selection is known: the scorer `length` keeps the longest responses."""

import json

import pytest

import icon


def write_lines(path, records):
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def make_run(tmp_path):
    """Runs on records (or on a file that is there) and keeps the longest responses."""

    def _make(pool, keep=2, name="run", **settings):
        path = write_lines(tmp_path / "pool.jsonl", pool) if isinstance(pool, list) else pool
        tasks = write_lines(tmp_path / "tasks.jsonl", [{"instruction": "a task apart", "output": "done apart"}])
        given = {"scorer": "length", "baselines": (), "selector": "top", "report": False, **settings}
        return icon.run(path, assessment=tasks, out=tmp_path / name, keep=str(keep), **given)

    return _make


@pytest.fixture
def alpaca():
    """Four records; rows 1 and 3 have the longest outputs."""
    return [
        {"instruction": "one", "input": "", "output": "a"},
        {"instruction": "two", "input": "the passage", "output": "bbbb bbbb"},
        {"instruction": "three", "input": "", "output": "c", "note": "kept"},
        {"instruction": "fünf 🙂", "input": "", "output": "dddd dddd dddd"},
    ]


def turns(*texts, system=None):
    roles = ["user", "assistant"] * len(texts)
    made = [{"role": role, "content": text} for role, text in zip(roles, texts, strict=False)]
    return ([{"role": "system", "content": system}] if system else []) + made


@pytest.fixture
def conversations():
    """Three conversations. Judged by the last turn, rows 0 and 2 are the longest."""
    return [
        {"messages": turns("hi", "hello you", "and now?", "x" * 40, system="be kind")},
        {"messages": turns("ping", "pong")},
        {"messages": turns("first", "y" * 30, "second", "z" * 20)},
    ]


@pytest.fixture
def read_lines():
    def _read(path):
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  # as the consumers do
            return [json.loads(line) for line in file]

    return _read
