"""The command line in this process: the same `main` as `icon` on the terminal, at a tenth of a process's time."""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
import tempfile
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType

import typer.main

from icon.cli import _console, _loaded, main

UNSAID = DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning
"""Warnings that Python does not print unless it is asked to."""


class CommandLine:
    """Runs `icon` in this process and returns what a child process would have.

    Args:
        folder: The current folder of a command that names none.
        paths: Folders in front of `sys.path`, as PYTHONPATH would put them there.
    """

    def __init__(self, folder, paths=()):
        self.folder, self.paths = Path(folder), tuple(map(str, paths))

    def __call__(self, *arguments, cwd=None, code=None, columns=200, env=None, paths=(), stdin=None):
        """Run one command.

        Args:
            arguments: Its words.
            cwd: The current folder.
            code: The exit code that it must end with; None for any.
            columns: Width of the terminal.
            env: Environment variables to set; None as a value unsets one.
            paths: More folders in front of `sys.path`.
            stdin: Text on standard input.

        Returns:
            A `subprocess.CompletedProcess` with `returncode`, `stdout` and `stderr`.

        Raises:
            Exception: What `main` did not turn into a message: a traceback on a terminal.
        """
        words = ["icon", *(str(word) for word in arguments)]
        searched = (*map(str, paths), *self.paths)
        given = {"COLUMNS": str(columns), "HF_HUB_OFFLINE": "1", **(env or {})}
        with ExitStack() as surroundings:
            for one in (_environment(given, searched), _modules(searched), _program(words, cwd or self.folder)):
                surroundings.enter_context(one)
            surroundings.enter_context(_parameters_read_once())
            written = surroundings.enter_context(_streams(stdin or ""))
            ended = _exit_code(main)
        done = subprocess.CompletedProcess(words, ended, *(text.replace("\r\n", "\n") for text in written))
        if code is not None:
            assert done.returncode == code, done.stderr or done.stdout
        return done


def _exit_code(program):
    """What a process that runs the program ends with."""
    try:
        program()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


@contextmanager
def _environment(given, paths):
    """Environment variables of the command and of what it starts; afterwards they are as they were."""
    before = dict(os.environ)
    pythonpath = [*paths, *filter(None, [before.get("PYTHONPATH")])]
    if pythonpath:
        given = {"PYTHONPATH": os.pathsep.join(pythonpath), **given}
    try:
        _set(given)
        yield
    finally:
        _set(dict.fromkeys(os.environ) | before)


def _set(variables):
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        elif os.environ.get(name) != value:
            os.environ[name] = value


@contextmanager
def _modules(paths):
    """The folders in front of `sys.path`: what lies in them is imported anew, and forgotten afterwards."""
    there = {entry.name.partition(".")[0] for path in paths for entry in Path(path).glob("*")}
    namesakes = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in there}
    hidden = {name: module for name, module in namesakes.items() if not _below(module, paths)}
    before, bytecode = list(sys.path), sys.dont_write_bytecode
    for name in hidden:
        del sys.modules[name]
    known = set(sys.modules)
    sys.path[:0] = paths
    sys.dont_write_bytecode = True  # a file that is rewritten within a second would be taken for compiled already
    _forget()
    try:
        yield
    finally:
        sys.path[:], sys.dont_write_bytecode = before, bytecode
        for name in set(sys.modules) - known:
            if _below(sys.modules[name], paths):
                del sys.modules[name]
        sys.modules.update(hidden)
        _forget()


def _forget():
    """What a process keeps for its lifetime: consoles that know their width, plugins that are loaded."""
    importlib.invalidate_caches()
    for kept in (_console.out, _console.err, _loaded._installed):
        kept.cache_clear()


def _below(module, paths):
    """Whether a module comes from one of the folders; another test's module of the same name must not be met."""
    known = getattr(module, "__dict__", {})  # some modules answer every other question with an object of their own
    places = [known.get("__file__"), *(getattr(known.get("__spec__"), "submodule_search_locations", None) or ())]
    return any(Path(place).is_relative_to(path) for place in places if place for path in paths)


@contextmanager
def _program(words, folder):
    """A program of its own, named like the console script: it has no `__main__` that was run by `python -m`."""
    before, argv, running = Path.cwd(), sys.argv, sys.modules["__main__"]
    os.chdir(folder)
    sys.argv, sys.modules["__main__"] = words, ModuleType("__main__")
    try:
        with warnings.catch_warnings():
            warnings.resetwarnings()
            for category in UNSAID:
                warnings.simplefilter("ignore", category)
            warnings.showwarning = _print_warning
            yield
    finally:
        sys.argv, sys.modules["__main__"] = argv, running
        os.chdir(before)


@contextmanager
def _parameters_read_once():
    """Typer reads the parameters of a function up to seven times a command, most of the time that a command takes."""
    read, known = typer.main.get_params_from_function, {}

    def once(function):
        if id(function) not in known:
            known[id(function)] = function, read(function)
        return dict(known[id(function)][1])

    typer.main.get_params_from_function = once
    try:
        yield
    finally:
        typer.main.get_params_from_function = read


def _print_warning(message, category, filename, lineno, _file=None, line=None):
    """On standard error, where a test runner would have collected it."""
    sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))


@contextmanager
def _streams(stdin):
    """The two standard streams as files, for Python, for C, and for what is started; their texts in the end.

    The wrappers stay open: a log handler that has kept one writes to the standard stream of its time.
    """
    written = []
    before = sys.stdin, sys.stdout, sys.stderr
    for stream in before[1:]:
        stream.flush()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        kept = os.dup(1), os.dup(2)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  a number, no path
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        try:
            yield written
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            sys.stdin, sys.stdout, sys.stderr = before
            for descriptor, place in zip(kept, (1, 2), strict=True):
                os.dup2(descriptor, place)
                os.close(descriptor)
            for file in (out, err):
                file.seek(0)
                written.append(file.read().decode("utf-8", "backslashreplace"))
