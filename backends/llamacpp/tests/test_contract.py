"""The llama.cpp backend keeps the contract of every backend: exactly with F32 weights, to rounding with F16 ones."""

import pytest

from icon.testing import BackendSuite
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions

pytestmark = pytest.mark.model


class TestF32(BackendSuite):
    tolerance = 1e-4

    @pytest.fixture(scope="class")
    @classmethod
    def make_backend(cls):
        return lambda: LlamaCppBackend(LlamaCppOptions(precision="f32"))


class TestF16(BackendSuite):
    tolerance = 0.02

    @pytest.fixture(scope="class")
    @classmethod
    def make_backend(cls):
        return lambda: LlamaCppBackend(LlamaCppOptions(precision="f16"))
