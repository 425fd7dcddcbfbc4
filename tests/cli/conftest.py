"""Fixtures for the tests of the command line."""

from __future__ import annotations

import json

import pytest

from support.installed import FAKE_BACKEND, install


@pytest.fixture
def with_fake_backend(command_line, tmp_path):
    """Runs `icon` in this process where a distribution offers the backend `fake`, or other code of a plugin."""

    def command(*arguments, plugin=FAKE_BACKEND, **more):
        install(tmp_path / "plugins", "icon-faked", plugin)
        return command_line(*arguments, paths=[tmp_path / "plugins"], **more)

    return command


@pytest.fixture(scope="session")
def write_sums():
    """Writes a file of short records, for a model that reads every byte as a token."""

    def write(path, numbers):
        rows = [{"instruction": f"{n} times {n + 3}?", "output": f"{n * (n + 3)}, I say"} for n in numbers]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    return write
