"""`--plugin FILE`: a scorer in a file of one's own selects, resumes the run, and is refused once it has changed."""

import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import icon as package
from icon.cli._app import build_app
from icon.errors import ConfigError
from icon.runs.scores import read_scores

SCORER = """
from icon.plugins import Options, Strategy, hookimpl


@hookimpl
def icon_contribution_scorers():
    return [Strategy("questions", "how many questions the response asks", build, Options)]


def build(options):
    from icon.scorers import AloneScorer

    class QuestionScorer(AloneScorer):
        def value_of(self, candidate):
            return float(candidate.response.count("?"))

    return QuestionScorer()
"""
SELECTOR = """
from icon.plugins import Options, Strategy, hookimpl


@hookimpl
def icon_selectors():
    return [Strategy("worst", "the worst of the scored candidates", lambda options: Worst(), Options)]


class Worst:
    needs_backend = False
    fewest_scored = 1

    def select(self, task):
        from icon.types import Decision, Selection

        ranked = sorted(task.scores, key=lambda each: (task.scores[each], each))
        kept = task.to_keep(len(ranked))
        ranks = {each: rank for rank, each in enumerate(ranked, start=1)}
        return Selection([Decision(each.id, ranks[each.id] <= kept, ranks[each.id], "-") for each in task.candidates])
"""
RESPONSES = ["No.", "Why?", "Who? When? Where?", "So?! Or?", "Yes.", "?????", "Is it?", "It is."]
QUESTIONS = [0, 1, 3, 2, 0, 5, 1, 0]
SETTINGS = ["--scorer", "questions", "--baseline", "length", "--keep", "2", "--no-report"]
RUN = ["run", "pool.jsonl", *SETTINGS, "--out", "run"]


@pytest.fixture
def icon(command_line):
    """Runs a command and gives what it prints: its errors where it should fail."""

    def printed(*arguments, code=0, **more):
        done = command_line(*arguments, code=code, **more)
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    return printed


def scores(folder):
    return [each.score for each in read_scores(folder / "run/scores.parquet")]


@pytest.fixture
def folder(tmp_path):
    rows = [{"instruction": f"word number {row}", "output": each} for row, each in enumerate(RESPONSES)]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    (tmp_path / "my_scorer.py").write_text(SCORER)
    return tmp_path


@pytest.fixture
def changed(icon, folder):
    """A run begun with the scorer as it was."""
    icon(*RUN, "--plugin", "my_scorer.py")
    (folder / "my_scorer.py").write_text(SCORER.replace('"?"', '"."'))
    return folder


def test_the_rows_that_the_file_scores_highest_are_selected(icon, folder):
    icon(*RUN, "--plugin", "my_scorer.py")
    assert scores(folder) == QUESTIONS
    assert [each.row for each in read_scores(folder / "run/scores.parquet") if each.selected] == [2, 5]
    manifest = json.loads((folder / "run/run.json").read_text())
    assert manifest["config"]["plugins"] == [str(folder / "my_scorer.py")]
    assert manifest["versions"]["my_scorer.py"] == manifest["inputs"]["plugins"]["my_scorer.py"]


def test_commands_that_take_a_run_find_the_file_again(icon, folder):
    icon("assess", *RUN[1:], "--plugin", "my_scorer.py")
    for command in (["score", "run", "--share", "1/2"], ["score", "run", "--share", "2/2"], ["score", "run"]):
        icon(*command)
    icon("select", "run")
    assert scores(folder) == QUESTIONS


def test_the_run_can_be_replayed_from_its_run_json(icon, folder):
    icon(*RUN, "--plugin", "my_scorer.py")
    icon("run", "--config", "run/run.json", "--assessment", "stratified", "--out", "again")
    assert (folder / "again/selected.jsonl").read_bytes() == (folder / "run/selected.jsonl").read_bytes()


def test_the_same_command_resumes_the_run(icon, folder):
    icon(*RUN, "--plugin", "my_scorer.py")
    parts = {path: path.stat().st_mtime_ns for path in (folder / "run").rglob("part-*.parquet")}
    icon(*RUN, "--plugin", "my_scorer.py")
    assert parts == {path: path.stat().st_mtime_ns for path in (folder / "run").rglob("part-*.parquet")}


@pytest.mark.parametrize(
    "command",
    [[*RUN, "--plugin", "my_scorer.py"], ["score", "run"], ["select", "run"], ["score", "run", "--share", "1/2"]],
)
def test_a_file_that_changed_is_refused_and_the_run_stays_as_it_was(icon, changed, command):
    before = {path: path.read_bytes() for path in (changed / "run").rglob("*") if path.is_file()}
    printed = icon(*command, code=2)
    assert "my_scorer.py" in printed
    assert "Results of two versions of a plugin are never mixed" in printed
    assert {path: path.read_bytes() for path in (changed / "run").rglob("*") if path.is_file()} == before


def test_a_run_whose_file_is_restored_resumes(icon, changed):
    (changed / "my_scorer.py").write_text(SCORER)
    icon("score", "run")


def test_another_file_that_offers_the_same_name_is_not_mixed_in(icon, changed):
    (changed / "my_scorer.py").rename(changed / "other.py")
    assert "fingerprint" in icon(*RUN, "--plugin", "other.py", code=2)


def test_a_scorer_in_a_file_can_be_measured_on_an_existing_run(icon, folder):
    settings = ["--scorer", "length", "--baseline", "random", "--keep", "2", "--no-report", "--out", "run"]
    icon("run", "pool.jsonl", *settings)
    icon("score", "run", "--scorer", "questions", "--plugin", "my_scorer.py")
    icon("select", "run")
    assert [each.baselines["questions"] for each in read_scores(folder / "run/scores.parquet")] == QUESTIONS


