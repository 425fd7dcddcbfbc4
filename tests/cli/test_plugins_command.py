"""`icon plugins`: what each plugin offers, what is wrong with it, where, and what to do; and one of them in detail."""

import json
import os
import subprocess
import sys

import pytest

from support.installed import install

GOOD = """
from typing import Literal

from pydantic import Field

from icon.plugins import Options, Strategy, hookimpl


class Settings(Options):
    rate: float = Field(0.5, gt=0, le=1, description="How much of it.")
    mode: Literal["fast", "slow"] = Field("fast", description="How to do it.")
    path: str | None = Field(None, description="Where to look.")
    times: int = Field(ge=1, description="How often.")


@hookimpl
def icon_contribution_scorers():
    return [Strategy("zig-zag", "a text like [bold]markup", lambda options: None, Settings)]


@hookimpl
def icon_event(event):
    pass


@hookimpl
def icon_commands(app):
    @app.command()
    def hello_there():
        pass
"""


class Site:
    """A folder of installed distributions; called, it installs one more."""

    def __init__(self, folder, command_line):
        self.folder, self.command_line = folder, command_line

    def __call__(self, name, code, **more):
        install(self.folder, name, code, **more)

    def run(self, *arguments, **more):
        """Run `icon` beside them."""
        done = self.command_line(*arguments, paths=[self.folder], **more)
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture
def site(tmp_path, command_line):
    return Site(tmp_path, command_line)


def icon(site, *arguments, code=0, columns=200):
    done = site.run("plugins", *arguments, code=code, columns=columns)
    return done.stdout if code in (0, 1) else done.stderr


def entry(site, name):
    """The entry of a distribution in the listing."""
    found = json.loads(icon(site, "--json"))["plugins"]
    return next(each for each in found if each["distribution"] == name)


def test_each_plugin_is_listed_with_all_that_it_offers(site):
    site("icon-good", GOOD, version="2.1")
    found = entry(site, "icon-good")
    assert (found["version"], found["path"], found["faults"]) == ("2.1", None, [])
    assert [(each["kind"], each["name"]) for each in found["strategies"]] == [("scorer", "zig-zag")]
    assert (found["commands"], found["observer"], found["report_sections"]) == (["hello-there"], True, False)
    shown = icon(site)
    assert "icon-good 2.1" in shown
    assert "zig-zag" in shown
    assert "a text like [bold]markup" in shown
    assert "hello-there" in shown
    assert "nothing wrong" in shown


def test_built_in_strategies_are_listed_under_the_core(site):
    found = entry(site, "icon-select")
    assert {("scorer", "icon"), ("selector", "top"), ("reader", "alpaca")} <= {
        (each["kind"], each["name"]) for each in found["strategies"]
    }


def test_a_file_is_listed_with_the_rest(site):
    (site.folder / "mine.py").write_text(GOOD)
    shown = icon(site, "--plugin", "mine.py")
    assert "mine.py" in shown
    assert str(site.folder / "mine.py") in shown
    assert "zig-zag" in shown


def test_a_strategy_is_shown_with_its_options(site):
    site("icon-good", GOOD)
    (found,) = json.loads(icon(site, "zig-zag", "--json"))["plugins"]
    assert found["strategies"][0]["options"] == [
        {
            "name": "rate",
            "type": "float, above 0, at most 1",
            "required": False,
            "default": 0.5,
            "description": "How much of it.",
        },
        {
            "name": "mode",
            "type": "'fast' | 'slow'",
            "required": False,
            "default": "fast",
            "description": "How to do it.",
        },
        {
            "name": "path",
            "type": "str | none",
            "required": False,
            "default": None,
            "description": "Where to look.",
        },
        {"name": "times", "type": "int, at least 1", "required": True, "default": None, "description": "How often."},
    ]
    shown = icon(site, "zig-zag")
    for told in ("above 0, at most 1", "'fast' | 'slow'", "must be given", "-o scorer.rate=VALUE"):
        assert told in shown


def test_a_distribution_is_shown_with_all_of_its_strategies(site):
    site("icon-good", GOOD)
    shown = icon(site, "icon-good")
    assert "zig-zag" in shown
    assert "hello-there" in shown
    assert "alpaca" not in shown


def test_an_unknown_name_gives_near_ones(site):
    assert "Did you mean classifier" in icon(site, "clasifier", code=2)


