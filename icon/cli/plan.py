"""The printed plan of `--dry-run`."""

from __future__ import annotations

import json
from typing import Any

from icon.cli.console import out, safe


def show_plan(plan: dict[str, Any], *, as_json: bool) -> None:
    """Print what a run would do."""
    if as_json:
        print_json(plan)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("planned", "", show_header=False, box=None, pad_edge=False)
    for key, value in plan.items():
        told = f"{value:,}" if isinstance(value, int) else safe(str(value))
        table.add_row(key.replace("_", " "), Text(told))
    out().print(table)


def print_json(data: Any) -> None:
    """Print JSON on standard output, unstyled and unwrapped."""
    out().file.write(json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n")
