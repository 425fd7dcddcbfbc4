"""Loads llama.cpp once, silences its log, and keeps its last error messages."""

from __future__ import annotations

import ctypes
from collections import deque
from functools import cache
from typing import Any

from icon.errors import BackendError
from icon.inference import sleeping_threads

ERROR, CONTINUED = 4, 5
"""Levels of ggml's log: a CONTINUED line continues the one before it."""


class Library:
    """The low-level functions of llama-cpp-python, and llama.cpp's last error messages.

    Attributes:
        api: The module `llama_cpp.llama_cpp`.
    """

    def __init__(self, api: Any) -> None:
        self.api = api
        self._errors: deque[str] = deque(maxlen=8)
        self._level = 0
        # ctypes keeps no reference to the callback; were it collected, the next log line would crash the process.
        self._callback = api.llama_log_callback(self._log)
        api.llama_log_set(self._callback, ctypes.c_void_p(0))
        api.llama_backend_init()

    def forget_errors(self) -> None:
        """Clear the error messages before a call whose failure is to be explained."""
        self._errors.clear()

    def last_errors(self) -> str:
        """A sentence with llama.cpp's error messages since `forget_errors`, or that there are none."""
        said = " ".join("".join(self._errors).split())
        return f"llama.cpp said: {said}" if said else "llama.cpp gave no reason"

    def _log(self, level: int, text: bytes, _user_data: Any) -> None:
        if level != CONTINUED:
            self._level = level
        if self._level == ERROR:
            self._errors.append(text.decode("utf-8", "replace"))


@cache
def library() -> Library:
    """The one library of this process.

    Raises:
        BackendError: llama-cpp-python or its shared library cannot be loaded.
    """
    try:
        with sleeping_threads():
            from llama_cpp import llama_cpp as api
    except (ImportError, OSError, RuntimeError) as error:
        raise BackendError(
            f"llama-cpp-python cannot be loaded: {error}; reinstall it: pip install --force-reinstall llama-cpp-python"
        ) from error
    return Library(api)
