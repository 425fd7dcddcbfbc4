"""Blocks of commands as the documentation has them: `icon` alone runs in this process, what needs a shell in bash."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from support.command_line import CommandLine

NEEDS_A_SHELL = re.compile(r"[$`|;<>()\[\]{}*?~!&\\]")


def icon_commands(text):
    """The words of each command of a block, one after the other; None where a shell has more to do than to split them.

    In doubt it is None: other programs, pipes, variables, patterns, quotes that do not close.
    """
    text = re.sub(r"(?:^|(?<=\s))#.*", "", text.replace("\\\n", " "), flags=re.MULTILINE)
    found = []
    for line in text.replace("&&", "\n").splitlines():
        unquoted = re.sub(r'"[^"$`\\]*"', "", re.sub(r"'[^']*'", "", line))
        try:
            words = shlex.split(line)
        except ValueError:
            return None
        if NEEDS_A_SHELL.search(unquoted) or words[:1] not in ([], ["icon"]):
            return None
        found += [words[1:]] if words else []
    return found or None


class Blocks:
    """Runs blocks as a reader would, stopping at the first command that fails; the network is not looked for.

    Args:
        folder: The current folder of every block.
        paths: Folders where Python looks for modules first.
        in_bash: Whether every block takes a shell.
    """

    def __init__(self, folder, paths=(), *, in_bash=False):
        self.folder, self.paths, self.in_bash = Path(folder), [str(path) for path in paths], in_bash
        self._icon = CommandLine(folder, self.paths)

    def __call__(self, text, columns=120):
        """Run a block; gives what it writes to standard output."""
        commands = None if self.in_bash else icon_commands(text)
        if commands is None:
            return self._bash(text, columns)
        return "".join(self._icon(*words, code=0, columns=columns).stdout for words in commands)

    def _bash(self, text, columns):
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        own = {"PATH": path, "HF_HUB_OFFLINE": "1", "TERM": "dumb", "COLUMNS": str(columns)}
        own["PYTHONPATH"] = os.pathsep.join([*self.paths, *filter(None, [os.environ.get("PYTHONPATH")])])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout
