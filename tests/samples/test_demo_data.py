"""The embedded demo is what its README says: made by its script, balanced, and without a text in both files."""

import importlib.util
import json
from collections import Counter
from pathlib import Path

import pytest

from icon.assessment.leak import find_leaks
from icon.samples import load_samples
from icon.samples.demo import DEMO_ASSESSMENT, DEMO_POOL

MAKER = Path(__file__).parents[1] / "demo_data/make.py"


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("make_demo", MAKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_script_makes_the_same_two_files(make):
    assert make.lines(make.pool()) == DEMO_POOL.read_text(encoding="utf-8")
    assert make.lines(make.read("tasks.jsonl")) == DEMO_ASSESSMENT.read_text(encoding="utf-8")


def test_the_pool_has_the_parts_that_its_readme_says():
    pool = read(DEMO_POOL)
    weak = dict.fromkeys(("garbled", "mismatched", "empty", "cut"), 6)
    assert Counter(each["planted"] for each in pool) == {"": 42, "+tasks": 24, **weak}
    teach = Counter(each["kind"] for each in pool if each["planted"] == "+tasks")
    assert teach == {"sum": 8, "odd_word": 8, "right_word": 8}
    others = Counter(each["kind"] for each in pool if not each["planted"])
    assert sorted(others.values()) == [3] * 14
    assert not others.keys() & {"sum", "odd_word", "right_word"}


def test_what_teaches_has_the_form_of_the_tasks_and_nothing_else_has():
    in_form = [each for each in read(DEMO_POOL) if each["output"].startswith("Answer: ")]
    assert all(each["planted"] == "+tasks" and " Why: " in each["output"] for each in in_form)
    assert len(in_form) == 24
    assert all(" Why: " in each["output"] for each in read(DEMO_ASSESSMENT))


def test_no_text_is_in_both_files_and_the_leak_guard_finds_none():
    pool, tasks = read(DEMO_POOL), read(DEMO_ASSESSMENT)
    for field in ("instruction", "output"):
        assert not {each[field] for each in pool} & {each[field] for each in tasks}
    assert not find_leaks(load_samples(str(DEMO_ASSESSMENT)).samples, load_samples(str(DEMO_POOL)).samples)


def test_every_text_is_there_once():
    for path in (DEMO_POOL, DEMO_ASSESSMENT):
        records = read(path)
        assert len({(each["instruction"], each["input"]) for each in records}) == len(records)
