"""The shell completes what icon itself knows: commands, strategies, settings with a fixed list of values, runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ICON = shutil.which("icon", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def ask(command_line):
    """The answer of icon to the shell's script for a partly typed line."""

    def answer(shell, typed, **more):
        words = typed.split()
        environment = {
            "_ICON_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(words) - (not typed.endswith(" "))),
            "_TYPER_COMPLETE_ARGS": typed,
            **more,
        }
        done = command_line(env=environment)
        assert done.stderr == ""
        return done

    return answer


@pytest.fixture
def bash(ask):
    """The completions in bash, from the folder of the test."""
    return lambda typed: ask("bash", typed).stdout.split()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("icon run --backend ", {"llamacpp", "torch"}),
        ("icon run --scorer ra", {"random"}),
        ("icon run --baseline len", {"length"}),
        ("icon run --selector t", {"top"}),
        ("icon run --preset p", {"paper"}),
        ("icon run --format sh", {"sharegpt"}),
        ("icon run --template ", {"alpaca", "auto", "chat", "paper", "plain"}),
        ("icon run --assessment str", {"stratified"}),
        ("icon run --schedule u", {"uniform"}),
        ("icon run --on-leak r", {"refuse"}),
        ("icon select somewhere --selector cl", {"classifier"}),
        ("icon show-prompt demo 3 --template pl", {"plain"}),
        ("icon export somewhere --to tr", {"trl", "trl-prompt-completion", "trl-text"}),
        ("icon veri", {"verify"}),
    ],
)
def test_names_that_icon_knows_are_offered(bash, typed, offered):
    if "--backend" in typed:
        pytest.importorskip("icon_torch", reason="the backends are not installed")
    assert set(bash(typed)) == offered


@pytest.fixture
def folder(tmp_path):
    """Two runs, a folder that is none, and a run too deep to be looked for from here."""
    for place in ("icon-runs/demo-1", "runs/mine", "runs/deep/er/still"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "run.json").write_text("{}")
    (tmp_path / "runs/nothing").mkdir()
    return tmp_path


@pytest.mark.parametrize("command", ["report", "explain", "export", "verify", "select", "score", "compare"])
def test_run_directories_are_offered_and_other_folders_are_not(bash, folder, command):
    assert bash(f"icon {command} ") == ["icon-runs/demo-1", "runs/mine"]


def test_a_run_whose_name_would_steer_the_terminal_is_not_offered(bash, folder):
    (folder / "runs/mi\x1b[31m\u202ene").mkdir()
    (folder / "runs/mi\x1b[31m\u202ene/run.json").write_text("{}")
    assert bash("icon verify ru") == ["runs/mine"]


def test_only_what_begins_as_typed_is_offered(bash, folder):
    assert bash("icon verify ru") == ["runs/mine"]
    assert bash("icon verify ./runs/m") == ["./runs/mine"]
    assert bash("icon verify runs/deep/") == ["runs/deep/er/still"]
    assert bash("icon verify nowhere/") == []


def test_a_second_run_is_completed_as_well(bash, folder):
    assert bash("icon compare runs/mine icon") == ["icon-runs/demo-1"]


def test_zsh_gets_names_with_their_help_and_files_where_nothing_matches(ask, folder):
    answer = ask("zsh", "icon run --scorer ra").stdout
    assert answer.startswith("_arguments")
    assert '"random":"' in answer
    assert ask("zsh", "icon run --template my_temp").stdout.strip() == "_files"


def test_fish_gets_names_and_may_fall_back_to_files(ask, folder):
    got = ask("fish", "icon verify r", _TYPER_COMPLETE_FISH_ACTION="get-args")
    assert got.stdout.split() == ["runs/mine"]
    known = ask("fish", "icon verify r", _TYPER_COMPLETE_FISH_ACTION="is-args")
    unknown = ask("fish", "icon run --template my_temp", _TYPER_COMPLETE_FISH_ACTION="is-args")
    assert (known.returncode, unknown.returncode) == (0, 1)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_calls_icon_back(command_line, shell):
    done = command_line(env={"_ICON_COMPLETE": f"source_{shell}"}, code=0)
    assert f"_ICON_COMPLETE=complete_{shell}" in done.stdout


@pytest.mark.skipif(ICON is None, reason="the command icon is not installed beside this Python")
@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
def test_a_real_bash_completes_by_the_installed_script(folder):
    home = folder / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "PATH": f"{Path(ICON).parent}{os.pathsep}{os.environ['PATH']}"}
    script = (
        "icon --install-completion >/dev/null\n"
        'source "$HOME/.bash_completions/icon.sh"\n'
        "COMP_WORDS=(icon verify run); COMP_CWORD=2\n"
        "_icon_completion icon\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "runs/mine"
