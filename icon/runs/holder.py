"""What a locked file says of the process that holds the lock, for the message to others."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from contextlib import suppress
from datetime import UTC, datetime

MOST_BYTES = 10_000


def describe(descriptor: int, *, brief: bool) -> None:
    """Write who holds the lock; for the message to others, so that a full disk does no harm."""
    holder = {
        "host": platform.node(),
        "process": os.getpid(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["icon", *sys.argv[1:]])[:1000],
        "brief": brief,
    }
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, json.dumps(holder).encode())


def holder_of(descriptor: int) -> dict[str, object]:
    """Who wrote into the locked file; empty where that is not known."""
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        found = json.loads(os.read(descriptor, MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def in_words(holder: dict[str, object]) -> str:
    """Process, machine, command and start of who holds the lock, as far as they are known."""
    if not holder.get("process"):
        return "another process"
    where = "this machine" if holder.get("host") == platform.node() else holder.get("host")
    return f"process {holder['process']} on {where} ({holder.get('command')}), since {holder.get('started')}"
