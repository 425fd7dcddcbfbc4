"""A user's own runs go on without a question: their plugin files run again after a reboot and in another folder."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from icon import trust
from icon.api._results import _of_folder
from icon.runs.scores import read_scores
from support.command_line import CommandLine
from support.installed import FAKE_BACKEND, install
from support.sealed import of_format_3

SCORER = """
from pathlib import Path

from icon.plugins import Options, Strategy, hookimpl

Path(__file__).with_name("loaded").write_text("")


@hookimpl
def icon_contribution_scorers():
    return [Strategy("questions", "how many questions the response asks", build, Options)]


@hookimpl
def icon_selectors():
    return [Strategy("worst", "the worst of the scored candidates", lambda options: Worst(), Options)]


def build(options):
    from icon.scorers import AloneScorer

    class QuestionScorer(AloneScorer):
        def value_of(self, candidate):
            return float(candidate.response.count("?"))

    return QuestionScorer()


class Worst:
    needs_backend = False
    fewest_scored = 1

    def select(self, task):
        from icon.types import Decision, Selection

        ranked = sorted(task.scores, key=lambda candidate: (task.scores[candidate], candidate))
        ranks = {candidate: rank for rank, candidate in enumerate(ranked, start=1)}
        kept = task.to_keep(len(ranked))
        return Selection([Decision(one.id, ranks[one.id] <= kept, ranks[one.id], "-") for one in task.candidates])
"""
RESPONSES = ["No.", "Why?", "Who? When? Where?", "So?! Or?", "Yes.", "?????"]
SETTINGS = ["--scorer", "questions", "--baseline", "length", "--keep", "2", "--assessment", "demo", "--no-report"]


@pytest.fixture
def icon(tmp_path):
    """Runs a command as a new process would: no plugin file is loaded yet, and standard input is no terminal."""
    install(tmp_path / "plugins", "icon-faked", FAKE_BACKEND)
    rows = [{"instruction": f"word number {row}", "output": text} for row, text in enumerate(RESPONSES)]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/scorer.py").write_text(SCORER)

    def command(*words, **more):
        for name in [name for name in sys.modules if name.startswith("icon_plugin_file_")]:
            del sys.modules[name]
        return CommandLine(tmp_path, [tmp_path / "plugins"])(*words, **more)

    return command


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """A user's store, with nothing in it yet."""
    monkeypatch.setenv("ICON_TRUST_STORE", str(tmp_path / "home/trusted"))
    return tmp_path / "home/trusted"


def scores(run):
    return [row.score for row in read_scores(run / "scores.parquet")]


def begin(icon, pool="pool.jsonl"):
    icon("run", pool, *SETTINGS, "--plugin", "mine/scorer.py", "--out", "run", code=0)


def test_every_command_on_a_run_finds_the_file_again(icon, tmp_path):
    begin(icon, tmp_path / "pool.jsonl")
    (tmp_path / "elsewhere").mkdir()
    for words in (["score"], ["select"], ["export", "--to", "own"]):
        done = icon(words[0], tmp_path / "run", *words[1:], cwd=tmp_path / "elsewhere", code=0)
        assert "was not run" not in done.stderr
    icon("select", "run", "--selector", "worst", code=0)
    assert [row.row for row in read_scores(tmp_path / "run/scores.parquet") if row.selected] in ([0, 4], [4, 0])


def test_a_run_begun_by_assess_goes_on_with_nothing_but_its_folder(icon, tmp_path):
    icon("assess", "pool.jsonl", *SETTINGS, "--plugin", "mine/scorer.py", "--out", "run", code=0)
    shutil.move(tmp_path / "run", tmp_path / "moved")
    icon("score", "moved", code=0)
    icon("select", "moved", code=0)
    assert scores(tmp_path / "moved") == [0, 1, 3, 2, 0, 5]


def test_the_command_that_began_a_run_goes_on_with_it_for_a_user_who_has_no_store(icon, tmp_path, store):
    begin(icon)
    of_format_3(tmp_path / "run")
    shutil.rmtree(store)
    begin(icon)


