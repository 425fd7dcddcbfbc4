"""The tiny model in the torch backend, and records for it."""

from __future__ import annotations

import pytest

from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions
from icon_validate.encoding import Encoded
from support.fixtures import command_line, tiny_command_line, tiny_embedded, tiny_folder, tiny_gguf  # noqa: F401


@pytest.fixture
def backend(tiny_folder):  # noqa: F811
    """The tiny model, opened for one test: what a test does to its weights, no other one sees."""
    with TorchBackend(TorchOptions(model=str(tiny_folder), device="cpu")) as opened:
        yield opened


@pytest.fixture
def records(backend):
    """Seven records of different lengths."""

    def make(number):
        prompt, response = backend.tokenize(f"{number} times {number + 3} is"), backend.tokenize(f" {number}" * number)
        return Encoded(str(number), (*prompt, *response), len(prompt))

    return [make(number) for number in range(1, 8)]
