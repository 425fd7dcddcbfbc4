"""The settings of a run, and the strategies of this repository with their options, as tables."""

from __future__ import annotations

import importlib
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from markup import code, plain, table
from pydantic import BaseModel

import icon
from icon.config import PRESETS, RunConfig
from icon.pipeline import builtin
from icon.plugins.manager import KINDS, Plugins

ROOT = Path(__file__).resolve().parents[2]
KIND_TITLES = {
    "assessment": "Assessment builders",
    "scorer": "Scorers",
    "selector": "Selectors",
    "backend": "Backends",
    "reader": "Record formats",
    "executor": "Executors",
}


def settings() -> str:
    """Every field of `RunConfig`, then what each preset sets."""
    parts = [_fields(RunConfig)]
    for name, preset in PRESETS.items():
        rows = [(code(key), code(_value(value))) for key, value in preset.items()]
        parts.append(f"## Preset `{name}`\n\n" + table(("setting", "value"), rows))
    return "\n".join(parts)


def strategies() -> str:
    """Every strategy of every distribution of the repository, kind by kind."""
    plugins, parts = _plugins(), []
    for kind in KINDS:
        parts.append(f"## {KIND_TITLES[kind]}\n")
        for name, each in plugins.strategies(kind).items():
            parts.append(f"### {name} {{ #{kind}-{name} }}\n\n{plain(each.summary)} ({code(each.distribution)})\n")
            if each.options.model_fields:
                parts.append(_fields(each.options, f"{kind}."))
    return "\n".join(parts)


def _plugins() -> Plugins:
    """Built-in strategies and those of backends/ and plugins/, read from the tree: they need not be installed."""
    plugins = Plugins([builtin], entry_points=False)
    for file in sorted([*ROOT.glob("backends/*/pyproject.toml"), *ROOT.glob("plugins/*/pyproject.toml")]):
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        sys.path.append(str(file.parent))
        for module in project.get("entry-points", {}).get("icon", {}).values():
            plugins.register(importlib.import_module(module), project["name"], icon.__version__)
    return plugins


def _fields(model: type[BaseModel], before: str = "") -> str:
    rows = []
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else code(_value(field.get_default(call_default_factory=True)))
        rows.append((code(before + name), code(_type(field.annotation)), default, plain(field.description or "")))
    return table(("name", "type", "default", "what"), rows)


def _type(annotation: Any) -> str:
    text = annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__args__") else annotation
    return str(text).replace("typing.", "").replace("pathlib.", "").replace("collections.abc.", "")


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if value is not None else "None"