def test_an_older_run_goes_on_once_its_file_is_named(icon, tmp_path, store):
    begin(icon)
    of_format_3(tmp_path / "run")
    shutil.rmtree(store)
    refused = icon("select", "run", code=2).stderr
    assert f"add --trust {tmp_path / 'mine/scorer.py'}" in " ".join(refused.split())
    icon("select", "run", "--trust", "mine/scorer.py", code=0)
    icon("select", "run", code=0)


def test_on_another_machine_a_file_of_the_same_name_takes_the_place_of_the_missing_one(icon, tmp_path, store):
    icon("assess", "pool.jsonl", *SETTINGS, "--plugin", "mine/scorer.py", "--out", "run", code=0)
    shutil.rmtree(store)
    shutil.move(tmp_path / "mine", tmp_path / "theirs")
    assert "there is no such file" in icon("score", "run", code=2).stderr
    icon("score", "run", "--plugin", "theirs/scorer.py", code=0)
    icon("select", "run", code=0)
    assert scores(tmp_path / "run") == [0, 1, 3, 2, 0, 5]
    assert json.loads((tmp_path / "run/run.json").read_text())["config"]["plugins"] == [
        str(tmp_path / "theirs/scorer.py")
    ]


def test_commands_that_can_do_without_a_missing_file_go_on_and_say_so(icon, tmp_path):
    begin(icon)
    (tmp_path / "mine/scorer.py").unlink()
    done = icon("report", "run", code=0)
    assert "there is no such file" in " ".join(done.stderr.split())
    icon("export", "run", "--to", "own", code=0)


def test_a_store_that_cannot_be_written_is_said_and_stops_nothing(icon, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ICON_TRUST_STORE", str(tmp_path / "file/trusted"))
    done = icon("run", "pool.jsonl", *SETTINGS, "--plugin", "mine/scorer.py", "--out", "run", code=0)
    assert "could not be remembered" in " ".join(done.stderr.split())
    assert "--trust" in done.stderr


def test_a_settings_file_names_a_plugin_that_runs_once_the_user_has_named_it(icon, tmp_path):
    (tmp_path / "settings.toml").write_text('plugins = ["mine/scorer.py"]\nscorer = "questions"\nreport = false\n')
    words = ["run", tmp_path / "pool.jsonl", "--config", "settings.toml", "--assessment", "demo", "--out", "run"]
    refused = icon(*words, code=2).stderr
    assert f"add --trust {tmp_path / 'mine/scorer.py'}" in " ".join(refused.split())
    assert not (tmp_path / "mine/loaded").exists()
    assert not (tmp_path / "run").exists()
    icon(*words, "--plugin", "mine/scorer.py", code=0)
    icon(*words, code=0)
    icon("score", tmp_path / "run", cwd=tmp_path / "mine", code=0)


def test_the_store_holds_a_small_file_per_digest_that_says_what_it_is(icon, tmp_path, store):
    from hashlib import sha256

    begin(icon)
    digest = sha256((tmp_path / "mine/scorer.py").read_bytes()).hexdigest()
    assert [path.name for path in store.iterdir()] == [digest]
    assert (store / digest).read_text().startswith(f"{tmp_path / 'mine/scorer.py'}\n")
    (store / digest).unlink()  # the user takes it back
    assert "was not run" in icon("select", "run", code=2).stderr


def test_a_plugin_that_cannot_be_remembered_is_said_once_also_in_python(icon, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ICON_TRUST_STORE", str(tmp_path / "file/trusted"))
    told = "that you allow it could not be remembered"
    done = icon("run", "pool.jsonl", *SETTINGS, "--plugin", "mine/scorer.py", "--out", "run", code=0)
    assert " ".join(done.stderr.split()).count(told) == 1
    with pytest.warns(UserWarning, match=told), _of_folder():
        trust.remember("0" * 64, "model")
