"""Keeps transformers' progress bars and advice off the terminal while a model is loaded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_before: list[tuple[int, bool]] = []
"""Level and progress bars as they were, once per context that is open: the settings are of the whole process."""


@contextmanager
def quiet() -> Iterator[None]:
    """Context in which transformers shows only errors; its settings are restored when the last thread has left one."""
    from transformers.utils import logging as transformers_logging

    logging: Any = transformers_logging

    with _lock:
        _before.append(_before[0] if _before else (logging.get_verbosity(), logging.is_progress_bar_enabled()))
        logging.set_verbosity_error()
        logging.disable_progress_bar()
    try:
        yield
    finally:
        with _lock:
            level, bars = _before.pop()
            if not _before:
                logging.set_verbosity(level)
                if bars:
                    logging.enable_progress_bar()
