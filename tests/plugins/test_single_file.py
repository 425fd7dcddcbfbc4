"""A plugin in a single file: used like any other, known by its bytes, and told what is wrong with it."""

import hashlib
import sys
from pathlib import Path

import pytest

from icon.errors import ConfigError
from icon.pipeline import builtin
from icon.plugins.manager import Plugins

GOOD = """
from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from icon.plugins import Options, Strategy, hookimpl


class CountOptions(Options):
    sign: str = Field("?", description="Which sign to count.")


@dataclass
class Counter:
    options: CountOptions

    def count(self, text):
        return text.count(self.options.sign)


@hookimpl
def icon_contribution_scorers():
    return [Strategy("questions", "how many questions", Counter, CountOptions)]
"""


def load(*files):
    return Plugins([builtin], entry_points=False, files=[str(each) for each in files])


@pytest.fixture
def write(tmp_path):
    def _write(text, name="my_scorer.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def test_its_strategies_are_there_under_the_files_name(write):
    found = load(write(GOOD)).get("scorer", "questions")
    assert found.distribution == "my_scorer.py"
    assert found.make({"sign": "!"}).count("a! b! c?") == 2


def test_its_version_is_the_digest_of_its_bytes(write):
    path = write(GOOD)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    assert load(path).versions()["my_scorer.py"] == digest
    assert load(path).files == {"my_scorer.py": digest}


def test_a_file_that_changed_is_loaded_anew_however_quickly(write):
    """A compiled copy would be taken for current: the size is the same, and the second in which it was written."""
    for sign, count in (("?", 1), ("!", 2)):
        path = write(GOOD.replace('"?"', f'"{sign}"'))
        assert load(path).get("scorer", "questions").make({}).count("a! b! c?") == count


def test_a_file_that_did_not_change_runs_once_a_process(write):
    path = write(GOOD + "\nimport sys\nsys.ran_my_scorer = getattr(sys, 'ran_my_scorer', 0) + 1\n")
    try:
        assert load(path).get("scorer", "questions").build is load(path).get("scorer", "questions").build
        assert sys.ran_my_scorer == 1
    finally:
        del sys.ran_my_scorer


def test_loading_leaves_nothing_beside_the_file_and_no_module_under_its_name(write):
    path = write(GOOD)
    load(path)
    assert [each.name for each in path.parent.iterdir()] == ["my_scorer.py"]
    assert "my_scorer" not in sys.modules


def test_the_same_file_given_twice_counts_once(write, monkeypatch):
    path = write(GOOD)
    monkeypatch.chdir(path.parent)
    assert len([each for each in load(path, "my_scorer.py").loaded if each.path]) == 1


def test_two_files_with_one_name_are_refused(write):
    with pytest.raises(ConfigError, match="has that name, too; rename"):
        load(write(GOOD), write(GOOD, "other/my_scorer.py"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\ndef f(:\n", ["my_scorer.py, line 2", "SyntaxError"]),
        ("x = 1\ny = 1 / 0\n", ["my_scorer.py, line 2", "ZeroDivisionError: division by zero"]),
        ("\n\nimport no_such_module_at_all\n", ["my_scorer.py, line 3", "no_such_module_at_all"]),
        ("import sys\nsys.exit(0)\n", ["my_scorer.py, line 2", "SystemExit"]),
        ("\0", ["my_scorer.py", "null"]),
        ("x = 1\n", ["implements no hook", "icon_contribution_scorers", "icon_selectors"]),
        ("def icon_selectors(): return []\n", ["put @hookimpl above icon_selectors"]),
        (
            GOOD.replace("icon_contribution_scorers", "icon_contribution_scorer"),
            ["no hook is called icon_contribution_scorer", "Did you mean icon_contribution_scorers?"],
        ),
        (GOOD.replace("_scorers():", "_scorers(pool):"), ["Argument(s) {'pool'}"]),
        (GOOD.replace("return [", "return 1 / 0, ["), ["icon_contribution_scorers raised", "line 25"]),
        (GOOD.replace("return [Strategy", "return [str"), ["raised TypeError"]),
        (GOOD.replace('"questions"', '"length"'), ["'length' is offered by icon-select and my_scorer.py", "Rename it"]),
        (
            "from icon.plugins import hookimpl\n@hookimpl\ndef icon_commands(app): pass\n",
            ["commands come from installed distributions only"],
        ),
    ],
)
def test_what_is_wrong_is_told_with_the_place_and_what_to_do(write, text, told):
    path = write(text)
    with pytest.raises(ConfigError) as error:
        load(path)
    assert [each for each in told if each not in str(error.value)] == [], str(error.value)
    assert error.value.exit_code == 2


def test_a_strategy_that_is_none_is_refused(write):
    with pytest.raises(ConfigError, match=r"returned a str; valid: a list of icon.plugins.Strategy"):
        load(write("from icon.plugins import hookimpl\n@hookimpl\ndef icon_selectors(): return ['top']\n"))


@pytest.mark.parametrize(
    ("name", "told"),
    [("none.py", "there is no such file"), ("notes.txt", "ends in .py"), ("folder.py", "a folder")],
)
def test_a_path_that_is_no_python_file_is_refused(tmp_path, name, told):
    (tmp_path / "notes.txt").write_text(GOOD)
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(ConfigError, match=told) as error:
        load(tmp_path / name)
    assert name in str(error.value)


def test_a_file_that_failed_can_be_mended_and_loaded(write):
    with pytest.raises(ConfigError):
        load(write("raise ValueError('not yet')"))
    assert "questions" in load(write(GOOD)).strategies("scorer")


def test_a_file_may_observe_a_run(write):
    path = write(
        "from icon.plugins import hookimpl\nseen = []\n@hookimpl\ndef icon_event(event):\n    seen.append(event)\n"
    )
    plugins = load(path)
    plugins.emit("an event")
    assert plugins.manager.get_plugin("my_scorer.py").seen == ["an event"]
    assert plugins.hooks_of("my_scorer.py") == ["icon_event"]


def test_a_lone_file_name_is_looked_up_from_here_and_the_message_says_where(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=str(Path(tmp_path).resolve())):
        load("none.py")
