"""The help of every option of every command says what holds without it, and which values it takes."""

import re

import pytest
import typer

from icon.cli._app import build_app
from icon.cli._defaults import SAYS

COMMANDS = typer.main.get_command(build_app(whole=True)).commands

OPTIONS = [
    (name, param)
    for name, command in COMMANDS.items()
    for param in command.params
    if param.opts[0].startswith("-") and not param.hidden
]


@pytest.mark.parametrize(("name", "param"), OPTIONS, ids=[f"{name} {param.opts[0]}" for name, param in OPTIONS])
def test_the_help_of_an_option_says_what_holds_without_it(name, param):
    assert param.help.endswith((".", "]"))
    is_flag = param.default is False
    shown = param.show_default if isinstance(param.show_default, str) else ""
    if param.default is None:
        assert shown or SAYS.search(f"{param.help} {param.metavar}"), param.help
    else:
        assert param.show_default or is_flag


CHOICES = {
    "run --turns": ("last", "every"),
    "run --equal-length": ("auto", "regress", "strata", "none"),
    "run --schedule": ("auto", "race", "uniform", "exact"),
    "run --control": ("random", "paired", "none"),
    "run --features": ("lexical", "embedding"),
    "run --dtype": ("float32", "bfloat16", "float16", "auto"),
    "run --preset": ("paper", "released"),
    "select --equal-length": ("auto", "regress", "strata", "none"),
    "select --features": ("lexical", "embedding"),
    "show-prompt --turns": ("last", "every"),
    "show-prompt --reasoning": ("error", "response", "ignore"),
    "export --to": ("own", "trl", "axolotl", "llamafactory", "csv"),
    "export --which": ("selected", "dropped", "all"),
    "validate --train": ("top-blocks", "lora", "full"),
}


@pytest.mark.parametrize("option", CHOICES)
def test_the_help_of_an_option_with_few_values_names_them(option):
    command, name = option.split()
    if command not in COMMANDS:
        pytest.skip(f"{command} is not installed")
    (param,) = [param for at, param in OPTIONS if at == command and name in param.opts]
    words = re.findall(r"[\w-]+", f"{param.help} {param.metavar}")
    assert set(CHOICES[option]) <= set(words)
