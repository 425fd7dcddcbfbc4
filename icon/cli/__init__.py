"""The command line: one command a file, and rich only here.

Besides `main` it offers what a command of the project's own plugins needs: a run opened with its progress on the
terminal, both consoles, texts made safe to print, and JSON.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from icon._lazy import lazily

if TYPE_CHECKING:
    from icon.cli._access import with_access
    from icon.cli._completion import runs
    from icon.cli._console import out, safe, warn
    from icon.cli._settings import parse_devices
    from icon.cli._working import Opened, again, working
    from icon.cli.plan import duration, print_json
    from icon.cli.score import parse_share

__all__ = [
    "Opened",
    "again",
    "duration",
    "main",
    "out",
    "parse_devices",
    "parse_share",
    "print_json",
    "runs",
    "safe",
    "warn",
    "with_access",
    "working",
]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "_access": ["with_access"],
        "_completion": ["runs"],
        "_console": ["out", "safe", "warn"],
        "_settings": ["parse_devices"],
        "_working": ["Opened", "again", "working"],
        "plan": ["duration", "print_json"],
        "score": ["parse_share"],
    },
)


_began: float | None = None
"""When the command of this process began, on the clock of `time.perf_counter`: a budget of time counts from here."""


def main() -> None:
    """Run `icon`: exit code 0 done, 1 failed, 2 wrong usage or bad input, 3 nothing selected, 130 interrupted.

    SIGTERM and SIGHUP interrupt it like Ctrl-C; the exit codes are those of the shell, 143 and 129.
    """
    global _began
    _began = time.perf_counter()
    # pydantic would read the entry points of all that is installed, and fail where one distribution's are broken.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from icon.pipeline.ending import end_with_parent, signals_raise

    end_with_parent()  # before the imports, which take seconds on a busy machine
    from icon.cli._app import build_app
    from icon.cli._completion import is_completing
    from icon.cli._console import fail
    from icon.cli._door import one_door
    from icon.cli._encodings import refuse_undecodable, replace_what_cannot_be_shown
    from icon.cli._system_errors import of_system
    from icon.cli._usage import run_app
    from icon.errors import IconError, InterruptedRun

    replace_what_cannot_be_shown()
    code: Any
    with signals_raise() as came, nullcontext() if is_completing() else one_door():
        try:
            refuse_undecodable(sys.argv[1:])
            if not (code := run_app(build_app())):
                return
        except IconError as error:
            code = fail(error)
        except (OSError, RuntimeError) as error:
            if (said := of_system(error)) is None:
                raise
            code = fail(said)
        except KeyboardInterrupt:
            from icon.cli._working import again

            code = fail(InterruptedRun(f"interrupted. To go on: {again()}"))
        except SystemExit as end:  # Typer ends so
            code = end.code
        sys.exit(128 + came[0] if came and code else code)
