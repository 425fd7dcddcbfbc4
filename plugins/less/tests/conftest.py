"""The tiny model on the torch backend, opened once, and tasks for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="the torch backend is not installed")

from icon.plugins import ScoringTask  # noqa: E402
from icon.samples import load_template  # noqa: E402
from icon.types import Message, Sample  # noqa: E402
from icon_torch.backend import TorchBackend  # noqa: E402
from icon_torch.options import TorchOptions  # noqa: E402
from support import tiny_model  # noqa: E402


@pytest.fixture(scope="session")
def tiny():
    """The torch backend with the tiny model, float32."""
    folder = str(tiny_model.transformers_folder())
    with TorchBackend(TorchOptions(model=folder, dtype="float32", device="cpu")) as backend:
        yield backend


@pytest.fixture
def sample():
    def make(prompt, response, group=None):
        return Sample(f"{prompt} {response}", 0, (Message("user", prompt),), response, group=group)

    return make


@pytest.fixture
def make_task(tiny):
    def make(assessment, **changes):
        return replace(ScoringTask(tiny, load_template("paper"), assessment, 1, 1000, 1000, 1000, True), **changes)

    return make
