"""Backends that the tests share: loading a model takes a second, so each is loaded once."""

from __future__ import annotations

import pytest

from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.models import embedded
from icon_llamacpp.options import LlamaCppOptions


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """Requantised files of this session, away from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("ICON_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def source():
    """The embedded model's file."""
    return embedded()


@pytest.fixture(scope="session")
def as_is():
    """The embedded model as its file has it: Q4_1."""
    with LlamaCppBackend(LlamaCppOptions(precision="as-is")) as backend:
        yield backend
