"""The command line: one command a file, and rich only here."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run `icon`: exit code 0 done, 1 failed, 2 wrong usage or bad input, 130 interrupted and resumable."""
    # pydantic would read the entry points of all that is installed, and fail where one distribution's are broken.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from icon.cli.app import build_app
    from icon.cli.console import fail
    from icon.errors import IconError

    try:
        build_app()()
    except IconError as error:
        sys.exit(fail(error))
    except KeyboardInterrupt:
        sys.exit(130)
