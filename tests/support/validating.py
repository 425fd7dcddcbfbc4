"""What the tests of icon-validate share: sizes of their run, quick options, and outcomes without their times."""

from __future__ import annotations

import json

N_POOL, KEPT, N_JUDGE = 24, 6, 8
QUICK = ("--draws", "3", "--epochs", "2", "--batch", "4", "--max-tokens", "128")
"""Options under which an arm takes three steps of four short records."""


def write_lines(path, rows):
    """Write records as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def without_seconds(outcome):
    """The outcome of a validation without what depends on how long something took."""
    for table in outcome["tables"].values():
        for name in [name for name in table["power"] or () if "seconds" in name]:
            table["power"].pop(name)
    outcome["facts"].pop("power")
    outcome.pop("checksum")  # which covers the seconds, too
    return outcome
