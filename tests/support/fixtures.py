"""Fixtures for the conftest of every distribution's tests, which import what they need."""

from __future__ import annotations

import pytest

from support import tiny_model
from support.command_line import CommandLine


@pytest.fixture
def command_line(tmp_path):
    """Runs `icon` in this process, in the test's own folder; see `support.command_line.CommandLine`."""
    return CommandLine(tmp_path)


@pytest.fixture
def tiny_command_line(tmp_path):
    """The same with the tiny model in the place of the embedded one."""
    return CommandLine(tmp_path, [tiny_model.embedded_package()])


@pytest.fixture(scope="session")
def tiny_gguf():
    """The tiny model as a GGUF file."""
    return tiny_model.gguf_file()


@pytest.fixture(scope="session")
def tiny_folder():
    """The tiny model as a transformers folder."""
    return tiny_model.transformers_folder()


@pytest.fixture(scope="session")
def tiny_embedded():
    """A folder for PYTHONPATH that puts the tiny model in the place of the embedded one, for child processes."""
    return tiny_model.embedded_package()
