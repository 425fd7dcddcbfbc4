"""A command in a process of its own that is killed, as by a power cut, at a chosen change of the file system."""

from __future__ import annotations

import os
import signal
from functools import partial

CHANGES = ("fsync", "rename", "replace", "unlink")
"""Functions of `os` behind every change of a name and every wait for the disk."""


def killed_at(step, command, name=""):
    """Run a command in a forked process and kill it by SIGKILL just before its change number `step`, from 1.

    Args:
        step: Number of the change; None to let it end.
        command: A function without arguments.
        name: Only changes of files with this end of their name count.

    Returns:
        Whether it was killed; False where it ended with fewer changes.
    """
    process = os.fork()
    if process == 0:
        try:
            _kill_at(step, name)
            command()
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _kill_at(step, name):
    left = step

    def counting(call):
        def counted(*arguments, **more):
            nonlocal left
            if left is not None and str(arguments[0]).endswith(name):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **more)

        return counted

    for function in CHANGES:
        setattr(os, function, counting(getattr(os, function)))


def steps(command_of, prepare, every=1):
    """Kill a command at its first change, at its second, ... until it ends; yields step and place after each kill.

    Args:
        command_of: Gives the command for what `prepare` returned.
        prepare: Makes a fresh place to work in; called once per kill, with the step.
        every: Distance of the steps.
    """
    step = 1
    while True:
        place = prepare(step)
        if not killed_at(step, partial(command_of, place)):
            return
        yield step, place
        step += every
