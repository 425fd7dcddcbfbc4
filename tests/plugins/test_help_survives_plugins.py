"""Whatever a plugin writes into its help texts, icon's help works and shows them as they are written."""

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from icon.plugins.plain_text import as_written

MARKUP = r"so [/x] [bold]loud[/bold] :bug: \[5] \\[red] [link=a] it is"
STEERING = "\x1b[31mred \x9b31m half \ud800 back \u202e wards"

PLUGIN = """
from typing import Annotated

import typer

from icon.plugins import hookimpl

TEXT = {text!r}
group = typer.Typer(help=TEXT, epilog=TEXT)


@group.command(help=TEXT, short_help=TEXT)
def inner(
    option: Annotated[str, typer.Option(help=TEXT, rich_help_panel=TEXT, metavar=TEXT, show_default=TEXT)] = TEXT,
):
    pass


@hookimpl
def icon_commands(app):
    @app.command(help=TEXT, epilog=TEXT, rich_help_panel=TEXT)
    def outer(
        argument: Annotated[str, typer.Argument(help=TEXT, rich_help_panel=TEXT)] = TEXT,
        option: Annotated[str, typer.Option(help=TEXT, rich_help_panel=TEXT)] = TEXT,
    ):
        pass

    app.add_typer(group, name="group")
"""


def test_help_shows_every_text_of_a_plugin_as_it_is_written(site, icon):
    site.install("icon-marked", PLUGIN.format(text=MARKUP))
    for words, times in ((["--help"], 3), (["outer", "-h"], 8), (["group", "-h"], 3), (["group", "inner", "-h"], 3)):
        told = icon(*words, code=0, columns=400)
        assert told.stderr == ""
        assert told.stdout.count(MARKUP) >= times, told.stdout


def test_help_shows_escapes_where_a_text_would_steer_the_terminal(site, icon):
    site.install("icon-steering", PLUGIN.format(text=STEERING).replace("] = TEXT", "] = 'x'"))
    for words in (["--help"], ["outer", "--help"], ["group", "inner", "--help"]):
        told = icon(*words, code=0, columns=400).stdout
        assert all(told.count(f"\\u{code}") for code in ("001b", "009b", "d800", "202e"))
        assert not set(told) & set("\x1b\x9b\ud800\u202e")


def test_help_works_where_a_text_is_none(site, icon):
    odd = PLUGIN.format(text="fine").replace("epilog=TEXT, rich_help_panel=TEXT", "epilog=7, rich_help_panel=['x']")
    site.install("icon-odd", odd)
    assert "show-prompt" in icon("--help", code=0).stdout
    icon("outer", "--help", code=0)


SUMMARY = """
from icon.plugins import Strategy, hookimpl


@hookimpl
def icon_contribution_scorers():
    return [Strategy("zigzag", {text!r}, lambda options: None)]
"""


def test_completion_and_listings_show_the_summary_of_a_strategy_as_it_is_written(site, icon):
    site.install("icon-summary", SUMMARY.format(text="so [/x] \n [b]it[/b] is"))
    for shell in ("zsh", "fish"):
        asked = {
            "_ICON_COMPLETE": f"complete_{shell}",
            "_TYPER_COMPLETE_ARGS": "icon run --scorer zig",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
        assert "so [/x] [b]it[/b] is" in icon(env=asked, code=0).stdout
    assert "so [/x]" in icon("plugins", code=0).stdout


@given(st.text(alphabet="[]\\/:ab5 #@=\n", max_size=12))
def test_any_text_comes_out_of_markup_as_it_went_in(text):
    assert Text.from_markup(as_written(text)).plain == text
