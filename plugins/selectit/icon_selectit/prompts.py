"""Rating prompts, read from a text file, checked and filled in."""

from __future__ import annotations

import re
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from icon.errors import ConfigError

PLACEHOLDERS = ("{prompt}", "{response}")
_OWN = files("icon_selectit").joinpath("rating_prompts.txt")
_BETWEEN = re.compile(r"^---[ \t]*$", re.MULTILINE)
_PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS)))


def load_prompts(path: str | None) -> list[str]:
    """The rating prompts of a file, or those of this plugin, stripped of surrounding white space.

    Raises:
        ConfigError: The file cannot be read, or prompts lack a placeholder; the message lists all faults.
    """
    text = _OWN.read_text("utf-8") if path is None else _read(path)
    prompts = [part.strip() for part in _BETWEEN.split(text)]
    faults = [
        f"  prompt {number}: found no {missing}; valid: both {' and '.join(PLACEHOLDERS)}"
        for number, prompt in enumerate(prompts, 1)
        for missing in PLACEHOLDERS
        if missing not in prompt
    ]
    if faults:
        what = f"{path}: rating prompts that cannot be used (prompts are separated by lines ---)"
        raise ConfigError("\n".join([what, *faults]))
    return prompts


def fill(template: str, prompt: str, response: str) -> str:
    """The rating prompt of one sample; a placeholder in the sample's own text is not replaced."""
    texts = dict(zip(PLACEHOLDERS, (prompt, response), strict=True))
    return _PLACEHOLDER.sub(lambda match: texts[match[0]], template)


def digest(prompts: list[str]) -> str:
    """Digest over all prompts, 16 hex digits."""
    return sha256("\0".join(prompts).encode()).hexdigest()[:16]


def _read(path: str) -> str:
    try:
        return Path(path).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"scorer.prompts: {path}: cannot be read ({error}); valid: a text file in UTF-8 with rating prompts"
        ) from None
