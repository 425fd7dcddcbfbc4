"""Ends a job when the command that started it has ended, however that happened, so that no two do the same."""

from __future__ import annotations

import os
import signal
import sys
import threading

VARIABLE = "PAPER_CHAIN_CHILD"
"""Set in a job's process: its standard input is a pipe that only the command holds open."""


def end_with_parent() -> None:
    """End this process when its standard input ends; a no-op in a process that is no job of a running command."""
    if os.environ.pop(VARIABLE, None):
        threading.Thread(target=_end_at_end_of_input, daemon=True).start()


def _end_at_end_of_input() -> None:
    while sys.stdin is not None and os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(128 + signal.SIGTERM)  # safe at any time: results are complete or absent, checkpoints are taken up again
