"""What a plugin builds is held against what it promised, and what it raises is told as its own."""

import pytest

from icon.errors import ConfigError, InputError, PluginError
from icon.plugins import Options, Selector, Strategy
from icon.plugins.strategies import blamed, built
from icon.selection import TopSelector


def strategy(build):
    return Strategy("mine", "one of mine", build, distribution="icon-mine")


def test_what_keeps_the_protocol_is_given_as_it_is():
    made = TopSelector(Options())
    assert built(strategy(lambda options: made), {}, Selector, "selector") is made


def test_what_cannot_be_built_names_the_plugin_and_the_error():
    with pytest.raises(PluginError, match=r"selector mine \(icon-mine\) could not be built: ZeroDivisionError"):
        built(strategy(lambda options: 1 / 0), {}, Selector, "selector")


@pytest.mark.parametrize("made", [None, object()])
def test_what_lacks_something_is_told_with_all_that_it_lacks(made):
    with pytest.raises(PluginError, match=r"has no needs_backend, fewest_scored, select; valid: all that"):
        built(strategy(lambda options: made), {}, Selector, "selector")


def test_an_option_that_does_not_fit_stays_the_users_fault():
    with pytest.raises(ConfigError, match="x: no such option"):
        built(strategy(lambda options: TopSelector(Options())), {"x": 1}, Selector, "selector")


def test_an_error_of_icons_own_passes_as_it_is():
    with pytest.raises(InputError, match="as it is"), blamed(strategy(None), "selector", "raised"):
        raise InputError("as it is")
