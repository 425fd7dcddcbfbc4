"""A run that a test has edited, with digests and checksum as icon would have written them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from icon.runs.checksums import checksum_of


def seal(run, **changes):
    """Make run.json fit what a test wrote into the run's files or into run.json itself.

    Args:
        run: The run directory.
        **changes: Fields of run.json to set; None takes one out.

    Returns:
        The content of run.json.
    """
    path = Path(run) / "run.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data = {name: value for name, value in {**data, **changes}.items() if value is not None or name not in changes}
    for name, record in data.get("files", {}).items():
        if (path.parent / name).exists():
            content = (path.parent / name).read_bytes()
            record.update(digest=sha256(content).hexdigest(), size=len(content))
    data["checksum"] = checksum_of(data)
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return data


def of_format_3(run):
    """Make run.json what the version before digests wrote."""
    path = Path(run) / "run.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    del data["files"], data["checksum"]
    path.write_text(json.dumps({**data, "format": 3}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
