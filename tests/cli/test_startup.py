"""icon is light where it does no work, and a plugin that is broken does not bring it down."""

import json
import subprocess
import sys

import pytest
import typer

from icon.cli._app import COMMANDS, build_commands
from support.installed import install

HEAVY = {
    "torch",
    "transformers",
    "datasets",
    "sklearn",
    "scipy",
    "llama_cpp",
    "numpy",
    "pyarrow",
    "pandas",
    "jinja2",
    "fsspec",
    "huggingface_hub",
    "pytest",
}
STEPS = {
    "importing the package": "import icon",
    "help": "run('--help')",
    "importing the fake backend": "from icon.testing import FakeBackend",
    "listing the readers": "from icon.samples import reader_strategies; assert reader_strategies()",
    "listing the builders": "from icon.pipeline.builtin import builder_strategies; assert builder_strategies()",
    "listing the selectors": "from icon.pipeline.builtin import selector_strategies; assert selector_strategies()",
    "listing the formats of an export": "run('export', '--list')",
    "completing a template": "complete('icon run --template ')",
    "completing a scorer": "complete('icon run --scorer ')",
    "completing a run": "complete('icon verify ')",
    "completing a format": "complete('icon run --format ')",
}
PROGRAM = """
import json, os, sys

def run(*arguments):
    sys.argv = ["icon", *arguments]
    from icon.cli import main
    try:
        main()
    except SystemExit as end:
        assert not end.code, (arguments, end.code)

def complete(typed):
    os.environ.update(_ICON_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(len(typed.split())))
    run()

known, loaded = set(), {}
for name, step in json.loads(sys.argv[1]).items():
    exec(step)
    loaded[name] = sorted({module.partition(".")[0] for module in set(sys.modules) - known})
    known = set(sys.modules)
print("LOADED" + json.dumps(loaded))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """One process takes all steps, the lightest first: their outputs, and the packages that each imports."""
    command = [sys.executable, "-c", PROGRAM, json.dumps(STEPS)]
    given = {"cwd": tmp_path_factory.mktemp("light"), "capture_output": True, "text": True, "timeout": 120}
    done = subprocess.run(command, check=False, **given)
    assert done.returncode == 0, done.stderr
    printed, _, found = done.stdout.rpartition("LOADED")
    assert "Usage" in printed
    assert "llamafactory" in printed
    assert "alpaca" in printed
    return json.loads(found)


@pytest.mark.parametrize("step", STEPS)
def test_nothing_heavy_is_imported(loaded, step):
    assert HEAVY.intersection(loaded[step]) == set()


@pytest.mark.parametrize("step", ["importing the package", "help"])
def test_neither_the_package_nor_the_help_imports_pydantic(loaded, step):
    assert any(module.startswith("icon") for module in [*loaded["importing the package"], *loaded[step]])
    assert "pydantic" not in loaded[step]


def test_every_command_has_the_line_in_the_help_that_its_own_help_begins_with():
    commands = typer.main.get_command(build_commands(whole=True)).commands
    assert {name: command.help.partition("\n\n")[0] for name, command in commands.items()} == COMMANDS


@pytest.mark.parametrize(
    "command",
    ["run", "assess", "score", "select", "compare", "explain", "verify", "show-prompt", "backends", "plugins"],
)
def test_every_command_has_help(command_line, command):
    assert "Usage" in command_line(command, "--help", code=0).stdout


def test_a_plugin_that_raises_at_import_is_a_warning_and_a_line(command_line, tmp_path):
    install(tmp_path, "icon-broken", "raise RuntimeError('not today')\n", version="9.9")
    helped = command_line("--help", paths=[tmp_path], code=0)
    assert "Usage" in helped.stdout
    assert "icon-broken 9.9: RuntimeError: not today" in helped.stderr
    listed = command_line("plugins", paths=[tmp_path], code=0)
    assert "not today" in listed.stdout


def test_two_plugins_with_one_entry_point_name_are_both_seen(command_line, tmp_path):
    for name in ("icon-one", "icon-two"):
        install(tmp_path, name, "", version="1", entry="icon-one")
    listed = command_line("plugins", paths=[tmp_path])
    assert "icon-two" in listed.stdout
    assert "must have its distribution's name" in listed.stdout


def test_the_example_plugin_is_listed_with_its_distribution(command_line):
    pytest.importorskip("icon_example", reason="tests/example_plugin is not installed")
    assert "vowels" in command_line("plugins", "icon-example").stdout
