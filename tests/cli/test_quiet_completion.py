"""Completion answers the shell and prints nothing else, however broken or talkative a plugin is."""

import pytest

from support.plugin_site import PluginSite

HOOK = "from icon.plugins import hookimpl\n@hookimpl\n"
BROKEN = {
    "import": "1 / 0\n",
    "older": "from icon.plugins import NoSuchThing\n",
    "prints": "import sys, warnings\nprint('hello')\nprint('there', file=sys.stderr)\nwarnings.warn('old')\n",
    "lists": HOOK + "def icon_contribution_scorers():\n    print('hi')\n    1 / 0\n",
    "commands": HOOK + "def icon_commands(app):\n    print('hi')\n    app.info = 3\n",
}


@pytest.fixture
def site(tmp_path):
    """All of these plugins, installed."""
    site = PluginSite(tmp_path / "site")
    for name, code in BROKEN.items():
        site.install(f"icon-{name}", code)
    return site


@pytest.mark.parametrize(
    ("typed", "offered"), [("icon run --scorer ra", "random"), ("icon veri", "verify"), ("icon report ru", "runs/mine")]
)
def test_only_what_is_offered_is_printed(command_line, tmp_path, site, typed, offered):
    (tmp_path / "runs/mine").mkdir(parents=True)
    (tmp_path / "runs/mine/run.json").write_text("{}")
    asked = {"_ICON_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    done = command_line(env=asked, paths=[site.folder], code=0)
    assert done.stdout.split() == [offered]
    assert done.stderr == ""


def test_a_name_that_no_folder_can_have_is_completed_to_nothing(command_line):
    asked = {"_ICON_COMPLETE": "complete_bash", "COMP_WORDS": f"icon report {'x' * 5000}/", "COMP_CWORD": "2"}
    done = command_line(env=asked, code=0)
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_the_same_plugins_are_warned_of_elsewhere(command_line, site):
    told = command_line("--help", paths=[site.folder], code=0).stderr
    for name in ("import", "older", "commands"):
        assert f"plugin icon-{name} 1.0" in told