def test_a_run_with_files_is_resumed_from_another_folder(icon, folder):
    (folder / "my_selector.py").write_text(SELECTOR)
    (folder / "elsewhere").mkdir()
    icon("run", str(folder / "pool.jsonl"), *RUN[2:], "--plugin", "my_scorer.py")
    (folder / "other_scorer.py").write_text(SCORER.replace('"questions"', '"asked"'))
    icon("score", "run", "--scorer", "asked", "--plugin", "other_scorer.py")
    for command in (["score", "../run"], ["select", "../run", "--plugin", "../my_selector.py", "--selector", "worst"]):
        icon(*command, cwd=folder / "elsewhere")
    kept = json.loads((folder / "run/run.json").read_text())["config"]["plugins"]
    assert all(Path(each).is_absolute() for each in kept)
    assert scores(folder) == QUESTIONS


def test_a_selector_in_a_file_can_choose_from_an_existing_run(icon, folder):
    (folder / "my_selector.py").write_text(SELECTOR)
    icon(*RUN, "--plugin", "my_scorer.py")
    icon("select", "run", "--plugin", "my_selector.py", "--selector", "worst")
    chosen = [each.row for each in read_scores(folder / "run/scores.parquet") if each.selected]
    assert len(chosen) == 2
    assert set(chosen) < {0, 4, 7}


def test_a_selector_in_a_file_may_change_between_two_choices(icon, folder):
    path, kept = folder / "my_selector.py", {}
    icon(*RUN, "--plugin", "my_scorer.py")
    for order in ("task.scores[each]", "-task.scores[each]"):
        path.write_text(SELECTOR.replace("(task.scores[each]", f"({order}"))
        icon("select", "run", "--plugin", "my_selector.py", "--selector", "worst")
        kept[order] = {each.row for each in read_scores(folder / "run/scores.parquet") if each.selected}
    assert kept["task.scores[each]"] < {0, 4, 7}
    assert kept["-task.scores[each]"] == {2, 5}


def test_an_assessment_builder_in_a_file_is_found_by_name(icon, folder):
    (folder / "my_builder.py").write_text(
        "from icon.plugins import Options, Strategy, hookimpl\n"
        "from icon.assessment.file import DemoBuilder\n"
        "@hookimpl\ndef icon_assessment_builders():\n"
        "    return [Strategy('mine', 'tasks of my own', lambda options: DemoBuilder(options), Options)]\n"
    )
    arguments = ["plan", "pool.jsonl", "--assessment", "mine", "--scorer", "length", "--plugin", "my_builder.py"]
    assert json.loads(icon(*arguments, "--json"))["candidates"] == 8


@pytest.mark.parametrize("command", ["run", "preview", "plan", "assess"])
def test_a_missing_file_is_refused_and_nothing_is_written(icon, folder, command):
    before = sorted(folder.iterdir())
    printed = icon(command, "pool.jsonl", "--plugin", "none.py", code=2)
    assert "none.py: there is no such file" in printed
    assert sorted(folder.iterdir()) == before


def test_a_file_that_is_gone_is_named_when_the_run_is_resumed(icon, folder):
    icon(*RUN, "--plugin", "my_scorer.py")
    (folder / "my_scorer.py").unlink()
    assert "my_scorer.py: there is no such file" in icon("score", "run", code=2)


def test_from_python_the_same_file_gives_the_same_scores(folder, monkeypatch):
    monkeypatch.chdir(folder)
    given = {"scorer": "questions", "baselines": (), "keep": 2, "out": "run"}
    done = package.run("pool.jsonl", plugins=[folder / "my_scorer.py"], **given)
    assert [each.score for each in done.rows] == QUESTIONS
    (folder / "my_scorer.py").write_text(SCORER.replace('"?"', '"."'))
    with pytest.raises(ConfigError, match="two versions of a plugin"):
        package.run("pool.jsonl", plugins=[folder / "my_scorer.py"], **given)


def test_several_commands_work_in_one_process(folder, monkeypatch):
    """The progress view of the first is removed."""
    monkeypatch.chdir(folder)
    runner = CliRunner()
    settings = ["--scorer", "length", "--baseline", "random"]
    for number in range(2):
        plain = runner.invoke(build_app(), ["run", "pool.jsonl", *settings, "--out", f"plain-{number}"])
        assert plain.exit_code == 0, plain.exception
    for number in range(2):
        mine = runner.invoke(build_app(), [*RUN[:-1], f"mine-{number}", "--plugin", "my_scorer.py"])
        assert mine.exit_code == 0, mine.exception


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="its file systems have no such names")
def test_a_folder_whose_name_is_no_utf_8_may_hold_the_file_and_the_run(icon, folder):
    place = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9"))
    place.mkdir()
    for name in ("pool.jsonl", "my_scorer.py"):
        (folder / name).rename(place / name)
    icon(*RUN, "--plugin", "my_scorer.py", cwd=place)
    icon(*RUN, "--plugin", "my_scorer.py", cwd=place)
    icon("select", "run", "--keep", "3", cwd=place)  # the file is remembered
    assert scores(place) == QUESTIONS
    settings = {"scorer": "questions", "keep": "2", "plugins": [place / "my_scorer.py"], "report": False}
    package.run(place / "pool.jsonl", **settings, out=place / "other/run")
    assert scores(place / "other") == QUESTIONS
