"""Plugins: a broken one is named and left out, a clash is refused naming both, an unknown name gets help."""

from types import SimpleNamespace

import pytest
import typer

from icon.errors import ConfigError, PluginError, UnknownStrategyError
from icon.pipeline import builtin
from icon.plugins import Options, Strategy, Warned, hookimpl
from icon.plugins.manager import KINDS, Plugins


def offering(*names):
    class Plugin:
        @hookimpl
        def icon_contribution_scorers(self):
            return [Strategy(name, "a scorer", lambda options: options) for name in names]

    return Plugin()


def plugins(*more):
    found = Plugins([builtin], entry_points=False)
    for number, plugin in enumerate(more):
        found.register(plugin, f"dist-{number}", "1.0")
    return found


def test_built_in_strategies_come_through_the_hooks():
    found = plugins()
    assert {"icon", "random", "length", "ppl"} <= found.strategies("scorer").keys()
    assert found.get("scorer", "icon").distribution == "icon-select"
    assert not found.warnings


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_listed(kind):
    assert isinstance(plugins().strategies(kind), dict)


def test_two_distributions_with_one_name_are_refused_naming_both():
    found = plugins(offering("mine", "one"), offering("mine", "two"))
    with pytest.raises(PluginError, match="dist-0 and dist-1"):
        found.get("scorer", "mine")
    assert {"one", "two"} <= found.strategies("scorer").keys()
    assert "mine" not in found.strategies("scorer")
    assert any("dist-1" in warning for warning in found.warnings)


def test_a_clash_with_a_built_in_name_does_not_hide_it_silently():
    with pytest.raises(PluginError, match="icon-select and dist-0"):
        plugins(offering("icon")).get("scorer", "icon")


def test_an_unknown_name_gives_near_names():
    with pytest.raises(UnknownStrategyError, match="Did you mean length"):
        plugins().get("scorer", "lenght")


@pytest.mark.parametrize(("kind", "name"), [("backend", "torch"), ("selector", "lora")])
def test_a_strategy_of_this_project_that_is_not_installed_gives_the_pip_line(kind, name):
    with pytest.raises(UnknownStrategyError) as told:
        plugins().get(kind, name)
    assert 'pip install "icon-torch[embedded]"' in str(told.value)
    assert 'pip install "./backends/torch[embedded]"' in str(told.value)


def test_a_hook_that_no_spec_has_is_refused():
    class Plugin:
        @hookimpl
        def icon_contribution_scorer(self):
            return []

    with pytest.raises(PluginError, match="icon_contribution_scorer"):
        plugins(Plugin())


def test_a_plugin_that_raises_when_asked_is_named_and_the_others_work():
    class Plugin:
        @hookimpl
        def icon_contribution_scorers(self):
            raise RuntimeError("boom")

    found = plugins(Plugin(), offering("fine"))
    assert "fine" in found.strategies("scorer")
    assert found.warnings == ["plugin dist-0 1.0: icon_contribution_scorers raised RuntimeError: boom"]


def test_an_observer_that_raises_is_left_out_from_then_on():
    seen = []

    class Broken:
        @hookimpl
        def icon_event(self, event):
            seen.append("broken")
            raise RuntimeError("boom")

    class Working:
        @hookimpl
        def icon_event(self, event):
            seen.append(event.message)

    found = plugins(Broken(), Working())
    for message in ("one", "two"):
        found.emit(Warned(message))
    assert sorted(seen) == ["broken", "one", "two"]
    assert "boom" in found.warnings[0]


def test_an_observer_that_raised_is_heard_again_once_it_is_registered_anew():
    seen = []

    class Once:
        @hookimpl
        def icon_event(self, event):
            seen.append(event.message)
            if event.message == "one":
                raise RuntimeError("boom")

    found = plugins(Once())
    found.emit(Warned("one"))
    found.unregister("dist-0")
    found.register(Once(), "dist-0", "1.0")
    found.emit(Warned("two"))
    assert seen == ["one", "two"]


def test_a_plugin_whose_commands_raise_is_named():
    class Plugin:
        @hookimpl
        def icon_commands(self, app):
            raise RuntimeError("boom")

    found = plugins(Plugin())
    found.add_commands(typer.Typer())
    assert "icon_commands raised" in found.warnings[0]


@pytest.mark.parametrize("hook", ["icon_event", "icon_report_sections"])
def test_a_plugin_that_exits_when_called_is_named_and_nothing_ends(hook):
    class Plugin:
        @hookimpl
        def icon_event(self, event):
            raise SystemExit("no licence")

        @hookimpl
        def icon_report_sections(self, run):
            raise SystemExit("no licence")

    found = plugins(Plugin())
    if hook == "icon_event":
        found.emit(Warned("one"))
    else:
        assert found.report_sections(SimpleNamespace())[0] == []
    assert found.warnings == [f"plugin dist-0 1.0: {hook} raised SystemExit: no licence"]


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a/b", "two words", "slice-3", "a\n", None, 3])
def test_a_name_that_could_name_no_folder_is_refused_and_the_others_stay(name):
    found = plugins(offering(name, "fine"))
    assert "fine" in found.strategies("scorer")
    assert name not in found.strategies("scorer")
    assert [f"named {name!r}; valid" in each for each in found.warnings] == [True]


@pytest.mark.parametrize("name", ["rds+", "v1.2", "two_words", "a-b", "slice-x", "slices-3", "3"])
def test_a_plain_word_is_a_name(name):
    found = plugins(offering(name))
    assert name in found.strategies("scorer")
    assert not found.warnings


def test_an_entry_point_under_another_name_than_its_distributions_is_refused(monkeypatch):
    entry = SimpleNamespace(name="other", group="icon", value="x", load=lambda: offering("x"))
    distribution = SimpleNamespace(metadata={"Name": "dist"}, version="2", entry_points=[entry])
    monkeypatch.setattr("icon.plugins._distributions.distributions", lambda: [distribution])
    found = Plugins([builtin])
    assert "must have its distribution's name" in found.warnings[0]
    assert "x" not in found.strategies("scorer")


def test_options_that_do_not_fit_are_told_with_what_is_valid():
    strategy = Strategy("s", "", lambda options: options, Options)
    with pytest.raises(ConfigError, match="colour"):
        strategy.make({"colour": "red"})
