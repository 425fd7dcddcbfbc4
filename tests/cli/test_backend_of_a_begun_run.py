"""What a backend of others says when a run goes on is checked: its faults are errors with its name, no tracebacks."""

import json

import pytest

PLUGIN = """
import os

from icon.plugins import Options, Strategy, hookimpl
from icon.testing import FakeBackend


def faulty(where, sound):
    named, _, how = os.environ.get("FAULT", "").partition(": ")
    return eval(how, {"stop": stop, "Mine": Mine}) if named == where else sound


def stop(error):
    raise error


class Settings(Options):
    @classmethod
    def as_begun(cls, given, model):
        return faulty("as_begun", {})


class Mine(FakeBackend):
    opened = 0

    def __init__(self, options):
        super().__init__()
        Mine.opened += 1

    @property
    def notes(self):
        return faulty("notes", ())

    def describe(self):
        return faulty("describe", super().describe())

    def close(self):
        return faulty("close", None)


@hookimpl
def icon_backends():
    Settings.exact = faulty("exact", {})
    return [Strategy("mine", "a backend of others", Mine, Settings)]
"""

BEGUN = {
    "as_begun raises": ("as_begun: stop(KeyError('precision'))", "as_begun raised: KeyError: 'precision'"),
    "as_begun gives None": ("as_begun: None", "as_begun gave None; valid: a dict of options by name"),
    "as_begun leaves": ("as_begun: stop(SystemExit(0))", "as_begun raised: SystemExit: 0"),
    "as_begun gives no names": ("as_begun: {1: 2}", "as_begun gave dict {1: 2}; valid: a dict of options by name"),
    "exact is a text": ("exact: 'f32'", "exact is 'f32'; valid: a dict of options by name"),
    "no description": ("describe: None", "describe gave None"),
}
"""Faults when a run goes on, and what is said of them."""

FIRST = {
    "notes raise": ("notes: stop(KeyError('a note'))", "notes raised KeyError: 'a note'"),
    "notes are None": ("notes: None", "notes is None; valid: a list of texts"),
    "notes are numbers": ("notes: [1]", "notes is list [1]; valid: a list of texts"),
    "close raises": ("close: stop(OSError('gone'))", "close raised OSError: gone"),
}
"""Faults in any run."""


@pytest.fixture
def run(command_line, tmp_path, monkeypatch):
    """Run a command with the backend, whose fault it has then."""
    for name, n in (("pool", 4), ("tasks", 2)):
        rows = [{"instruction": f"{name} {i}", "output": f"{name} says {i}"} for i in range(n)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "mine.py").write_text(PLUGIN)

    def called(*words, fault="", code=1):
        monkeypatch.setenv("FAULT", fault)
        done = command_line(*words, cwd=tmp_path, code=code)
        assert "Traceback" not in done.stderr
        return " ".join(done.stderr.split())

    return called


SETTINGS = ["--assessment", "tasks.jsonl", "--template", "plain", "--no-report", "--plugin", "mine.py"]
NEW = ["run", "pool.jsonl", *SETTINGS, "--backend", "mine", "--out", "out"]


@pytest.mark.parametrize("fault", BEGUN)
def test_a_fault_of_a_backend_is_named_when_a_run_goes_on(run, fault):
    """`verify`, `score` and a resumed run ended in a traceback where its settings were of an older version of it."""
    how, said = BEGUN[fault]
    run(*NEW, code=0)
    printed = run("verify", "out", "--pairs", "2", fault=how)
    assert "backend mine (mine.py)" in printed
    assert said in printed


@pytest.mark.parametrize("fault", FIRST)
def test_a_fault_in_what_a_backend_has_beside_its_numbers_is_named(run, fault):
    how, said = FIRST[fault]
    printed = run(*NEW, fault=how)
    assert "backend mine (mine.py)" in printed
    assert said in printed
