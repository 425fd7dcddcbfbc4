"""The typed keywords of the Python interface: `python tests/support/typed_settings.py` writes icon/api/settings.py.

They are made of the fields of `RunConfig`, so that what a program may say is what the command line and settings files
may say, with the same words.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from icon.config import RunConfig

FILE = Path(__file__).resolve().parents[2] / "icon/api/settings.py"

PARAMETERS = ("pool", "more_pools", "assessment", "backend")
"""Settings that are parameters of their own, since they may be objects."""

WIDER = {
    "keep": "str | int | float",
    "hold_out": "str | int | float | None",
    "plugins": "str | Path | Sequence[str | Path]",
}
"""What a program may give beyond what the field holds: numbers as numbers, paths as paths."""

HEAD = '''"""Every setting of a run as a typed keyword, made of `icon.RunConfig` by tests/support/typed_settings.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

__all__ = ["Settings"]


class Settings(TypedDict, total=False):
    """The settings of a run that may be given as keywords; each is a field of `icon.RunConfig` and may be left out."""
'''


def written(annotation: Any) -> str:
    """A field's type as what may be given for it: any sequence for a tuple, any mapping for a dict.

    Raises:
        TypeError: It is of a kind that this script does not know yet.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is type(None):
        return "None"
    if annotation is Any:
        return "Any"
    if annotation in (str, int, float, bool):
        return str(annotation.__name__)
    if origin in (UnionType, Union):
        return " | ".join(map(written, arguments))
    if origin is Literal:
        return "Literal[" + ", ".join(f'"{value}"' for value in arguments) + "]"
    if origin in (tuple, list):
        return f"Sequence[{written(arguments[0])}]"
    if origin is dict:
        return f"Mapping[{', '.join(map(written, arguments))}]"
    raise TypeError(f"{annotation}: no way to write this type; teach {Path(__file__).name} to")


def text() -> str:
    """The module, as it is written."""
    lines = [HEAD.rstrip("\n")]
    for name, field in RunConfig.model_fields.items():
        if name in PARAMETERS:
            continue
        lines += ["", *_declared(name, WIDER.get(name) or written(field.annotation))]
        described = re.sub(r"\s+", " ", field.description or "")
        lines += textwrap.wrap(f'"""{described}"""', 116, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"


def _declared(name: str, kind: str) -> list[str]:
    line = f"    {name}: {kind}"
    return [line] if len(line) <= 120 else [f"    {name}: (", f"        {kind}", "    )"]


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
