"""The command line: one command a file, and rich only here."""

from __future__ import annotations

import os
import sys
from typing import Any


def main() -> None:
    """Run `icon`: exit code 0 done, 1 failed, 2 wrong usage or bad input, 130 interrupted and resumable.

    SIGTERM and SIGHUP interrupt it like Ctrl-C; the exit codes are those of the shell, 143 and 129.
    """
    # pydantic would read the entry points of all that is installed, and fail where one distribution's are broken.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from icon.cli._app import build_app
    from icon.cli._console import fail
    from icon.errors import IconError, InterruptedRun
    from icon.pipeline.ending import end_with_parent, signals_raise

    with signals_raise() as came:
        try:
            end_with_parent()
            build_app()()
        except IconError as error:
            code: Any = fail(error)
        except KeyboardInterrupt:
            code = InterruptedRun.exit_code
        except SystemExit as end:  # Typer ends so
            code = end.code
        else:
            return
        sys.exit(128 + came[0] if came and code else code)
