"""The command line in this process: the same `main` as `icon` on the terminal, at a tenth of a process's time."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import click
from click.testing import CliRunner

from icon.cli import console, loading, main


class _Program(click.Command):
    """`icon.cli.main` as a click command, so that CliRunner can run it with everything that surrounds the Typer app."""

    def main(self, args, prog_name=None, **_extra):
        sys.argv = [prog_name or "icon", *args]
        main()
        sys.exit(0)


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
        words = [str(word) for word in arguments]
        environment = {"COLUMNS": str(columns), "HF_HUB_OFFLINE": "1", **(env or {})}
        with _surroundings(cwd or self.folder, (*map(str, paths), *self.paths)):
            result = CliRunner().invoke(_Program("icon"), words, prog_name="icon", input=stdin, env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        if code is not None:
            assert result.exit_code == code, result.stderr or result.stdout
        return subprocess.CompletedProcess(["icon", *words], result.exit_code, result.stdout, result.stderr)


@contextmanager
def _surroundings(folder, paths):
    """A process's own current folder, `sys.argv`, `sys.path`, modules and consoles."""
    before = Path.cwd(), list(sys.argv), list(sys.path), set(sys.modules)
    os.chdir(folder)
    sys.path[:0] = paths
    _forget()
    try:
        yield
    finally:
        os.chdir(before[0])
        sys.argv[:], sys.path[:] = before[1], before[2]
        for name in set(sys.modules) - before[3]:
            if _below(sys.modules[name], paths):
                del sys.modules[name]
        _forget()


def _forget():
    """What a process keeps for its lifetime: consoles that know their width, plugins that are loaded."""
    importlib.invalidate_caches()
    for kept in (console.out, console.err, loading._installed):
        kept.cache_clear()


def _below(module, paths):
    """Whether a module comes from one of the folders; another test's module of the same name must not be met."""
    file = getattr(module, "__file__", None)
    return file is not None and any(Path(file).is_relative_to(path) for path in paths)
