"""The shell completes what icon itself knows: commands, strategies, settings with a fixed list of values, runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ICON = shutil.which("icon", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
HEAVY = ("torch", "datasets", "sklearn", "numpy", "pyarrow", "jinja2")
pytestmark = pytest.mark.skipif(ICON is None, reason="the command icon is not installed beside this Python")


def ask(shell, typed, cwd, **more):
    """What icon answers the shell's script for a line that was typed so far."""
    words = typed.split()
    environment = {
        **os.environ,
        "_ICON_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - (not typed.endswith(" "))),
        "_TYPER_COMPLETE_ARGS": typed,
        **more,
    }
    done = subprocess.run([ICON], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return done


def bash(typed, cwd):
    return ask("bash", typed, cwd).stdout.split()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("icon run --backend ", {"llamacpp", "torch"}),
        ("icon run --scorer ra", {"random"}),
        ("icon run --baseline le", {"length"}),
        ("icon run --selector t", {"top"}),
        ("icon run --preset p", {"paper"}),
        ("icon run --format sh", {"sharegpt"}),
        ("icon run --template ", {"alpaca", "chat", "plain"}),
        ("icon run --assessment str", {"stratified"}),
        ("icon run --schedule u", {"uniform"}),
        ("icon run --on-leak r", {"refuse"}),
        ("icon select somewhere --selector cl", {"classifier"}),
        ("icon show-prompt demo 3 --template pl", {"plain"}),
        ("icon export somewhere --to tr", {"trl", "trl-prompt-completion", "trl-text"}),
        ("icon veri", {"verify"}),
    ],
)
def test_names_that_icon_knows_are_offered(typed, offered, tmp_path):
    if "--backend" in typed:
        pytest.importorskip("icon_torch", reason="the backends are not installed")
    assert set(bash(typed, tmp_path)) == offered


@pytest.fixture
def folder(tmp_path):
    """Two runs, a folder that is none, and a run too deep to be looked for from here."""
    for place in ("icon-runs/demo-1", "runs/mine", "runs/deep/er/still"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "run.json").write_text("{}")
    (tmp_path / "runs/nothing").mkdir()
    return tmp_path


@pytest.mark.parametrize("command", ["report", "explain", "export", "verify", "select", "score", "compare"])
def test_run_directories_are_offered_and_other_folders_are_not(command, folder):
    assert bash(f"icon {command} ", folder) == ["icon-runs/demo-1", "runs/mine"]


def test_only_what_begins_as_typed_is_offered(folder):
    assert bash("icon verify ru", folder) == ["runs/mine"]
    assert bash("icon verify ./runs/m", folder) == ["./runs/mine"]
    assert bash("icon verify runs/deep/", folder) == ["runs/deep/er/still"]
    assert bash("icon verify nowhere/", folder) == []


def test_a_second_run_is_completed_as_well(folder):
    assert bash("icon compare runs/mine icon", folder) == ["icon-runs/demo-1"]


def test_zsh_gets_names_with_their_help_and_files_where_nothing_fits(folder):
    told = ask("zsh", "icon run --scorer ra", folder).stdout
    assert told.startswith("_arguments")
    assert '"random":"' in told
    assert ask("zsh", "icon run --template my_temp", folder).stdout.strip() == "_files"


def test_fish_gets_names_and_may_fall_back_to_files(folder):
    got = ask("fish", "icon verify r", folder, _TYPER_COMPLETE_FISH_ACTION="get-args")
    assert got.stdout.split() == ["runs/mine"]
    known = ask("fish", "icon verify r", folder, _TYPER_COMPLETE_FISH_ACTION="is-args")
    unknown = ask("fish", "icon run --template my_temp", folder, _TYPER_COMPLETE_FISH_ACTION="is-args")
    assert (known.returncode, unknown.returncode) == (0, 1)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_calls_icon_back(shell):
    environment = {**os.environ, "_ICON_COMPLETE": f"source_{shell}"}
    done = subprocess.run([ICON], env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert f"_ICON_COMPLETE=complete_{shell}" in done.stdout


def test_a_real_bash_completes_by_the_installed_script(folder):
    if shutil.which("bash") is None:
        pytest.skip("no bash on this machine")
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


def test_completing_imports_nothing_heavy(folder):
    code = (
        "import sys; sys.argv = ['icon']\n"
        "from icon.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('LOADED', [name for name in {HEAVY} if name in sys.modules])"
    )
    for typed in ("icon run --template ", "icon run --scorer ", "icon verify ", "icon run --format "):
        environment = {
            **os.environ,
            "_ICON_COMPLETE": "complete_bash",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(typed.split())),
        }
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.stdout.strip().endswith("LOADED []"), done.stdout
