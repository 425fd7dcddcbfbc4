"""Small files (settings, templates, plugins, run.json), read with bounds on their size and on the time they take."""

from __future__ import annotations

import errno
import json
import os
import re
import select
import stat
import time
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

MAX_JSON = 16 * 1024 * 1024
"""Most bytes of the JSON beside a data set, such as the features in the metadata of a table."""

MAX_RUN = 200 * 1024 * 1024
"""Most bytes of settings in JSON and of run.json: below 100 KiB, plus a line per row that overlaps with a task."""

MOST_SEPARATORS = 8_000_000
"""Most commas and brackets of a JSON file, in its texts too: a value takes about 60 bytes of memory, however short."""

MAX_TOML = 1024 * 1024
"""Most bytes of settings in TOML or YAML: all settings of icon, written out, take 5 KiB."""

MAX_TEMPLATE = 256 * 1024
"""Most bytes of a Jinja file: chat templates with tools take up to 60 KiB."""

MAX_PLUGIN = 4 * 1024 * 1024
"""Most bytes of a plugin in a single file."""

MAX_DEPTH = 64
"""Most levels of objects and lists within one another."""

PATIENCE = 30.0
"""Seconds in which a pipe or device must have given the whole file; `<(...)` of a shell is a pipe."""

_PAUSE = 0.05
_NAME = rb"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rb"(?m)(?:^|[\[{,])[ \t]*+(?:" + _NAME + rb"[ \t]*+\.[ \t]*+){%d}" % MAX_DEPTH)


def read_small(path: Path, most: int) -> bytes:
    """The bytes of a file, or of a pipe that somebody writes to.

    Args:
        path: The file.
        most: Most bytes that it may have.

    Raises:
        OSError: It cannot be read, is longer, or is a pipe or device that nothing comes from; `strerror` says which.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except ValueError:
        raise OSError(errno.EINVAL, "the path has a NUL character", str(path)) from None
    try:
        data = _read(handle, most)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        os.close(handle)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"found more than {most:,} bytes; valid: a file of at most that", str(path))
    return data


def _read(handle: int, most: int) -> bytes:
    pieces: list[bytes] = []
    left, end = most + 1, time.monotonic() + PATIENCE
    is_pipe = stat.S_ISFIFO(os.fstat(handle).st_mode)
    while left > 0:
        try:
            piece = os.read(handle, min(left, 1024 * 1024))
        except BlockingIOError:
            select.select([handle], [], [], max(0.0, end - time.monotonic()))
            _refuse_late(end)
            continue
        if piece:
            pieces.append(piece)
            left -= len(piece)
        elif pieces or not is_pipe:
            break
        else:  # a named pipe that nobody has opened for writing yet
            time.sleep(_PAUSE)
        if is_pipe:
            _refuse_late(end)
    return b"".join(pieces)


def _refuse_late(end: float) -> None:
    if time.monotonic() > end:
        found = f"a pipe or device that did not give a whole file within {PATIENCE:.0f} s"
        raise OSError(errno.ETIMEDOUT, f"found {found}; valid: a file")


def parse_json(data: str | bytes) -> Any:
    """JSON of at most `MAX_DEPTH` levels, and of fewer values than would fill the memory.

    Raises:
        ValueError: It is not UTF-8, not JSON, or nested more deeply; the message says which.
    """
    text = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    found = sum(text.count(mark) for mark in (b",", b"[", b"{"))
    if found > MOST_SEPARATORS:
        raise ValueError(f"found {found:,} commas and brackets; valid: at most {MOST_SEPARATORS:,}")
    try:
        value = json.loads(data.decode("utf-8") if isinstance(data, bytes) else data)
    except RecursionError:
        raise ValueError(_too_deep()) from None
    return _shallow(value)


def parse_toml(data: bytes) -> dict[str, Any]:
    """TOML of at most `MAX_DEPTH` levels.

    Raises:
        ValueError: As `parse_json`.
    """
    if _LONG_KEY.search(data):  # of which tomllib keeps every beginning: 400 KiB take gigabytes
        raise ValueError(_too_deep())
    try:
        value = tomllib.loads(data.decode("utf-8").replace("\r\n", "\n"))
    except RecursionError:
        raise ValueError(_too_deep()) from None
    return cast(dict[str, Any], _shallow(value))


def _too_deep() -> str:
    return f"found more than {MAX_DEPTH} levels of lists and tables within one another; valid: at most {MAX_DEPTH}"


def _shallow(value: Any) -> Any:
    """The value, if it is not nested too deeply."""
    level: Iterable[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return value
    raise ValueError(_too_deep())
