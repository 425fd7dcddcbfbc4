"""The two tiers of tests: everything that protects a user, and the same at length (`nox -s tests -- --full`)."""

from __future__ import annotations

import os

FULL = os.environ.get("ICON_TEST_FULL") == "1"


def of_tier(default, full):
    """The first of both, or in the long tier the second: cases to parametrise with, or a number of repetitions."""
    return full if FULL else default
