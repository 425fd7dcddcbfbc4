"""A plugin adds commands under free names, and changes nothing else of the application."""

import pytest
import typer
from typer.testing import CliRunner

from icon.cli._app import build_commands
from icon.plugins import hookimpl
from icon.plugins.manager import Plugins


def answer(word="mine"):
    def command():
        typer.echo(word)

    return command


def group_of(*names, **settings):
    group = typer.Typer(**settings)
    for name in names:
        group.command(name)(answer())
    return group


def replaces_registered(app):
    app.command("added")(answer())
    for each in app.registered_commands:
        each.callback = answer()
        each.name = "run"


def drops_registered(app):
    app.registered_commands.clear()
    app.registered_groups = None


def calls_back_without_a_command(app):
    app.callback(invoke_without_command=True)(answer())


def changes_info(app):
    app.info.name, app.info.help, app.info.callback, app.info.cls = "other", "[/x]", answer(), typer.Typer
    app.info.invoke_without_command, app.rich_markup_mode = True, "markdown"


def loses_info(app):
    app.info = None


def adds_icons_commands_below_no_name(app):
    app.add_typer(group_of("run", "fine"))


def adds_an_unnamed_group_with_a_callback(app):
    group = group_of("run", "one")
    group.callback(invoke_without_command=True)(answer())
    app.add_typer(group)


def adds_an_unnamed_group_deep_down(app):
    middle = typer.Typer()
    middle.add_typer(group_of("select", "fine"))
    app.add_typer(middle)


def adds_a_group_under_a_taken_name(app):
    app.add_typer(group_of("inner", name="run"))


def adds_itself(app):
    app.add_typer(app)


def adds_junk(app):
    app.registered_commands += ["junk", None]
    app.registered_groups += [3]


def adds_names_that_nobody_can_type(app):
    for name in ("--help", "two words", "a\x1b[31m", "-x"):
        app.command(name)(answer())


def adds_an_empty_unnamed_group(app):
    app.add_typer(typer.Typer())


TRICKS = {
    replaces_registered: ("command 'run' exists already",),
    drops_registered: (),
    calls_back_without_a_command: ("would replace icon's own",),
    changes_info: ("changed app.rich_markup_mode, app.info.name",),
    loses_info: ("changed app.info.",),
    adds_icons_commands_below_no_name: ("command 'run' exists already",),
    adds_an_unnamed_group_with_a_callback: ("without a name",),
    adds_an_unnamed_group_deep_down: ("command 'select' exists already",),
    adds_a_group_under_a_taken_name: ("command 'run' exists already",),
    adds_itself: ("a command of icon_commands raised RecursionError",),
    adds_junk: ("a command of icon_commands raised AttributeError",),
    adds_names_that_nobody_can_type: ("named '--help'; valid", "named 'two words'", "named 'a\\x1b[31m'", "named '-x'"),
    adds_an_empty_unnamed_group: ("a group without a name and without commands",),
}


def beside(*tricks):
    """The application beside plugins that do these things, and the plugins."""

    def plugin(trick):
        class Plugin:
            @hookimpl
            def icon_commands(self, app):
                trick(app)

        return Plugin()

    found = Plugins([], entry_points=False)
    for number, trick in enumerate(tricks):
        found.register(plugin(trick), f"dist-{number}", "1.0")
    app = build_commands()
    found.add_commands(app)
    return app, found


def told(app, *words):
    done = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.stdout


@pytest.fixture(scope="module")
def plain():
    """Icon's commands, and what the help says, without any plugin."""
    app = build_commands()
    return list(typer.main.get_command(app).commands), told(app, "--help")


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_icons_own_commands_and_callback_are_what_they_were(trick, plain):
    app, found = beside(trick)
    commands = typer.main.get_command(app).commands
    assert list(commands)[: len(plain[0])] == plain[0]
    assert all(commands[name].callback.__module__ != __name__ for name in plain[0])
    assert told(app, "--help").splitlines()[:12] == plain[1].splitlines()[:12]
    assert told(app, "--version").startswith("0.")
    told_of_it = "\n".join(found.warnings)
    assert all(sentence in told_of_it for sentence in TRICKS[trick]), told_of_it


def test_free_names_of_an_unnamed_group_stay():
    for trick in (adds_icons_commands_below_no_name, adds_an_unnamed_group_deep_down):
        assert told(beside(trick)[0], "fine") == "mine\n"


def test_of_two_plugins_with_one_name_the_first_has_it():
    app, found = beside(*(lambda app, word=word: app.command("same")(answer(word)) for word in ("first", "second")))
    assert told(app, "same") == "first\n"
    assert found.warnings == ["plugin dist-1 1.0: command 'same' exists already"]


def test_a_named_group_stays_with_its_callback_and_commands():
    def adds(app):
        group = group_of("inner", name="outer")
        group.callback(invoke_without_command=True)(answer("around"))
        app.add_typer(group)

    app, found = beside(adds)
    assert told(app, "outer", "inner") == "around\nmine\n"
    assert told(app, "outer") == "around\n"
    assert not found.warnings


def test_what_was_added_before_a_plugin_raised_stays():
    def raises(app):
        app.command("early")(answer())
        raise RuntimeError("late")

    app, found = beside(raises)
    assert told(app, "early") == "mine\n"
    assert found.warnings == ["plugin dist-0 1.0: icon_commands raised RuntimeError: late"]
