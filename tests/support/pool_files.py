"""Three records in two formats, and the files that hold them, for tests of pools."""

from __future__ import annotations

import json

A = {"instruction": "Name a sea.", "output": "The Baltic."}
B = {"messages": [{"role": "user", "content": "Name a lake."}, {"role": "assistant", "content": "Vänern."}]}
C = {"instruction": "Name a river.", "output": "The Elbe."}


def lines(path, *records):
    """Write records as JSON lines, in a folder that is made; gives the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)
