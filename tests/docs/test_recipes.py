"""Every recipe is a settings file that this version takes, with options that its strategies take."""

from pathlib import Path

import pytest

from icon.config import PRESETS, resolve
from icon.pipeline.builtin import default_plugins

RECIPES = sorted((Path(__file__).resolve().parents[2] / "docs/recipes").glob("*.toml"))


def test_there_is_one_for_each_model_of_the_paper():
    assert [path.stem for path in RECIPES] == ["llama-2-7b", "llama-3.1-8b", "qwen2.5-3b"]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_settings_and_options_are_valid(path):
    pytest.importorskip("icon_torch", reason="the backend torch is not installed")
    config = resolve({}, file=str(path))
    plugins = default_plugins()
    for kind in ("assessment", "backend", "scorer", "selector"):
        plugins.get(kind, getattr(config, kind)).validate(dict(getattr(config, f"{kind}_options")))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_the_preset_paper_written_out(path):
    written, preset = resolve({}, file=str(path)), resolve({"pool": "p"}, preset="paper")
    for name in PRESETS["paper"].keys() - {"backend_options"}:
        assert getattr(written, name) == getattr(preset, name), name


def test_the_recipes_options_of_the_classifier_are_its_defaults():
    pytest.importorskip("icon_torch", reason="the selector lora is not installed")
    plugins = default_plugins()
    for path in RECIPES:
        options = dict(resolve({}, file=str(path)).selector_options)
        assert options.pop("target_modules") == ["q_proj", "v_proj"]
        written = plugins.get("selector", "lora").validate(options).model_dump()
        assert written == plugins.get("selector", "lora").validate({}).model_dump()
