"""A plugin with the backend `faulty`; the environment says what fails, so that settings and fingerprints stay the same.

ICON_FAULTY is JSON: the arguments of `FaultyBackend`, which is sound without it. ICON_FAULTY_LOG is a file that gets a
line per target that was asked for, by which the campaign sees what was measured twice.
"""

import json
import os
import zlib

from icon.plugins import Options, Strategy, hookimpl
from icon.testing import FakeBackend, FaultyBackend

LOG = "ICON_FAULTY_LOG"


class Settings(Options):
    """A device has no effect, but a run may have several."""

    device: str = "cpu"


class Logged(FakeBackend):
    """The fake backend; notes what it was asked for."""

    def score(self, context, targets):
        results = super().score(context, targets)
        if os.environ.get(LOG):
            marks = (zlib.crc32(repr((context, one.prompt, one.response)).encode()) for one in targets)
            handle = os.open(os.environ[LOG], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            os.write(handle, "".join(f"{mark:08x}\n" for mark in marks).encode())
            os.close(handle)
        return results


class Faulty(FaultyBackend):
    """A class of this plugin: an unexpected error in one of icon's own would be a bug of icon's."""


def make(options):
    if given := os.environ.get("ICON_FAULTY"):
        return Faulty(**json.loads(given))
    return Logged()


@hookimpl
def icon_backends():
    return [Strategy("faulty", "the fake backend, which fails as the environment says", make, Settings)]
