"""`diverse` over finished runs of scorers that use the assessment set: of twins in the pool it keeps the better one."""

import json
import shutil

import pytest

from icon.runs.directory import RunDirectory
from icon.runs.scores import read_scores
from support import tiny_model
from support.command_line import CommandLine

WORDS = "amber birch cedar delta ember fjord grove heron islet jetty knoll larch maple nacre oasis pearl quail raven"
TOPICS = [WORDS.split()[start : start + 3] for start in range(0, 18, 3)]
POOL = [
    {"instruction": f"{one} {two} {three} {ending}", "output": f"{three} {two} {one}"}
    for one, two, three in TOPICS
    for ending in ("once", "again")
]
"""Six topics without a word in common, each with two records that differ in one word: rows 0 and 1, 2 and 3, ..."""

TASKS = [{"instruction": f"Name river {i}.", "output": f"River {i * i}."} for i in range(5)]
SCORERS = {
    "icon": [],
    "reverse": ["-o", "scorer.contexts=2"],
    "less": ["-o", "scorer.rank=4", "-o", "scorer.projection=256"],
}


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    folder = tmp_path_factory.mktemp("over")
    for name, records in (("pool", POOL), ("tasks", TASKS)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return CommandLine(folder)


@pytest.fixture(scope="module", params=SCORERS)
def run(request, command):
    """A finished run of the scorer, on the tiny model."""
    pytest.importorskip("icon_torch", reason="the torch backend is not installed")
    if request.param == "less":
        pytest.importorskip("icon_less", reason="icon-less is not installed")
    given = ["pool.jsonl", "--assessment", "tasks.jsonl", "--scorer", request.param, *SCORERS[request.param]]
    model = ["--backend", "torch", "--device", "cpu", "--model", tiny_model.transformers_folder()]
    command("run", *given, *model, "--keep", "50%", "--selector", "top", "--no-report", "--out", request.param, code=0)
    return command.folder / request.param


def rows(path):
    return sorted(read_scores(RunDirectory(path).scores), key=lambda row: (-row.score, row.id))


def test_the_better_of_two_twins_is_kept_and_the_other_passed_over(run, command, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    command("select", copy, "--selector", "diverse", "--keep", "50%", code=0)
    before, after = rows(run), rows(copy)
    assert {row.id: row.score for row in before} == {row.id: row.score for row in after}
    assert [row.selected for row in before] == [True] * 6 + [False] * 6
    topics = [row.row // 2 for row in before]
    first_of_each = [topics.index(topic) for topic in range(6)]
    assert {place for place, row in enumerate(after) if row.selected} == set(first_of_each)
    for row in after[: max(first_of_each)]:
        assert row.selected != row.decision.startswith("passed over: similarity"), row.decision


def test_the_selection_says_what_it_gave_up(run, command, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    command("select", copy, "--selector", "diverse", "--keep", "50%", code=0)
    quality = json.loads((copy / "run.json").read_text())["results"]["selection_quality"]
    assert quality["mean_score"] <= quality["mean_score_top"]
    assert quality["largest_similarity"] <= 0.4
    assert quality["n_filled"] == 0
