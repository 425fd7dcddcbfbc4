"""The options of a run are the fields of `RunConfig`: same words, same defaults, same values."""

from typing import get_args

import pytest
import typer

from icon._presets import PREVIEW
from icon.cli._app import build_commands
from icon.cli._options import OWN, PANELS
from icon.cli._settings import SINGULAR
from icon.config import RunConfig

SETTINGS = [name for name in RunConfig.model_fields if not name.endswith("_options") and name != "more_pools"]
"""Settings with an option; the argument POOL takes several pools."""
COMMANDS = {"run": {}, "plan": {}, "assess": {}, "preview": PREVIEW}


@pytest.fixture(scope="module")
def records():
    """The name and the help of every parameter, as the terminal shows them, by command and parameter."""
    group = typer.main.get_command(build_commands(whole=True))
    context = typer.Context(group, info_name="icon")
    commands = {name: group.get_command(context, name) for name in COMMANDS}
    return {
        name: {parameter.name: parameter.get_help_record(context) for parameter in command.params}
        for name, command in commands.items()
    }


def test_every_setting_has_one_option_and_every_other_option_is_described():
    listed = [name for names in PANELS.values() for name in names]
    assert sorted(listed) == sorted({*SETTINGS, *OWN} - {"pool"})
    assert all(RunConfig.model_fields[name].description for name in RunConfig.model_fields)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("setting", SETTINGS)
def test_the_help_of_an_option_is_the_setting_s_description_and_default(records, command, setting):
    field = RunConfig.model_fields[setting]
    _, text = records[command][SINGULAR.get(setting, setting)]
    words, _, rest = text.partition("  [")
    assert words == field.description
    default = COMMANDS[command].get(setting, field.default)
    if default in (None, (), {}):
        is_said = "by default" in words or "if not all" in words or setting in SINGULAR
        assert ("default: (none)" in rest) is not is_said
    elif isinstance(default, bool):
        assert f"default: ({'' if default else 'no-'}{setting.replace('_', '-')})" in rest
    else:
        words = (
            default if isinstance(default, tuple) else [f"{default:g}" if isinstance(default, float) else str(default)]
        )
        shown = ", ".join(words)
        assert f"default: ({shown})" in rest


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("schedule", "--schedule <auto|race|uniform|exact>"),
        ("on_bad_row", "--on-bad-row <error|skip>"),
        ("confidence", "--confidence <float> [0.5<=x<1]"),
        ("capture", "--capture <float> [0<x<=1]"),
        ("skip_urls", "--skip-urls"),
        ("baselines", "--baseline <str>, repeatable"),
    ],
)
def test_an_option_shows_the_values_of_its_setting(records, setting, name):
    assert records["run"][SINGULAR.get(setting, setting)][0].startswith(name)


def test_every_value_of_a_setting_with_fixed_values_is_in_its_name(records):
    for setting in ("turns", "on_leak", "on_too_long", "order"):
        name, _ = records["run"][setting]
        assert f"<{'|'.join(get_args(RunConfig.model_fields[setting].annotation))}>" in name
