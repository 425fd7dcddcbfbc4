"""What is asked of a run whose rows and texts are not in memory is what is asked of one that has them there."""

import json
import random
import re

import pytest

import icon
from icon.runs import pool_scores, score_table, scores, tables
from icon.samples import bounds

NOUNS = ["river", "table", "engine", "garden", "letter", "window", "market", "winter"]


def record(n, draw):
    words = [draw.choice(NOUNS) for _ in range(n % 13 + 1)]
    return {"instruction": f"question {n} of the {words[0]}", "output": " ".join(words), "of": "ab"[n % 2]}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs over a pool of 90 records, of which one is a repetition; their other scorers are length and random."""
    folder, draw = tmp_path_factory.mktemp("runs"), random.Random(1)
    rows = [record(n, draw) for n in range(89)]
    (folder / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*rows, rows[4]]))
    (folder / "tasks.jsonl").write_text('{"instruction": "a task apart", "output": "done apart"}\n')
    made = []
    for scorer, other in (("length", "random"), ("random", "length")):
        given = {"scorer": scorer, "baselines": (other,), "selector": "top", "keep": 20, "source_field": "of"}
        tasks, out = folder / "tasks.jsonl", folder / scorer
        made.append(icon.run(folder / "pool.jsonl", assessment=tasks, out=out, report=False, **given))
    return made


@pytest.fixture
def beyond_memory(monkeypatch):
    """Nothing of a table or a pool is kept, and tables have many row groups."""

    def _beyond():
        monkeypatch.setattr(bounds, "HELD", 0)
        monkeypatch.setattr(score_table, "MOST_KEPT", 0)
        monkeypatch.setattr(score_table, "BATCH", 4)
        monkeypatch.setattr(tables, "MOST_IN_MEMORY", 0)
        for module in (scores, pool_scores):
            monkeypatch.setattr(module, "GROUP", 7)

    return _beyond


def drawn(run, out):
    """The page without what differs between two drawings: the times."""
    return re.sub(r"<td>[\d.]+ s</td>", "", icon.write_report(run, out).read_text())


def test_the_page_is_the_same(runs, beyond_memory, tmp_path):
    before = drawn(runs[0], tmp_path / "before.html")
    beyond_memory()
    icon.select(runs[0])
    assert drawn(runs[0], tmp_path / "after.html") == before


def test_a_comparison_is_the_same(runs, beyond_memory):
    before = [icon.compare(*runs), icon.compare(runs[0])]
    beyond_memory()
    for run in runs:
        icon.select(run)
    assert [icon.compare(*runs), icon.compare(runs[0])] == before


@pytest.mark.parametrize("name", ["row:3", "row:89"])
def test_an_explanation_is_the_same(runs, beyond_memory, name):
    before = icon.explain(runs[0], name)
    beyond_memory()
    icon.select(runs[0])
    assert icon.explain(runs[0], name) == before


@pytest.mark.parametrize(("to", "which"), [("own", "selected"), ("own", "dropped"), ("csv", "all"), ("trl", "all")])
def test_an_export_is_the_same(runs, beyond_memory, tmp_path, to, which):
    icon.export(runs[0], to, tmp_path / "before.jsonl", which=which)
    beyond_memory()
    icon.select(runs[0])
    icon.export(runs[0], to, tmp_path / "after.jsonl", which=which)
    assert (tmp_path / "after.jsonl").read_bytes() == (tmp_path / "before.jsonl").read_bytes()
