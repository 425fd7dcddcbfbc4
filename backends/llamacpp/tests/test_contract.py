"""The llama.cpp backend keeps the contract of every backend: exactly with F32 weights, to rounding with F16 ones.

The tiny model shows it: a token per byte, so that every text is long. The long tier repeats it with the embedded one.
"""

import pytest

from icon.testing import BackendSuite
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions
from support import tiny_model
from support.tiers import of_tier

pytestmark = pytest.mark.model


class Contract(BackendSuite):
    precision = ""

    @pytest.fixture(scope="class", params=of_tier(["tiny"], ["tiny", "smollm2"]))
    @classmethod
    def make_backend(cls, request):
        model = "smollm2" if request.param == "smollm2" else str(tiny_model.quantised_file())
        return lambda: LlamaCppBackend(LlamaCppOptions(model=model, precision=cls.precision))


class TestF32(Contract):
    tolerance = 1e-4
    precision = "f32"


class TestF16(Contract):
    tolerance = 0.02
    precision = "f16"
