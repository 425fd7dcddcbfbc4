"""The typed keywords of the Python interface are those of `RunConfig`, and show where people look for them."""

import inspect
from typing import get_type_hints

import pytest

import icon
from icon._presets import PREVIEW
from icon.config import RunConfig
from support import typed_settings

FUNCTIONS = [icon.run, icon.preview, icon.plan]
OWN = {"executor", "executor_options", "pool", "out", "preset", "assessment", "backend", "progress"}


def test_the_file_of_typed_keywords_is_what_the_script_writes():
    assert typed_settings.FILE.read_text(encoding="utf-8") == typed_settings.text(), (
        "icon.RunConfig has changed: python tests/support/typed_settings.py"
    )


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_every_setting_is_in_the_signature_with_its_default(function):
    parameters = inspect.signature(function).parameters
    settings = RunConfig.model_fields.keys() - {"more_pools"}  # `pool` takes several
    assert parameters.keys() | OWN == settings | OWN
    assert not [name for name in parameters if parameters[name].kind is inspect.Parameter.VAR_KEYWORD]
    assert {name: parameters[name].default for name in PREVIEW if name not in OWN} == (
        {"schedule": "race", "budget": "5m", "capture": 1.0, "subset": 200}
        if function is icon.preview
        else {"schedule": "auto", "budget": None, "capture": 0.99, "subset": None}
    )
    assert parameters["keep"].default == "15%"
    assert parameters["seed"].default == 42
    assert parameters["turns"].annotation == get_type_hints(icon.Settings)["turns"]


def test_every_description_is_in_the_file_that_editors_read():
    words = " ".join(typed_settings.FILE.read_text(encoding="utf-8").split())
    for name, field in RunConfig.model_fields.items():
        if name not in typed_settings.PARAMETERS:
            assert " ".join(field.description.split()) in words, name


def test_ipython_completes_a_setting():
    pytest.importorskip("IPython", reason="IPython is not installed; pip install ipykernel")
    from IPython.core.completer import provisionalcompleter
    from IPython.core.interactiveshell import InteractiveShell

    shell, typed = InteractiveShell(), "icon.run('pool.jsonl', max_pro"
    shell.push({"icon": icon})
    with provisionalcompleter():
        assert [found.text for found in shell.Completer.completions(typed, len(typed))] == ["max_prompt_tokens="]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_type_checkers_and_editors_read_the_typed_keywords(function):
    assert function.__annotations__["settings"] == "Unpack[Settings]"
