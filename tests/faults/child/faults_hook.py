"""Counts what a process changes on the disk (fsync, rename, unlink, ...), and ends it at a given one.

It is in the children of the campaign alone, as `sitecustomize`; nothing of it is in the product. What it should do
stands as JSON in the environment variable ICON_FAULTS:

    folder  paths below it are counted
    trace   file that gets one line per operation: name, and the path relative to the folder
    at      number of the operation at which a signal is sent, from 0
    when    before or after that operation
    signal  number of the signal
"""

# ruff: noqa: PTH100, PTH115, PTH118

import json
import os
from functools import wraps

VARIABLE = "ICON_FAULTS"
MEASURED = (".parquet", "explained.jsonl")
COUNTED = ("fsync", "rename", "replace", "unlink", "remove", "rmdir", "mkdir")


def install():
    """Put the counting functions in the place of those of `os`."""
    plan = json.loads(os.environ.pop(VARIABLE))  # what this process starts is not planned
    counter = Counter(plan)
    for name in COUNTED:
        setattr(os, name, counter.around(name, getattr(os, name)))


class Counter:
    """The operations of this process so far, and what to do at one of them."""

    def __init__(self, plan):
        self.folder = os.path.realpath(plan["folder"])
        self.trace, self.at = plan.get("trace"), plan.get("at", -1)
        self.when, self.signal = plan.get("when", "after"), plan.get("signal", 9)
        self.process, self.done = os.getpid(), 0

    def around(self, name, function):
        """The function, counted where its path lies below the folder and the process is the one that was planned."""

        @wraps(function)
        def counted(*arguments, **keywords):
            path = self.path_of(arguments, keywords)
            if path is None or os.getpid() != self.process:
                return function(*arguments, **keywords)
            number, self.done = self.done, self.done + 1
            self.note(name, path)
            if number == self.at and self.when == "before":
                os.kill(self.process, self.signal)
            try:
                return function(*arguments, **keywords)
            finally:  # also where it fails, as mkdir does where the folder is there
                if number == self.at and self.when == "after":
                    os.kill(self.process, self.signal)

        return counted

    def path_of(self, arguments, keywords):
        """The path that the operation changes, below the folder; None for another one."""
        path = arguments[-1] if len(arguments) == 2 and isinstance(arguments[1], str | os.PathLike) else arguments[0]
        try:
            path = os.readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else os.fspath(path)
            if keywords.get("dir_fd") is not None:
                path = os.path.join(os.readlink(f"/proc/self/fd/{keywords['dir_fd']}"), os.fsdecode(path))
        except OSError:
            return None
        path = os.path.abspath(os.fsdecode(path))  # without following a link
        return os.path.relpath(path, self.folder) if path.startswith(self.folder + os.sep) else None

    def note(self, name, path):
        """One line in the trace."""
        if self.trace:
            append(self.trace, f"{name} {path}\n")
        if name in ("rename", "replace") and path.endswith(MEASURED) and "ICON_FAULTY_LOG" in os.environ:
            append(os.environ["ICON_FAULTY_LOG"], f"# {path}\n")


def append(path, line):
    """One line more in a file that several processes write."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(handle, line.encode())
    os.close(handle)