BROKEN = {
    "icon-import": (
        {"code": "import json\nimport no_such_module\n"},
        "ModuleNotFoundError: No module named 'no_such_module'",
        "icon_import.py, line 2",
        "no_such_module",
    ),
    "icon-raises": ({"code": "\n\n1 / 0\n"}, "ZeroDivisionError", "icon_raises.py, line 3", "uninstall icon-raises"),
    "icon-exits": ({"code": "raise SystemExit(3)\n"}, "SystemExit", "icon_exits.py, line 1", "uninstall icon-exits"),
    "icon-syntax": ({"code": "x = 1\nf(:\n"}, "SyntaxError", "icon_syntax.py, line 2", "Fix it"),
    "icon-older": (
        {"code": "from icon.plugins import NoSuchThing\n"},
        "ImportError",
        "icon_older.py, line 1",
        "another version of icon-select",
    ),
    "icon-named": ({"code": GOOD, "entry": "other"}, "must have its distribution's name", "", 'icon-named = "icon_n'),
    "icon-asks": (
        {"code": GOOD, "requires": "icon-select<0.0.5"},
        "needs icon-select<0.0.5, and",
        "",
        "pip install --upgrade icon-select icon-asks",
    ),
    "icon-clash": (
        {"code": GOOD.replace("zig-zag", "length")},
        "scorer 'length' is offered by icon-select and icon-clash",
        "",
        "Rename it in icon-clash",
    ),
    "icon-command": (
        {"code": GOOD.replace("hello_there", "run")},
        "command 'run' exists already",
        "",
        "another name",
    ),
    "icon-lists": (
        {"code": GOOD.replace("return [", "return 1 / 0, [")},
        "icon_contribution_scorers raised ZeroDivisionError",
        "icon_lists.py, line 18",
        "Fix it",
    ),
    "icon-exits-late": (
        {"code": GOOD.replace("return [", "raise SystemExit(3)\n    return [")},
        "icon_contribution_scorers raised SystemExit: 3",
        "icon_exits_late.py, line 18",
        "Fix it",
    ),
    "icon-factory": (
        {"code": GOOD.replace('Field("fast"', "Field(default_factory=lambda: 1 / 0")},
        "its options cannot be shown: ZeroDivisionError: division by zero",
        "",
        "types that JSON knows",
    ),
    "icon-silent": (
        {"code": GOOD.replace('Field("fast"', "Field(default_factory=lambda: next(iter(()))")},
        "its options cannot be shown: StopIteration: without a message",
        "",
        "types that JSON knows",
    ),
    "icon-nothing": (
        {"code": GOOD.replace('"zig-zag", "a text like [bold]markup"', "None, None")},
        "returned a strategy named None; valid: letters",
        "",
        "another name",
    ),
    "icon-unsaid": (
        {"code": GOOD.replace('"a text like [bold]markup"', '" "')},
        "returned 'zig-zag' with the summary ' '; valid: a line of text",
        "",
        "Describe it in one line",
    ),
    "icon-callback": (
        {"code": GOOD.replace("@app.command()", "@app.callback()")},
        "replace icon's own",
        "",
        "Add commands",
    ),
    "icon-partial": (
        {"code": GOOD + "    import functools\n    app.command()(functools.partial(print, 1))\n"},
        "a command of icon_commands raised",
        "",
        "Fix it",
    ),
    "icon-hook": ({"code": GOOD.replace("icon_event", "icon_events")}, "unknown hook 'icon_events'", "", "hook specs"),
    "icon-strange": (
        {"code": GOOD.replace("Literal[", "type[").replace('("fast"', "(int").replace('"fast", "slow"', "int")},
        "its options cannot be shown",
        "",
        "types that JSON knows",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_told_with_the_place_and_what_to_do(site, name):
    installed, what, where, advice = BROKEN[name]
    site(name, **installed)
    found = json.loads(icon(site, "--json"))
    faults = [fault for each in found["plugins"] if each["distribution"] == name for fault in each["faults"]]
    assert len(faults) == 1
    assert what in faults[0]["what"]
    assert faults[0]["where"].endswith(where)
    assert bool(faults[0]["where"]) == bool(where)
    assert advice in faults[0]["advice"]
    assert found["warnings"] == sum(len(each["faults"]) for each in found["plugins"])


@pytest.mark.parametrize(
    "code",
    [
        GOOD.replace("@app.command()", 'raise SystemExit("no licence")\n    @app.command()'),
        GOOD.replace("@app.command()", "@app.callback()"),
        GOOD + "    import functools\n    app.command()(functools.partial(print, 1))\n",
    ],
    ids=["exit", "callback", "partial"],
)
def test_help_and_version_are_whole_beside_a_plugin_whose_commands_break(site, code):
    site("icon-broken", code)
    for option, told in (("--help", "show-prompt"), ("--version", "0.")):
        done = site.run(option, code=0)
        assert told in done.stdout
        assert "icon-broken 1.0" in done.stderr


def test_a_class_as_entry_point_is_named_when_its_hook_raises(site):
    lines = ["from icon.plugins import hookimpl", "class Plugin:", "    @staticmethod", "    @hookimpl"]
    site("icon-class", "\n".join([*lines, "    def icon_commands(app):", "        raise RuntimeError('x')", ""]))
    (site.folder / "icon_class-1.0.dist-info/entry_points.txt").write_text("[icon]\nicon-class = icon_class:Plugin\n")
    (fault,) = entry(site, "icon-class")["faults"]
    assert fault["what"] == "icon_commands raised RuntimeError: x"
    assert fault["where"].endswith("icon_class.py, line 6")


def test_a_plugin_without_metadata_is_named(site):
    site("icon-bare", GOOD)
    (site.folder / "icon_bare-1.0.dist-info/METADATA").unlink()
    found = entry(site, "icon-bare")
    assert found["strategies"] == []
    assert found["faults"][0]["where"].endswith("icon_bare-1.0.dist-info")
    assert "icon-bare unknown" in site.run("--help", code=0).stderr


def test_entry_points_that_cannot_be_read_are_named_if_a_plugins_and_else_passed_over(site):
    site("icon-garbled", GOOD)
    site("somebody-else", "")
    (site.folder / "icon_garbled-1.0.dist-info/entry_points.txt").write_text("[icon]\nno value\n")
    (site.folder / "somebody_else-1.0.dist-info/entry_points.txt").write_text("[console_scripts]\nno value\n")
    (fault,) = entry(site, "icon-garbled")["faults"]
    assert "metadata cannot be read" in fault["what"]
    # In a process of its own: pydantic reads the entry points of all that is installed when it is first used.
    environment = {**os.environ, "PYTHONPATH": str(site.folder), "COLUMNS": "200"}
    command = [sys.executable, "-m", "icon", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment)
    assert "show-prompt" in done.stdout
    assert "icon-garbled unknown" in done.stderr
    assert "somebody" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_below_the_plugins_first_module_is_placed_where_it_is(site):
    site("icon-deep", "")
    (site.folder / "icon_deep.py").unlink()
    package = site.folder / "icon_deep"
    package.mkdir()
    (package / "__init__.py").write_text("from icon_deep import inner\n")
    (package / "inner.py").write_text("import json\n\njson.loads('{')\n")
    assert entry(site, "icon-deep")["faults"][0]["where"].endswith("inner.py, line 3")


def test_a_command_that_is_there_already_is_not_replaced(site):
    site("icon-command", GOOD.replace("hello_there", "run"))
    assert "--assessment" in site.run("run", "--help", code=0).stdout


@pytest.mark.parametrize("requires", ["icon-select", "icon-select>=0.0.1", "icon-select<9; extra == 'never'", "numpy"])
def test_a_requirement_that_is_met_is_no_fault(site, requires):
    site("icon-good", GOOD, requires=requires)
    assert entry(site, "icon-good")["faults"] == []


def test_the_listing_ends_with_0_and_a_count_and_check_with_1(site):
    assert icon(site, "--check")
    site("icon-raises", "1 / 0")
    assert "1 warning" in icon(site)
    icon(site, "--check", code=1)


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_terminal_and_none_is_cut(site, columns):
    site("icon-good", GOOD)
    site("icon-named", GOOD, entry="other")
    for arguments in ([], ["icon-good"], ["icon"]):
        lines = icon(site, *arguments, columns=columns).splitlines()
        assert max(map(len, lines)) <= columns
        assert not any("…" in line for line in lines)
