"""The formats by name, in the order of listings."""

from __future__ import annotations

import difflib

from icon.errors import ConfigError
from icon.exporting import (
    axolotl,
    axolotl_alpaca,
    csv,
    datasets,
    hub,
    llamafactory,
    ms_swift,
    own,
    parquet,
    trl,
    trl_prompt_completion,
    trl_text,
)
from icon.exporting.job import Format

_MODULES = (
    *(own, llamafactory, trl, trl_prompt_completion, trl_text, axolotl, axolotl_alpaca, ms_swift),
    *(parquet, datasets, hub, csv),
)

FORMATS: dict[str, Format] = {module.FORMAT.name: module.FORMAT for module in _MODULES}


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        ConfigError: There is none.
    """
    if name in FORMATS:
        return FORMATS[name]
    near = difflib.get_close_matches(name, FORMATS, n=2)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise ConfigError(f"--to: found {name!r}; valid: {', '.join(FORMATS)}.{hint}")
