"""No wrong value of a setting or an option is answered in the words of a library."""

from __future__ import annotations

from functools import partial

import pytest

from icon.config import RunConfig, resolve
from icon.errors import ConfigError, IconError
from icon.pipeline.builtin import default_plugins
from support.foreign import FOREIGN

WRONG = [None, -1, 1.5, "x", [], [1], {}, {"a": 1}, True, 10**30, float("nan"), b"x"]


def said_by(action):
    """What an action says that is refused; empty where it is not."""
    try:
        action()
    except IconError as error:
        return str(error) if isinstance(error, ConfigError) else f"pydantic? {type(error)}: {error}"
    return ""


@pytest.mark.parametrize("name", [*RunConfig.model_fields, "colour"])
def test_no_wrong_value_of_any_setting_is_answered_in_the_words_of_a_library(name):
    for value in WRONG:
        said = said_by(partial(resolve, {name: value}))
        assert not FOREIGN.search(said), said
        assert not said or name in said


@pytest.mark.parametrize("kind", ["assessment", "scorer", "selector", "backend", "reader"])
def test_no_wrong_value_of_any_option_is_answered_in_the_words_of_a_library(kind):
    for strategy in default_plugins().strategies(kind).values():
        for option in [*strategy.options.model_fields, "colour"]:
            for value in WRONG:
                said = said_by(partial(strategy.validate, {option: value}))
                assert not FOREIGN.search(said), said
                assert not said or strategy.name in said
