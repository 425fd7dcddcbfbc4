"""Fixtures that several test folders share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, or a skip that says what is missing."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ICON_TEST_DATA", beside))
    if not (folder / "alpaca_4000.jsonl").is_file():
        pytest.skip(f"no real data at {folder}; set ICON_TEST_DATA to the folder that holds alpaca_4000.jsonl")
    return folder
