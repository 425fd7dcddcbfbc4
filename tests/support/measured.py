"""A piece of Python in a process of its own, with what it printed, its peak memory and its processor seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

MIB = 1024 * 1024

_AROUND = """
import json, resource, sys, traceback
resource.setrlimit(resource.RLIMIT_AS, ({most}, {most}))
def reported(text):
    said.append(str(text))
said = []
try:
{program}
except Exception as error:
    said.append(f"{{type(error).__name__}}: {{error}}")
used = resource.getrusage(resource.RUSAGE_SELF)
peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
if sys.platform == "linux":  # there ru_maxrss begins with the memory of the process that forked this one
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
json.dump([said, peak, used.ru_utime + used.ru_stime], sys.stdout)
"""


class Measured(NamedTuple):
    """What a child process did: the texts it was asked to keep, its peak memory in bytes, and its processor seconds."""

    said: list[str]
    peak: int
    seconds: float


def measured(
    program: str, *arguments: object, folder: Path, seconds: float = 200, most: int = 6 * 1024 * MIB
) -> Measured:
    """Run a program in a child process that may take at most `most` bytes of address space.

    Args:
        program: Python; `reported(text)` keeps a text, and `sys.argv` has the arguments. An exception becomes a text.
        arguments: Words for the program.
        folder: Its current folder.
        seconds: Time after which it is ended, which is an error.
        most: Address space, in bytes, so that a test that fails does not take the machine with it.
    """
    text = _AROUND.format(most=most, program=textwrap.indent(textwrap.dedent(program).strip(), "    "))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", text, *map(str, arguments)],
        **{"cwd": folder, "env": environment, "timeout": seconds, "check": True, "capture_output": True},
    )
    return Measured(*json.loads(done.stdout))
